import * as fc from 'fast-check';
import { copyFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ingest, type IngestReport } from '../../src/ingest/ingest.ts';
import { localObjects } from '../../src/ingest/objects/local.ts';
import type { LogObject } from '../../src/ingest/objects/log-object.ts';
import { parseDay } from '../../src/iam/days.ts';
import { identities } from '../../src/cloudtrail/identity.ts';
import { IndexReader } from '../../src/store/reader.ts';
import { IndexWriter } from '../../src/store/writer.ts';
import { deliveredName, dump, event, load, objectEvent, scratch, writeLog } from './trail.ts';

const roles = ['app', 'ci', 'batch'];
const days = ['2026-02-27', '2026-02-28', '2026-03-01', '2026-03-02'];
const time = fc
  .tuple(fc.constantFrom(...days), fc.integer({ min: 0, max: 59 }))
  .map(([day, second]) => `${day}T23:59:${String(second).padStart(2, '0')}Z`);
const eventID = fc.integer({ min: 0, max: 40 }).map((n) => `0000000${n}-1111-4222-8333-444444444444`);

/** Calls on objects, many enough that a day folds at some level, and calls without names. */
const keys = fc.tuple(fc.constantFrom('a', 'a/b', 'a/b/c', 'd'), fc.integer({ min: 0, max: 130 }));
const objectCalls = fc
  .tuple(
    fc.constantFrom(...roles),
    time,
    fc.array(keys, { maxLength: 160, size: 'max' }),
    fc.constantFrom({}, { errorCode: 'AccessDenied' }),
  )
  .map(([role, at, list, members]) =>
    list.map(([folder, n]) => objectEvent(role, at, `${folder}/${n}/x`, members)),
  );
const plainCall = fc
  .tuple(
    fc.constantFrom(...roles),
    fc.constantFrom('ListBucket', 'GetBucketAcl'),
    time,
    eventID,
    fc.constantFrom('192.0.2.1', '198.51.100.1', 'ec2.amazonaws.com'),
  )
  .map(([role, name, at, id, sourceIPAddress]) => event(role, name, at, { eventID: id, sourceIPAddress }));
const trail = fc
  .tuple(fc.array(objectCalls, { maxLength: 4 }), fc.array(plainCall, { maxLength: 20 }))
  .map(([objects, plain]) => [...plain, ...objects.flat()]);

/** The records in another order, dealt to files as the numbers say. 7919 is prime, so that each is taken once. */
function dealt(records: readonly object[], files: number, deal: readonly number[]): object[][] {
  const piles: object[][] = Array.from({ length: files }, () => []);
  records.forEach((_, i) => {
    const record = records[(i * 7919 + (deal[0] ?? 0)) % records.length];
    if (record) piles[(deal[i % deal.length] ?? 0) % files]?.push(record);
  });
  return piles;
}

const adds = ({ events }: IngestReport): void => {
  const skipped = Object.values(events.skipped).reduce((sum, n) => sum + n, 0);
  expect(events.read).toBe(events.used + events.duplicate + skipped);
};

