import Database from 'better-sqlite3';
import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, test } from 'vitest';
import { fakeAthena, type AthenaFakeOptions, type FakeAthena } from '../aws/athena-fake.ts';
import { live } from '../aws/live.ts';
import { duckdb } from '../athena/duckdb.ts';
import { fillTable, ownTable, recordsBelow } from '../athena/table.ts';
import { dump } from '../ingest/trail.ts';
import { run, sampleIndex, temporaryFolder, today } from './cli.ts';
import { schemaErrors } from './schema.ts';

const folder = temporaryFolder();
const database = await duckdb();
beforeAll(async () => {
  await database.run('CREATE SCHEMA logs');
  await fillTable(database, 'logs.cloudtrail', recordsBelow('samples/trail'));
});

let fake: FakeAthena | undefined;
afterEach(() => fake?.close());

const table = ownTable('logs', 'cloudtrail');
const url = 'athena://primary/logs/cloudtrail';
const week = ['--since', '2026-03-02', '--until', '2026-03-08'];

async function ingest(
  db: string,
  args: readonly string[],
  options: AthenaFakeOptions = { table },
  started?: Parameters<typeof live>[2],
): Promise<Awaited<ReturnType<typeof live>> & { fake: FakeAthena }> {
  const made = await fakeAthena(database, options);
  fake = made;
  const ran = await live(['ingest', url, '--db', join(folder, db), ...args], made.environment, started);
  return { ...ran, fake: made };
}

const operations = ({ requests }: FakeAthena, name: string): unknown[] =>
  requests.filter(({ operation }) => operation === name);

/** Of each kind: how often as delivered. */
function calls(file: string): unknown[] {
  const db = new Database(file, { readonly: true });
  try {
    return db.prepare('SELECT calls FROM fact UNION ALL SELECT calls FROM named_fact').all();
  } finally {
    db.close();
  }
}

test('files and Athena give the same policies', async () => {
  const local = sampleIndex(folder);
  const ran = await ingest('same.db', week);
  expect(ran.code).toBe(0);
  expect(ran.err.split('\n').slice(0, 2)).toEqual([
    'athena: logs.cloudtrail in eu-west-1, 2026-03-02 to 2026-03-08; queries: 7, one for each day that is not known; no limit on bytes scanned, set one with --max-bytes',
    'athena: queries: 7, 35.0 MB scanned, less than $0.01 (list price of us-east-1, without S3)',
  ]);
  expect(dump(join(folder, 'same.db'))).toEqual(dump(local));
  const [ofAthena, ofFiles] = [join(folder, 'same.db'), local].map((db) =>
    run(['generate', '--all', ...today, '--db', db]).out.replaceAll(db, 'DB'),
  );
  expect(ofAthena).toBe(ofFiles);
  expect(ofAthena).toMatch(/\d uses allowed by the proposal/);

  const again = await ingest('same.db', week);
  expect(again.fake.statements()).toEqual([]);
  expect(again.err).toMatch(/^read 0 objects .* 7 known already/m);
});

test('young days are queried again, and count once', async () => {
  const args = ['--since', '2026-03-02', '--until', '2026-03-02', '--lookback', '9999d', '--json', '--quiet'];
  const { out } = await ingest('young.db', args);
  const first: unknown = JSON.parse(out);
  expect(first).toMatchObject({ objects: { read: 1 }, events: { duplicate: 0 } });
  expect(schemaErrors('ingest', first)).toBeNull();
  const before = calls(join(folder, 'young.db'));
  const again = await ingest('young.db', args);
  expect(JSON.parse(again.out)).toMatchObject({ objects: { read: 1 }, events: { used: 0 } });
  expect(calls(join(folder, 'young.db'))).toEqual(before);
});

test('accounts and Regions prune partitions, and are days of their own', async () => {
  const args = [
    '--since',
    '2026-03-02',
    '--until',
    '2026-03-03',
    '--regions',
    'us-east-1',
    '--accounts',
    '111122223333',
  ];
  const some = await ingest('some.db', args);
  expect(some.code).toBe(0);
  for (const statement of some.fake.statements()) {
    expect(statement).toContain(`"account" IN ('111122223333')`);
    expect(statement).toContain(`"region" IN ('us-east-1')`);
  }
  const files = join(folder, 'some-local.db');
  run(['ingest', 'samples/trail', '--db', files, ...args]);
  expect(dump(join(folder, 'some.db'))).toEqual(dump(files));
  const all = await ingest('some.db', ['--since', '2026-03-02', '--until', '2026-03-02']);
  expect(all.fake.statements()).toHaveLength(1);
});

