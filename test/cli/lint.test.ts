import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run, temporaryFolder } from './cli.ts';
import { schemaErrors } from './schema.ts';

const folder = temporaryFolder();
const file = (name: string, text: string): string => {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
};

const mistaken = file(
  'mistaken.json',
  `{
  "Version": "2012-10-17",
  "Statement": {
    "Effect": "Allow",
    "Action": "s3:GetObjekt",
    "Resource": "*",
    "Condition": {
      "stringequals": { "aws:PrincipalOrgID": "o-1", "s3:nokey": "x" }
    }
  }
}
`,
);
const risky = file(
  'risky.json',
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"iam:CreatePolicyVersion","Resource":"*"}]}',
);
const sound = file(
  'sound.json',
  '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"arn:aws:s3:::a/*"}]}',
);
const broken = file('broken.json', '{ "Version": ');

test('a finding per line, with its place; an error is exit 1', () => {
  const { code, out, err } = run(['lint', mistaken]);
  expect(code).toBe(1);
  expect(out.trimEnd().split('\n')).toEqual([
    expect.stringMatching(
      /mistaken\.json:5:15 error unknown-action Statement\[0\]\.Action Amazon S3 has no action "GetObjekt"; did you mean "s3:GetObject"\?$/,
    ),
    expect.stringMatching(/mistaken\.json:8:66 warning unknown-condition-key Statement\[0\]\.Condition\./),
  ]);
  expect(err).toBe('1 error, 1 warning, 0 suggestions in 1 file\n');
});

test('warnings alone are exit 0', () => {
  const { code, out } = run(['lint', risky, sound, '--quiet']);
  expect(code).toBe(0);
  expect(out).toMatch(/^\S*risky\.json:1:38 warning privilege-escalation Statement\[0\] [^\n]*\n$/);
});

test('policies in authorization details are judged as those of their principals', () => {
  const { code, out, err } = run(['lint', 'samples/current']);
  expect(code).toBe(0);
  expect(out).toMatch(
    /authorization-details\.json 111122223333 role\/app pass-and-encrypt:4:5 warning privilege-escalation /,
  );
  expect(out).not.toContain('iam::aws:');
  expect(new Set(out.trim().split('\n')).size).toBe(out.trim().split('\n').length);
  expect(err).toMatch(/ in 1 file\n$/);
  const unread = file(
    'unread.json',
    JSON.stringify({
      Policies: [
        {
          Arn: 'arn:aws:iam::111122223333:policy/p',
          PolicyName: 'p',
          DefaultVersionId: 'v1',
          PolicyVersionList: [{ VersionId: 'v1', IsDefaultVersion: true, Document: '%7B' }],
        },
      ],
    }),
  );
  const refused = run(['lint', unread]);
  expect(refused.code).toBe(2);
  expect(refused.err).toMatch(/policy\/p|unread\.json/);
});

test('the gravest first, and statements by their Sid', () => {
  const mixed = file(
    'mixed.json',
    '{"Version":"2012-10-17","Statement":[{"Sid":"Make","Effect":"Allow","Action":"iam:CreatePolicyVersion","Resource":"*"},{"Sid":"Read","Effect":"Allow","Action":"s3:GetObjekt","Resource":"*"}]}',
  );
  expect(run(['lint', mixed, '--quiet']).out.trimEnd().split('\n')).toEqual([
    expect.stringMatching(/ error unknown-action Read\.Action /),
    expect.stringMatching(/ warning privilege-escalation Make privilege escalation: /),
  ]);
});

test('nothing found, nothing said', () => {
  expect(run(['lint', sound, '--quiet'])).toEqual({ code: 0, out: '', err: '' });
});

test('an element that is not there is shown where it should be', () => {
  const old = file('old.json', '\n{"Statement":[{"Effect":"Allow","Action":"s3:GetObject","Resource":"*"}]}');
  expect(run(['lint', old]).out).toMatch(/old\.json:2:1 suggestion version-old Version /);
});

