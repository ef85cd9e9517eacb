import { join } from 'node:path';
import { beforeAll, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { AthenaTable, Column } from '../../src/aws/athena.ts';
import { parseDay } from '../../src/iam/days.ts';
import { athenaSource, parseAthenaUrl } from '../../src/ingest/athena/athena.ts';
import { factsStatement, isByDay, knowsItsDays, missingColumns } from '../../src/ingest/athena/table.ts';
import type { IngestReport } from '../../src/ingest/ingest.ts';
import { IndexWriter } from '../../src/store/writer.ts';
import { duckdb } from '../athena/duckdb.ts';
import { fillTable, ownTable, recordsBelow } from '../athena/table.ts';
import { fakeAthena, type AthenaFakeOptions, type FakeAthena } from '../aws/athena-fake.ts';
import { s3Environment } from '../aws/s3-fake.ts';
import { dump, load, scratch } from './trail.ts';

const database = await duckdb();
beforeAll(async () => {
  await database.run('CREATE SCHEMA logs');
  await fillTable(database, 'logs.cloudtrail', recordsBelow('samples/trail'));
});

const table = ownTable('logs', 'cloudtrail');
const oneDay = { since: parseDay('2026-03-02', ''), until: parseDay('2026-03-02', '') };
const without = (...names: string[]): AthenaTable => ({
  ...table,
  columns: table.columns.filter(({ name }) => !names.includes(name)),
});

/** Reads the table into an index; what was said on the way, and the statements. */
async function read(
  db: string,
  options: AthenaFakeOptions = { table },
  asked: Partial<Parameters<typeof athenaSource>[0]> & { readonly signal?: AbortSignal } = {},
): Promise<{ fake: FakeAthena; report: IngestReport; said: string[] }> {
  const fake = await fakeAthena(database, options);
  const { AWS_ENDPOINT_URL_S3 = '' } = fake.environment;
  for (const [name, value] of Object.entries({ ...s3Environment(AWS_ENDPOINT_URL_S3), ...fake.environment }))
    vi.stubEnv(name, value);
  vi.stubEnv('AWS_PROFILE', undefined);
  onTestFinished(async () => {
    vi.unstubAllEnvs();
    await fake.close();
  });
  const said: string[] = [];
  const { signal, ...rest } = asked;
  const source = athenaSource({
    place: parseAthenaUrl('athena://primary/logs/cloudtrail'),
    window: { since: parseDay('2026-03-02', ''), until: parseDay('2026-03-08', '') },
    accounts: [],
    regions: [],
    today: parseDay('2026-03-20', ''),
    lookback: 3,
    output: '',
    maxBytes: undefined,
    createTable: undefined,
    say: (line) => said.push(line),
    warn: (line) => said.push(line),
    onQuery: () => {},
    onEnd: ({ queries, scanned }) => said.push(`${queries} queries, ${scanned} bytes`),
    ...rest,
  });
  const index = IndexWriter.open(db);
  try {
    const options = { concurrency: 1, clock: () => 0, ...(signal ? { signal } : {}) };
    return { report: await source.read(index, options), fake, said };
  } finally {
    index.close();
  }
}

describe('a table of Athena', () => {
  test('gives the facts that its files give, and is asked again for young days alone', async () => {
    const folder = scratch();
    await load(join(folder, 'files.db'), ['samples/trail']);
    const db = join(folder, 'table.db');
    const first = await read(db);
    expect(first.report).toMatchObject({ objects: { read: 7, skipped: 0 }, events: { duplicate: 0 } });
    expect(first.said.at(-1)).toBe('7 queries, 35000000 bytes');
    expect(dump(db)).toEqual(dump(join(folder, 'files.db')));
    const again = await read(db, { table }, { lookback: 16 });
    expect(again.report.objects).toMatchObject({ read: 0, skipped: 7 });
    const young = join(folder, 'young.db');
    const one = await read(young, { table }, { lookback: 100, window: oneDay });
    const two = await read(young, { table }, { lookback: 100, window: oneDay });
    expect(two.report.objects).toMatchObject({ read: 1, skipped: 0 });
    expect(two.report.events.duplicate).toBe(one.report.events.used);
  });

  test('without partitions is scanned once, with the days in the names of its files', async () => {
    const folder = scratch();
    await load(join(folder, 'files.db'), ['samples/trail']);
    const { fake, said } = await read(join(folder, 'table.db'), { table: { ...table, partitions: [] } });
    expect(fake.statements()).toHaveLength(1);
    expect(said.join()).toContain('not partitioned by day');
    expect(dump(join(folder, 'table.db'))).toEqual(dump(join(folder, 'files.db')));
  });

  test('is made first where that is asked', async () => {
    const createTable = 's3://example-trail/AWSLogs';
    const db = join(scratch(), 'a.db');
    const { fake, report } = await read(
      db,
      {},
      { createTable, window: oneDay, accounts: ['111122223333'], regions: ['us-east-1'] },
    );
    expect(fake.statements()[0]).toContain('CREATE EXTERNAL TABLE');
    expect(report.objects.read).toBe(1);
  });

  test('keeps what was read when the run is stopped, and goes on from there', async () => {
    const db = join(scratch(), 'a.db');
    const stop = new AbortController();
    const { report } = await read(
      db,
      {
        table,
        course: (number) => (number < 2 ? undefined : { state: 'SUCCEEDED', endless: true }),
        fails: ({ operation, asked }) => {
          if (operation === 'StartQueryExecution' && String(asked['QueryString']).includes('2026/03/07'))
            stop.abort();
          return undefined;
        },
      },
      { signal: stop.signal },
    );
    expect(report.objects.read).toBe(2);
    expect((await read(db)).report.objects).toMatchObject({ read: 5, skipped: 2 });
  });

  test.each<[string, AthenaFakeOptions, Parameters<typeof read>[2], string]>([
    [
      'more is scanned than was allowed',
      { table, course: () => ({ state: 'SUCCEEDED', scanned: 3e9, endless: true }) },
      { maxBytes: 2e9 },
      '2000000000 were allowed',
    ],
    [
      'a workgroup puts results where it says',
      { table, workgroup: { EnforceWorkGroupConfiguration: true } },
      { output: 's3://mine/' },
      'leave it out',
    ],
    [
      'there is no place for results',
      { table, workgroup: { ResultConfiguration: {} } },
      {},
      'says no place for results',
    ],
    [
      'a result is gone',
      { table, mishap: () => ({ kind: 'error', status: 404, code: 'NoSuchKey' }) },
      {},
      'NoSuchKey; run it again',
    ],
    ['a query fails', { table, course: () => ({ state: 'FAILED', reason: 'no' }) }, {}, 'failed: no'],
  ])('when %s', async (_, options, asked, line) => {
    const reading = read(join(scratch(), 'a.db'), options, { window: oneDay, ...asked });
    await expect(reading).rejects.toThrow(line);
  });

  test('that gives no row of days it may spell otherwise settles nothing', async () => {
    await database.run('ALTER TABLE logs.cloudtrail ADD COLUMN IF NOT EXISTS dt VARCHAR');
    const odd = { table: { ...table, partitions: [{ name: 'dt', type: 'string' }], parameters: {} } };
    const db = join(scratch(), 'a.db');
    expect((await read(db, odd)).said.join()).toContain('nothing is settled');
    expect((await read(db, odd)).fake.statements()).toHaveLength(7);
  });
});

test.each<[string, readonly Column[], Readonly<Record<string, string>>, string, boolean]>([
  [
    'year, month and day as texts',
    ['year', 'month', 'day'].map((name) => ({ name, type: 'string' })),
    {},
    `"year" = '2026'\n    AND "month" IN ('03', '3')\n    AND "day" IN ('02', '2')`,
    true,
  ],
  [
    'year, month and day as numbers',
    ['year', 'month', 'day'].map((name) => ({ name, type: 'int' })),
    {},
    `"year" = 2026\n    AND "month" IN (3)\n    AND "day" IN (2)`,
    true,
  ],
  [
    'a date',
    [{ name: 'dt', type: 'date' }],
    {},
    `"dt" BETWEEN DATE '2026-03-02' AND DATE '2026-03-02'`,
    true,
  ],
  [
    'a text of a known format',
    [{ name: 'day', type: 'string' }],
    { 'projection.day.format': 'yyyyMMdd' },
    `"day" BETWEEN '20260302' AND '20260302'`,
    true,
  ],
  [
    'a text of no known format',
    [{ name: 'day', type: 'string' }],
    {},
    `"day" IN ('2026/03/02', '2026-03-02', '20260302')`,
    false,
  ],
])('days are asked for as the partitions spell them: %s', (_, partitions, parameters, condition, isSure) => {
  const own = { ...table, partitions, parameters };
  const day = parseDay('2026-03-02', '');
  expect(factsStatement(own, { first: day, last: day, accounts: [], regions: [] })).toContain(condition);
  expect(isByDay(own)).toBe(true);
  expect(knowsItsDays(own)).toBe(isSure);
});

test('a partition column that must be given is named', () => {
  const own = {
    ...table,
    partitions: [...table.partitions, { name: 'account', type: 'string' }],
    parameters: { ...table.parameters, 'projection.account.type': 'injected' },
  };
  const slice = { first: 0, last: 0, regions: ['us-east-1'] };
  expect(() => factsStatement(own, { ...slice, accounts: [] })).toThrow(/account is injected.*--accounts/);
  const statement = factsStatement(own, { ...slice, accounts: ['111122223333'] });
  expect(statement).toContain(`"account" IN ('111122223333')`);
  expect(statement).toContain("1) IN ('us-east-1')");
});

test('what a table cannot show is said, and one that cannot be used is none', () => {
  const retyped = (name: string, type: string): AthenaTable => ({
    ...table,
    columns: table.columns.map((column) => (column.name === name ? { ...column, type } : column)),
  });
  expect(missingColumns(table)).toBe('');
  expect(missingColumns(without('tlsdetails', 'resources'))).toBe(
    'logs.cloudtrail has no tlsdetails.tlsversion (conditions on TLS), resources (what calls were made on, where the request does not say)',
  );
  expect(factsStatement(without('resources'), { first: 0, last: 0, accounts: [], regions: [] })).toContain(
    'CAST(NULL AS ARRAY(ARRAY(varchar))) AS resources',
  );
  const openx = { 'serde.serialization.lib': 'org.openx.data.jsonserde.JsonSerDe' };
  expect(missingColumns({ ...table, parameters: openx })).toContain('merges members');
  expect(() => missingColumns(without('useridentity'))).toThrow('no useridentity.type');
  expect(() => missingColumns(retyped('eventtime', 'timestamp'))).toThrow('eventtime is timestamp');
  expect(() => missingColumns(retyped('requestparameters', 'map<string,string>'))).toThrow(
    'requestparameters is map<string,string>',
  );
  expect(() => missingColumns(retyped('resources', 'string'))).toThrow('resources is no array<struct<');
});

test.each(['athena://primary/logs', 'athena://primary/logs/a.b', 's3://a/b/c'])('%s is no table', (url) => {
  expect(() => parseAthenaUrl(url)).toThrow('write it as athena://workgroup/database/table');
});
