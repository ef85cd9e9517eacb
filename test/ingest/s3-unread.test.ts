import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { storedObjects, type S3Mishap, type S3Request } from '../aws/s3-fake.ts';
import { s3Session } from '../aws/s3-session.ts';
import { IndexReader } from '../../src/store/reader.ts';
import { IndexWriter } from '../../src/store/writer.ts';
import { daysOf } from '../../src/iam/days.ts';
import { loadS3 } from './load-s3.ts';
import { account, deliveredName, event, scratch } from './trail.ts';

const days = ['01', '02', '03', '04', '05', '06', '07', '08', '09'];
const keyOf = (day: string): string =>
  `AWSLogs/${account}/CloudTrail/eu-west-1/2026/03/${day}/${deliveredName(`2026-03-${day}`, 'abcd')}`;
const logOf = (day: string): Buffer =>
  gzipSync(JSON.stringify({ Records: [event('app', 'ListBucket', `2026-03-${day}T10:00:00Z`)] }));
const bodies = (): Record<string, Buffer> => Object.fromEntries(days.map((day) => [keyOf(day), logOf(day)]));

const old = keyOf('02');

/** The days of March that the index says are covered. */
function covered(db: string): readonly number[] {
  const index = IndexReader.open(db);
  const bits = index.coverage().reduce((all, row) => all | row.days, 0);
  index.close();
  return daysOf(2026 * 12 + 2, bits, { since: -Infinity, until: Infinity }).map((day) => day - 20_512);
}

const reading = async (db: string) => {
  const { objects, failures } = await loadS3(db, 's3://logs', { lookback: 1 });
  return { read: objects.read, failures };
};

test.each([
  ['damaged', logOf('02').subarray(0, 60), undefined, /^gzip data is damaged/],
  ['no log', Buffer.from('<html>503</html>'), undefined, /^not valid JSON/],
  ['archived', logOf('02'), 'InvalidObjectState', /^cannot be read \(archived/],
] as const)(
  'an object that is %s is named by each run, and covers nothing, until it is replaced',
  async (_, body, code, reason) => {
    const db = join(scratch(), 'a.db');
    const stored = { ...bodies(), [old]: body };
    const broken = { is: true };
    await s3Session(
      { logs: storedObjects(stored) },
      {
        mishap: ({ operation, key }) =>
          broken.is && code && operation === 'get' && key === old
            ? { kind: 'error', status: 403, code }
            : undefined,
      },
    );
    for (let run = 1; run <= 3; run++) {
      const { failures } = await reading(db);
      expect(failures.map(({ object }) => object)).toEqual([`s3://logs/${old}`]);
      expect(failures[0]?.reason).toMatch(reason);
    }
    expect(covered(db)).toEqual([1, 3, 4, 5, 6, 7, 8, 9]);
    broken.is = false;
    // What was restored from the archive has the same ETag.
    const now = code === undefined ? { [old]: gzipSync(`${String(gunzipSync(logOf('02')))}\n`) } : {};
    await s3Session({ logs: storedObjects({ ...bodies(), ...now }) });
    expect(await reading(db)).toMatchObject({ failures: [] });
    expect(covered(db)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  },
);

test('one that is gone is asked for once more, and never again', async () => {
  const db = join(scratch(), 'a.db');
  await s3Session({ logs: storedObjects({ ...bodies(), [old]: 'no log' }) });
  await reading(db);
  const { [old]: _, ...rest } = bodies();
  const fake = await s3Session({ logs: storedObjects(rest) });
  expect(await reading(db)).toMatchObject({ failures: [] });
  const asks = (): number => fake.requests.filter(({ key }) => key === old).length;
  expect(asks()).toBe(1);
  await reading(db);
  expect(asks()).toBe(1);
});

test('one that was given up is not asked for, and still covers nothing', async () => {
  const db = join(scratch(), 'a.db');
  await s3Session({ logs: storedObjects({ ...bodies(), [old]: 'no log' }) });
  await reading(db);
  const index = IndexWriter.open(db);
  const [given] = index.unread('s3://logs');
  if (given) index.settle(given.folder, given.name, given.etag);
  index.close();
  expect(await reading(db)).toEqual({ read: 0, failures: [] });
  expect(covered(db)).not.toContain(2);
});

/** Reads the bucket while something goes wrong. */
async function disturbed(mishap: (request: S3Request) => S3Mishap | undefined) {
  const db = join(scratch(), 'a.db');
  await s3Session({ logs: storedObjects(bodies()) }, { mishap });
  return reading(db);
}

test('a page of a listing that is no listing ends the run', async () => {
  const page = '<html><body>Sign in</body></html>';
  await expect(
    disturbed(({ operation, number }) =>
      operation === 'list' && number === 3 ? { kind: 'page', body: page } : undefined,
    ),
  ).rejects.toThrow(/^AWS: s3:ListBucket of s3:\/\/logs got an answer that is not AWS's \(HTTP 200\)/);
});

test('a body that is not the one listed is asked for again', async () => {
  const page = '<html><body>Sign in</body></html>';
  const once = await disturbed(({ operation, key, repeats }) =>
    operation === 'get' && key === old && repeats === 0 ? { kind: 'page', body: page } : undefined,
  );
  expect(once).toEqual({ read: 9, failures: [] });
  const always = await disturbed(({ operation, key }) =>
    operation === 'get' && key === old ? { kind: 'page', body: page } : undefined,
  );
  expect(always.read).toBe(8);
  expect(always.failures[0]?.reason).toBe('cannot be read (the answer has another ETag or size)');
});

test('bytes that are not those of the ETag', async () => {
  const right = storedObjects(bodies());
  const db = join(scratch(), 'a.db');
  await s3Session({
    logs: { ...right, etagAt: () => `"${'0'.repeat(32)}"` },
  });
  const { read, failures } = await reading(db);
  expect([read, failures.length]).toEqual([0, 9]);
  expect(failures[0]?.reason).toBe('cannot be read (its bytes are not those of its ETag)');
});
