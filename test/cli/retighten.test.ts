import { Ajv2020 } from 'ajv/dist/2020.js';
import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { isObject } from '../../src/iam/json.ts';
import { main, project, run, temporaryFolder, type Ran } from './cli.ts';
import { killedAt, momentsOf, type Environment } from './killed.ts';
import { allow } from '../iam/documents.ts';
import { account, days, deliver, git, live, type Calls } from './weeks.ts';

const folder = temporaryFolder();
const repository = join(folder, 'repository');
const bucket = join(folder, 'bucket');
const current = join(folder, 'live');
const db = join(folder, 'index.db');
const config = join(repository, 'iam-minimize.yaml');

const secret = 'arn:aws:secretsmanager:us-east-1:111122223333:secret:db-a1b2c3';
const parameter = 'arn:aws:ssm:us-east-1:111122223333:parameter/app/key';

const schema: unknown = JSON.parse(readFileSync(join(project, 'docs/schema/retighten.json'), 'utf8'));
const validate = new Ajv2020({ strict: true, allowUnionTypes: true }).compile(isObject(schema) ? schema : {});

/** Three weeks: 2 to 8, 9 to 15 and 16 to 22 March. */
const calls: readonly Calls[] = [
  { role: 'app', days: days(2, 22), call: 'ec2:DescribeInstances' },
  { role: 'app', days: days(2, 22), call: 'secretsmanager:GetSecretValue', params: { secretId: secret } },
  // Its yearly key rotation: needed, and not used in the first week.
  { role: 'app', days: [12], call: 'ssm:GetParameter', params: { name: '/app/key' }, refused: true },
  // New behaviour, for which a person gave it a policy.
  { role: 'app', days: [13, 14, 20], call: 'ec2:DescribeVolumes' },
  // Always refused, and never allowed: says nothing.
  { role: 'app', days: days(2, 22), call: 'iam:CreateUser', params: { userName: 'x' }, refused: true },
  { role: 'worker', days: days(2, 22), call: 'ec2:DescribeInstances' },
  // Stopped behaviour: in the window of two weeks until the second one.
  { role: 'worker', days: [3, 4], call: 'ec2:DescribeImages' },
  { role: 'batch', days: [2, 3], call: 'ec2:DescribeInstances' },
  { role: 'import', days: days(10, 22), call: 'ec2:DescribeRegions' },
];

const held = {
  app: [allow(['ec2:DescribeInstances', 'secretsmanager:GetSecretValue', 'ssm:GetParameter'])],
  worker: [allow(['ec2:DescribeInstances', 'ec2:DescribeImages'])],
  batch: [allow('ec2:DescribeInstances')],
};

const retighten = (...args: readonly string[]): Ran =>
  run(['retighten', '--config', config, '--db', db, '--quiet', ...args]);

/** What a run changed, as git says it: letter and path below the tree. */
function changes(): readonly string[] {
  git(repository, 'add', '-A');
  return git(repository, 'diff', '--cached', '--name-status', '--no-renames')
    .split('\n')
    .filter(Boolean)
    .map((line) => line.replace('\tpolicies/', ' ').replace(`${account}/role/`, ''));
}

const merge = (): string => git(repository, 'commit', '-qam', 'merged');

const textOf = (...path: readonly string[]): string =>
  readFileSync(join(repository, 'policies', ...path), 'utf8');

/** The statements of policies in the tree, of one file of a role or of all. */
function statementsOf(role: string, file = ''): readonly Readonly<Record<string, unknown>>[] {
  const names = readdirSync(join(repository, 'policies', account, 'role', role))
    .filter((name) => (file === '' ? /^policy.*\.json$/.test(name) : name === file))
    .sort()
    .reverse();
  return names.flatMap((name) => {
    const parsed: unknown = JSON.parse(textOf(account, 'role', role, name));
    const statements = isObject(parsed) ? parsed['Statement'] : [];
    return Array.isArray(statements) ? statements.filter(isObject) : [];
  });
}

