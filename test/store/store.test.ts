import Database from 'better-sqlite3';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { callOf } from '../../src/cloudtrail/call.ts';
import { Folded } from '../../src/cloudtrail/members.ts';
import { parseRecord } from '../../src/cloudtrail/record.ts';
import { dayOfTime, dayText, parseDay } from '../../src/iam/days.ts';
import { InputError } from '../../src/iam/input-error.ts';
import { Batch } from '../../src/store/batch.ts';
import { damageIn } from '../../src/store/check.ts';
import { IndexReader } from '../../src/store/reader.ts';
import { IndexWriter } from '../../src/store/writer.ts';
import { dump, event, load, objectEvent, scratch, writeLog } from '../ingest/trail.ts';

/** A batch of these records, read from one object. */
function batchOf(records: readonly object[]): Batch {
  const batch = new Batch();
  const source = batch.source('folder', 'name');
  for (const record of records) {
    const parsed = parseRecord(record);
    if (!parsed.ok) throw new Error(parsed.reason);
    batch.add(callOf(parsed.value), source, 1);
  }
  return batch;
}

/** What the reader says of the only principal of an index, in a window. */
function factsOf(file: string, window = { since: 0, until: 40_000 }) {
  const index = IndexReader.open(file);
  try {
    const [row] = [...index.principals()];
    if (!row) throw new Error('no principal');
    return [...index.facts([row.id], row, window)].map(({ call, ...rest }) => ({
      name: call.operation.eventName,
      key: call.target.request['key'],
      ...rest,
      sample: `${index.objectName(rest.sample.object)} ${rest.sample.eventID}`,
    }));
  } finally {
    index.close();
  }
}

const on = (day: string, members: object = {}): object =>
  event('app', 'ListBucket', `${day}T12:00:00Z`, { eventID: `on ${day}`, ...members });

const keys = (from: number, to: number, day: string): object[] =>
  Array.from({ length: to - from }, (_, i) => objectEvent('app', `${day}T12:00:00Z`, `in/${from + i}`));

const named = (name: string, account: string): object =>
  on('2026-03-01', { userIdentity: { type: 'IAMUser', userName: name, accountId: account } });

