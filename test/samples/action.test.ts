import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseConfig } from '../../src/app/settings/config.ts';
import { isObject } from '../../src/iam/json.ts';
import { lintPolicy } from '../../src/iam/lint/lint.ts';
import { parsePolicy } from '../../src/iam/policy/policy.ts';
import { toJson } from '../../src/iam/policy/policy-json.ts';
import { documentedPolicies } from '../aws/documented-policies.ts';
import { fakeEnvironment, fakeIam, type FakeIam } from '../aws/iam-fake.ts';
import { fakeS3, filesAsObjects, s3Environment, storedObjects, type S3Fake } from '../aws/s3-fake.ts';
import { project, temporaryFolder } from '../cli/cli.ts';
import { allow } from '../iam/documents.ts';
import { days, deliver, git, type Calls } from '../cli/weeks.ts';
import { bash, inputs, runAction, steps, tools, type ActionRun } from './action.ts';
import { gitServer } from './git-server.ts';

const read = (...path: readonly string[]): string => readFileSync(join(project, ...path), 'utf8');

describe('samples/github', () => {
  const permissions = read('samples/github/permissions.json');
  const json: unknown = JSON.parse(read('samples/github/trust.json'));
  const [trust = {}] = [isObject(json) ? json['Statement'] : []].flat().filter(isObject);

  test('permissions.json is what the scheduled run needs, and our own lint finds nothing in it', () => {
    const statements = ['s3', 'current', 'trail-config'].flatMap(
      (name) => documentedPolicies.get(name)?.statements ?? [],
    );
    expect(permissions).toBe(toJson({ version: '2012-10-17', statements }));
    expect(lintPolicy(parsePolicy(permissions, 'permissions.json'))).toEqual([]);
  });

  test('trust.json lets in the workflow of one branch of one repository', () => {
    expect(trust).toEqual({
      Sid: 'WorkflowOfOneBranch',
      Effect: 'Allow',
      Principal: {
        Federated: 'arn:aws:iam::111122223333:oidc-provider/token.actions.githubusercontent.com',
      },
      Action: 'sts:AssumeRoleWithWebIdentity',
      Condition: {
        StringEquals: {
          'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
          'token.actions.githubusercontent.com:sub': 'repo:example-org/policies:ref:refs/heads/main',
        },
      },
    });
  });

  test('trust.json passes our own lint but for who is let in, which only trust policies say', () => {
    const { Principal, ...statement } = trust;
    expect(Principal).toBeDefined();
    const text = JSON.stringify({ Version: '2012-10-17', Statement: { ...statement, Resource: '*' } });
    expect(
      lintPolicy(parsePolicy(text, 'trust.json')).filter(({ severity }) => severity === 'error'),
    ).toEqual([]);
  });

  test('the workflow gives inputs that the action has, and no more rights than it needs', () => {
    const workflow: unknown = parse(read('samples/github/workflow.yml'));
    const text = JSON.stringify(workflow);
    expect(isObject(workflow) && workflow['permissions']).toEqual({
      contents: 'write',
      'id-token': 'write',
      'pull-requests': 'write',
    });
    const given = /"with":(\{[^}]*\})/.exec(text)?.[1] ?? '{}';
    const parsed: unknown = JSON.parse(given);
    expect(Object.keys(inputs)).toEqual(expect.arrayContaining(Object.keys(isObject(parsed) ? parsed : {})));
  });

  test('the configuration is understood', () => {
    const config = parseConfig(read('samples/github/iam-minimize.yaml'), 'iam-minimize.yaml');
    expect(config).toMatchObject({ current: 'aws', out: 'policies', newDays: '7d' });
  });
});