/** Actions and resources of what was used, in the tree. */
const granted = (role: string): unknown =>
  statementsOf(role, 'policy.json').map((s) => [s['Action'], s['Resource']]);

/** Every file below a folder with its content. */
function contents(root: string): readonly (readonly [string, string])[] {
  return readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => !name.startsWith('.git/') && statSync(join(root, name)).isFile())
    .sort()
    .map((name) => [name, readFileSync(join(root, name), 'latin1')]);
}

function start(): void {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(repository, { recursive: true });
  git(repository, 'init', '-q');
  writeFileSync(
    config,
    [
      'principals: ["*"]',
      'sources: [../bucket]',
      'current: ../live',
      'out: policies',
      'min-window: 5d',
      'window:',
      '  since: 14d',
      '',
    ].join('\n'),
  );
  git(repository, 'add', '-A');
  git(repository, 'commit', '-qm', 'start');
}

const own = ['diff.md', 'evidence.json', 'policy.json', 'recorded.json'];
const ownAndUnseen = own.toSpliced(2, 0, 'policy-unseen.json');
const summaries = (letter: string): readonly string[] => [
  `${letter} PULL_REQUEST.md`,
  `${letter} retighten.json`,
];

describe.sequential('three weeks', () => {
  beforeAll(start);

  test('the first week: everybody for the first time', () => {
    live(current, held);
    deliver(bucket, days(2, 8), calls);
    expect(run(['retighten', '--config', config, '--db', db, '--check']).err).toMatch(
      /^read 7 objects \(.*\n32 events: 32 used/,
    );
    expect(retighten('--check')).toMatchObject({ code: 1, err: '' });
    expect(changes()).toEqual([]);
    expect(retighten()).toMatchObject({ code: 0, err: '' });
    expect(granted('app')).toEqual([
      ['ec2:DescribeInstances', '*'],
      ['secretsmanager:GetSecretValue', secret],
    ]);
    expect(granted('worker')).toEqual([[['ec2:DescribeImages', 'ec2:DescribeInstances'], '*']]);
    expect(granted('batch')).toEqual([['ec2:DescribeInstances', '*']]);
    expect(changes()).toEqual([
      ...['app', 'batch', 'worker'].flatMap((role) => own.map((file) => `A ${role}/${file}`)),
      ...summaries('A'),
    ]);
    expect(textOf('PULL_REQUEST.md')).not.toContain('Regression');
    merge();
  });

  test('run again, and applied: no byte changes', () => {
    expect(retighten()).toMatchObject({ code: 0, out: 'no change: 3 principals as before\n' });
    live(current, { app: statementsOf('app'), worker: statementsOf('worker'), batch: statementsOf('batch') });
    expect(retighten()).toMatchObject({ code: 0, out: 'no change: 3 principals as before\n' });
    expect(retighten('--check')).toMatchObject({ code: 0 });
    expect(changes()).toEqual([]);
  });

  test('the second week: a regression, new behaviour, a new role', async () => {
    deliver(bucket, days(9, 15), calls);
    live(current, {
      app: [...statementsOf('app'), allow('ec2:DescribeVolumes')],
      worker: statementsOf('worker'),
      batch: statementsOf('batch'),
      import: [allow('ec2:*')],
    });
    const ran = retighten();
    expect(ran).toMatchObject({ code: 0, err: '' });
    expect(ran.out).toContain(
      `regression  ${account}/role/app  ssm:GetParameter  ${parameter}  refused 2026-03-12, granted 2026-03-08\n`,
    );
    expect(granted('app')).toEqual([
      [['ec2:DescribeInstances', 'ec2:DescribeVolumes'], '*'],
      ['secretsmanager:GetSecretValue', secret],
    ]);
    expect(granted('import')).toEqual([['ec2:DescribeRegions', '*']]);
    expect(changes()).toEqual([
      ...own.map((file) => `M app/${file}`),
      ...ownAndUnseen.map((file) => `A import/${file}`),
      ...summaries('M'),
    ]);
    const page = textOf('PULL_REQUEST.md');
    expect(page.indexOf('## Regressions')).toBeLessThan(page.indexOf('## Summary'));
    expect(page).toContain('`ssm:GetParameter` on `arn:aws:ssm:us-east-1:111122223333:parameter/app/key`');
    expect(page).toContain('    "Action": "ssm:GetParameter"');
    expect(page).not.toContain('iam:CreateUser');
    await expect(page).toMatchFileSnapshot('../golden/retighten-week-2.md');
    expect(validate(JSON.parse(textOf('retighten.json')))).toBe(true);
    expect(page).toContain('+ ec2:DescribeVolumes  *   new\n');
    expect(page).toMatch(/New in the last 7 days[^#]*`ec2:DescribeVolumes` on `\*`, first on 2026-03-13/);
    merge();
    expect(retighten('--check')).toMatchObject({ code: 1 });
    expect(retighten()).toMatchObject({ code: 0 });
    expect(changes()).toEqual([]);
  });

  test('the regression is given back when asked for, and stays though nobody uses it', () => {
    expect(retighten('--restore')).toMatchObject({ code: 0 });
    expect(granted('app')).toEqual([
      [['ec2:DescribeInstances', 'ec2:DescribeVolumes'], '*'],
      ['secretsmanager:GetSecretValue', secret],
      ['ssm:GetParameter', parameter],
    ]);
    expect(changes()).toEqual([
      'M app/diff.md',
      'M app/policy.json',
      'M app/recorded.json',
      ...summaries('M'),
    ]);
    expect(textOf('PULL_REQUEST.md')).toContain('**Given back here:**');
    merge();
    expect(retighten()).toMatchObject({ code: 0 });
    expect(changes()).toEqual([]);
  });

  test('the third week: stopped behaviour, a deleted role', () => {
    deliver(bucket, days(16, 22), calls);
    live(current, {
      app: statementsOf('app'),
      worker: statementsOf('worker'),
      import: statementsOf('import'),
    });
    const ran = retighten();
    expect(ran).toMatchObject({ code: 0, err: '' });
    expect(granted('worker')).toEqual([['ec2:DescribeInstances', '*']]);
    expect(changes()).toEqual([
      ...own.map((file) => `D batch/${file}`),
      ...own.map((file) => `M worker/${file}`),
      ...summaries('M'),
    ]);
    expect(textOf('PULL_REQUEST.md')).toContain('- ec2:DescribeImages  *\n');
    merge();
    expect(retighten('--check')).toMatchObject({ code: 0 });
  });
});

/** Starts a run without waiting for it. */
const started = (...args: readonly string[]) =>
  spawn(process.execPath, [main, 'retighten', '--config', config, '--db', db, ...args], {
    env: { ...process.env, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });

const ended = (child: ReturnType<typeof started>): Promise<number | null> =>
  new Promise((resolve) => child.on('close', resolve));

/** The policies of a tree alone. */
const policies = (): unknown =>
  contents(join(repository, 'policies')).filter(([name]) => /(app|worker|batch)\/policy/.test(name));

describe('at any time', () => {
  beforeEach(() => {
    start();
    live(current, held);
    deliver(bucket, days(2, 8), calls);
  });

  test('twice at once: one waits, both end well, and the tree is that of one run', async () => {
    const codes = await Promise.all([started(), started()].map(ended));
    expect(codes).toEqual([0, 0]);
    const both = contents(join(repository, 'policies'));
    start();
    live(current, held);
    deliver(bucket, days(2, 8), calls);
    retighten();
    expect(contents(join(repository, 'policies'))).toEqual(both);
  });

  test('killed at many moments: as it was before, as it is after, or made so by the next run', async () => {
    retighten();
    git(repository, 'add', '-A');
    merge();
    const tree = (): unknown => contents(join(repository, 'policies'));
    const before = tree();
    deliver(bucket, days(9, 15), calls);
    live(current, { ...held, app: [...held.app, allow('ec2:DescribeVolumes')] });
    const saved = temporaryFolder();
    cpSync(folder, saved, { recursive: true, preserveTimestamps: true });
    const from = (environment: Environment): Ran => {
      rmSync(folder, { recursive: true });
      cpSync(saved, folder, { recursive: true, preserveTimestamps: true });
      return run(['retighten', '--config', config, '--db', db, '--quiet'], { environment });
    };
    const moments = await momentsOf((environment) => from(environment), { file: 5, sql: 5 });
    const after = tree();
    expect(changes()).toContain('M app/policy.json');
    const found = new Set<string>();
    for (const moment of moments) {
      expect([moment, from(killedAt(moment))]).toMatchObject([moment, { code: null }]);
      const now = tree();
      const isDecided = existsSync(join(repository, '.policies.iam-minimize/journal.json'));
      expect(isDecided ? [now] : [before, after]).toContainEqual(now);
      found.add(isDecided ? 'decided' : JSON.stringify(now) === JSON.stringify(before) ? 'before' : 'after');
      // A role of the log that the folder of today's policies does not have.
      expect([moment, retighten()]).toMatchObject([moment, { code: 3 }]);
      expect([moment, tree()]).toEqual([moment, after]);
    }
    expect([...found]).toEqual(expect.arrayContaining(['before', 'decided']));
  });

  test('missed weeks: what is missed then is found later', () => {
    retighten();
    live(current, { app: statementsOf('app'), worker: statementsOf('worker'), batch: statementsOf('batch') });
    deliver(bucket, days(9, 22), calls);
    const ran = retighten();
    expect(ran.code).toBe(3);
    expect(ran.out).toMatch(/^regression .*role\/app .*ssm:GetParameter/);
    // Still there, and silent in the window: nothing that it held was used.
    expect(readdirSync(join(repository, 'policies', account, 'role/batch'))).not.toContain('policy.json');
    expect(granted('worker')).toEqual([['ec2:DescribeInstances', '*']]);
  });

  test('a lost index is built again, and nothing changes', () => {
    retighten();
    const before = contents(join(repository, 'policies'));
    for (const file of [db, `${db}-wal`, `${db}-shm`]) rmSync(file, { force: true });
    expect(retighten()).toMatchObject({ code: 0, out: 'no change: 3 principals as before\n' });
    expect(contents(join(repository, 'policies'))).toEqual(before);
  });

  test('too few days, or days without logs: said at the top, and nothing is taken away', () => {
    rmSync(bucket, { recursive: true });
    deliver(bucket, [2, 3, 4, 8], calls);
    const ran = retighten();
    expect(ran).toMatchObject({ code: 0 });
    expect(ran.out).toContain('blocked  111122223333/role/app: 2 whole days are covered, fewer than the 5');
    expect(textOf('PULL_REQUEST.md')).toMatch(
      /^# .*\n\n\*\*Coverage\*\*\n\n- all: 10 days of the window without any log\n/,
    );
    expect(granted('app')).toEqual([
      [['ec2:DescribeInstances', 'secretsmanager:GetSecretValue', 'ssm:GetParameter'], '*'],
    ]);
  });

  test('current policies that cannot be read: left as they are, the others go on', () => {
    retighten();
    git(repository, 'add', '-A');
    merge();
    deliver(bucket, days(9, 22), calls);
    writeFileSync(join(current, account, 'role/app/policy.json'), '{"Version":"2012-10-17","Statement":');
    const ran = retighten();
    expect(ran.code).toBe(3);
    expect(ran.out).toMatch(/^left +111122223333\/role\/app +its current policies cannot all be read/m);
    expect(changes().filter((line) => line.includes('app/'))).toEqual([]);
    expect(changes()).toContain('M worker/policy.json');
  });

  test("a role that is in the log and not in today's policies, and one that is perhaps gone", () => {
    retighten();
    git(repository, 'add', '-A');
    merge();
    const { app, worker } = held;
    live(current, { app });
    expect(retighten().out).toMatch(
      /^left +111122223333\/role\/worker +seen in the log, but not in today's/m,
    );
    expect(changes()).toEqual([]);
    // Too few days to say that it is gone for good.
    deliver(bucket, days(19, 20), calls);
    live(current, { app, worker });
    expect(retighten().out).toMatch(/^left +111122223333\/role\/batch +in no log and not in today's/m);
    expect(changes()).toEqual([]);
  });

  test('without current policies: what is used, and nothing goes while too little is covered', () => {
    writeFileSync(config, readFileSync(config, 'utf8').replace('current: ../live\n', ''));
    expect(retighten()).toMatchObject({ code: 0 });
    expect(granted('app')).toEqual([
      ['ec2:DescribeInstances', '*'],
      ['secretsmanager:GetSecretValue', secret],
    ]);
    const before = policies();
    rmSync(db);
    rmSync(bucket, { recursive: true });
    deliver(bucket, [20], calls);
    expect(retighten().out).toContain('role/app     too few days are covered');
    expect(policies()).toEqual(before);
  });

  test('a pin that names a regression gives it back', () => {
    retighten();
    live(current, { app: statementsOf('app'), worker: statementsOf('worker'), batch: statementsOf('batch') });
    deliver(bucket, days(9, 15), calls);
    writeFileSync(
      config,
      `${readFileSync(config, 'utf8')}${[
        'pins:',
        '  - principal: app',
        '    action: ssm:Get*',
        '    resource: "*"',
        '    owner: data team',
        '    reason: key rotation',
        '    expires: 2027-03-31',
        '',
      ].join('\n')}`,
    );
    const ran = retighten();
    expect(ran).toMatchObject({ code: 3, err: '' });
    expect(ran.out).toMatch(/^restored .*ssm:GetParameter/);
    expect(granted('app')).toContainEqual(['ssm:GetParameter', parameter]);
    expect(textOf(account, 'role/app/diff.md')).toContain('given back, until 2027-03-31');
  });
});

test('a tree with all in policy.json: the same permissions, in new files', () => {
  start();
  live(current, { app: [allow('ec2:*')] });
  deliver(bucket, days(2, 8), calls);
  retighten();
  const all = statementsOf('app');
  const place = join(repository, 'policies', account, 'role/app');
  writeFileSync(join(place, 'policy.json'), JSON.stringify({ Version: '2012-10-17', Statement: all }));
  rmSync(join(place, 'policy-unseen.json'));
  const { out } = retighten();
  expect(out).toMatch(/^changed +\S*role\/app +same permissions, new files +7 days/m);
  expect(statementsOf('app')).toEqual(all);
  expect(readdirSync(place)).toContain('policy-unseen.json');
  const page = textOf('PULL_REQUEST.md');
  expect(page).toContain('- against the last proposal: 0 added, 0 narrowed, 0 removed\n');
  expect(page).toContain('The same permissions as before, written differently.\n');
});

test('group-by account: pages for each account, written where something of it changes', () => {
  start();
  writeFileSync(
    config,
    `${readFileSync(config, 'utf8').replace('current: ../live\n', '')}group-by: account\n`,
  );
  const other = '444455556666';
  const seen = calls.filter(({ role }) => role === 'app');
  for (const owner of [account, other]) deliver(bucket, days(2, 8), seen, owner);
  retighten();
  const pages = changes().filter((line) => /PULL_REQUEST|retighten\.json/.test(line));
  expect(pages).toEqual([
    `A ${account}/PULL_REQUEST.md`,
    `A ${account}/retighten.json`,
    `A ${other}/PULL_REQUEST.md`,
    `A ${other}/retighten.json`,
  ]);
  expect(textOf(account, 'PULL_REQUEST.md')).toMatch(/^# Least privilege: 1 principal of 1 changes\n/);
  expect(textOf(account, 'PULL_REQUEST.md')).not.toContain(other);
  merge();
  deliver(bucket, days(9, 15), seen, other);
  deliver(bucket, days(9, 15), [{ role: 'app', days: days(9, 15), call: 'ec2:DescribeInstances' }]);
  retighten();
  expect(new Set(changes().map((line) => line.slice(2, 14)))).toEqual(new Set([other]));
  merge();
  retighten();
  expect(changes()).toEqual([]);
});
