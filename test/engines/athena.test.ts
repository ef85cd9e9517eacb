import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { groupBy } from '../../src/iam/order.ts';
import { createdTable } from '../../src/ingest/athena/table-creation.ts';
import { fakeAthena } from '../aws/athena-fake.ts';
import { live } from '../aws/live.ts';
import { recordsBelow, rowOf } from '../athena/table.ts';
import { run, sampleIndex, temporaryFolder } from '../cli/cli.ts';
import { event, dump, writeLog, deliveredName } from '../ingest/trail.ts';
import { available } from './engine.ts';
import { badProxy } from './proxy.ts';
import { trino } from './trino.ts';

const engine = await available(trino);
afterAll(() => engine?.close());

const folder = temporaryFolder();
const table = createdTable({ database: 'logs', table: 'cloudtrail' });
const { columns, partitions } = table;

/** `array<struct<a:string>>` as Trino writes it. */
const trinoType = (type: string): string =>
  type
    .replaceAll(/\barray</g, 'ARRAY<')
    .replaceAll(/\bstruct</g, 'ROW<')
    .replaceAll(/(\w+):/g, '"$1" ')
    .replaceAll('<', '(')
    .replaceAll('>', ')')
    .replaceAll('string', 'varchar');

const types = [
  ...[...columns, ...partitions].map(({ name, type }) => `"${name}" ${trinoType(type)}`),
  '"$path" varchar',
];

/** Makes the table of the log files below a folder. */
async function fill(logs: string): Promise<void> {
  const rows = recordsBelow(logs).map((one) => JSON.stringify(rowOf(one)));
  await engine?.rows('DROP TABLE IF EXISTS logs.cloudtrail');
  await engine?.rows(`CREATE TABLE logs.cloudtrail (${types.join(', ')})`);
  for (let at = 0; at < rows.length; at += 200) {
    const list = rows.slice(at, at + 200).map((line) => `'${line.replaceAll("'", "''")}'`);
    await engine?.rows(
      `INSERT INTO logs.cloudtrail SELECT CAST(json_parse(line) AS ROW(${types.join(', ')})).* FROM UNNEST(ARRAY[${list.join(', ')}]) AS t(line)`,
    );
  }
}

const written = (text: string): string => `'${text}'`;
const list = (text: string): string => `ARRAY[${text.split(',').map(written).join(', ')}]`;
const place = (url: string): string => written(url.replace(/^s3:/, 'local:/'));
/** Told by the path of a file, and not in it. */
const outside = new Set(['account', 'region', 'timestamp', '$path']);

/** The statement of the product that makes a table over files, in the words of Trino, which has none of Hive's. */
function inTrino(statement: string): string {
  const properties = new Map(
    [...statement.matchAll(/'([\w.]+)' = '([^']*)'/g)].map(([, name = '', value = '']) => [name, value]),
  );
  const [, location = ''] = /LOCATION '([^']*)'/.exec(statement) ?? [];
  const projected = partitions.map(({ name, type }) => {
    const of = (word: string): string | undefined => properties.get(`projection.${name}.${word}`);
    const given = [
      ['type', of('type')?.toUpperCase(), written],
      ['values', of('values'), list],
      ['format', of('format'), written],
      ['range', of('range'), list],
      ['interval', of('interval'), String],
      ['interval_unit', of('interval.unit'), written],
    ] as const;
    const words = given.flatMap(([word, value, form]) =>
      value === undefined ? [] : [`partition_projection_${word} = ${form(value)}`],
    );
    return `"${name}" ${trinoType(type)} WITH (${words.join(', ')})`;
  });
  return `CREATE TABLE logs.cloudtrail (
    ${[...columns.map(({ name, type }) => `"${name}" ${trinoType(type)}`), ...projected].join(', ')}
  ) WITH (
    format = 'JSON', external_location = ${place(location)},
    partitioned_by = ${list(partitions.map(({ name }) => name).join(','))},
    partition_projection_enabled = ${properties.get('projection.enabled') ?? 'false'},
    partition_projection_location_template = ${place(properties.get('storage.location.template') ?? '')}
  )`;
}

/** Writes the log files below a folder to where the engine reads `s3://bucket/`, a record a line. */
function store(logs: string, bucket: string): void {
  for (const [path, records] of groupBy(recordsBelow(logs), (one) => one.path)) {
    const file = join(engine?.files ?? '', bucket, relative(logs, path));
    const lines = records.map((one) =>
      JSON.stringify(Object.fromEntries(Object.entries(rowOf(one)).filter(([name]) => !outside.has(name)))),
    );
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, gzipSync(lines.join('\n')));
  }
}

const range = ['--since', '2026-03-02', '--until', '2026-03-08'];

/** Reads the table by the statement of the product; the lines of its index. */
async function byAthena(db: string, until: string): Promise<readonly string[]> {
  const fake = await fakeAthena((statement) => engine?.rows(statement) ?? Promise.resolve([]), {
    table,
  });
  const days = ['--since', '2026-03-02', '--until', until];
  const ran = await live(
    ['ingest', 'athena://primary/logs/cloudtrail', '--db', db, ...days],
    fake.environment,
  );
  await fake.close();
  expect(ran).toMatchObject({ code: 0 });
  return dump(db);
}

