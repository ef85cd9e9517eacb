import { S3Client, CreateBucketCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { parseDay } from '../../src/iam/days.ts';
import { live } from '../aws/live.ts';
import { filesAsObjects } from '../aws/s3-fake.ts';
import { syntheticTrail } from '../aws/s3-trail.ts';
import { project, run, temporaryFolder } from '../cli/cli.ts';
import { dump } from '../ingest/trail.ts';
import { available } from './engine.ts';
import { moto } from './moto.ts';
import { badProxy } from './proxy.ts';

const engine = await available(moto);
afterAll(() => engine?.close());

const folder = temporaryFolder();
const disk = join(folder, 'disk');

/** More than a page of keys in one shard, and the samples below another prefix. */
const trail = syntheticTrail({
  accounts: 2,
  regions: 2,
  days: 30,
  perDay: 10,
  eventsPerObject: 5,
  firstDay: parseDay('2026-03-01', ''),
});
const objects: Readonly<Record<string, Buffer>> = {
  ...Object.fromEntries(Array.from({ length: trail.count }, (_, i) => [trail.keyAt(i), trail.bodyAt(i)])),
  ...filesAsObjects(join(project, 'samples/trail'), 'samples/'),
  'AWSLogs/111122223333/CloudTrail-Digest/eu-west-1/2026/03/01/digest.json.gz': Buffer.from('none'),
};

/** The index of files on disk. */
const local = (name: string, args: readonly string[]): readonly string[] => {
  expect(run(['ingest', ...args, '--db', join(folder, name)]).code).toBe(0);
  return dump(join(folder, name));
};

describe.skipIf(engine === undefined)('moto 5.2, S3', () => {
  const environment = engine?.environment ?? {};
  const ingest = (name: string, args: readonly string[], more: Readonly<Record<string, string>> = {}) =>
    live(['ingest', ...args, '--db', join(folder, name)], { ...environment, ...more });

  beforeAll(async () => {
    const client = new S3Client({
      endpoint: engine?.url ?? '',
      region: 'us-east-1',
      forcePathStyle: true,
      credentials: { accessKeyId: 'a', secretAccessKey: 'b' },
    });
    await client.send(new CreateBucketCommand({ Bucket: 'logs' }));
    for (const [Key, Body] of Object.entries(objects)) {
      await client.send(new PutObjectCommand({ Bucket: 'logs', Key, Body }));
      if (Key.includes('Digest')) continue;
      mkdirSync(dirname(join(disk, Key)), { recursive: true });
      writeFileSync(join(disk, Key), Body);
    }
    client.destroy();
  });

  test('more than a thousand keys equal the same files on disk', async () => {
    expect(await ingest('all.db', ['s3://logs'])).toMatchObject({ code: 0 });
    expect(dump(join(folder, 'all.db'))).toEqual(local('disk.db', [disk]));
  });

  test('filters by account, Region and day', async () => {
    const some = ['--regions', 'eu-west-1,us-east-1', '--since', '2026-03-05', '--until', '2026-03-06'];
    expect(await ingest('some.db', ['s3://logs', ...some])).toMatchObject({ code: 0 });
    expect(dump(join(folder, 'some.db'))).toEqual(local('some-disk.db', [disk, ...some]));
  });

  test('a run that is killed goes on where it was', async () => {
    const killed = await live(
      ['ingest', 's3://logs', '--db', join(folder, 'killed.db'), '--concurrency', '1'],
      environment,
      (child) => void setTimeout(() => child.kill('SIGKILL'), 4000),
    );
    expect([null, 0]).toContain(killed.code);
    expect(await ingest('killed.db', ['s3://logs'])).toMatchObject({ code: 0 });
    expect(dump(join(folder, 'killed.db'))).toEqual(dump(join(folder, 'all.db')));
  });

  test('through a proxy that spoils a fifth of the calls: one line or the same index, and nothing lost', async () => {
    const proxy = await badProxy(engine?.url ?? '');
    let code: number | null = null;
    for (let run = 0; run < 12 && code !== 0; run++) {
      const ran = await ingest('spoiled.db', ['s3://logs/samples'], { AWS_ENDPOINT_URL: proxy.url });
      ({ code } = ran);
      expect([0, 2, 3]).toContain(code);
      expect(ran.err.match(/^iam-minimize: /gm) ?? []).toHaveLength(code === 2 ? 1 : 0);
    }
    expect(proxy.spoiled()).toBeGreaterThan(10);
    await proxy.close();
    expect(code).toBe(0);
    expect(dump(join(folder, 'spoiled.db'))).toEqual(local('samples.db', [join(disk, 'samples')]));
  });
});
