import { HiveSQL, TrinoSQL } from 'dt-sql-parser';
import { expect, test } from 'vitest';
import { createStatement } from '../../src/ingest/athena/table-creation.ts';
import { factsStatement, missingColumns } from '../../src/ingest/athena/table.ts';
import { ownTable } from './table.ts';

test('Trino reads the statement that folds', () => {
  const statement = factsStatement(ownTable('logs', 'cloudtrail'), {
    first: 20_000,
    last: 20_001,
    accounts: ['111122223333'],
    regions: ['eu-west-1'],
  });
  expect(new TrinoSQL().validate(statement)).toEqual([]);
  // https://docs.aws.amazon.com/athena/latest/ug/service-limits.html
  expect(Buffer.byteLength(statement)).toBeLessThan(262_144);
});

test('Hive reads the statement that makes a table, with all that the other reads', () => {
  const statement = createStatement({
    database: 'logs',
    table: 'cloudtrail',
    location: 's3://example-trail/AWSLogs/o-exampleorgid',
    accounts: ['111122223333', '444455556666'],
    regions: ['eu-west-1'],
  });
  expect(new HiveSQL().validate(statement)).toEqual([]);
  expect(statement).toContain(
    "'s3://example-trail/AWSLogs/o-exampleorgid/${account}/CloudTrail/${region}/${timestamp}'",
  );
  expect(missingColumns(ownTable('logs', 'cloudtrail'))).toBe('');
});
