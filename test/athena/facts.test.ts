import type { DuckDBConnection } from '@duckdb/node-api';
import Database from 'better-sqlite3';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { callOf } from '../../src/cloudtrail/call.ts';
import { callsOfRow, factRowOf, type FactRow } from '../../src/cloudtrail/fact-row.ts';
import { parseRecord } from '../../src/cloudtrail/record.ts';
import { factsStatement } from '../../src/ingest/athena/table.ts';
import { Batch } from '../../src/store/batch.ts';
import { IndexWriter } from '../../src/store/writer.ts';
import { scratch } from '../ingest/trail.ts';
import { sharedPath } from '../shared.ts';
import { duckdb, textRows } from './duckdb.ts';
import { fillTable, ownTable, recordsBelow, type StoredRecord } from './table.ts';

async function rowsOf(connection: DuckDBConnection): Promise<FactRow[]> {
  const statement = factsStatement(ownTable('main', 'events'), {
    first: 0,
    last: 40_000,
    accounts: [],
    regions: [],
  }).replace(/"timestamp" BETWEEN [^\n]*/, 'true');
  const rows = await textRows(connection, statement);
  return rows.map(factRowOf);
}

/** What an index made of a batch says, without what depends on the order of arrival. */
function contentOf(fill: (batch: Batch) => void): Record<string, unknown[]> {
  const file = join(scratch(), 'index.db');
  const index = IndexWriter.open(file);
  const batch = new Batch();
  batch.source('', 'one');
  fill(batch);
  index.commit(batch);
  index.close();
  const db = new Database(file);
  const all = (statement: string): unknown[] =>
    db
      .prepare(statement)
      .all()
      .map((row) => JSON.stringify(row))
      .sort();
  const whole = `JOIN principal p ON p.id = principal_id JOIN operation o ON o.id = operation_id
    JOIN context c ON c.id = context_id JOIN target t ON t.id = target_id`;
  const who = `p.kind, p.account, p.name, p.arn, p.unique_id, o.event_source, o.event_name, o.event_type, o.category, o.read_only,
    c.region, c.account AS recipient, c.error_code, c.invoked_by, c.session, c.source_identity, t.body`;
  const content = {
    facts: all(`SELECT ${who}, month, days, calls, sample_time, sample_event FROM fact ${whole}`),
    named: all(
      `SELECT ${who}, day, l.names, calls, sample_time, sample_event FROM named_fact ${whole} JOIN leaf l ON l.id = leaf_id`,
    ),
    facets:
      all(`SELECT p.kind, p.account, p.name, p.arn, p.unique_id, f.event_source, f.kind AS facet, value, month, days
      FROM facet f JOIN principal p ON p.id = principal_id`),
    coverage: all('SELECT * FROM coverage'),
  };
  db.close();
  return content;
}

/** What one list has and the other has not; the first few, so that a failure can be read. */
const without = (list: unknown[] = [], other: unknown[] = []): unknown[] => {
  const known = new Set(other);
  return list.filter((row) => !known.has(row)).slice(0, 5);
};

interface BothWays {
  readonly rows: readonly FactRow[];
  /** Rows of the index that only one way gives. */
  readonly differences: readonly unknown[];
  /** Events left out on the way through Athena, less those left out locally. */
  readonly skipped: number;
}

async function bothWays(stored: readonly StoredRecord[]): Promise<BothWays> {
  const connection = await duckdb();
  await fillTable(connection, 'events', stored);
  const rows = await rowsOf(connection);
  let skipped = 0;
  const local = contentOf((batch) => {
    for (const { record } of stored) {
      const parsed = parseRecord(record);
      if (parsed.ok) batch.add(callOf(parsed.value), 0, 1);
      else skipped--;
    }
  });
  const athena = contentOf((batch) => {
    for (const row of rows) {
      const found = callsOfRow(row);
      if (found.ok) found.calls.forEach((call, n) => batch.add(call, 0, n === 0 ? Number(row.calls) : 0));
      else skipped += Number(row.calls);
    }
  });
  const differences = Object.entries(local).flatMap(([part, found]) => [
    ...without(found, athena[part]),
    ...without(athena[part], found),
  ]);
  return { rows, differences, skipped };
}

test('the sample trail', async () => {
  const stored = recordsBelow('samples/trail');
  const { rows, differences, skipped } = await bothWays(stored);
  expect(differences).toEqual([]);
  expect(skipped).toBe(0);
  expect(rows.length).toBeLessThan(stored.length);
});