describe.skipIf(engine === undefined)('Trino 476', () => {
  beforeAll(async () => {
    for (const catalogue of ['memory', 'hive'] as const)
      await engine?.rows('CREATE SCHEMA IF NOT EXISTS logs', catalogue);
  });

  test('the samples give the facts of the files', async () => {
    await fill('samples/trail');
    const before = engine?.cpu() ?? 0;
    expect(before).toBeGreaterThan(0);
    expect(await byAthena(join(folder, 'a.db'), '2026-03-08')).toEqual(dump(sampleIndex(folder)));
  });

  test('through a proxy that spoils a fifth of the calls: one line or the same index, and nothing lost', async () => {
    const fake = await fakeAthena((statement) => engine?.rows(statement) ?? Promise.resolve([]), { table });
    const proxies = [
      await badProxy(fake.environment['AWS_ENDPOINT_URL_ATHENA'] ?? ''),
      await badProxy(fake.environment['AWS_ENDPOINT_URL_S3'] ?? ''),
    ];
    const [athena, s3] = proxies.map(({ url }) => url);
    const db = join(folder, 'spoiled.db');
    let code: number | null = null;
    for (let tried = 0; tried < 20 && code !== 0; tried++) {
      const ran = await live(['ingest', 'athena://primary/logs/cloudtrail', '--db', db, ...range], {
        ...fake.environment,
        AWS_ENDPOINT_URL_ATHENA: athena ?? '',
        AWS_ENDPOINT_URL_S3: s3 ?? '',
      });
      ({ code } = ran);
      expect([0, 2, 3]).toContain(code);
      expect(ran.err.match(/^iam-minimize: /gm) ?? []).toHaveLength(code === 2 ? 1 : 0);
    }
    expect(proxies.map((proxy) => proxy.spoiled()).every((count) => count > 0)).toBe(true);
    await Promise.all([...proxies, fake].map((server) => server.close()));
    expect(code).toBe(0);
    expect(dump(db)).toEqual(dump(sampleIndex(folder)));
  });

  test('nasty records give the facts of the files', async () => {
    const logs = join(folder, 'nasty/AWSLogs/111122223333/CloudTrail/eu-west-1/2026/03/02');
    mkdirSync(logs, { recursive: true });
    const at = '2026-03-02T10:00:00Z';
    const requests: readonly object[] = [
      { bucketName: 'b', key: 'a/"quoted"/\\/x' },
      { bucketName: "o'hara", key: '{"key":"x"}' },
      { bucketName: 'b', key: 'ünïcödé/💾' },
      { bucketName: 'b', key: '' },
      { BucketName: 'b', Key: 'K', nested: [{ arn: 'arn:aws:s3:::x' }, [1, 2, [null]]] },
      { logStreamName: 'true', logGroupName: '/aws/x' },
      { key: 7, bucketName: null, flag: false },
      { tagSet: { items: [{ key: 'k', value: 'v' }] } },
    ];
    writeLog(
      join(logs, deliveredName('2026-03-02', 'nasty')),
      requests.map((requestParameters, i) =>
        event(`role-${i}`, i % 2 === 0 ? 'GetObject' : 'PutObject', at, {
          requestParameters,
          eventID: `e ${i}`,
        }),
      ),
    );
    await fill(join(folder, 'nasty'));
    const local = join(folder, 'nasty.db');
    expect(run(['ingest', join(folder, 'nasty'), '--db', local]).code).toBe(0);
    expect(await byAthena(join(folder, 'b.db'), '2026-03-02')).toEqual(dump(local));
  });

  test('the table that --create-table makes over files has the facts of the accounts and Regions that it names', async () => {
    store('samples/trail', 'example-trail');
    // Of a Region that the table does not name.
    const other = join(folder, 'other');
    const logs = join(other, 'AWSLogs/111122223333/CloudTrail/ap-south-1/2026/03/02');
    mkdirSync(logs, { recursive: true });
    writeLog(join(logs, deliveredName('2026-03-02', 'other')), [
      event('app', 'ListBucket', '2026-03-02T10:00:00Z', { eventID: 'other' }),
    ]);
    store(other, 'example-trail');
    const fake = await fakeAthena(
      (statement) =>
        engine?.rows(statement.startsWith('CREATE') ? inTrino(statement) : statement, 'hive') ??
        Promise.resolve([]),
    );
    const chosen = ['--accounts', '111122223333', '--regions', 'eu-west-1,us-east-1'];
    const made = ['--create-table', 's3://example-trail/AWSLogs/'];
    const db = join(folder, 'made.db');
    const ran = await live(
      ['ingest', 'athena://primary/logs/cloudtrail', '--db', db, ...range, ...chosen, ...made],
      fake.environment,
    );
    await fake.close();
    expect(ran).toMatchObject({ code: 0 });
    const local = join(folder, 'chosen.db');
    expect(run(['ingest', 'samples/trail', '--db', local, ...range, ...chosen]).code).toBe(0);
    expect(dump(db)).toEqual(dump(local));
    const paths = 'SELECT DISTINCT region AS place FROM logs.cloudtrail';
    expect((await engine?.rows(paths, 'hive'))?.map((row) => row['place'])).not.toContain('ap-south-1');
  });
});