describe('action.yml', () => {
  const used = steps.map((step) => step['uses']).filter((name) => name !== undefined);

  test('no expression stands in a script', () => {
    for (const { run = '' } of steps) expect(run).not.toContain('${{');
  });

  test('what others made is named by a commit, with the version beside it', () => {
    expect(used.length).toBeGreaterThan(3);
    for (const file of ['action.yml', 'samples/github/workflow.yml', '.github/workflows/publish.yml']) {
      const lines = read(file)
        .split('\n')
        .filter((line) => /^\s*(?:- )?uses: (?!example-org\/)/.test(line));
      for (const line of lines) expect(line).toMatch(/@[0-9a-f]{40} # v\d+\.\d+\.\d+$/);
    }
  });

  test('the index is restored and saved under the same name and paths', () => {
    const [restore, save] = ['restore', 'save'].map((verb) =>
      steps.find(({ uses }) => String(uses).startsWith(`actions/cache/${verb}@`)),
    );
    const of = (step: Readonly<Record<string, unknown>> | undefined, name: string): unknown =>
      isObject(step?.['with']) ? step['with'][name] : undefined;
    expect(of(save, 'key')).toBe(of(restore, 'key'));
    expect(of(save, 'path')).toBe(of(restore, 'path'));
  });
});

/** Deliveries of three weeks; `app` has new behaviour in the second. */
const calls: readonly Calls[] = [
  { role: 'app', days: days(2, 22), call: 'ec2:DescribeInstances' },
  { role: 'app', days: days(10, 22), call: 'ec2:DescribeVolumes' },
];

const details = (actions: readonly string[]): object => ({
  UserDetailList: [],
  GroupDetailList: [],
  Policies: [],
  RoleDetailList: [
    {
      Path: '/',
      RoleName: 'app',
      RoleId: 'AROAapp',
      Arn: 'arn:aws:iam::111122223333:role/app',
      CreateDate: '2025-01-01T00:00:00+00:00',
      AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [] },
      InstanceProfileList: [],
      AttachedManagedPolicies: [],
      RolePolicyList: [
        { PolicyName: 'own', PolicyDocument: { Version: '2012-10-17', Statement: [allow(actions)] } },
      ],
    },
  ],
});

const config = [
  'principals: ["*"]',
  'sources: [s3://example-trail/AWSLogs/111122223333/CloudTrail/]',
  'current: aws',
  'out: policies',
  'min-window: 5d',
  '',
].join('\n');