const refused = (file: string, open: (file: string) => unknown): string => {
  try {
    open(file);
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
  return 'opened';
};
const read = (file: string) => IndexReader.open(file);
const write = (file: string) => IndexWriter.open(file);

describe('facts', () => {
  test('days unite over months; the sample is the earliest event; calls add up', async () => {
    const folder = scratch();
    const file = join(folder, 'a.db');
    for (const days of [
      ['2026-03-02', '2026-04-01'],
      ['2026-03-01', '2026-03-02'],
    ]) {
      const log = join(folder, `${days[0]}.json`);
      writeLog(
        log,
        days.map((day) => on(day)),
      );
      await load(file, [log]);
    }
    const day = Date.UTC(2026, 2, 1) / 86_400_000;
    expect(factsOf(file)).toEqual([
      {
        name: 'ListBucket',
        key: undefined,
        days: [day, day + 1, day + 31],
        calls: 4,
        isCut: false,
        sample: `${folder}/2026-03-01.json on 2026-03-01`,
      },
    ]);
    expect(factsOf(file, { since: day + 1, until: day + 30 })).toMatchObject([{ days: [day + 1] }]);
    expect(factsOf(file, { since: day + 2, until: day + 30 })).toEqual([]);
  });

  test('names of a day fold across commits, other days keep theirs', async () => {
    const folder = scratch();
    const file = join(folder, 'a.db');
    const logs = [keys(0, 60, '2026-03-01'), keys(0, 2, '2026-03-02'), keys(60, 101, '2026-03-01')].map(
      (records, i) => {
        const log = join(folder, `${i}.json`);
        writeLog(log, records);
        return log;
      },
    );
    await load(file, logs, 1000);
    const facts = factsOf(file);
    const day = Date.UTC(2026, 2, 1) / 86_400_000;
    expect(facts.map(({ key, days, calls }) => [key, days, calls])).toEqual([
      ['in/0', [day + 1], 1],
      ['in/1', [day + 1], 1],
      [new Folded('in/', 1), [day], 101],
    ]);
  });

  test('texts that look like others are kept apart', () => {
    const folder = scratch();
    const file = join(folder, 'a.db');
    const writer = IndexWriter.open(file);
    writer.commit(
      batchOf([named('b', 'a\u0000'), named('\u0000b', 'a'), named('b\u0000', 'a'), named('', '')]),
    );
    writer.commit(batchOf([named('\uD800', 'a'), named('\u0000b', 'a')]));
    writer.close();
    const reader = IndexReader.open(file);
    const found = [...reader.principals()].map(({ account, name }) => JSON.stringify([account, name]));
    reader.close();
    // A lone surrogate has no UTF-8; its three bytes are read as three replacement characters.
    expect(found.sort()).toEqual(
      [
        ['a\u0000', 'b'],
        ['a', '\u0000b'],
        ['a', 'b\u0000'],
        ['', ''],
        ['a', '\uFFFD\uFFFD\uFFFD'],
      ]
        .map((p) => JSON.stringify(p))
        .sort(),
    );
  });
});

describe('a commit is all or nothing', () => {
  test('one that failed can be repeated', () => {
    const folder = scratch();
    const records = [
      on('2026-03-01'),
      on('2026-03-02', { requestParameters: { bucketName: 'other' } }),
      objectEvent('app', '2026-03-02T10:00:00Z', 'k'),
    ];
    const [file, smooth] = [join(folder, 'a.db'), join(folder, 'b.db')];
    const other = IndexWriter.open(smooth);
    other.commit(batchOf(records));
    other.close();

    const writer = IndexWriter.open(file);
    const obstacle = new Database(file);
    obstacle.exec("CREATE TRIGGER no BEFORE INSERT ON coverage BEGIN SELECT RAISE(ABORT, 'no'); END");
    expect(() => writer.commit(batchOf(records))).toThrow('no');
    expect(dump(file)).toEqual([]);
    obstacle.exec('DROP TRIGGER no');
    // Ids that the failed commit gave out are taken by others.
    obstacle.exec("INSERT INTO target (digest, body) VALUES (x'00', '[]'), (x'01', '[]')");
    obstacle.close();
    writer.commit(batchOf(records));
    writer.close();
    expect(dump(file)).toEqual(dump(smooth));
  });
});

const mark = (shard: string, text: string) => ({ source: 's', shard, mark: text });

describe('marks', () => {
  test('are written with the facts of their batch, or not at all', () => {
    const file = join(scratch(), 'a.db');
    const writer = IndexWriter.open(file);
    const obstacle = new Database(file);
    const batch = batchOf([on('2026-03-01')]);
    batch.mark(mark('one', '1'));
    batch.mark(mark('two', '1'));
    batch.mark(mark('one', '2'));
    obstacle.exec("CREATE TRIGGER no BEFORE INSERT ON coverage BEGIN SELECT RAISE(ABORT, 'no'); END");
    expect(() => writer.commit(batch)).toThrow('no');
    expect(writer.mark('s', 'one')).toBeUndefined();
    obstacle.exec('DROP TRIGGER no');
    obstacle.close();
    writer.commit(batch);
    expect(['one', 'two', 'three'].map((shard) => writer.mark('s', shard))).toEqual(['2', '1', undefined]);
    writer.close();
  });
});

describe('an index of a released schema', () => {
  test.each([1, 2, 3])('%i is brought up to date when it is opened, and keeps its facts', (schema) => {
    const file = join(scratch(), 'old.db');
    const released = new URL(`released/schema-${schema}.db.gz`, import.meta.url);
    writeFileSync(file, gunzipSync(readFileSync(released)));
    const facts = dump(file);
    expect(facts.length).toBeGreaterThan(50);
    expect(damageIn(file)).toEqual([]);
    const writer = IndexWriter.open(file);
    const batch = batchOf([]);
    batch.mark(mark('one', '1'));
    writer.commit(batch);
    expect(writer.mark('s', 'one')).toBe('1');
    writer.close();
    expect(dump(file)).toEqual(facts);
  });
});

describe('files that are no index', () => {
  test('are refused in one line that names them', () => {
    const folder = scratch();
    const at = (name: string): string => join(folder, name);
    writeFileSync(at('text'), 'no database\n'.repeat(100));
    mkdirSync(at('folder'));
    const foreign = new Database(at('foreign'));
    foreign.exec('CREATE TABLE t (a)');
    foreign.close();
    IndexWriter.open(at('newer')).close();
    const newer = new Database(at('newer'));
    newer.pragma('user_version = 99');
    newer.close();
    IndexWriter.open(at('other-facts')).close();
    const old = new Database(at('other-facts'));
    old.exec("UPDATE meta SET value = '0'");
    old.close();

    const cases: [name: string, open: (file: string) => unknown, message: RegExp][] = [
      ['missing', read, /no index there; make one with: iam-minimize ingest/],
      ['no/such/folder', write, /its directory does not exist/],
      ['text', read, /not a database/],
      ['text', write, /not a database/],
      ['folder', read, /is a directory/],
      ['folder', write, /is a directory/],
      ['foreign', read, /not an index of iam-minimize/],
      ['foreign', write, /not an index of iam-minimize/],
      ['newer', read, /made by a newer iam-minimize \(schema 99/],
      ['newer', write, /made by a newer iam-minimize \(schema 99/],
      ['other-facts', read, /its facts are of version 0.*ingest --rebuild --db/],
      ['other-facts', write, /its facts are of version 0.*ingest --rebuild --db/],
    ];
    for (const [name, open, message] of cases) {
      const said = refused(at(name), open);
      expect(said).toMatch(message);
      expect(said.startsWith(`${at(name)}: `)).toBe(true);
      expect(said).not.toContain('\n');
    }
  });

  test('calls of a month that the window cuts are at most so many; those of other months are counted, and give the sample', () => {
    const file = join(scratch(), 'a.db');
    const writer = IndexWriter.open(file);
    writer.commit(batchOf(['2026-02-10', '2026-03-02', '2026-03-20', '2026-04-01'].map((day) => on(day))));
    writer.close();
    const reader = IndexReader.open(file);
    const ids = [...reader.principals()].map(({ id }) => id);
    const [principal = { kind: 'role', account: '', name: '', arn: '', uniqueId: '' } as const] =
      reader.principals();
    const seen = (since: string, until: string) =>
      [...reader.facts(ids, principal, { since: parseDay(since, ''), until: parseDay(until, '') })].map(
        ({ calls, isCut, sample }) => [calls, isCut, dayText(dayOfTime(sample.time))],
      );
    expect(seen('2026-03-01', '2026-03-31')).toEqual([[2, false, '2026-03-02']]);
    expect(seen('2026-03-10', '2026-03-31')).toEqual([[2, true, '2026-03-02']]);
    expect(seen('2026-03-10', '2026-04-30')).toEqual([[3, true, '2026-04-01']]);
    expect(seen('2026-02-11', '2026-03-31')).toEqual([[2, false, '2026-03-02']]);
    reader.close();
  });

  test('an index is read while another run writes to it', () => {
    const file = join(scratch(), 'a.db');
    const writer = IndexWriter.open(file);
    writer.commit(batchOf([on('2026-03-01')]));
    const reader = IndexReader.open(file);
    expect([...reader.principals()]).toHaveLength(1);
    writer.commit(batchOf([on('2026-03-02')]));
    expect(damageIn(file)).toEqual([]);
    reader.close();
    writer.close();
  });
});
