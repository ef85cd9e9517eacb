import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseDay } from '../../../src/iam/days.ts';
import { IndexReader } from '../../../src/store/reader.ts';
import { Observation } from '../../../src/synth/usage/observation.ts';
import { indexSummary, summarize } from '../../../src/synth/usage/summary.ts';
import { account, deliveredName, event, load, scratch, writeLog } from '../../ingest/trail.ts';

const root = { type: 'Root', principalId: account, arn: `arn:aws:iam::${account}:root`, accountId: account };
const day = (text: string): number => parseDay(text, '');
const unknown = { eventSource: 'nobody.amazonaws.com' };

async function indexOfTwoDays(): Promise<IndexReader> {
  const folder = scratch();
  writeLog(join(folder, 'logs', deliveredName('2026-03-02', 'abcd')), [
    event('app', 'ListBucket', '2026-03-02T10:00:00Z'),
    event('app', 'GetBucketAcl', '2026-03-02T10:00:00Z', { errorCode: 'AccessDenied' }),
    event('busy', 'ListBucket', '2026-03-02T10:00:00Z'),
    ...Array.from({ length: 9 }, () =>
      event('', 'ListBucket', '2026-03-02T11:00:00Z', { userIdentity: root }),
    ),
  ]);
  writeLog(join(folder, 'logs', deliveredName('2026-03-05', 'abcd')), [
    event('busy', 'ListBucket', '2026-03-05T10:00:00Z'),
    event('busy', 'Frobnicate', '2026-03-05T10:00:00Z', unknown),
    event('busy', 'ListBucket', '2026-03-09T10:00:00Z'),
    7,
  ]);
  await load(join(folder, 'a.db'), [join(folder, 'logs')]);
  return IndexReader.open(join(folder, 'a.db'));
}

test('principals: those who can hold policies first, the busiest before others; what they did in the window', async () => {
  const index = await indexOfTwoDays();
  const all = summarize(index, { since: day('2026-03-02'), until: day('2026-03-05') });
  expect(all.map(({ identity: { kind, name } }) => `${kind} ${name}`)).toEqual([
    'role busy',
    'role app',
    'root root',
  ]);
  expect(all[0]).toMatchObject({ calls: 4, actions: 1, services: 2, unmapped: 1, denied: 0 });
  expect(all[0]).toMatchObject({ first: day('2026-03-02'), last: day('2026-03-05') });
  expect(all[1]).toMatchObject({ calls: 2, actions: 1, services: 1, denied: 1 });
  const later = summarize(index, { since: day('2026-03-03'), until: day('2026-03-05') });
  expect(later.find(({ identity: { name } }) => name === 'app')).toMatchObject({
    calls: 0,
    first: undefined,
  });
  index.close();
});

test('the same call of a role, of one that was refused and of a service for itself: each is read as its own', async () => {
  const folder = scratch();
  const service = { userIdentity: { type: 'AWSService', invokedBy: 'config.amazonaws.com' } };
  writeLog(join(folder, 'logs', deliveredName('2026-03-02', 'abcd')), [
    event('', 'ListBucket', '2026-03-02T10:00:00Z', service),
    event('app', 'ListBucket', '2026-03-02T10:00:00Z'),
    event('refused', 'ListBucket', '2026-03-02T10:00:00Z', { errorCode: 'AccessDenied' }),
  ]);
  await load(join(folder, 'a.db'), [join(folder, 'logs')]);
  const index = IndexReader.open(join(folder, 'a.db'));
  const all = summarize(index, { since: day('2026-03-02'), until: day('2026-03-02') });
  expect(all.map(({ identity: { kind }, denied, actions }) => ({ kind, denied, actions }))).toEqual([
    { kind: 'role', denied: 0, actions: 1 },
    { kind: 'role', denied: 1, actions: 0 },
    { kind: 'service', denied: 0, actions: 0 },
  ]);
  index.close();
});

test('counts the actions that generate grants: none of a call that was throttled, or of what a failed one asks for later', async () => {
  const folder = scratch();
  const tagged = {
    eventSource: 'sqs.amazonaws.com',
    requestParameters: { queueName: 'in', tags: { team: 'a' } },
  };
  writeLog(join(folder, 'logs', deliveredName('2026-03-02', 'abcd')), [
    event('app', 'GetBucketAcl', '2026-03-02T10:00:00Z', { errorCode: 'SlowDown' }),
    event('app', 'CreateQueue', '2026-03-02T10:00:00Z', { ...tagged, errorCode: 'QueueAlreadyExists' }),
    event('new', 'CreateQueue', '2026-03-02T10:00:00Z', tagged),
  ]);
  await load(join(folder, 'a.db'), [join(folder, 'logs')]);
  const index = IndexReader.open(join(folder, 'a.db'));
  const window = { since: day('2026-03-02'), until: day('2026-03-02') };
  const observation = new Observation(index, undefined, []);
  for (const { identity, actions } of summarize(index, window)) {
    const { uses } = observation.observed(identity, window);
    expect(new Set(uses.map(({ action }) => action)).size).toBe(actions);
    expect(actions).toBe(identity.name === 'app' ? 1 : 2);
  }
  index.close();
});

test('the index: what is covered, its gaps, and what is dated after the newest delivery', async () => {
  const index = await indexOfTwoDays();
  const { coverage, late, skipped, totals, faults } = indexSummary(index);
  expect(coverage).toEqual([
    {
      account,
      region: 'eu-west-1',
      categories: ['management'],
      days: 2,
      window: { since: day('2026-03-02'), until: day('2026-03-05') },
      gaps: [{ since: day('2026-03-03'), until: day('2026-03-04') }],
    },
  ]);
  expect(late).toEqual([{ account, days: [day('2026-03-09')] }]);
  expect(skipped).toEqual([{ reason: 'not-a-record', records: 1 }]);
  expect(totals.objects).toBe(2);
  expect(faults).toEqual([]);
  index.close();
});
