import { expect, test } from 'vitest';
import type { Estimate } from '../../src/ingest/objects/estimate.ts';
import { nothingKnown } from '../../src/ingest/objects/ledger.ts';
import { parseDay } from '../../src/iam/days.ts';
import { s3Session } from '../aws/s3-session.ts';
import { syntheticTrail } from '../aws/s3-trail.ts';
import { openS3, type Asked } from './load-s3.ts';

// 20 accounts of 17 Regions, a file a day in each, the last on 2026-03-10.
const days = 590;
const trail = syntheticTrail({
  accounts: 20,
  regions: 17,
  days,
  perDay: 1,
  eventsPerObject: 1,
  firstDay: parseDay('2026-03-10', '') - days + 1,
});

async function estimate(url: string, asked: Asked): Promise<Estimate> {
  const found = await (await openS3(url, asked)).estimate?.(nothingKnown);
  if (!found) throw new Error('no estimate');
  return found;
}

test('of 200,000 keys only those that are wanted are listed, in few requests', async () => {
  const fake = await s3Session({ logs: trail });
  const listed = async (asked: Asked): Promise<{ found: number; keys: number; requests: number }> => {
    const [keys, requests] = [fake.listed().keys, fake.requests.length];
    const { objects, requests: told } = await estimate('s3://logs', asked);
    expect(told.list).toBe(fake.requests.length - requests);
    return { found: objects, keys: fake.listed().keys - keys, requests: fake.requests.length - requests };
  };
  const week = await listed({ since: '7d' });
  expect(week.found).toBe(20 * 17 * 7);
  expect(trail.count).toBe(200_600);
  expect(week.keys / trail.count).toBeLessThan(0.02);

  // A request for each level above the Regions, then one for each account and Region.
  expect(week.requests).toBe(1 + 2 + 20 + 340);

  expect(await listed({ since: '7d', accounts: ['111100000003'] })).toEqual({
    found: 17 * 7,
    keys: 17 * 7 + 1,
    requests: 1 + 2 + 1 + 17,
  });
  expect(await listed({ since: '7d', regions: ['eu-west-1,us-east-1'] })).toMatchObject({
    found: 20 * 2 * 7,
    keys: 20 * 2 * 7 + 1,
  });
  // One month is one prefix.
  expect(
    await listed({ since: '2025-06-01', until: '2025-06-30', accounts: ['111100000003'] }),
  ).toMatchObject({
    found: 17 * 30,
    keys: 17 * 30 + 1,
  });
}, 120_000);
