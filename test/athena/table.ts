import type { DuckDBConnection } from '@duckdb/node-api';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { isObject, type JsonObject } from '../../src/iam/json.ts';
import { createdTable } from '../../src/ingest/athena/table-creation.ts';
import type { AthenaTable } from '../../src/aws/athena.ts';

/** The table that `--create-table` makes. */
export const ownTable = (database: string, table: string): AthenaTable => createdTable({ database, table });

/** `struct<a:string>` as DuckDB writes it. */
const duckType = (type: string): string =>
  type
    .replace(/^array<(.*)>$/, '$1[]')
    .replaceAll('<', '(')
    .replaceAll('>', ')')
    .replaceAll(/(\w+):/g, '$1 ')
    .replaceAll('string', 'VARCHAR');

const columns: Readonly<Record<string, string>> = {
  ...Object.fromEntries(ownTable('', '').columns.map(({ name, type }) => [name, duckType(type)] as const)),
  account: 'VARCHAR',
  region: 'VARCHAR',
  timestamp: 'VARCHAR',
  $path: 'VARCHAR',
};

/** A record in the log file at `path` (`s3://…/2026/03/02/…json.gz`). */
export interface StoredRecord {
  readonly path: string;
  readonly record: JsonObject;
  /** Cells as the engine gets them, where the text is not as `JSON.stringify` writes it. */
  readonly cells?: JsonObject;
}

/** The records of the log files below a folder. */
export function recordsBelow(folder: string): StoredRecord[] {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  return entries.flatMap((entry) => {
    const path = join(entry.parentPath, entry.name);
    const bytes = readFileSync(path);
    const whole: unknown = JSON.parse((path.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString());
    const records: unknown[] = isObject(whole) && Array.isArray(whole['Records']) ? whole['Records'] : [];
    return records.filter(isObject).map((record) => ({ path, record }));
  });
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

/** A record as a SerDe shows it. */
export function rowOf({ path, record, cells }: StoredRecord): JsonObject {
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
  const [, account, region, timestamp] =
    /\/(\d{12})\/CloudTrail\/([^/]+)\/(\d{4}\/\d{2}\/\d{2})\/[^/]*$/.exec(path) ?? [];
  return { ...row, ...cells, account, region, timestamp, $path: path };
}

function lowered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(lowered);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => [name.toLowerCase(), lowered(member)]),
  );
}
