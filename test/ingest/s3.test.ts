import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { filesAsObjects, storedObjects, type FakeObjects } from '../aws/s3-fake.ts';
import { s3Session } from '../aws/s3-session.ts';
import { project } from '../cli/cli.ts';
import { loadS3 } from './load-s3.ts';
import { dump, event, load, scratch } from './trail.ts';

/** The sample trail below `AWSLogs/`. */
const trail = filesAsObjects(join(project, 'samples/trail'));

/** The same keys with another beginning. */
const moved = (from: string, to: string): Record<string, Buffer> =>
  Object.fromEntries(Object.entries(trail).map(([key, body]) => [key.replace(from, to), body]));

const read = async (prefix: string): Promise<number> =>
  (await loadS3(join(scratch(), 'a.db'), `s3://logs/${prefix}`)).objects.read;

describe('finds the logs', () => {
  const beside = {
    'AWSLogs/111122223333/CloudTrail-Digest/us-east-1/2026/03/03/digest.json.gz': 'no log',
    'AWSLogs/111122223333/CloudTrail-Insight/us-east-1/2026/03/03/insight.json.gz': 'no log',
    'AWSLogs/111122223333/vpcflowlogs/us-east-1/2026/03/03/flow.log.gz': 'no log',
  };
  const organization = moved('AWSLogs/', 'AWSLogs/o-abcdefghij/');
  const control = moved('AWSLogs/', 'o-abcdefghij/AWSLogs/o-abcdefghij/');
  const bare = moved('AWSLogs/', '');
  const below = moved('AWSLogs/', 'some/where/AWSLogs/');
  const flat = Object.fromEntries(
    Object.entries(trail).map(([key, body]) => [`exports/${key.split('/').at(-1) ?? ''}`, body]),
  );

  test.each<[string, Record<string, Buffer | string>, string]>([
    ['a bucket', { ...trail, ...beside }, ''],
    ['AWSLogs', { ...trail, ...beside }, 'AWSLogs'],
    ['AWSLogs/', { ...trail, ...beside }, 'AWSLogs/'],
    ['an account', { ...trail, ...beside }, 'AWSLogs/111122223333'],
    ['CloudTrail', { ...trail, ...beside }, 'AWSLogs/111122223333/CloudTrail/'],
    ['an organization, from the top', organization, ''],
    ['an organization', organization, 'AWSLogs/o-abcdefghij'],
    ['an account of an organization', organization, 'AWSLogs/o-abcdefghij/111122223333/'],
    ['as Control Tower lays it out', control, ''],
    ['without AWSLogs', bare, ''],
    ['an account without AWSLogs', bare, '111122223333'],
    ['below other folders', below, ''],
    ['below another folder', below, 'some'],
    ['outside of any layout', flat, 'exports'],
  ])('%s', async (_, objects, prefix) => {
    const folder = scratch();
    await s3Session({ logs: storedObjects(objects) });
    const report = await loadS3(join(folder, 's3.db'), `s3://logs/${prefix}`);
    await load(join(folder, 'local.db'), [join(project, 'samples/trail')]);
    expect(report).toMatchObject({ objects: { read: 57, skipped: 0, failed: 0 }, failures: [] });
    expect(dump(join(folder, 's3.db'))).toEqual(dump(join(folder, 'local.db')));
  });

  test.each([
    ['a Region', 'AWSLogs/111122223333/CloudTrail/us-east-1', 50],
    ['a year', 'AWSLogs/111122223333/CloudTrail/us-east-1/2026', 50],
    ['a month', 'AWSLogs/111122223333/CloudTrail/us-east-1/2026/03/', 50],
    ['another month', 'AWSLogs/111122223333/CloudTrail/us-east-1/2026/03', 50],
    ['a day', 'AWSLogs/111122223333/CloudTrail/us-east-1/2026/03/04', 8],
    ['one object', Object.keys(trail).sort()[0] ?? '', 1],
  ])('%s', async (_, prefix, read) => {
    await s3Session({ logs: storedObjects({ ...trail, ...beside }) });
    const report = await loadS3(join(scratch(), 'a.db'), `s3://logs/${prefix}`);
    expect(report.objects).toEqual({ read, skipped: 0, failed: 0 });
  });

  test('only a folder of the name that is given, and says when there is none', async () => {
    const log = JSON.stringify({ Records: [event('app', 'ListBucket', '2026-03-01T00:00:00Z')] });
    await s3Session({ logs: storedObjects({ 'a.json': log, 'a/1.json': log, 'ab/2.json': `${log}\n` }) });
    expect(await read('a')).toBe(1);
    expect(await read('a.json')).toBe(1);
    expect(await read('')).toBe(3);
    await expect(read('b')).rejects.toThrow('s3://logs/b: nothing there; check the prefix');
    await expect(read('a.jso')).rejects.toThrow('nothing there');
  });
});