const shared = sharedPath('cloudtrail', 'logs');

test.skipIf(shared === undefined)('real logs', { timeout: 300_000 }, async () => {
  const stored = recordsBelow(shared ?? '');
  const { rows, differences, skipped } = await bothWays(stored);
  expect(differences).toEqual([]);
  expect(skipped).toBe(0);
  expect(rows.length).toBeLessThan(stored.length / 2);
});

/** Names that the reduction treats each in its own way, and values of every kind. */
const memberName = fc.constantFrom(
  '',
  ...(
    'bucketName key Key keys logStreamName secretString password tags tagSet tag content items resourceType statement statements ' +
    'Statement requestItems policyDocument environment functionArn credentials tokenArn acl dryRun description x-amz-copy-source ' +
    'maxResults omitted instanceId roles a"b naïveName x\\y definition instancesSet __proto__ TagSpecification'
  ).split(' '),
);
const scalar = fc.oneof(
  fc.constantFrom(
    '',
    'a',
    'in/2026/x',
    'arn:aws:s3:::b/k',
    'say "hi", {it} [is]: \\',
    'line\nline',
    '/b/k?versionId=1',
    'ünï',
  ),
  fc.constantFrom(
    'SELECT * FROM "orders"."by-day" WHERE pw = \'x\'',
    "update a.b set c = 'from d'",
    ' Insert\tinto  T value',
  ),
  fc.constantFrom('x'.repeat(2049), 'arn:aws:iam::1:role/' + 'y'.repeat(3000)),
  fc.constantFrom(0, 7, 1.5, true, false, null),
  fc.string({ maxLength: 12 }),
);
const { value: anyValue } = fc.letrec((tie) => ({
  value: fc.oneof({ maxDepth: 5, withCrossShrink: true }, scalar, tie('object'), tie('list')),
  object: fc.dictionary(memberName, tie('value'), { maxKeys: 5 }),
  list: fc.oneof(
    fc.array(tie('value'), { maxLength: 4 }),
    fc.constant(Array.from({ length: 101 }, () => 'i-1')),
  ),
}));
const members = fc.dictionary(memberName, anyValue, { maxKeys: 6 });

const callWith = (n: number, more: Record<string, unknown>): StoredRecord => ({
  path: 's3://logs/AWSLogs/111122223333/CloudTrail/eu-west-1/2026/03/02/111122223333_CloudTrail_eu-west-1_20260302T0005Z_a.json.gz',
  record: {
    eventTime: `2026-03-02T00:${String(Math.floor(n / 60) % 60).padStart(2, '0')}:${String(n % 60).padStart(2, '0')}Z`,
    eventID: `id-${n}`,
    eventSource: 'x.amazonaws.com',
    eventName: 'Do',
    awsRegion: 'eu-west-1',
    userIdentity: { type: 'IAMUser', arn: 'arn:aws:iam::111122223333:user/u', accountId: '111122223333' },
    ...more,
  },
});

test('values that only look like names and statements', async () => {
  const bodies = [
    { bucketName: 'b', key: false, filter: { key: 'a' } },
    { logStreamName: true, filter: { logStreamName: 'a' } },
    { statements: [{ statement: 5, Statement: 'a' }, 7, true, { Statement: 'select * from t' }] },
    {
      statements: { content: ['arn:aws:s3:::b/k', 'a', 7] },
      statement: { tag: 1, content: 'arn:aws:s3:::b' },
    },
  ];
  const { differences } = await bothWays(
    bodies.map((requestParameters, n) => callWith(n, { eventName: `Do${n}`, requestParameters })),
  );
  expect(differences).toEqual([]);
});

test('names with escapes are judged as what they stand for', async () => {
  const texts = [
    String.raw`{"b\u0075cketName":"b","list\u002dtype":"2"}`,
    String.raw`{"\u0066unctionName":{"a\"rn":"x","key\"x":{"name":"n"}},"pass\u0077ord":"hunter2"}`,
    String.raw`{"k\u0065y":"a/b","bucketName":"b"}`,
  ];
  const { rows, differences } = await bothWays(
    texts.map((text, n) => ({
      ...callWith(n, { eventName: `Do${n}`, requestParameters: JSON.parse(text) as unknown }),
      cells: { requestparameters: text },
    })),
  );
  expect(differences).toEqual([]);
  expect(JSON.stringify(rows)).not.toContain('hunter2');
});

