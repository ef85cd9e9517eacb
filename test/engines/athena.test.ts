import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createdTable } from '../../src/ingest/athena/table-creation.ts';
import { fakeAthena } from '../aws/athena-fake.ts';
import { live } from '../aws/live.ts';
import { recordsBelow, rowOf } from '../athena/table.ts';
import { run, sampleIndex, temporaryFolder } from '../cli/cli.ts';
import { event, dump, writeLog, deliveredName } from '../ingest/trail.ts';
import { available } from './engine.ts';
import { trino } from './trino.ts';

const engine = await available(trino);
afterAll(() => engine?.close());

const folder = temporaryFolder();
const { columns, partitions } = createdTable({ database: 'logs', table: 'cloudtrail' });

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

/** Reads the table by the statement of the product; the lines of its index. */
async function byAthena(db: string, until: string): Promise<readonly string[]> {
  const fake = await fakeAthena((statement) => engine?.rows(statement) ?? Promise.resolve([]), {
    table: {
      database: 'logs',
      table: 'cloudtrail',
      columns,
      partitions,
      parameters: createdTable({ database: 'logs', table: 'cloudtrail' }).parameters,
    },
  });
  const range = ['--since', '2026-03-02', '--until', until];
  const ran = await live(
    ['ingest', 'athena://primary/logs/cloudtrail', '--db', db, ...range],
    fake.environment,
  );
  await fake.close();
  expect(ran).toMatchObject({ code: 0 });
  return dump(db);
}

describe.skipIf(engine === undefined)('Trino 476', () => {
  beforeAll(async () => {
    await engine?.rows('CREATE SCHEMA IF NOT EXISTS logs');
  });

  test('the samples give the facts of the files', async () => {
    await fill('samples/trail');
    const before = engine?.cpu() ?? 0;
    expect(before).toBeGreaterThan(0);
    expect(await byAthena(join(folder, 'a.db'), '2026-03-08')).toEqual(dump(sampleIndex(folder)));
  });

  test('nasty records give the facts of the files', async () => {
    const logs = join(folder, 'nasty/AWSLogs/111122223333/CloudTrail/eu-west-1/2026/03/02');
    const { mkdirSync } = await import('node:fs');
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
});