describe.sequential('a repository, its remote, and AWS', () => {
  const folder = temporaryFolder();
  const origin = join(folder, 'origin.git');
  const clone = join(folder, 'clone');
  const bucket = join(folder, 'bucket');
  let iam: FakeIam | undefined;
  let s3: S3Fake | undefined;
  let bin = tools(join(folder, 'tools'));

  async function serve(): Promise<void> {
    await s3?.close();
    s3 = await fakeS3({ 'example-trail': storedObjects(filesAsObjects(bucket)) });
  }

  beforeEach(async () => {
    rmSync(folder, { recursive: true, force: true });
    bin = tools(join(folder, 'tools'));
    git('/', 'init', '-q', '--bare', '-b', 'main', origin);
    const first = join(folder, 'first');
    git('/', 'clone', '-q', origin, first);
    writeFileSync(join(first, 'iam-minimize.yaml'), config);
    git(first, 'add', '-A');
    git(first, 'commit', '-qm', 'start');
    git(first, 'push', '-q', 'origin', 'HEAD:main');
    mkdirSync(bucket);
    deliver(bucket, days(2, 8), calls);
    await serve();
    iam = await fakeIam(details(['ec2:DescribeInstances', 'ec2:DescribeVolumes', 'ec2:DescribeImages']));
  });

  afterEach(async () => {
    await s3?.close();
    await iam?.close();
    s3 = undefined;
  });

  const environment = (): Record<string, string> => ({
    ...fakeEnvironment(iam?.url ?? ''),
    ...s3Environment(s3?.url ?? ''),
    PATH: bin.path,
    HOME: folder,
    GITHUB_ACTION_PATH: bin.checkout,
    GITHUB_SERVER_URL: 'https://github.com',
  });

  /** A job: a fresh checkout of main, the index of the runs before. */
  function job(given: Readonly<Record<string, string>> = {}): Promise<ActionRun> {
    checkOut();
    return runAction(clone, { index: join(folder, 'index.db'), ...given }, environment());
  }

  function checkOut(): void {
    rmSync(clone, { recursive: true, force: true });
    git('/', 'clone', '-q', '--depth', '1', `file://${origin}`, clone);
  }

  const forks = (...numbers: readonly number[]): void =>
    writeFileSync(join(bin.folder, 'forks'), JSON.stringify(numbers));

  const asked = (): unknown[] =>
    existsSync(join(bin.folder, 'asked'))
      ? readFileSync(join(bin.folder, 'asked'), 'utf8')
          .split('\n')
          .filter(Boolean)
          .map((line): unknown => JSON.parse(line))
      : [];
  const verbs = (): unknown[] =>
    asked()
      .splice(0)
      .map((args) => (Array.isArray(args) ? args[1] : ''));
  const page = (): string => readFileSync(join(bin.folder, 'open'), 'utf8');
  const branch = 'iam-minimize/retighten';
  const heads = (): string => git(origin, 'for-each-ref', '--format=%(refname:short) %(objectname)');

  test('from the logs to one pull request, which the next run brings up to date', async () => {
    const first = await job();
    expect(first).toMatchObject({ code: 0, outputs: { 'propose.changed': 'true', 'propose.number': '7' } });
    expect(verbs()).toEqual(['list', 'create', 'list']);
    expect(page()).toMatch(
      /^Least privilege: 1 principal of 1 changes\n# Least privilege: 1 principal of 1 changes\n/,
    );
    expect(git(origin, 'ls-tree', '-r', '--name-only', branch).trim().split('\n')).toEqual([
      'iam-minimize.yaml',
      'policies/111122223333/role/app/diff.md',
      'policies/111122223333/role/app/evidence.json',
      'policies/111122223333/role/app/policy.json',
      'policies/111122223333/role/app/recorded.json',
      'policies/PULL_REQUEST.md',
      'policies/retighten.json',
    ]);
    const pushed = heads();

    // The same again: the branch is not pushed, so that reviews stay.
    expect(await job()).toMatchObject({ code: 0 });
    expect(heads()).toBe(pushed);

    deliver(bucket, days(9, 15), calls);
    await serve();
    expect(await job()).toMatchObject({ code: 0, outputs: { 'propose.number': '7' } });
    expect(verbs()).toEqual(['list', 'create', 'list', 'list', 'edit', 'list', 'edit']);
    expect(page()).toContain('ec2:DescribeVolumes');
    expect(heads()).not.toBe(pushed);

    // Merged: nothing is left to do.
    git(origin, 'update-ref', 'refs/heads/main', branch);
    rmSync(join(bin.folder, 'open'));
    const merged = await job();
    expect(merged).toMatchObject({ code: 0, outputs: { 'propose.changed': 'false' } });
    expect(verbs().slice(7)).toEqual(['list']);
    expect(readdirSync(bin.folder)).not.toContain('open');
  });

  test('what runs is the checkout of the action, built from its lock file', async () => {
    expect(await job()).toMatchObject({ code: 0 });
    expect(readFileSync(join(bin.folder, 'installed'), 'utf8')).toBe(
      `${bin.checkout} ci --no-audit --no-fund\n${bin.checkout} run --silent build\n`,
    );
  });

  test('pull requests of forks, whose branch has the same name, are neither edited nor closed', async () => {
    forks(...Array.from({ length: 40 }, (_, i) => 100 + i));
    expect(await job()).toMatchObject({ code: 0, outputs: { 'propose.number': '7' } });
    expect(await job()).toMatchObject({ code: 0, outputs: { 'propose.number': '7' } });
    expect(verbs()).toEqual(['list', 'create', 'list', 'list', 'edit']);
    git(origin, 'update-ref', 'refs/heads/main', branch);
    rmSync(join(bin.folder, 'open'));
    expect(await job()).toMatchObject({ code: 0, outputs: { 'propose.changed': 'false' } });
    expect(verbs().slice(5)).toEqual(['list']);
  });

  test('the token pushes, and not what the checkout keeps', async () => {
    const header = (token: string): string =>
      `basic ${Buffer.from(`x-access-token:${token}`).toString('base64')}`;
    git(origin, 'config', 'http.receivepack', 'true');
    const server = await gitServer(folder, header('given'));
    checkOut();
    git(clone, 'remote', 'set-url', 'origin', `${server.url}/origin.git`);
    git(clone, 'config', `http.${server.url}/.extraheader`, `AUTHORIZATION: ${header('of the job')}`);
    const given = { index: join(folder, 'index.db'), token: 'given' };
    const ran = await runAction(clone, given, { ...environment(), GITHUB_SERVER_URL: server.url });
    await server.close();
    expect(ran).toMatchObject({ code: 0, outputs: { 'propose.changed': 'true' } });
    expect(heads()).toContain(branch);
    expect(ran.log.replace(/^::add-mask::.*$/m, '')).not.toContain(header('given').slice(6));
  });

  test('the branch that the pull request is for is never pushed over', async () => {
    const before = heads();
    const ran = await job({ branch: 'main' });
    expect(ran.code).toBe(1);
    expect(ran.log).toContain('::error::branch: main is the branch that the pull request is for');
    expect(heads()).toBe(before);
  });

  test('the summary has the headline and a line for each principal', async () => {
    expect((await job()).summary).toBe(
      [
        '## Least privilege: 1 principal of 1 changes',
        '',
        '| principal | proposal | actions | look at |',
        '| --- | --- | --- | --- |',
        '| `111122223333/role/app` | new | 3 -> 1 |  |',
        '',
      ].join('\n'),
    );
  });

  test.each([1, 2, 70])('a run that ends with exit %i still saves the index', async (code) => {
    bin = tools(join(folder, 'stub'), `process.exitCode = ${code};\n`);
    const ran = await job();
    expect(ran.code).toBe(code);
    expect(ran.used.slice(-2)).toEqual(['actions/cache/restore', 'actions/cache/save']);
  });

  test('group-by account: a branch and a pull request for each account, with its part of the tree alone', async () => {
    const other = '444455556666';
    const first = join(folder, 'first');
    const both = config
      .replace('/111122223333/CloudTrail', '')
      .replace('current: aws\n', 'group-by: account\n');
    writeFileSync(join(first, 'iam-minimize.yaml'), both);
    git(first, 'commit', '-qam', 'grouped');
    git(first, 'push', '-q', 'origin', 'HEAD:main');
    deliver(bucket, days(2, 8), calls, other);
    await serve();
    const ran = await job();
    expect(ran).toMatchObject({ code: 0, outputs: { 'propose.changed': 'true', 'propose.number': '7 8' } });
    const filesOf = (account: string): string[] =>
      git(origin, 'ls-tree', '-r', '--name-only', `${branch}-${account}`, 'policies/').trim().split('\n');
    for (const account of ['111122223333', other])
      expect(new Set(filesOf(account).map((file) => file.split('/')[1]))).toEqual(new Set([account]));
    expect(page()).toContain('111122223333/role/app');
    expect(page()).not.toContain(other);
    git(origin, 'update-ref', 'refs/heads/main', `${branch}-${other}`);
    expect(await job()).toMatchObject({ code: 0, outputs: { 'propose.number': '7' } });
    expect(readdirSync(bin.folder).filter((name) => name.startsWith('open'))).toEqual(['open']);
  });

  test('a pull request that has nothing to say any more is closed', async () => {
    await job();
    git(origin, 'update-ref', 'refs/heads/main', branch);
    expect(await job()).toMatchObject({ code: 0, outputs: { 'propose.changed': 'false' } });
    expect(verbs().slice(3)).toEqual(['list', 'close']);
  });

  test('an error of the configuration fails the job, and nothing is pushed', async () => {
    await iam?.close();
    const before = heads();
    const ran = await job();
    expect(ran.code).toBe(2);
    expect(heads()).toBe(before);
    expect(asked()).toEqual([]);
  });

  test('a log that cannot be read is a warning, and told in the page', async () => {
    const key = 'AWSLogs/111122223333/CloudTrail/us-east-1/2026/03/08';
    writeFileSync(join(bucket, key, 'damaged.json.gz'), 'not gzip');
    await serve();
    const ran = await job();
    expect(ran).toMatchObject({ code: 0, outputs: { 'retighten.code': '3' } });
    expect(ran.log).toContain('::warning::some input could not be read');
    expect(page()).toContain('**1 log object could not be read to the end**');
  });

  test('samples/cron: a branch, and the page for the mail; nothing when nothing is new', async () => {
    git('/', 'clone', '-q', origin, clone);
    const script = read('samples/cron/retighten.sh');
    const first = await bash(script, folder, environment(), clone);
    expect(first.code).toBe(0);
    expect(first.text).toMatch(/^# Least privilege: 1 principal of 1 changes\n/);
    expect(heads()).toContain(branch);
    const before = heads();
    expect(await bash(script, folder, environment(), clone)).toEqual({ code: 0, text: '' });
    expect(heads()).toBe(before);
  });
});
