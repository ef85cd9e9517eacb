import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { temporaryFolder } from '../cli/cli.ts';
import { schemaErrors } from '../cli/schema.ts';
import { fakeAnalyzer, type FakeAnalyzer } from './analyzer-fake.ts';
import { live } from './live.ts';

const folder = temporaryFolder();
const policy = (name: string, ...statements: readonly object[]): string => {
  const file = join(folder, `${name}.json`);
  writeFileSync(file, JSON.stringify({ Version: '2012-10-17', Statement: statements }));
  return file;
};
const allow = (actions: readonly string[], resource = '*'): object => ({
  Sid: 'Own',
  Effect: 'Allow',
  Action: actions,
  Resource: resource,
});

/** A folder of today's policies of a role, a statement each. */
const tree = (name: string, policies: readonly object[]): string => {
  const app = join(folder, name, '111122223333/role/app');
  mkdirSync(app, { recursive: true });
  for (const [i, statement] of policies.entries())
    writeFileSync(
      join(app, `policy${i === 0 ? '' : '-2'}.json`),
      JSON.stringify({ Version: '2012-10-17', Statement: [statement] }),
    );
  return join(folder, name);
};

const passing = policy('passing', allow(['iam:PassRole', 'ecs:RunTask']));
const reading = policy('reading', allow(['s3:Get*', 's3:PutObject'], 'arn:aws:s3:::a/*'));

async function analyzer(refuses?: readonly [number, string]): Promise<FakeAnalyzer> {
  const fake = await fakeAnalyzer(refuses);
  onTestFinished(fake.close);
  return fake;
}

test("of what lint and Access Analyzer both say lint's finding is shown, and AWS's others beside it", async () => {
  const { environment, requests } = await analyzer();
  const { code, out, err } = await live(['lint', passing, reading, '--access-analyzer'], environment);
  expect(out).toMatch(/ warning privilege-escalation Own /);
  expect(out).not.toContain('PASS_ROLE_WITH_STAR_IN_RESOURCE');
  expect(out).toMatch(
    /reading\.json:1:\d+ suggestion SHORTER_NAME Own\.Action\[1\] A name could be shorter\.; see https:/,
  );
  expect({ code, err }).toEqual({ code: 0, err: '0 errors, 1 warning, 1 suggestion in 2 files\n' });
  expect(requests).toEqual(['/policy/validation', '/policy/validation']);
});

test('all pages of findings are read', async () => {
  const both = policy('both', allow(['s3:Get*', 'iam:PassRole'], 'arn:aws:iam::111122223333:role/app'));
  const { environment, requests } = await analyzer();
  const { out } = await live(['lint', both, '--access-analyzer', '--json'], environment);
  const codes = out
    .trimEnd()
    .split('\n')
    .map((line): unknown => JSON.parse(line));
  expect(codes).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ code: 'PASS_ROLE_WITH_STAR_IN_RESOURCE' }),
      expect.objectContaining({ code: 'SHORTER_NAME', path: 'Statement[0].Action[1]' }),
    ]),
  );
  expect(codes.map((one) => schemaErrors('lint', one)).filter((errors) => errors !== null)).toEqual([]);
  expect(requests).toHaveLength(2);
});

test('a policy that grants what none may is an error', async () => {
  const { environment, requests } = await analyzer();
  const ran = await live(['lint', reading, passing, '--not-granted', 'iam:PassRole'], environment);
  expect(ran.code).toBe(1);
  expect(ran.out).toMatch(/passing\.json:1:\d+ error access-granted Own may grant .*; take iam:PassRole out/);
  expect(ran.out).not.toMatch(/reading\.json\S* error/);
  expect(requests).toEqual(['/policy/check-access-not-granted', '/policy/check-access-not-granted']);
});

test('diff asks whether anything is new, and exits 1 only then', async () => {
  const narrower = policy('narrower', allow(['s3:GetObject'], 'arn:aws:s3:::a/in/*'));
  const { environment } = await analyzer();
  const narrowed = await live(['diff', reading, narrower, '--access-analyzer'], environment);
  expect(narrowed).toMatchObject({ code: 0, err: '' });
  expect(narrowed.out).toContain('Access Analyzer: no new access\n');
  const wider = await live(['diff', narrower, reading, '--access-analyzer'], environment);
  expect(wider.code).toBe(1);
  expect(wider.out).toContain('Access Analyzer: new access\n  New access in the statement with index: 0.\n');
  const json = await live(['diff', narrower, reading, '--access-analyzer', '--json'], environment);
  const line: unknown = JSON.parse(json.out);
  expect(line).toMatchObject({ accessAnalyzer: { result: 'FAIL' } });
  expect(schemaErrors('diff', line)).toBeNull();
});

test('the policies of a principal are asked about as one', async () => {
  const before = tree('before', [allow(['s3:GetObject']), allow(['sqs:SendMessage'])]);
  const after = tree('after', [allow(['sqs:SendMessage'])]);
  const { environment, requests } = await analyzer();
  const ran = await live(['diff', before, after, '--access-analyzer'], environment);
  expect(ran.out).toContain('Access Analyzer: no new access\n');
  expect(ran.code).toBe(0);
  expect(requests).toEqual(['/policy/check-no-new-access']);
});

test('nothing is asked of sides that do not differ', async () => {
  const { environment, requests } = await analyzer();
  expect(await live(['diff', reading, reading, '--access-analyzer'], environment)).toMatchObject({ code: 0 });
  expect(requests).toEqual([]);
});

test.each([
  [[403, 'AccessDeniedException'], 'AWS: no permission for access-analyzer:ValidatePolicy; allow '],
  [[429, 'ThrottlingException'], 'AWS: access-analyzer:ValidatePolicy is throttled (ThrottlingException)'],
  [[400, 'ValidationException'], 'AWS: access-analyzer:ValidatePolicy failed: ValidationException: no no'],
] as const)('%s is one line and exit 2', async (refuses, line) => {
  const { environment } = await analyzer(refuses);
  const { code, out, err } = await live(['lint', reading, '--access-analyzer'], environment);
  expect({ code, out }).toEqual({ code: 2, out: '' });
  expect(err).toMatch(/^[^\n]+\n$/);
  expect(err).toContain(line);
});