test('a request or answer that is too long is hidden and counted', async () => {
  const long = Array.from({ length: 100 }, (_, n) => `${n}${'x'.repeat(3000)}`);
  const { rows } = await bothWays([
    callWith(1, { requestParameters: { bucketName: 'b', names: long } }),
    callWith(2, { requestParameters: { bucketName: 'b' }, responseElements: { names: long } }),
    callWith(3, { requestParameters: { bucketName: 'b' } }),
  ]);
  const read = rows.map(callsOfRow).flatMap((found) => (found.ok ? [found] : []));
  expect(read.filter(({ isTooLong }) => isTooLong)).toHaveLength(2);
  expect(read).toHaveLength(3);
  expect(read.map(({ calls }) => calls[0]?.target.request)).toContainEqual({ omitted: true });
});

test('secrets, bodies and free text stay in Athena; events that are no calls are counted', async () => {
  const members = {
    bucketName: 'b',
    key: 'null',
    secretString: 'hunter2',
    policyDocument: '{"hunter2":1}',
    description: 'hunter2',
    environment: { variables: { A: 'hunter2' } },
    statement: "SELECT * FROM t WHERE a = 'hunter2'",
    tagSet: [{ key: 'hunter2', value: 'hunter2' }],
    item: { attribute: { s: 'hunter2' } },
  };
  const more = { responseElements: members, errorMessage: 'hunter2', userAgent: 'hunter2' };
  const { rows, differences, skipped } = await bothWays([
    callWith(1, { requestParameters: members, ...more }),
    callWith(2, { eventName: '' }),
    callWith(3, { eventTime: 'hunter2' }),
  ]);
  expect(differences).toEqual([]);
  expect(skipped).toBe(0);
  expect(rows.filter(({ first_event: event }) => !event.startsWith('["hunter2'))).toHaveLength(2);
  expect(JSON.stringify(rows.map(({ fact, name }) => [fact, name]))).not.toContain('hunter2');
});

test('law: any request and answer', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(members, members), { minLength: 200, maxLength: 200 }),
      async (bodies) => {
        const { differences } = await bothWays(
          bodies.map(([requestParameters, responseElements], n) =>
            callWith(n, { eventName: `Do${n}`, requestParameters, responseElements }),
          ),
        );
        expect(differences).toEqual([]);
      },
    ),
    { numRuns: 5, endOnFailure: true },
  );
});

test('law: any names', { timeout: 120_000 }, async () => {
  const segment = fc.constantFrom('', 'a', 'b', 'c.json', '2026', 'ü', 'x y', '*');
  const name = fc.array(segment, { minLength: 1, maxLength: 6 }).map((parts) => parts.join('/'));
  await fc.assert(
    fc.asyncProperty(fc.array(name, { minLength: 0, maxLength: 600 }), async (keys) => {
      const { differences } = await bothWays(
        keys.map((key, n) =>
          callWith(n, {
            requestParameters: { bucketName: 'b', key },
            resources: [
              { ARN: `arn:aws:s3:::b/${key}`, type: 'AWS::S3::Object' },
              { ARN: 'arn:aws:s3:::b', type: 'AWS::S3::Bucket' },
            ],
            vpcEndpointId: n % 7 === 0 ? 'vpce-1' : 'vpce-2',
            sourceIPAddress: `10.0.${n % 3}.${n % 200}`,
          }),
        ),
      );
      expect(differences).toEqual([]);
    }),
    { numRuns: 8, endOnFailure: true },
  );
});

test('law: any session name', { timeout: 60_000 }, async () => {
  const part = fc.constantFrom(
    'i-',
    '0abc12de34f567890',
    'deadbeef',
    '12345678',
    '-',
    '.',
    'a1b2c3d4-0000-1111-2222-333344445555',
    'alice',
    '999999',
    '@',
    'é',
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(part, { maxLength: 8 }), { minLength: 100, maxLength: 100 }),
      async (sessions) => {
        const { differences } = await bothWays(
          sessions.map((parts, n) =>
            callWith(n, {
              userIdentity: {
                type: 'AssumedRole',
                principalId: `AROAX:${parts.join('')}`,
                ...(n % 3 === 0 ? {} : { arn: `arn:aws:sts::111122223333:assumed-role/r/${parts.join('')}` }),
                sessionContext: {
                  sessionIssuer: {
                    type: 'Role',
                    arn: 'arn:aws:iam::111122223333:role/p/r',
                    principalId: 'AROAX',
                  },
                },
              },
            }),
          ),
        );
        expect(differences).toEqual([]);
      },
    ),
    { numRuns: 5, endOnFailure: true },
  );
});