test('a column of another type is named before anything is asked, a SerDe that merges members is warned of', async () => {
  const typed = table.columns.map((one) => (one.name === 'eventtime' ? { ...one, type: 'timestamp' } : one));
  const ran = await ingest('typed.db', week, { table: { ...table, columns: typed } });
  expect(ran).toMatchObject({ code: 2 });
  expect(ran.err).toContain('logs.cloudtrail: eventtime is timestamp, and text is needed there; ');
  expect(ran.fake.statements()).toEqual([]);
  const serde = { 'serde.serialization.lib': 'org.openx.data.jsonserde.JsonSerDe' };
  const merging = { ...table, parameters: { ...table.parameters, ...serde } };
  expect((await ingest('openx.db', week, { table: merging })).err).toContain(
    'its SerDe (openx) merges members',
  );
});

test('a table whose days are spelled unknown ways, and that gives no row, settles nothing', async () => {
  const odd = { ...table, partitions: [{ name: 'dt', type: 'string' }], parameters: {} };
  const empty = { table: odd };
  await database.run('ALTER TABLE logs.cloudtrail ADD COLUMN IF NOT EXISTS dt VARCHAR');
  const ran = await ingest('odd.db', week, empty);
  expect(ran).toMatchObject({ code: 0 });
  expect(ran.err).toMatch(/^athena: logs\.cloudtrail gave no event of these days; .* nothing is settled/m);
  expect(ran.fake.statements()[0]).toContain(`"dt" IN ('2026/03/02', '2026-03-02', '20260302')`);
  expect((await ingest('odd.db', week, empty)).fake.statements()).toHaveLength(7);
});

test('a table that is not partitioned by day is scanned once, and that is said', async () => {
  const plain = { ...table, partitions: [] };
  const ran = await ingest('plain.db', week, { table: plain });
  expect(ran.err).toMatch(/not partitioned by day, so each run scans all of it/);
  expect(ran.fake.statements()).toHaveLength(1);
  const whole = join(folder, 'plain-local.db');
  run(['ingest', 'samples/trail', '--db', whole]);
  expect(dump(join(folder, 'plain.db'))).toEqual(dump(whole));
});

const without = (...names: string[]): AthenaFakeOptions => ({
  table: { ...table, columns: table.columns.filter(({ name }) => !names.includes(name)) },
});

