import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { details, role } from '../current/details-fixture.ts';
import { event, writeLog } from '../ingest/trail.ts';
import { run, temporaryFolder, type Ran } from './cli.ts';
import { schemaErrors } from './schema.ts';

const folder = temporaryFolder();
const db = join(folder, 'index.db');
const [a, b, c] = ['111122223333', '444455556666', '777788889999'];

/** A call of the role `app` in an account. */
const call = (account: string, day: number, source: string, name: string, params: object): object =>
  event('app', name, `2026-03-${String(day).padStart(2, '0')}T12:00:00Z`, {
    eventSource: `${source}.amazonaws.com`,
    requestParameters: params,
    recipientAccountId: account,
    userIdentity: {
      type: 'AssumedRole',
      principalId: 'AROAAPP:session',
      arn: `arn:aws:sts::${account}:assumed-role/app/session`,
      accountId: account,
      sessionContext: {
        sessionIssuer: {
          type: 'Role',
          principalId: `AROA${account}`,
          arn: `arn:aws:iam::${account}:role/app`,
          accountId: account,
          userName: 'app',
        },
      },
    },
  });

beforeAll(() => {
  const days = [1, 2, 3];
  const records = days.flatMap((day) => [
    call(a, day, 's3', 'GetBucketPolicy', { bucketName: 'shared' }),
    call(a, day, 'ssm', 'GetParameter', { name: 'own' }),
    call(b, day, 'ssm', 'GetParameter', { name: 'own' }),
    call(b, day, 'sns', 'ListTopics', {}),
    call(c, day, 'ec2', 'DescribeInstances', {}),
  ]);
  writeLog(join(folder, 'log.json'), records);
  const { code, err } = run(['ingest', join(folder, 'log.json'), '--db', db]);
  if (code !== 0) throw new Error(err);
});

type Statements = readonly object[];
const allow = (Action: string | readonly string[], Resource = '*'): object => ({
  Effect: 'Allow',
  Action,
  Resource,
});
const deny = (Action: string): object => ({ Effect: 'Deny', Action, Resource: '*' });

/** What the role holds in each account. */
function current(held: Readonly<Record<string, Statements>>): string {
  const file = join(folder, 'details.json');
  const roles = Object.entries(held).map(([account, Statement]) =>
    role(
      'app',
      { RolePolicyList: [{ PolicyName: 'in', PolicyDocument: { Version: '2012-10-17', Statement } }] },
      '/',
      account,
    ),
  );
  writeFileSync(file, JSON.stringify(details({ roles })));
  return file;
}

const merge = (held: string | undefined, ...more: readonly string[]): Ran =>
  run([
    'generate',
    '--db',
    db,
    '--merge-accounts',
    'app',
    '--min-window',
    '1d',
    ...(held === undefined ? [] : ['--current', held]),
    ...more,
  ]);

const all = [
  's3:GetBucketPolicy',
  'ssm:GetParameter',
  'sns:ListTopics',
  'ec2:DescribeInstances',
  'sqs:CreateQueue',
];

/** How many principals are proposed for. */
const lines = (...args: readonly string[]): number =>
  run(['generate', '--db', db, '--json', ...args])
    .out.trim()
    .split('\n').length;

