import Database from 'better-sqlite3';
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { onTestFinished } from 'vitest';
import { rmSync } from 'node:fs';
import { ingest, type IngestReport } from '../../src/ingest/ingest.ts';
import { localObjects } from '../../src/ingest/objects/local.ts';
import { IndexWriter } from '../../src/store/writer.ts';
import { roleSession } from '../cloudtrail/role-session.ts';

/** All that comes. */
export async function gathered<T>(coming: AsyncIterable<T> | Iterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const one of coming) all.push(one);
  return all;
}

/** A folder for one test. */
export function scratch(): string {
  const folder = mkdtempSync(join(tmpdir(), 'iam-minimize-test-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

export const account = '111122223333';

/** An event as CloudTrail writes it; `members` replace or add. */
export function event(
  role: string,
  eventName: string,
  eventTime: string,
  members: Readonly<Record<string, unknown>> = {},
): object {
  return {
    eventVersion: '1.09',
    userIdentity: roleSession(account, role, { mfaAuthenticated: 'false' }),
    eventTime,
    eventSource: 's3.amazonaws.com',
    eventName,
    awsRegion: 'eu-west-1',
    sourceIPAddress: '192.0.2.7',
    requestParameters: { bucketName: 'bucket' },
    responseElements: null,
    readOnly: true,
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: account,
    eventCategory: 'Management',
    ...members,
  };
}

/** The same of a session of a permission set, in the account where it was made. */
export function asPermissionSet(name: string, owner: string, eventName: string, eventTime: string): object {
  const role = `AWSReservedSSO_${name}_0123456789abcdef`;
  return event(name, eventName, eventTime, {
    recipientAccountId: owner,
    requestParameters: null,
    userIdentity: {
      type: 'AssumedRole',
      principalId: `AROA${name.toUpperCase()}:ana`,
      arn: `arn:aws:sts::${owner}:assumed-role/${role}/ana`,
      accountId: owner,
      sessionContext: {
        sessionIssuer: {
          type: 'Role',
          principalId: `AROA${name.toUpperCase()}`,
          arn: `arn:aws:iam::${owner}:role/aws-reserved/sso.amazonaws.com/${role}`,
          accountId: owner,
          userName: role,
        },
      },
    },
  });
}

/** A data event on an object. */
export const objectEvent = (
  role: string,
  eventTime: string,
  key: string,
  members: Readonly<Record<string, unknown>> = {},
): object =>
  event(role, 'GetObject', eventTime, {
    requestParameters: { bucketName: 'bucket', key },
    managementEvent: false,
    eventCategory: 'Data',
    ...members,
  });

/** Writes a log file; packed if its name ends in `.gz`. */
export function writeLog(file: string, records: readonly unknown[]): void {
  mkdirSync(dirname(file), { recursive: true });
  const text = JSON.stringify({ Records: records });
  writeFileSync(file, file.endsWith('.gz') ? gzipSync(text) : text);
}

/** The name a delivered file of this day has. */
export const deliveredName = (day: string, tail: string): string =>
  `${account}_CloudTrail_eu-west-1_${day.replaceAll('-', '')}T0000Z_${tail}.json.gz`;

/**
 * Reads files or folders into an index, in this order.
 * @param pace milliseconds that pass whenever the time is asked for: 0 commits once, 1000 after each object
 */
export async function load(db: string, sources: readonly string[], pace = 0): Promise<IngestReport> {
  async function* objects(): ReturnType<typeof localObjects> {
    for (const source of sources) yield* localObjects(source);
  }
  const index = IndexWriter.open(db);
  let now = 0;
  try {
    return await ingest(objects(), index, { concurrency: 3, clock: () => (now += pace) });
  } finally {
    index.close();
  }
}

const facts = `
  SELECT p.kind, p.account, p.name, p.arn, p.unique_id, o.event_source, o.event_name, o.event_type, o.category, o.read_only,
    c.region, c.account AS owner, c.error_code, c.invoked_by, c.session, c.source_identity, t.body`;
const dimensions = `
  JOIN principal p ON p.id = f.principal_id JOIN operation o ON o.id = f.operation_id
  JOIN context c ON c.id = f.context_id JOIN target t ON t.id = f.target_id`;

/** Everything an index says about who did what when, as sorted lines; without counts of calls and samples. */
export function dump(file: string): string[] {
  const db = new Database(file, { readonly: true });
  try {
    const rows = [
      `${facts}, f.month, f.days FROM fact f ${dimensions}`,
      `${facts}, f.day, l.names FROM named_fact f ${dimensions} JOIN leaf l ON l.id = f.leaf_id`,
      'SELECT account, region, category, event_source, detail, month, days FROM coverage',
      `SELECT p.arn, f.event_source, f.kind, f.value, f.month, f.days FROM facet f JOIN principal p ON p.id = f.principal_id`,
    ].flatMap((query) => db.prepare(query).all());
    return rows.map((row) => JSON.stringify(row)).sort();
  } finally {
    db.close();
  }
}
