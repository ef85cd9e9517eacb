import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { ACCOUNT, allow, attached, details, managed, role } from '../current/details-fixture.ts';
import { run, temporaryFolder } from './cli.ts';
import { schemaErrors } from './schema.ts';

const folder = temporaryFolder();

function file(name: string, content: unknown): string {
  const path = join(folder, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
  return path;
}

const statement = (Action: string | readonly string[], Resource: string, more: object = {}): object => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...more,
});
const policy = (...Statement: readonly object[]): object => ({ Version: '2012-10-17', Statement });

const wide = file(
  'wide.json',
  policy(statement('s3:*', '*'), statement(['iam:PassRole', 'iam:CreatePolicyVersion'], '*')),
);
const narrow = file(
  'narrow.json',
  policy(
    statement('iam:PassRole', 'arn:aws:iam::111122223333:role/task', {
      Condition: { StringEquals: { 'iam:PassedToService': 'ecs-tasks.amazonaws.com' } },
    }),
    statement('s3:GetObject', 'arn:aws:s3:::data/in/*'),
  ),
);
const shuffled = file(
  'shuffled.json',
  policy(
    { Resource: ['arn:aws:s3:::data/in/*'], Action: ['S3:GetObject'], Sid: 'Named', Effect: 'Allow' },
    statement(['iam:PassRole'], 'arn:aws:iam::111122223333:role/task', {
      Condition: { StringEquals: { 'iam:PassedToService': ['ecs-tasks.amazonaws.com'] } },
    }),
  ),
);

describe('two policies', () => {
  test('narrower: line by line what stays, service by service what goes, privilege escalation by name', () => {
    const { code, out, err } = run(['diff', wide, narrow]);
    expect({ code, err }).toEqual({ code: 1, err: '' });
    const counts = /^broadened: no {3}\d+ -> 2 actions {3}permissions management \d+ -> 0$/;
    const [head, ...lines] = out.trimEnd().split('\n');
    expect(head).toMatch(counts);
    expect(lines.map((line) => line.replace(/ \d+ actions/, ' N actions').replace(/ +/g, ' '))).toEqual([
      'Narrowed was * unless said',
      ' ~ iam:PassRole arn:aws:iam::111122223333:role/task',
      ' to ecs-tasks.amazonaws.com, privilege escalation',
      ' ~ s3:GetObject arn:aws:s3:::data/in/*',
      'Removed N actions',
      ' - s3 179, iam:CreatePolicyVersion',
      ' - privilege escalation goes: iam:CreatePolicyVersion',
    ]);
  });

  test('wider', () => {
    const { code, out } = run(['diff', narrow, wide]);
    expect(code).toBe(1);
    expect(out).toMatch(/^broadened: yes /);
    expect(out).toMatch(/\+ iam:CreatePolicyVersion +\* {3}privilege escalation/);
  });

  test.each([
    [narrow, narrow],
    [narrow, shuffled],
  ])('the same permissions, however written', (old, next) => {
    expect(run(['diff', old, next])).toEqual({ code: 0, out: 'broadened: no   no difference\n', err: '' });
  });

  test('a Deny lifted', () => {
    const before = file(
      'deny.json',
      policy(statement('s3:GetObject', '*'), {
        Effect: 'Deny',
        Action: 's3:GetObject',
        Resource: 'arn:aws:s3:::secret/*',
      }),
    );
    const after = file('no-deny.json', policy(statement('s3:GetObject', '*')));
    const lifted = run(['diff', before, after]);
    expect(lifted.code).toBe(1);
    expect(lifted.out).toMatch(
      /^broadened: yes [^]*\+ s3:GetObject +arn:aws:s3:::secret\/\* {3}a Deny lifted/,
    );
    const put = run(['diff', after, before]);
    expect(put.code).toBe(1);
    expect(put.out).toMatch(/^broadened: no [^]*~ s3:GetObject +arn:aws:s3:::secret\/\* {3}a Deny put/);
  });

  test('one side from standard input', () => {
    const input = readFileSync(wide, 'utf8');
    expect(run(['diff', '-', narrow], { input })).toEqual(run(['diff', wide, narrow]));
    expect(run(['diff', narrow, '-'], { input })).toEqual(run(['diff', narrow, wide]));
  });
});

