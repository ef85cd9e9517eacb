import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parseDay } from '../../src/iam/days.ts';
import { InputError } from '../../src/iam/input-error.ts';
import { publicKeys } from '../../src/ingest/digests/digest-signature.ts';
import type { IngestReport } from '../../src/ingest/ingest.ts';
import { parseS3Url, s3Source } from '../../src/ingest/s3/bucket.ts';
import { choiceOf, type Selection } from '../../src/ingest/objects/selection.ts';
import { IndexWriter } from '../../src/store/writer.ts';
import { s3Session } from '../aws/s3-session.ts';
import { bucketOf, logOf, objectsOf, signingKey, trailOf } from './digest-chain.ts';
import { scratch } from './trail.ts';

const key = signingKey();
/** Three days, a few hours of each. */
const hours = trailOf([20, 21, 22, 23, 24, 25, 46, 47, 48, 49], key);

interface Asked extends Partial<Selection> {
  readonly db?: string;
  readonly prefix?: string;
  readonly lookback?: number;
}

async function read(asked: Asked = {}): Promise<IngestReport> {
  const { db = join(scratch(), 'a.db'), prefix = 'AWSLogs', lookback = 0, ...selection } = asked;
  const choice = choiceOf(
    { since: undefined, until: undefined, accounts: undefined, regions: undefined, ...selection },
    parseDay('2026-03-10', ''),
  );
  const keys = publicKeys([key]);
  const keysFor = () => Promise.resolve(keys);
  const source = await s3Source(parseS3Url(`s3://trail-bucket/${prefix}`), { choice, lookback, keysFor });
  const index = IndexWriter.open(db);
  try {
    return await source.read(index, { concurrency: 4, clock: () => 0 });
  } finally {
    index.close();
  }
}

const all = { events: { used: 10 }, digests: { logs: { proven: 10, unproven: 0 }, problems: [], notes: [] } };

test.each(['', 'AWSLogs/111122223333/', 'AWSLogs/111122223333/CloudTrail/eu-west-1'])(
  'every digest is proven by the signature of its object, from %j on',
  async (prefix) => {
    await s3Session({ 'trail-bucket': bucketOf(objectsOf(hours)) });
    expect(await read({ prefix })).toMatchObject(all);
  },
);

test('what a run that goes on does not list again was proven when it was read', async () => {
  const fake = await s3Session({ 'trail-bucket': bucketOf(objectsOf(hours)) });
  const db = join(scratch(), 'a.db');
  await read({ db });
  const before = fake.requests.length;
  expect(await read({ db })).toMatchObject({ ...all, objects: { read: 0 }, events: { read: 0 } });
  const logs = fake.requests.slice(before).filter((one) => one.operation === 'get' && /_tail/.test(one.key));
  expect(logs).toEqual([]);
});

test('a window, or the folder of a day: nothing else is missed', async () => {
  await s3Session({ 'trail-bucket': bucketOf(objectsOf(hours)) });
  const day = { events: { used: 4 }, digests: { logs: { proven: 4, missing: 0 }, problems: [] } };
  expect(await read({ since: '2026-03-03', until: '2026-03-03' })).toMatchObject(day);
  expect(await read({ prefix: 'AWSLogs/111122223333/CloudTrail/eu-west-1/2026/03/03/' })).toMatchObject(day);
});

test('altered, missing and forged log files are named and not read, and asked for again', async () => {
  const [first, second] = hours;
  const objects = objectsOf(hours).flatMap((object) => {
    if (object === first?.log) return [{ ...object, content: Buffer.from('{"Records":[]}') }];
    return object === second?.log ? [] : [object];
  });
  await s3Session({ 'trail-bucket': bucketOf([...objects, logOf(22, 'forged')]) });
  const db = join(scratch(), 'a.db');
  for (const used of [8, 0]) {
    const { events, digests } = await read({ db });
    expect(events.used).toBe(used);
    expect(digests?.logs).toEqual({ proven: 8, unproven: 0, altered: 1, missing: 1, unnamed: 1 });
    expect(digests?.problems.map(({ object }) => object.slice(object.lastIndexOf('_') + 1))).toEqual([
      'tail20.json.gz',
      'forged.json.gz',
      'tail21.json.gz',
    ]);
  }
});

test('a log file that cannot be had is a fault, and neither altered nor missing', async () => {
  await s3Session(
    { 'trail-bucket': bucketOf(objectsOf(hours)) },
    {
      mishap: ({ key: asked }) =>
        asked.endsWith('_tail22.json.gz') ? { kind: 'error', status: 404, code: 'NoSuchKey' } : undefined,
    },
  );
  const { objects, digests } = await read();
  expect(objects).toMatchObject({ failed: 1 });
  expect(digests).toMatchObject({ logs: { proven: 9, altered: 0, missing: 0 }, problems: [] });
});

test('no digest files: one line', async () => {
  await s3Session({ 'trail-bucket': bucketOf(hours.map(({ log }) => log)) });
  const lines = ['AWSLogs', hours[0]?.log.key ?? ''].map((prefix) =>
    expect(read({ prefix })).rejects.toThrow(InputError),
  );
  await Promise.all(lines);
});
