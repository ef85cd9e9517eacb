import { join } from 'node:path';
import { expect, test } from 'vitest';
import { localObjects } from '../../src/ingest/objects/local.ts';
import type { LogObject } from '../../src/ingest/objects/log-object.ts';
import { chooseByKey, leavesOutRegions } from '../../src/ingest/objects/selection.ts';
import { objectSource, ofRegions, readSources, type Source } from '../../src/ingest/source.ts';
import { chosenRegions } from '../../src/store/batch.ts';
import { IndexWriter } from '../../src/store/writer.ts';
import { deliveredName, event, gathered, scratch, writeLog } from './trail.ts';

const options = { concurrency: 1, clock: () => 0 };
const days = ['2026-03-02', '2026-03-05', '2026-03-09'];

async function objectsOf(folder: string): Promise<LogObject[]> {
  for (const day of days)
    writeLog(join(folder, 'logs', deliveredName(day, 'abcd')), [
      event('app', 'ListBucket', `${day}T10:00:00Z`),
    ]);
  return await gathered(localObjects(join(folder, 'logs')));
}

test('objects that are known already are counted, and read once', async () => {
  const folder = scratch();
  const source = objectSource(await objectsOf(folder));
  const index = IndexWriter.open(join(folder, 'a.db'));
  expect(source.bytes).toBeGreaterThan(100);
  expect(await source.estimate?.(index)).toMatchObject({ known: 0 });
  expect((await source.read(index, options)).objects).toMatchObject({ read: 3, skipped: 0 });
  expect((await source.read(index, options)).objects).toMatchObject({ read: 0, skipped: 3 });
  expect(await source.estimate?.(index)).toMatchObject({ known: 3 });
  index.close();
});

test('sources are read one after another into one report, until the run is stopped', async () => {
  const folder = scratch();
  const [first, ...rest] = await objectsOf(folder);
  const stop = new AbortController();
  const stopping: Source = {
    bytes: undefined,
    async read(_, { report }) {
      stop.abort();
      return report ?? Promise.reject(new Error('no report'));
    },
  };
  const index = IndexWriter.open(join(folder, 'a.db'));
  const sources = [objectSource(first ? [first] : []), stopping, objectSource(rest)];
  const report = await readSources(sources, index, { ...options, signal: stop.signal });
  expect(report.objects.read).toBe(1);
  index.close();
});

test('the index remembers which Regions were read, until all are', async () => {
  const folder = scratch();
  const source = objectSource(await objectsOf(folder));
  const index = IndexWriter.open(join(folder, 'a.db'));
  const read = async (regions: readonly string[], signal?: AbortSignal): Promise<string | undefined> => {
    await ofRegions(source, ['bucket'], regions).read(index, { ...options, ...(signal ? { signal } : {}) });
    return index.mark(chosenRegions, 'bucket');
  };
  expect(await read(['us-east-1', 'eu-west-1'])).toBe('eu-west-1,us-east-1');
  // A run that was stopped has not read all.
  expect(await read([], AbortSignal.abort())).toBe('eu-west-1,us-east-1');
  expect(await read([])).toBe('');
  index.close();
});

test('days, accounts and Regions choose objects by their names; relative days count back from the newest', async () => {
  const objects = await objectsOf(scratch());
  const nothing = { since: undefined, until: undefined, accounts: undefined, regions: undefined };
  const chosen = (part: Partial<Parameters<typeof chooseByKey>[1]>): number =>
    chooseByKey(objects, { ...nothing, ...part }).length;
  expect(chosen({})).toBe(3);
  expect(chosen({ since: '5d' })).toBe(2);
  expect(chosen({ until: '2026-03-04' })).toBe(1);
  expect(chosen({ regions: ['us-east-1,eu-west-1'] })).toBe(3);
  expect(chosen({ regions: ['us-east-1'] })).toBe(0);
  expect(chosen({ accounts: ['444455556666'] })).toBe(0);
  expect(() => chosen({ accounts: ['4444'] })).toThrow('--accounts 4444: not an account');
  expect(() => chooseByKey([], { ...nothing, since: '5d' })).toThrow('--since 5d: no object here has a date');
  expect(leavesOutRegions(objects, ['us-east-1'])).toBe(true);
  expect(leavesOutRegions(objects, [])).toBe(false);
});