const tree = (name: string, files: Readonly<Record<string, unknown>>): string => {
  for (const [path, content] of Object.entries(files)) file(join(name, path), content);
  return join(folder, name);
};
describe('two trees', () => {
  const app = `${ACCOUNT}/role/app/policy.json`;

  test('principal by principal, whatever files hold the statements', () => {
    const old = tree('old', {
      [app]: policy(statement('sqs:SendMessage', '*'), statement('sns:Publish', '*')),
      [`${ACCOUNT}/role/gone/policy.json`]: allow('sqs:SendMessage'),
      [`${ACCOUNT}/user/ana/policy.json`]: allow('sqs:SendMessage'),
      'permission-sets/default/Reader/policy.json': allow('sqs:ReceiveMessage'),
    });
    const next = tree('next', {
      [app]: allow('sns:Publish'),
      [app.replace('.json', '-2.json')]: allow('sqs:SendMessage'),
      [`${ACCOUNT}/role/fresh/policy.json`]: allow('sqs:SendMessage'),
      [`${ACCOUNT}/user/ana/policy.json`]: policy(statement('sqs:SendMessage', 'arn:aws:sqs:*:*:orders')),
      'permission-sets/default/Reader/policy.json': allow('sqs:ReceiveMessage'),
    });
    const { code, out, err } = run(['diff', old, next]);
    expect({ code, err }).toEqual({ code: 1, err: '' });
    expect(out).toBe(
      [
        'broadened: yes (1 of 5)   3 of 5 differ',
        '',
        `role/fresh  ${ACCOUNT}  only in NEW`,
        'broadened: yes   0 -> 1 action   permissions management 0 -> 0',
        'Added',
        '  + sqs:SendMessage  *',
        '',
        `role/gone  ${ACCOUNT}  only in OLD`,
        'broadened: no   1 -> 0 actions   permissions management 0 -> 0',
        'Removed',
        '  - sqs:SendMessage  *',
        '',
        `user/ana  ${ACCOUNT}`,
        'broadened: no   1 -> 1 action   permissions management 0 -> 0',
        'Narrowed   was * unless said',
        '  ~ sqs:SendMessage  arn:aws:sqs:*:*:orders',
        '',
      ].join('\n'),
    );
    expect(run(['diff', next, next])).toEqual({ code: 0, out: 'broadened: no   0 of 4 differ\n', err: '' });
  });

  test('authorization details against a tree; a tree without accounts', () => {
    const arn = `arn:aws:iam::${ACCOUNT}:policy/own`;
    const held = file(
      'details.json',
      details({ roles: [role('app', attached(arn))], policies: [managed(arn, allow('sns:Publish'))] }),
    );
    const without = tree('without', { 'role/app/policy.json': allow('sns:Publish') });
    expect(run(['diff', held, without]).code).toBe(0);
    expect(run(['diff', without, held]).code).toBe(0);
  });

  test('a boundary that changes counts as what policies and boundary both allow', () => {
    const [own, limit] = [`arn:aws:iam::${ACCOUNT}:policy/own`, `arn:aws:iam::${ACCOUNT}:policy/limit`];
    const bounded = (boundary: object, action: string): object =>
      details({
        roles: [role('app', { ...attached(own), ...boundary })],
        policies: [managed(own, allow('sns:Publish', 'sqs:SendMessage')), managed(limit, allow(action))],
      });
    const bound = { PermissionsBoundary: { PermissionsBoundaryArn: limit } };
    const free = file('free.json', bounded({}, 'sns:*'));
    const limited = file('limited.json', bounded(bound, 'sns:*'));
    const put = run(['diff', free, limited]);
    expect(put.code).toBe(1);
    expect(put.out).toContain('the permissions boundary changes from none to limit');
    expect(put.out).toMatch(/broadened: no {3}2 -> 1 action [^]*- sqs:SendMessage/);
    expect(run(['diff', limited, free]).out).toMatch(/^broadened: yes /);
    expect(run(['diff', limited, limited]).code).toBe(0);
  });

  test('files of nobody by their names', () => {
    const old = tree('flat-old', { 'a.json': allow('sns:Publish'), 'b.json': allow('sqs:SendMessage') });
    const next = tree('flat-next', { 'a.json': allow('sns:Publish'), 'b.json': allow('sqs:ReceiveMessage') });
    const { code, out } = run(['diff', old, next]);
    expect(code).toBe(1);
    expect(out).toMatch(/^broadened: yes \(1 of 2\) {3}1 of 2 differ\n\nb\.json\nbroadened: yes /);
  });

  test('a principal that cannot be read is named; the others are compared', () => {
    const old = tree('sound', {
      [app]: allow('sns:Publish'),
      'role/other/policy.json': allow('sns:Publish'),
    });
    const next = tree('faulty', { [app]: '{"Version": 1}', 'role/other/policy.json': allow('sns:Publish') });
    const { code, out, err } = run(['diff', old, next]);
    expect(code).toBe(3);
    expect(out).toBe('broadened: no   0 of 1 differ\n');
    expect(err).toMatch(/^role app: not compared, its policies cannot be read: .*policy\.json/);
  });
});

describe('machine output', () => {
  test.each([
    ['two policies', wide, narrow, 1],
    ['two trees', join(folder, 'old'), join(folder, 'next'), 5],
    ['flat folders', join(folder, 'flat-old'), join(folder, 'flat-next'), 2],
  ])('%s', (_, old, next, count) => {
    const { code, out } = run(['diff', '--json', old, next]);
    expect(code).toBe(1);
    const lines = out.split('\n').filter(Boolean);
    expect(lines).toHaveLength(count);
    for (const line of lines) {
      const value: unknown = JSON.parse(line);
      expect(schemaErrors('diff', value)).toBeNull();
    }
  });
});

describe('mistakes are one line and exit 2', () => {
  const broken = file('broken.json', '{\n  "Version": "2012-10-17",\n  "Statement": [}\n');
  test.each([
    [['diff', wide], /^iam-minimize: diff: give OLD and NEW/],
    [['diff', wide, join(folder, 'none.json')], /none\.json: no such file/],
    [['diff', broken, wide], /broken\.json:3:17: /],
    [['diff', wide, join(folder, 'old')], /one side names principals/],
    [['diff', '-', '-'], /standard input can be one side only/],
  ])('%j', (args, line) => {
    const { code, out, err } = run(args);
    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toMatch(line);
    expect(err.trimEnd()).not.toContain('\n');
  });
});

test('--full shows what a section leaves out', () => {
  const buckets = Array.from({ length: 40 }, (_, i) => statement('s3:GetObject', `arn:aws:s3:::data-${i}/*`));
  const many = file('many.json', policy(...buckets));
  const few = file('few.json', policy(...buckets.slice(0, 1)));
  const cut = run(['diff', many, few]).out;
  const full = run(['diff', many, few, '--full']).out;
  expect(cut).toMatch(/and \d+ more \(--full shows all\)/);
  expect(full).not.toContain('--full');
  expect(full).toContain('data-39');
});
