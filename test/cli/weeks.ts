import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { roleSession } from '../cloudtrail/role-session.ts';

export const account = '111122223333';

/** One call of a role on each of some days, counted from March 2026 on: 32 is the first of April. */
export interface Calls {
  readonly role: string;
  readonly days: readonly number[];
  /** `ssm:GetParameter`: source and name of the event. */
  readonly call: string;
  readonly params?: object;
  /** The calls were refused. */
  readonly refused?: true;
}

/** The days from one to another, counted from March 2026 on. */
export const days = (first: number, last: number): readonly number[] =>
  Array.from({ length: last - first + 1 }, (_, i) => first + i);

/** Delivers a log file of us-east-1 for each day, with the calls made on it, as CloudTrail names them. */
export function deliver(
  bucket: string,
  on: readonly number[],
  calls: readonly Calls[],
  owner = account,
): void {
  for (const day of on) {
    const date = new Date(Date.UTC(2026, 2, day)).toISOString().slice(0, 10);
    const folder = join(bucket, 'AWSLogs', owner, 'CloudTrail/us-east-1', ...date.split('-'));
    mkdirSync(folder, { recursive: true });
    const records = calls
      .filter((one) => one.days.includes(day))
      .map((one, i) => record(one, date, i, owner));
    const name = `${owner}_CloudTrail_us-east-1_${date.replaceAll('-', '')}T2355Z_abcdefgh${date.slice(8)}.json.gz`;
    writeFileSync(join(folder, name), gzipSync(JSON.stringify({ Records: records })));
  }
}

function record({ role, call, params, refused }: Calls, date: string, i: number, owner: string): object {
  const [source, name] = call.split(':');
  return {
    eventVersion: '1.11',
    userIdentity: roleSession(owner, role),
    eventTime: `${date}T10:00:00Z`,
    eventSource: `${String(source)}.amazonaws.com`,
    eventName: name,
    awsRegion: 'us-east-1',
    sourceIPAddress: '192.0.2.1',
    userAgent: 'test',
    requestParameters: params ?? null,
    responseElements: null,
    ...(refused ? { errorCode: 'AccessDenied', errorMessage: 'is not authorized' } : {}),
    eventID: eventID(`${owner === account ? '' : owner}${role} ${call} ${date} ${i}`),
    readOnly: /^(?:Describe|Get|List)/.test(String(name)),
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: owner,
    eventCategory: 'Management',
  };
}

/** A UUID that is the same in every run. */
function eventID(of: string): string {
  const hex = createHash('sha256').update(of).digest('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20, 32)].join(
    '-',
  );
}

/** The policies that roles hold in the live account, in place of those before. */
export function live(folder: string, roles: Readonly<Record<string, readonly object[]>>): void {
  rmSync(folder, { recursive: true, force: true });
  for (const [role, statements] of Object.entries(roles)) {
    const place = join(folder, account, 'role', role);
    mkdirSync(place, { recursive: true });
    writeFileSync(
      join(place, 'policy.json'),
      JSON.stringify({ Version: '2012-10-17', Statement: statements }),
    );
  }
}

/** Runs git in a folder, as nobody in particular. */
export const git = (folder: string, ...args: readonly string[]): string =>
  execFileSync('git', ['-c', 'user.name=test', '-c', 'user.email=test@example.com', ...args], {
    cwd: folder,
    encoding: 'utf8',
  });
