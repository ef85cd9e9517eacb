import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { parseDay } from '../../src/iam/days.ts';
import { storedObjects, type S3Mishap, type S3Request } from '../aws/s3-fake.ts';
import { s3Session } from '../aws/s3-session.ts';
import { syntheticTrail } from '../aws/s3-trail.ts';
import { loadS3 } from './load-s3.ts';
import { dump, event, scratch } from './trail.ts';

// The fault table in docs/reliability.md names these tests.

const trail = syntheticTrail({
  accounts: 2,
  regions: 3,
  days: 10,
  perDay: 5,
  eventsPerObject: 20,
  firstDay: parseDay('2026-03-01', ''),
});

/** Reads the trail while things go wrong, and once when nothing does; the indexes, and how many requests more it took. */
async function disturbed(mishap: (request: S3Request) => S3Mishap | undefined) {
  const folder = scratch();
  const buckets = { smooth: trail, logs: trail };
  const fake = await s3Session(buckets, {
    mishap: (request) => (request.bucket === 'logs' ? mishap(request) : undefined),
  });
  const reports = {
    smooth: await loadS3(join(folder, 'smooth.db'), 's3://smooth'),
    logs: await loadS3(join(folder, 'logs.db'), 's3://logs'),
  };
  const asked = fake.requests.filter(({ bucket }) => bucket === 'logs').length;
  return {
    reports,
    indexes: { smooth: dump(join(folder, 'smooth.db')), logs: dump(join(folder, 'logs.db')) },
    more: asked - (fake.requests.length - asked),
  };
}

const wrongs: readonly S3Mishap[] = [
  { kind: 'error', status: 503, code: 'SlowDown', message: 'Please reduce your request rate.' },
  { kind: 'reset' },
  { kind: 'error', status: 500, code: 'InternalError' },
];

test('5 of 100 requests fail', async () => {
  const { reports, indexes, more } = await disturbed(({ number }) =>
    number % 20 === 7 ? wrongs[((number - 7) / 20) % wrongs.length] : undefined,
  );
  expect(reports.logs).toEqual(reports.smooth);
  expect(indexes.logs).toEqual(indexes.smooth);
  expect(more).toBeGreaterThanOrEqual(15);
}, 60_000);

test('1 of 100 bodies is cut off, another ends too soon', async () => {
  const { reports, indexes, more } = await disturbed(({ operation, number }) => {
    if (operation === 'list' || number % 50 !== 7) return undefined;
    return { kind: number % 100 === 7 ? 'cut' : 'short', after: 1500 };
  });
  expect(reports.logs).toEqual(reports.smooth);
  expect(indexes.logs).toEqual(indexes.smooth);
  expect(more).toBe(6);
}, 60_000);

test('bodies that are no gzip, or no log at all', async () => {
  const folder = scratch();
  const day = 'AWSLogs/111122223333/CloudTrail/eu-west-1/2026/03/01/';
  const name = (tail: string): string =>
    `${day}111122223333_CloudTrail_eu-west-1_20260301T0000Z_${tail}.json.gz`;
  const log = JSON.stringify({ Records: [event('app', 'ListBucket', '2026-03-01T10:00:00Z')] });
  const packed = gzipSync(log);
  await s3Session({
    logs: storedObjects({
      [name('plain')]: log,
      [name('packed')]: packed,
      [name('twice')]: gzipSync(gzipSync(log)),
      [name('html')]: '<html><body>503</body></html>',
      [name('cut')]: packed.subarray(0, packed.length - 9),
      [name('empty')]: '',
    }),
  });
  const db = join(folder, 'a.db');
  const report = await loadS3(db, 's3://logs');
  // The same content under two names counts once; what is cut off is content of its own.
  expect(report).toMatchObject({ objects: { read: 6, failed: 4 }, events: { used: 2, duplicate: 1 } });
  const reasons = report.failures.map(
    ({ object, reason }) => `${object.replace(/.*Z_|\.json\.gz$/g, '')}: ${reason}`,
  );
  expect(reasons).toEqual([
    'cut: gzip data is damaged or cut off (Z_BUF_ERROR)',
    'empty: empty file',
    'html: not valid JSON at byte 0',
    'twice: not valid JSON at byte 1',
  ]);
  // What they hold is known: they are not fetched again, but named again.
  expect(await loadS3(db, 's3://logs')).toMatchObject({ objects: { read: 0, skipped: 6, failed: 4 } });
});

/** Gzip data that unpacks to a head and then to as many bytes of one character, in parts that are packed once. */
function bomb(head: string, character: string, gigabytes: number): Buffer {
  const part = gzipSync(Buffer.alloc(1 << 24, character), { level: 9 });
  return Buffer.concat([gzipSync(head), ...Array.from({ length: gigabytes * 64 }, () => part)]);
}

test.each([
  ['10 GB of zeros in 10 MB', bomb('', '\0', 10), /unpacks to more than 200 times its size/],
  [
    '10 GB of one string',
    bomb('{"Records":[{"eventName":"', 'a', 10),
    /unpacks to more than 200 times its size/,
  ],
  [
    '100 MB of one string',
    bomb('{"Records":[{"eventName":"', 'a', 0.1),
    /is larger than 64 MB|ends in the middle/,
  ],
])(
  'a gzip bomb: %s',
  async (_, body, reason) => {
    const peak = process.resourceUsage().maxRSS;
    const good = gzipSync(JSON.stringify({ Records: [event('app', 'ListBucket', '2026-03-01T10:00:00Z')] }));
    await s3Session({ logs: storedObjects({ 'bomb.json.gz': body, 'good.json.gz': good }) });
    const report = await loadS3(join(scratch(), 'a.db'), 's3://logs');
    expect(report).toMatchObject({ objects: { read: 2, failed: 1 }, events: { used: 1 } });
    expect(report.failures[0]?.reason).toMatch(reason);
    expect(report.bytes.uncompressed).toBeLessThan(1.3e9);
    expect((process.resourceUsage().maxRSS - peak) / 1024).toBeLessThan(400);
  },
  120_000,
);