/** One account's trail of a Region: as many files a day as asked, each with an event. */
function daily(days: readonly string[], perDay: number): Record<string, string> {
  const objects: Record<string, string> = {};
  for (const day of days) {
    for (let i = 0; i < perDay; i++) {
      const time = `${day.replaceAll('-', '')}T${String(i).padStart(2, '0')}00Z`;
      const key = `AWSLogs/111122223333/CloudTrail/eu-west-1/${day.replaceAll('-', '/')}/111122223333_CloudTrail_eu-west-1_${time}_x.json.gz`;
      objects[key] = JSON.stringify({
        Records: [event(`role-${i}`, 'ListBucket', `${day}T10:00:00Z`, { eventID: `${day} ${i}` })],
      });
    }
  }
  return objects;
}

describe('goes on where it stopped', () => {
  const march = ['2026-03-01', '2026-03-02', '2026-03-03', '2026-03-04', '2026-03-05', '2026-03-06'];

  test('lists only what is new and the days before, and fetches nothing twice', async () => {
    const db = join(scratch(), 'a.db');
    const before = daily(march.slice(0, 5), 4);
    const objects = storedObjects(before);
    const buckets: Record<string, FakeObjects> = { logs: objects };
    const fake = await s3Session(buckets);
    expect((await loadS3(db, 's3://logs')).objects).toEqual({ read: 20, skipped: 0, failed: 0 });
    buckets['logs'] = storedObjects(daily(march, 4));
    const keys = fake.listed().keys;
    expect((await loadS3(db, 's3://logs')).objects).toEqual({ read: 4, skipped: 16, failed: 0 });
    // Four days of four keys and the new one; the first request only looks whether anything is there.
    expect(fake.listed().keys - keys).toBe(21);
    expect((await loadS3(db, 's3://logs', { lookback: 0 })).objects).toEqual({
      read: 0,
      skipped: 0,
      failed: 0,
    });
    expect(fake.requests.filter(({ operation }) => operation === 'get')).toHaveLength(24);
  });

  test('an earlier --since reads what lies before', async () => {
    const db = join(scratch(), 'a.db');
    await s3Session({ logs: storedObjects(daily(march, 4)) });
    expect((await loadS3(db, 's3://logs', { since: '2026-03-05' })).objects).toMatchObject({ read: 8 });
    expect((await loadS3(db, 's3://logs', { since: '6d' })).objects).toMatchObject({ read: 0, skipped: 8 });
    expect((await loadS3(db, 's3://logs')).objects).toMatchObject({ read: 16, skipped: 8 });
    expect((await loadS3(db, 's3://logs', { until: '2026-03-01' })).objects).toMatchObject({ read: 0 });
  });

  test('an object that could not be had is read next time, however old', async () => {
    const db = join(scratch(), 'a.db');
    const lost = Object.keys(daily([march[1] ?? ''], 1))[0] ?? '';
    let broken = true;
    await s3Session(
      { logs: storedObjects(daily(march, 4)) },
      {
        mishap: ({ operation, key }) =>
          broken && operation === 'get' && key === lost
            ? { kind: 'error', status: 404, code: 'NoSuchKey' }
            : undefined,
      },
    );
    const first = await loadS3(db, 's3://logs', { lookback: 0 });
    expect(first).toMatchObject({
      objects: { read: 23, failed: 1 },
      failures: [{ object: `s3://logs/${lost}`, reason: 'cannot be read (NoSuchKey)' }],
    });
    broken = false;
    expect((await loadS3(db, 's3://logs', { lookback: 0 })).objects).toEqual({
      read: 1,
      skipped: 0,
      failed: 0,
    });
  });
});
