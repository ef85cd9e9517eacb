import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { isObject } from '../../src/iam/json.ts';
import { allow, attached, details, managed, role } from '../current/details-fixture.ts';
import { asPermissionSet, event, writeLog } from '../ingest/trail.ts';
import { run, temporaryFolder, type Ran } from './cli.ts';

const folder = temporaryFolder();
const db = join(folder, 'index.db');
const home = '111122223333';
const other = '444455556666';
const reserved = 'AWSReservedSSO_Ops_0123456789abcdef';

/** Ten days of a role and a permission set at home, two of the permission set in the other account. */
const days = Array.from({ length: 10 }, (_, i) => `2026-03-${String(i + 1).padStart(2, '0')}T12:00:00Z`);
const asOps = (owner: string, time: string): object => asPermissionSet('Ops', owner, 'ListBuckets', time);

beforeAll(() => {
  const records = [
    ...days.flatMap((day) => [event('app', 'ListObjects', day), asOps(home, day)]),
    ...days.slice(0, 4).map((day) => asOps(other, day)),
  ];
  writeLog(join(folder, 'log.json'), records);
  const { code, err } = run(['ingest', join(folder, 'log.json'), '--db', db]);
  if (code !== 0) throw new Error(err);
});

function generate(principal: string, about: object, ...more: readonly string[]): Ran {
  const current = join(folder, 'details.json');
  writeFileSync(current, JSON.stringify(about));
  return run(['generate', '--db', db, '--principal', principal, '--current', current, ...more]);
}

test('Regions left out by --regions stay until the rest is read', () => {
  const place = join(folder, 'chosen');
  for (const region of ['us-east-1', 'eu-west-1'])
    for (const day of days)
      writeLog(
        join(place, `${home}_CloudTrail_${region}_${day.slice(0, 10).replaceAll('-', '')}T1205Z_x.json.gz`),
        [event('app', 'ListBuckets', day, { awsRegion: region })],
      );
  const held = join(folder, 'held.json');
  writeFileSync(
    held,
    JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: ['s3:ListAllMyBuckets', 'sqs:DeleteQueue'], Resource: '*' }],
    }),
  );
  const chosen = join(folder, 'chosen.db');
  const ask = (...flags: readonly string[]): unknown => {
    const read = run(['ingest', place, '--db', chosen, ...flags]);
    if (read.code !== 0) throw new Error(read.err);
    const asked = ['--principal', 'app', '--current', held, '--min-window', '8d', '--json'];
    const json: unknown = JSON.parse(run(['generate', '--db', chosen, ...asked]).out);
    return isObject(json) ? json['unobservable'] : undefined;
  };
  expect(ask('--regions', 'us-east-1')).toContainEqual(
    expect.objectContaining({ action: 'sqs:DeleteQueue', reason: 'gap', except: ['us-east-1'] }),
  );
  expect(ask()).toEqual([]);
});

describe('--min-age', () => {
  const policy = `arn:aws:iam::${home}:policy/app`;
  const made = (time: string): object =>
    details({
      roles: [role('app', attached(policy))],
      policies: [managed(policy, allow('s3:ListBucket', 'sqs:DeleteQueue'), time)],
    });
  const flags = ['--min-window', '8d'];

  test.each([
    ['2026-03-05T00:00:00+00:00', '6d'],
    ['2026-03-20T00:00:00Z', '1d'],
  ])('what a version of %s grants stays for %s', (time, age) => {
    const { code, out } = generate('app', made(time), ...flags, '--min-age', age);
    expect(code).toBe(0);
    expect(out).not.toContain('- sqs:DeleteQueue');
    expect(out).toContain(
      '= its policy version is younger than --min-age: s3:ListBucket, sqs:DeleteQueue on *',
    );
  });

  test.each([
    ['2026-03-05T00:00:00+00:00', ['--min-age', '5d']],
    ['2026-03-05T00:00:00+00:00', ['--min-age', '6d', '--unobservable', 'drop']],
    ['2026-03-20T00:00:00+00:00', []],
    ['yesterday', ['--min-age', '5d']],
  ])('a version of %s goes with %j', (time, more) => {
    expect(generate('app', made(time), ...flags, ...more).out).toMatch(/- sqs:DeleteQueue/);
  });
});

describe('a permission set', () => {
  const holding = {
    RolePolicyList: [{ PolicyName: 'in', PolicyDocument: allow('s3:ListAllMyBuckets', 'sqs:DeleteQueue') }],
  };
  const inAccounts = (...accounts: readonly string[]): object =>
    details({
      roles: accounts.map((account) => role(reserved, holding, '/aws-reserved/sso.amazonaws.com/', account)),
    });

  test('keeps all while an account it is in use in is not covered', () => {
    const { code, out } = generate('Ops', inAccounts(home, other, '777788889999'), '--min-window', '5d');
    expect(code).toBe(0);
    expect(out.replace(/\s+/g, ' ')).toContain(
      `in use in ${other} (4 covered days), 777788889999, of which the index holds too little: nothing is removed; ingest the logs of these accounts`,
    );
    expect(out).not.toContain('- sqs:DeleteQueue');
  });

  test('loses what was used in none of them when all are covered', () => {
    const { code, out } = generate('Ops', inAccounts(home, other), '--min-window', '2d');
    expect(code).toBe(0);
    expect(out).not.toContain('in use in');
    expect(out).toContain('- sqs:DeleteQueue');
  });
});
