import { InputError } from '../../iam/input-error.ts';
import type { AthenaTable } from '../../aws/athena.ts';
import { sql } from '../../store/sql.ts';
import { filled, literal, membersOf } from './table.ts';

/** A table to be made over the logs of a trail. */
interface NewTable {
  readonly database: string;
  readonly table: string;
  /** `s3://bucket/prefix/` with the folders of accounts in it: `…/AWSLogs/`, of an organization `…/AWSLogs/o-ID/`. */
  readonly location: string;
  /** The partitions that it has. */
  readonly accounts: readonly string[];
  readonly regions: readonly string[];
}

/** Characters that neither SQL nor property files read as anything else. */
const plainLocation = /^s3:\/\/[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]\/(?:[A-Za-z0-9!_.*()+=@-]+\/)*$/;

/** Makes a table of accounts, Regions and days. @throws InputError for a location that is none, or without accounts and Regions */
export function createStatement({ database, table, location, accounts, regions }: NewTable): string {
  const folder = location.endsWith('/') ? location : `${location}/`;
  if (!plainLocation.test(folder))
    throw new InputError(
      `--create-table ${location}: write the folder that holds the accounts, as s3://bucket/AWSLogs/`,
    );
  if (accounts.length === 0 || regions.length === 0)
    throw new InputError('--create-table: name what the table holds with --accounts and --regions');
  const statement = filled('athena/create-table', {
    table: `\`${database}\`.\`${table}\``,
    location: literal(folder),
    accounts: literal(accounts.join(',')),
    regions: literal(regions.join(',')),
    // Logs are at most as old as CloudTrail.
    range: literal('2013/11/01,NOW'),
    template: literal(`${folder}\${account}/CloudTrail/\${region}/\${timestamp}`),
  });
  return statement.replaceAll(/^--.*\n/gm, '');
}

/** The table that the statement makes, as the catalogue would describe it. */
export function createdTable({ database, table }: Pick<NewTable, 'database' | 'table'>): AthenaTable {
  const [, columns = ''] = /\{\{table\}\} \((.*?)\n\)/s.exec(sql('athena/create-table')) ?? [];
  const types = membersOf(`struct<${columns.replaceAll(/^ {2}(\w+) /gm, '$1:')}>`);
  return {
    database,
    table,
    columns: [...types].map(([name, type]) => ({ name, type })),
    partitions: ['account', 'region', 'timestamp'].map((name) => ({ name, type: 'string' })),
    parameters: { 'projection.timestamp.format': 'yyyy/MM/dd' },
  };
}