describe('facts are sets', () => {
  test('any order and grouping of files gives the same', async () => {
    let folds = 0;
    const deal = fc.array(fc.nat(1000), { minLength: 1, maxLength: 20 });
    await fc.assert(
      fc.asyncProperty(
        trail,
        fc.integer({ min: 1, max: 6 }),
        deal,
        fc.constantFrom(0, 400, 1000),
        async (records, files, numbers, pace) => {
          const folder = scratch();
          const whole = join(folder, 'whole.json');
          writeLog(whole, records);
          adds(await load(join(folder, 'a.db'), [whole]));
          const paths = dealt(records, files, numbers).map((pile, i) => {
            const path = join(folder, 'parts', `${i}.json${i % 2 ? '.gz' : ''}`);
            writeLog(path, pile);
            return path;
          });
          adds(await load(join(folder, 'b.db'), numbers[0] ? paths : paths.toReversed(), pace));
          const facts = dump(join(folder, 'a.db'));
          expect(dump(join(folder, 'b.db'))).toEqual(facts);
          folds += facts.filter((line) => /"names":"\[\[/.test(line)).length;
        },
      ),
      { numRuns: 25 },
    );
    expect(folds, 'names that were folded').toBeGreaterThan(0);
  });

  test('the same event in two files changes no fact', async () => {
    await fc.assert(
      fc.asyncProperty(trail, fc.nat(), async (records, n) => {
        const folder = scratch();
        const [once, again] = [join(folder, '1.json'), join(folder, '2.json')];
        writeLog(once, records);
        writeLog(again, records.slice(n % (records.length + 1)).toReversed());
        await load(join(folder, 'a.db'), [once]);
        await load(join(folder, 'b.db'), [once]);
        const report = await load(join(folder, 'b.db'), [once, again], 1000);
        adds(report);
        expect(dump(join(folder, 'b.db'))).toEqual(dump(join(folder, 'a.db')));
      }),
      { numRuns: 20 },
    );
  });

  test('an index of some days has the facts of these days of a whole one', async () => {
    await fc.assert(
      fc.asyncProperty(
        trail,
        fc.constantFrom(...days),
        fc.constantFrom(...days),
        async (records, one, other) => {
          const folder = scratch();
          const [since = '', until = ''] = [one, other].sort();
          const inside = records.filter((record) => {
            const day = 'eventTime' in record ? String(record.eventTime).slice(0, 10) : '';
            return since <= day && day <= until;
          });
          writeLog(join(folder, 'all.json'), records);
          writeLog(join(folder, 'some.json'), inside);
          await load(join(folder, 'all.db'), [join(folder, 'all.json')]);
          await load(join(folder, 'some.db'), [join(folder, 'some.json')]);
          const wanted = windowFacts(join(folder, 'some.db'), '0001-01-01', '9999-12-31');
          expect(windowFacts(join(folder, 'all.db'), since, until)).toEqual(wanted);
        },
      ),
      { numRuns: 25 },
    );
  });
});

/** The facts of a window as the reader gives them, sorted; without calls and samples. */
function windowFacts(file: string, since: string, until: string): string[] {
  const index = IndexReader.open(file);
  const window = { since: parseDay(since, 'since'), until: parseDay(until, 'until') };
  try {
    const rows = [...index.principals()];
    return identities(rows)
      .flatMap(({ ids }) => {
        const as = rows.find(({ id }) => ids.includes(id));
        if (!as) throw new Error('an identity without rows');
        const { id: _, ...principal } = as;
        return [...index.facts(ids, principal, window)].map((fact) => JSON.stringify([fact.call, fact.days]));
      })
      .sort();
  } finally {
    index.close();
  }
}

/** The objects of some files, streamed; reading breaks off after so many bytes in all. */
async function* fragile(files: readonly string[], bytes: number): AsyncGenerator<LogObject> {
  let left = bytes;
  for (const file of files) {
    for await (const object of localObjects(file)) {
      async function* open(): AsyncGenerator<Buffer> {
        for await (const chunk of object.open()) {
          for (let at = 0; at < chunk.length; at += 500) {
            if (left <= 0) throw new Error('broken off');
            left -= 500;
            yield chunk.subarray(at, at + 500);
          }
        }
      }
      yield { ...object, size: undefined, open };
    }
  }
}

test('a run that breaks off anywhere, even inside a file, is resumed', async () => {
  await fc.assert(
    fc.asyncProperty(
      trail,
      trail,
      fc.array(fc.nat(60_000), { maxLength: 3 }),
      fc.constantFrom(0, 400, 1000),
      async (one, other, moments, pace) => {
        const folder = scratch();
        const files = [join(folder, 'a.json'), join(folder, 'b.json.gz')];
        [one, other].forEach((records, i) => writeLog(files[i] ?? '', records));
        await load(join(folder, 'a.db'), files);
        let now = 0;
        for (const moment of moments) {
          const index = IndexWriter.open(join(folder, 'b.db'));
          const run = ingest(fragile(files, moment), index, { concurrency: 2, clock: () => (now += pace) });
          const end = await run.then(() => 'read all', String);
          expect(['read all', 'Error: broken off']).toContain(end);
          index.close();
        }
        await load(join(folder, 'b.db'), files, pace);
        expect(dump(join(folder, 'b.db'))).toEqual(dump(join(folder, 'a.db')));
        expect((await load(join(folder, 'b.db'), files)).objects).toMatchObject({ read: 0, skipped: 2 });
      },
    ),
    { numRuns: 20 },
  );
});

test('the longer a commit takes, the more it holds, within bounds', async () => {
  const folder = scratch();
  const logs = Array.from({ length: 120 }, (_, n) => join(folder, 'logs', `${n}.json`));
  for (const [n, log] of logs.entries())
    writeLog(log, [event('app', 'ListBucket', '2026-03-02T10:00:00Z', { eventID: String(n) })]);
  /** Objects of each commit but the last, where a commit takes so long and an object 100 ms. */
  const objectsOf = async (millis: number): Promise<number[]> => {
    const index = IndexWriter.open(join(folder, `${millis}.db`));
    const commit = index.commit.bind(index);
    const sizes: number[] = [];
    let now = 0;
    index.commit = (batch) => {
      now += millis;
      sizes.push(batch.objects.length);
      commit(batch);
    };
    await ingest(localObjects(join(folder, 'logs')), index, {
      concurrency: 1,
      clock: () => now,
      onProgress: () => (now += 100),
    });
    index.close();
    return sizes.slice(1, -1);
  };
  expect(new Set(await objectsOf(10))).toEqual(new Set([10]));
  expect(new Set(await objectsOf(600))).toEqual(new Set([24]));
  expect(new Set(await objectsOf(60_000))).toEqual(new Set([50]));
});

describe('the ledger', () => {
  const records = [event('app', 'ListBucket', '2026-03-02T10:00:00Z', { eventID: 'a' }), 'no record', {}];

  test('nothing is read twice', async () => {
    const folder = scratch();
    const db = join(folder, 'a.db');
    const log = join(folder, 'logs', 'a.json.gz');
    writeLog(log, records);
    writeLog(join(folder, 'logs', 'deep', 'er', 'b'), [event('ci', 'ListBucket', '2026-03-03T10:00:00Z')]);
    const first = await load(db, [join(folder, 'logs')]);
    expect(first).toMatchObject({
      objects: { read: 2, skipped: 0, failed: 0 },
      events: { read: 4, used: 2, duplicate: 0, skipped: { 'not-a-record': 2 } },
    });
    const before = dump(db);
    const second = await load(db, [join(folder, 'logs')]);
    expect(second).toMatchObject({
      objects: { read: 0, skipped: 2, failed: 0 },
      events: { read: 0, used: 0, duplicate: 0, skipped: {} },
      bytes: { compressed: 0 },
    });
    // Another modification time, the same content: looked at, not read.
    utimesSync(log, 1, 1);
    expect((await load(db, [join(folder, 'logs')])).objects).toEqual({ read: 0, skipped: 2, failed: 0 });
    expect((await load(db, [join(folder, 'logs')])).objects).toEqual({ read: 0, skipped: 2, failed: 0 });
    expect(dump(db)).toEqual(before);
  });

  test('the same content under another name is a duplicate', async () => {
    const folder = scratch();
    const [one, other, third] = [join(folder, '1.json'), join(folder, '2.json'), join(folder, '3.json.gz')];
    writeLog(one, records);
    copyFileSync(one, other);
    writeLog(third, records);
    for (const pace of [0, 1000]) {
      const db = join(folder, `${pace}.db`);
      const report = await load(db, [one, other, third], pace);
      expect(report.objects).toEqual({ read: 3, skipped: 0, failed: 0 });
      expect(report.events).toEqual({ read: 9, used: 1, duplicate: 6, skipped: { 'not-a-record': 2 } });
      adds(report);
    }
    expect(dump(join(folder, '0.db'))).toEqual(dump(join(folder, '1000.db')));
  });

  test('a changed file is read again', async () => {
    const folder = scratch();
    const [db, log] = [join(folder, 'a.db'), join(folder, 'a.json')];
    writeLog(log, records);
    await load(db, [log]);
    writeLog(log, [event('app', 'GetBucketAcl', '2026-03-02T10:00:00Z', { eventID: 'longer' })]);
    expect((await load(db, [log])).objects).toEqual({ read: 1, skipped: 0, failed: 0 });
    expect((await load(db, [log])).objects).toEqual({ read: 0, skipped: 1, failed: 0 });
  });

  test('an event ID repeated within one file is a duplicate, and still a fact', async () => {
    const folder = scratch();
    const log = join(folder, 'a.json');
    const at = '2026-03-02T10:00:00Z';
    writeLog(log, [
      event('app', 'ListBucket', at, { eventID: 'x' }),
      event('app', 'ListBucket', at, { eventID: 'x' }),
      event('app', 'GetBucketAcl', at, { eventID: 'x' }),
    ]);
    const { events } = await load(join(folder, 'a.db'), [log]);
    expect(events).toEqual({ read: 3, used: 1, duplicate: 2, skipped: {} });
    expect(dump(join(folder, 'a.db')).filter((line) => line.includes('GetBucketAcl'))).toHaveLength(1);
  });

  test('a delivered file covers its day though nothing is in it', async () => {
    const folder = scratch();
    const log = join(folder, deliveredName('2026-03-04', 'abcd'));
    writeLog(log, []);
    await load(join(folder, 'a.db'), [log]);
    expect(dump(join(folder, 'a.db'))).toEqual([
      JSON.stringify({
        account: '111122223333',
        region: 'eu-west-1',
        category: '',
        event_source: '',
        detail: '',
        month: 2026 * 12 + 2,
        days: 1 << 3,
      }),
    ]);
  });
});
