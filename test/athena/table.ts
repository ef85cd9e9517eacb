import type { DuckDBConnection } from '@duckdb/node-api';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isObject, type JsonObject } from '../../src/iam/json.ts';
import type { AthenaTable } from '../../src/ingest/athena-table.ts';

const issuer = 'STRUCT(type VARCHAR, principalid VARCHAR, arn VARCHAR, accountid VARCHAR, username VARCHAR)';
const columns: Readonly<Record<string, string>> = {
  eventversion: 'VARCHAR',
  useridentity: `STRUCT(type VARCHAR, principalid VARCHAR, arn VARCHAR, accountid VARCHAR, invokedby VARCHAR,
    accesskeyid VARCHAR, username VARCHAR, identityprovider VARCHAR, onbehalfof STRUCT(userid VARCHAR, identitystorearn VARCHAR),
    sessioncontext STRUCT(attributes STRUCT(mfaauthenticated VARCHAR, creationdate VARCHAR), sessionissuer ${issuer},
      sourceidentity VARCHAR))`,
  eventtime: 'VARCHAR',
  eventsource: 'VARCHAR',
  eventname: 'VARCHAR',
  awsregion: 'VARCHAR',
  sourceipaddress: 'VARCHAR',
  errorcode: 'VARCHAR',
  requestparameters: 'VARCHAR',
  responseelements: 'VARCHAR',
  additionaleventdata: 'VARCHAR',
  eventid: 'VARCHAR',
  readonly: 'VARCHAR',
  resources: 'STRUCT(arn VARCHAR, arnprefix VARCHAR, accountid VARCHAR, type VARCHAR)[]',
  eventtype: 'VARCHAR',
  recipientaccountid: 'VARCHAR',
  sharedeventid: 'VARCHAR',
  vpcendpointid: 'VARCHAR',
  eventcategory: 'VARCHAR',
  managementevent: 'VARCHAR',
  tlsdetails: 'STRUCT(tlsversion VARCHAR, ciphersuite VARCHAR, clientprovidedhostheader VARCHAR)',
  timestamp: 'VARCHAR',
  $path: 'VARCHAR',
};

/** A record in the log file at `path` (`s3://…/2026/03/02/…json.gz`). */
export interface StoredRecord {
  readonly path: string;
  readonly record: JsonObject;
}

/** Fills a table as Athena's SerDe shows log files: names in lower case, request and answer as JSON text. */
export async function fillTable(
  connection: DuckDBConnection,
  table: string,
  stored: readonly StoredRecord[],
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'athena-table-'));
  const file = join(folder, 'rows.json');
  writeFileSync(file, stored.map((one) => JSON.stringify(rowOf(one))).join('\n'));
  const types = Object.entries(columns).map(([name, type]) => `'${name}': '${type}'`);
  await connection.run(`CREATE TABLE ${table} AS SELECT * FROM read_json('${file}', format='newline_delimited',
    maximum_object_size=100000000, columns={${types.join(', ')}})`);
  rmSync(folder, { recursive: true });
}

function rowOf({ path, record }: StoredRecord): JsonObject {
  const row: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(record)) {
    const column = name.toLowerCase();
    if (columns[column] === undefined) continue;
    row[column] =
      columns[column] !== 'VARCHAR'
        ? lowered(column === 'resources' && isObject(value) ? [value] : value)
        : value === null || typeof value === 'string'
          ? value
          : JSON.stringify(value);
  }
  const day = /\/(\d{4}\/\d{2}\/\d{2})\/[^/]*$/.exec(path)?.[1];
  return { ...row, timestamp: day, $path: path };
}

function lowered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lowered);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name.toLowerCase(), lowered(member)]),
  );
}

const glue = (type: string): string =>
  type
    .replace(/^STRUCT(.*)\[\]$/s, 'ARRAY<STRUCT$1>')
    .replaceAll('(', '<')
    .replaceAll(')', '>')
    .replace(/(\w+) (?=VARCHAR|STRUCT)/g, '$1:')
    .replaceAll('VARCHAR', 'string')
    .toLowerCase();

/** The table as the catalogue describes it. */
export const ownTable = (database: string, table: string): AthenaTable => ({
  database,
  table,
  columns: Object.entries(columns)
    .filter(([name]) => name !== 'timestamp' && name !== '$path')
    .map(([name, type]) => ({ name, type: glue(type) })),
  partitions: [{ name: 'timestamp', type: 'string' }],
  parameters: { 'projection.timestamp.format': 'yyyy/MM/dd' },
});
