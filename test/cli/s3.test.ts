import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { live } from '../aws/live.ts';
import {
  fakeS3,
  filesAsObjects,
  s3Environment,
  storedObjects,
  type S3Fake,
  type S3FakeOptions,
} from '../aws/s3-fake.ts';
import { scratch } from '../ingest/trail.ts';
import { project, run, sampleIndex, temporaryFolder, today, type Ran } from './cli.ts';

const trail = filesAsObjects(join(project, 'samples/trail'));

async function serve(options: S3FakeOptions = {}): Promise<S3Fake> {
  const fake = await fakeS3({ logs: storedObjects(trail) }, options);
  onTestFinished(() => fake.close());
  return fake;
}

/** Runs the program with the fake as S3. */
const ingest = (fake: S3Fake, args: readonly string[]): Promise<Ran> =>
  live(['ingest', ...args], s3Environment(fake.url));

const local = sampleIndex(temporaryFolder());

const generated = (index: string): Ran => run(['generate', '--all', '--json', '--db', index, ...today]);

test('the same policies as from the same files', async () => {
  const db = join(scratch(), 'a.db');
  const ran = await ingest(await serve(), ['s3://logs/AWSLogs', '--db', db]);
  expect(ran).toMatchObject({ code: 0, out: '' });
  expect(ran.err).toMatch(/^read 57 objects [^\n]+\n2,972 events: [^\n]+\nindex [^\n]+\n$/);
  expect(generated(db)).toEqual(generated(local));
});

test('where an event was read is said by its URL', async () => {
  const db = join(scratch(), 'a.db');
  await ingest(await serve(), ['s3://logs', '--db', db, '--quiet']);
  expect(run(['why', 's3:PutObject', '--principal', 'app', '--db', db]).out).toMatch(
    /s3:\/\/logs\/AWSLogs\/111122223333\/CloudTrail\/us-east-1\/2026\/03\/\d\d\/111122223333_CloudTrail_\S+\.json\.gz/,
  );
});

test('--dry-run says what there is to read and what it costs, and makes no index', async () => {
  const db = join(scratch(), 'a.db');
  const fake = await serve();
  const text = await ingest(fake, ['s3://logs', '--db', db, '--dry-run']);
  expect(text).toEqual({
    code: 0,
    out:
      '57 objects to read (0.3 MB), 0 known already\n' +
      'requests: 6 LIST, 57 GET, less than $0.01 (S3 Standard in us-east-1, without transfer)\n',
    err: '',
  });
  expect(fake.requests.map(({ operation }) => operation)).toEqual(Array.from({ length: 6 }, () => 'list'));
  expect(run(['principals', '--db', db]).err).toContain('no index there');

  await ingest(fake, ['s3://logs', '--db', db, '--until', '2026-03-05', '--quiet']);
  const before = readFileSync(db);
  const json = await ingest(fake, ['s3://logs', 'samples/trail', '--db', db, '--dry-run', '--json']);
  expect(JSON.parse(json.out)).toMatchObject({
    objects: 24 + 57,
    known: 33,
    requests: { list: 6, get: 24 },
    dollars: 0.00004,
  });
  expect(readFileSync(db)).toEqual(before);
});

describe('one line and exit code 2', () => {
  const denied: S3FakeOptions = { mishap: () => ({ kind: 'error', status: 403, code: 'AccessDenied' }) };

  test.each<[string, string[], RegExp, S3FakeOptions?]>([
    ['another bucket', ['s3://other'], /s3:\/\/other: no such bucket/],
    ['nothing there', ['s3://logs/AWSlogs'], /s3:\/\/logs\/AWSlogs: nothing there/],
    ['no estimate', ['event-history', '--dry-run'], /--dry-run: knows files and buckets only/],
    ['no permission', ['s3://logs'], /AWS: no permission for s3:ListBucket/, denied],
  ])('%s', async (_, args, line, options) => {
    const db = join(scratch(), 'a.db');
    const ran = await ingest(await serve(options), [...args, '--db', db]);
    expect(ran).toMatchObject({ code: 2, out: '' });
    expect(ran.err).toMatch(/^iam-minimize: [^\n]+\n$/);
    expect(ran.err).toMatch(line);
    // No index was made.
    expect(run(['principals', '--db', db]).err).toContain('no index there');
  });

  test('a denial in the middle of a run: what was read is kept', async () => {
    const db = join(scratch(), 'a.db');
    let open = 20;
    const fake = await serve({
      mishap: ({ operation }) =>
        operation === 'get' && open-- <= 0 ? { kind: 'error', status: 403, code: 'AccessDenied' } : undefined,
    });
    const ran = await ingest(fake, ['s3://logs', '--db', db, '--concurrency', '2']);
    expect(ran.code).toBe(2);
    expect(ran.err).toMatch(/^iam-minimize: AWS: no permission for s3:GetObject[^\n]*; [^\n]+\n$/);
    open = Infinity;
    const again = await ingest(fake, ['s3://logs', '--db', db, '--json']);
    const report: unknown = JSON.parse(again.out);
    expect(report).toMatchObject({ objects: { failed: 0 } });
    expect(again.code).toBe(0);
    expect(JSON.stringify(report)).toMatch(/"read":(3\d|4[0-2]),"skipped":(1\d|20)/);
  });
});