describe('generate --merge-accounts', () => {
  test('what all accounts hold is granted in all, whoever used it', () => {
    const same = [allow(all)];
    const { code, out } = merge(current({ [a]: same, [b]: same, [c]: same }), '--out', '-');
    expect(code).toBe(0);
    expect(out).not.toContain('aws:PrincipalAccount');
    for (const action of all.slice(0, 4)) expect(out).toContain(action);
    expect(out).not.toContain('sqs:CreateQueue');
    expect(out).toContain(`:${a}:parameter/own`);
    expect(out).toContain(`:${b}:parameter/own`);
  });

  test('what some hold is granted to them alone, what some deny denied to them alone; each is named', () => {
    const held = current({
      [a]: [allow(all), deny('s3:Delete*')],
      [b]: [allow(all)],
      [c]: [allow(['ec2:DescribeInstances', 'ec2:StopInstances', 'ssm:GetParameter'])],
    });
    const { code, out } = merge(held, '--json');
    expect(code).toBe(0);
    const json: unknown = JSON.parse(out);
    expect(schemaErrors('generate', json)).toBeNull();
    expect(json).toMatchObject({
      principal: { kind: 'role', name: 'app', account: '*', arn: 'arn:aws:iam::*:role/app' },
      proof: { uses: 5, allowed: 5, denied: 0, grantedElsewhere: 0 },
      diff: { broadened: false },
    });
    expect(out).toContain(JSON.stringify({ StringEquals: { 'aws:PrincipalAccount': a } }));
    expect(out).not.toContain(JSON.stringify({ StringEquals: { 'aws:PrincipalAccount': c } }));
    expect(out).toContain(JSON.stringify({ StringEquals: { 'aws:PrincipalAccount': [a, b] } }));
    expect(json).toHaveProperty('notes', [
      'the index holds eu-west-1 alone and --trail-config does not say what the trail logs: what was held elsewhere without naming its Region is given up as unused there',
      `one policy for role app, made for ${a}, ${b}, ${c} and no other account`,
      `denied only in ${a}, because today's policies of the other accounts do not say the same: s3:Delete*`,
      `only in ${a}, ${b}, because today's policies of the other accounts do not say the same: s3:GetBucketPolicy, sns:ListTopics`,
    ]);
  });

  test('the review', async () => {
    const held = current({
      [a]: [allow(all), deny('s3:Delete*')],
      [b]: [allow(all)],
      [c]: [allow(['ec2:DescribeInstances'])],
    });
    const { code, out } = merge(held);
    expect(code).toBe(0);
    await expect(out.replaceAll(folder, 'FOLDER')).toMatchFileSnapshot(
      '../golden/generate-merge-accounts.txt',
    );
  });

  test('a use is judged by the policies of its own account', () => {
    const { out } = merge(
      current({ [a]: [allow('ssm:*')], [b]: [allow('ssm:*')], [c]: [allow('s3:*')] }),
      '--json',
    );
    expect(JSON.parse(out)).toMatchObject({
      proof: { allowed: 2, denied: 0, grantedElsewhere: 1, contradicted: 2 },
      diff: { broadened: false },
    });
  });

  test('read again as what every account holds, it does not change', () => {
    const out = join(folder, 'out');
    const held = current({ [a]: [allow(all)], [b]: [allow(all)], [c]: [allow(['ec2:*', 'ssm:*'])] });
    expect(merge(held, '--out', out).code).toBe(0);
    const file = join(out, 'merged/role/app/policy.json');
    expect(existsSync(file)).toBe(true);
    const policy = readFileSync(file, 'utf8');
    const again = join(folder, 'again');
    expect(merge(out, '--out', again).code).toBe(0);
    expect(readFileSync(join(again, 'merged/role/app/policy.json'), 'utf8')).toBe(policy);
    for (const made of [out, again]) rmSync(made, { recursive: true });
  });

  test('nothing is removed while one account is not covered, or all are too short', () => {
    const same = [allow(all)];
    const held = current({ [a]: same, [b]: same, [c]: same, '999900001111': same });
    const { code, out } = merge(held);
    expect(code).toBe(0);
    expect(out).toContain('in use in 999900001111, of which the index holds too little: nothing is removed');
    expect(out).not.toContain('- sqs:CreateQueue');
  });

  test('an account whose policies are not known leaves it out', () => {
    const { code, err } = merge(current({ [a]: [allow(all)], [b]: [allow(all)] }));
    expect(code).toBe(3);
    expect(err).toContain(`does not show what it holds in ${c}; give the policies of every account it is in`);
  });

  test('without --current all get what any used', () => {
    const { code, out } = merge(undefined, '--out', '-');
    expect(code).toBe(0);
    expect(out).not.toContain('aws:PrincipalAccount');
    for (const action of all.slice(0, 4)) expect(out).toContain(action);
  });

  test('with --all it stands in the place of its roles; a file may ask for it', () => {
    const config = join(folder, 'config.yaml');
    writeFileSync(config, 'merge-accounts: [app]\n');
    expect(lines('--all')).toBe(3);
    expect(lines('--all', '--merge-accounts', 'app')).toBe(1);
    expect(lines('--config', config)).toBe(1);
    expect(lines('--config', config, '--principal', 'app')).toBe(3);
  });
});