test('standard input and folders', () => {
  const input = readFileSync(mistaken, 'utf8');
  expect(run(['lint', '-'], { input }).out).toMatch(/^standard input:5:15 error /);
  const tree = join(folder, 'tree/111122223333/role/app');
  mkdirSync(tree, { recursive: true });
  writeFileSync(join(tree, 'policy.json'), input);
  writeFileSync(join(tree, 'evidence.json'), '{}');
  const { code, out } = run(['lint', join(folder, 'tree')]);
  expect(code).toBe(1);
  expect(out).toMatch(/tree\/111122223333\/role\/app\/policy\.json:5:15 error /);
});

/** A policy file of one role, which may associate route tables with a resource. */
const holds = (name: string, resource: string): string => {
  const home = join(folder, 'together/111122223333/role/split');
  mkdirSync(home, { recursive: true });
  const statement = { Effect: 'Allow', Action: 'ec2:AssociateRouteTable', Resource: resource };
  writeFileSync(join(home, name), JSON.stringify({ Version: '2012-10-17', Statement: [statement] }));
  return join(home, name);
};

test('policies of one principal are judged together', () => {
  const subnets = holds('policy.json', 'arn:aws:ec2:us-east-1:111122223333:subnet/subnet-1');
  expect(run(['lint', subnets]).out).toMatch(
    /warning resource-type-missing .* may need a resource of type route-table too/,
  );
  const tables = holds('policy-2.json', 'arn:aws:ec2:us-east-1:111122223333:route-table/rtb-1');
  for (const given of [[subnets, tables], [join(folder, 'together')]])
    expect(run(['lint', ...given, '--quiet'])).toEqual({ code: 0, out: '', err: '' });
});

test('what cannot be read is exit 2, and the rest is checked all the same', () => {
  const { code, out, err } = run(['lint', broken, join(folder, 'none'), mistaken, '--quiet']);
  expect(code).toBe(2);
  expect(out.trimEnd().split('\n')).toHaveLength(2);
  expect(err.trimEnd().split('\n')).toEqual([
    expect.stringMatching(/broken\.json:1:14: /),
    expect.stringMatching(/none: no such file or folder/),
  ]);
});

test.each(['*:Get*', 's3', 's3:Get:Object', 's 3:GetObject'])(
  '%s, which IAM refuses, cannot be read',
  (action) => {
    const refused = file('refused.json', readFileSync(sound, 'utf8').replace('s3:GetObject', action));
    const { code, out, err } = run(['lint', refused, '--quiet']);
    expect([code, out]).toEqual([2, '']);
    expect(err).toMatch(/^[^\n]*refused\.json:1:65: Statement\[0\]\.Action: must be [^\n]+\n$/);
  },
);

test('names that would forge a line are escaped', () => {
  const forged = file(
    'forged.json',
    readFileSync(sound, 'utf8').replace('s3:GetObject', 's3:Get\\nx error\\u001b[2J'),
  );
  const { out } = run(['lint', forged]);
  expect(out).toMatch(/^[^\n]*\n$/);
  expect(out).not.toContain('\u001b');
});

test('machine output', () => {
  const { code, out, err } = run(['lint', mistaken, risky, '--json']);
  expect({ code, err }).toEqual({ code: 1, err: '' });
  const lines = out.trimEnd().split('\n');
  expect(lines).toHaveLength(3);
  for (const line of lines) {
    const value: unknown = JSON.parse(line);
    expect(schemaErrors('lint', value)).toBeNull();
  }
});

test('the policies of a folder are one principal: ways to more rights are those of all together, told where they begin', () => {
  const together = join(folder, 'one-principal');
  mkdirSync(together);
  const role = 'arn:aws:iam::111122223333:role/admin';
  for (const [name, action, resource] of [
    ['pass.json', 'iam:PassRole', role],
    ['run.json', 'ec2:RunInstances', '*'],
  ] as const)
    writeFileSync(
      join(together, name),
      JSON.stringify({
        Version: '2012-10-17',
        Statement: [{ Effect: 'Allow', Action: action, Resource: resource }],
      }),
    );
  const told = / warning privilege-escalation Statement\[0\] [^\n]*iam:PassRole with ec2:RunInstances/;
  const { out } = run(['lint', together, '--quiet']);
  expect(out.split('\n').filter((line) => told.test(line))).toEqual([expect.stringContaining('pass.json:')]);
  expect(run(['lint', join(together, 'pass.json'), '--quiet']).out).not.toMatch(told);
});