test('columns that lack are named; without those that matter it is no table of logs', async () => {
  const args = ['--since', '2026-03-02', '--until', '2026-03-02'];
  const ran = await ingest('less.db', args, without('tlsdetails', 'resources'));
  expect(ran).toMatchObject({ code: 0 });
  expect(ran.err).toMatch(
    /^athena: logs\.cloudtrail has no tlsdetails\.tlsversion \(conditions on TLS\), resources \(what calls were made on/m,
  );
  const none = await ingest('less.db', args, without('useridentity'));
  expect(none).toMatchObject({ code: 2 });
  expect(none.err).toMatch(
    /logs\.cloudtrail: not a table of CloudTrail logs \(no useridentity\.type, .*--create-table/,
  );
});

test('makes the table first', async () => {
  const args = [
    '--create-table',
    's3://example-trail/AWSLogs',
    '--accounts',
    '111122223333',
    '--regions',
    'us-east-1,eu-west-1',
  ];
  const ran = await ingest('made.db', ['--since', '2026-03-02', '--until', '2026-03-02', ...args], {});
  expect(ran.code).toBe(0);
  const [create = '', ...others] = ran.fake.statements();
  expect(create).toContain("'projection.region.values' = 'us-east-1,eu-west-1'");
  expect(create).toContain("'s3://example-trail/AWSLogs/${account}/CloudTrail/${region}/${timestamp}'");
  expect(others).toHaveLength(1);
});

test('prints the statements and asks nothing', () => {
  const chosen = [...week, '--accounts', '111122223333', '--regions', 'eu-west-1'];
  const place = ['--create-table', 's3://example-trail/AWSLogs/'];
  const { code, out, err } = run(['ingest', url, '--print-sql', ...chosen, ...place]);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  expect(out).toMatch(/^CREATE EXTERNAL TABLE `logs`\.`cloudtrail` \(\n/);
  expect(out).toMatch(/"timestamp" BETWEEN '2026\/03\/02' AND '2026\/03\/08'/);
  expect(out).not.toMatch(/\{\{/);
});

test('Ctrl-C cancels what runs; what was loaded is kept', async () => {
  let child: ChildProcess | undefined;
  const ran = await ingest(
    'stopped.db',
    week,
    {
      table,
      course: (number) => (number < 2 ? undefined : { state: 'SUCCEEDED', endless: true }),
      fails: ({ operation, asked }) => {
        // By then it is the turn of the third day.
        if (operation === 'StartQueryExecution' && String(asked['QueryString']).includes('2026/03/07'))
          child?.kill('SIGINT');
        return undefined;
      },
    },
    (started) => (child = started),
  );
  expect(ran.code).toBe(3);
  expect(ran.err).toMatch(/^read 2 objects/m);
  expect(ran.err).toMatch(/stopped; what was read is kept/);
  expect(operations(ran.fake, 'StopQueryExecution').length).toBeGreaterThan(0);
  const rest = await ingest('stopped.db', week);
  expect(rest.fake.statements()).toHaveLength(5);
  expect(dump(join(folder, 'stopped.db'))).toEqual(dump(join(folder, 'same.db')));
});

test('ends at --max-bytes, and cancels what runs', async () => {
  const ran = await ingest('dear.db', [...week, '--max-bytes', '2GB'], {
    table,
    course: () => ({ state: 'SUCCEEDED', scanned: 1.5e9, endless: true }),
  });
  expect(ran.code).toBe(2);
  expect(ran.err).toMatch(
    /--max-bytes: \d+ bytes are scanned, 2000000000 were allowed; .*the next run goes on from there/,
  );
  expect(operations(ran.fake, 'StopQueryExecution').length).toBeGreaterThan(0);
});

const one = ['--since', '2026-03-02', '--until', '2026-03-02', '--quiet'];

test('throttled, and failed in a way that may pass, it goes on', async () => {
  const ran = await ingest('again.db', one, {
    table,
    course: (number) =>
      number === 0 ? { state: 'FAILED', reason: 'GENERIC_INTERNAL_ERROR', retryable: true } : undefined,
    fails: (_, number) => (number === 0 ? 'TooManyRequestsException' : undefined),
  });
  expect(ran).toMatchObject({ code: 0, err: '' });
  expect(ran.fake.statements()).toHaveLength(3);
});

test.each<[string, AthenaFakeOptions, RegExp]>([
  [
    'failed',
    { table, course: () => ({ state: 'FAILED', reason: 'SYNTAX_ERROR: line 1:1:\nno' }) },
    /athena: query query-0 failed: SYNTAX_ERROR: line 1:1: no$/,
  ],
  [
    'over the limit of the workgroup',
    { table, course: () => ({ state: 'CANCELLED', reason: 'Bytes scanned limit was exceeded' }) },
    /query-0 cancelled: Bytes scanned limit was exceeded; raise the limit of the workgroup, or choose less with --accounts and --regions$/,
  ],
  ['expired', { table, fails: () => 'ExpiredTokenException' }, /the credentials have expired/],
  [
    'expired on the way',
    {
      table,
      fails: ({ operation }) => (operation === 'GetQueryExecution' ? 'ExpiredTokenException' : undefined),
    },
    /the credentials have expired/,
  ],
  [
    'refused',
    { table, fails: () => 'AccessDeniedException' },
    /no permission for athena:GetWorkGroup; allow/,
  ],
  ['no table', {}, /logs\.cloudtrail: no no; check the name and --region, or make it with --create-table/],
  [
    'no place for results',
    { table, workgroup: { ResultConfiguration: {} } },
    /workgroup primary: says no place for results; give one with --output/,
  ],
  [
    'results not in S3',
    { table, workgroup: { ManagedQueryResultsConfiguration: { Enabled: true } } },
    /workgroup primary: keeps results in storage of Athena, .*; give another/,
  ],
  [
    'result gone',
    { table, mishap: () => ({ kind: 'error', status: 404, code: 'NoSuchKey' }) },
    /s3:\/\/example-results\/athena\/0000\.csv: NoSuchKey; run it again/,
  ],
])('%s: one line', async (_, options, line) => {
  const ran = await ingest('faults.db', one, options);
  expect(ran).toMatchObject({ code: 2, out: '' });
  expect(ran.err.trim()).toMatch(line);
  expect(ran.err.trim()).not.toContain('\n');
});

test('a result that breaks off is asked for from there', async () => {
  const ran = await ingest('cut.db', one, {
    table,
    mishap: ({ repeats }) => (repeats === 0 ? { kind: 'cut', after: 3000 } : undefined),
  });
  expect(ran).toMatchObject({ code: 0, err: '' });
  const files = join(folder, 'cut-local.db');
  run(['ingest', 'samples/trail', '--db', files, '--since', '2026-03-02', '--until', '2026-03-02']);
  expect(dump(join(folder, 'cut.db'))).toEqual(dump(files));
});
