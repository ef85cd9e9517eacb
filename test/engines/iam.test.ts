import { IAMClient, CreateRoleCommand } from '@aws-sdk/client-iam';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isObject } from '../../src/iam/json.ts';
import { live } from '../aws/live.ts';
import { sampleIndex, run, temporaryFolder, today, type Ran } from '../cli/cli.ts';
import { available } from './engine.ts';
import { moto } from './moto.ts';
import { badProxy } from './proxy.ts';

const engine = await available(moto);
afterAll(() => engine?.close());

const folder = temporaryFolder();
const account = '111122223333';
const trust = JSON.stringify({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Principal: { Service: 'ec2.amazonaws.com' }, Action: 'sts:AssumeRole' }],
});
const policy = (...actions: readonly string[]): string =>
  JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }] });

const written = (name: string, content: unknown): string => {
  writeFileSync(join(folder, name), JSON.stringify(content));
  return join(folder, name);
};

describe.skipIf(engine === undefined)('moto 5.2, IAM and STS', () => {
  /** Of a role of the account: moto finds accounts by the keys that a role gave. */
  let keys: Readonly<Record<string, string>> = {};
  const aws = (...args: readonly string[]): unknown => {
    const text = engine?.aws(args, keys) ?? '';
    return text.trim() === '' ? undefined : (JSON.parse(text) as unknown);
  };
  const details = join(folder, 'details.json');
  const db = sampleIndex(folder);
  const generate = (current: string, ...more: readonly string[]) =>
    live(['generate', '--all', '--db', db, '--min-window', '7d', '--current', current, ...more], {
      ...engine?.environment,
      ...keys,
    });

  beforeAll(async () => {
    const given = aws(
      'sts',
      'assume-role',
      '--role-session-name',
      'setup',
      '--role-arn',
      `arn:aws:iam::${account}:role/setup`,
    );
    const made = isObject(given) && isObject(given['Credentials']) ? given['Credentials'] : {};
    keys = {
      AWS_ACCESS_KEY_ID: String(made['AccessKeyId']),
      AWS_SECRET_ACCESS_KEY: String(made['SecretAccessKey']),
      AWS_SESSION_TOKEN: String(made['SessionToken']),
    };
    const own = `arn:aws:iam::${account}:policy/team/shared`;
    aws(
      'iam',
      'create-policy',
      '--policy-name',
      'shared',
      '--path',
      '/team/',
      '--policy-document',
      policy('s3:*'),
    );
    aws(
      'iam',
      'create-policy-version',
      '--policy-arn',
      own,
      '--policy-document',
      policy('s3:Get*', 'sqs:*'),
      '--set-as-default',
    );
    for (const [name, path] of [
      ['app', '/'],
      ['ci-deploy', '/build/'],
      ['idle', '/'],
    ] as const) {
      aws('iam', 'create-role', '--role-name', name, '--path', path, '--assume-role-policy-document', trust);
      aws('iam', 'attach-role-policy', '--role-name', name, '--policy-arn', own);
    }
    aws(
      'iam',
      'attach-role-policy',
      '--role-name',
      'app',
      '--policy-arn',
      'arn:aws:iam::aws:policy/ReadOnlyAccess',
    );
    aws(
      'iam',
      'put-role-policy',
      '--role-name',
      'app',
      '--policy-name',
      'own',
      '--policy-document',
      policy('ecs:*', 'iam:PassRole'),
    );
    aws('iam', 'create-instance-profile', '--instance-profile-name', 'fleet', '--path', '/team/');
    aws('iam', 'add-role-to-instance-profile', '--instance-profile-name', 'fleet', '--role-name', 'app');
    aws('iam', 'create-user', '--user-name', 'ops-alice');
    aws('iam', 'create-group', '--group-name', 'ops');
    aws(
      'iam',
      'put-group-policy',
      '--group-name',
      'ops',
      '--policy-name',
      'in',
      '--policy-document',
      policy('ec2:*'),
    );
    aws('iam', 'add-user-to-group', '--group-name', 'ops', '--user-name', 'ops-alice');
    const client = new IAMClient({
      endpoint: engine?.url ?? '',
      region: 'us-east-1',
      credentials: {
        accessKeyId: keys['AWS_ACCESS_KEY_ID'] ?? '',
        secretAccessKey: keys['AWS_SECRET_ACCESS_KEY'] ?? '',
        sessionToken: keys['AWS_SESSION_TOKEN'] ?? '',
      },
    });
    for (let i = 0; i < 1200; i++)
      await client.send(
        new CreateRoleCommand({
          RoleName: `many-${i}`,
          AssumeRolePolicyDocument: trust,
          PermissionsBoundary: own,
        }),
      );
    client.destroy();
    writeFileSync(details, engine?.aws(['iam', 'get-account-authorization-details'], keys) ?? '');
  });

  test('the live account says what its details in a file say', async () => {
    const [live, file] = [await generate('aws'), await generate(details)];
    expect(live).toEqual(file);
    expect(live.out).toContain('role/app');
    expect(live.out).toContain('many-1199');
  });

  test("another account's credentials: a mistake, and no file goes", async () => {
    const out = join(folder, 'out');
    expect(run(['generate', '--all', '--db', db, ...today, '--out', out]).code).toBe(0);
    const own = keys;
    keys = {};
    const ran = await generate('aws', '--out', out);
    keys = own;
    expect(ran).toMatchObject({ code: 2, out: '' });
    expect(ran.err).toMatch(/^iam-minimize: not known to --current aws: .* of 111122223333; /);
    expect(existsSync(join(out, account, 'role/app/policy.json'))).toBe(true);
  });

  test('trails and audit of the live account say what the files of the AWS CLI say', async () => {
    aws('s3api', 'create-bucket', '--bucket', 'audited-logs');
    aws(
      'cloudtrail',
      'create-trail',
      '--name',
      'main',
      '--s3-bucket-name',
      'audited-logs',
      '--is-multi-region-trail',
    );
    aws('cloudtrail', 'start-logging', '--name', 'main');
    aws('iam', 'update-account-password-policy', '--minimum-password-length', '10', '--require-symbols');
    const environment = { ...engine?.environment, ...keys };
    const trails = await live(['trails', '--json'], environment);
    expect(trails).toMatchObject({ code: 0 });
    expect(JSON.parse(trails.out)).toMatchObject({ name: 'main', bucket: 'audited-logs', logging: true });

    aws('iam', 'generate-credential-report');
    const [found] = [aws('cloudtrail', 'describe-trails')].filter(isObject).map((all) => all['trailList']);
    const [trail] = [found].flat().filter(isObject);
    const selectors = aws('cloudtrail', 'get-event-selectors', '--trail-name', 'main');
    const state = { ...trail, ...(isObject(selectors) ? selectors : {}), IsLogging: true };
    const files: Readonly<Record<string, string>> = {
      current: details,
      'credential-report': written('report.json', aws('iam', 'get-credential-report')),
      'password-policy': written('passwords.json', aws('iam', 'get-account-password-policy')),
      'trail-config': written('trails.json', state),
    };
    const audit = (of: (flag: string) => string) =>
      live(
        ['audit', '--json', '--db', db, ...Object.keys(files).flatMap((flag) => [`--${flag}`, of(flag)])],
        environment,
      );
    const ran = await audit(() => 'aws');
    expect(ran).toEqual(await audit((flag) => files[flag] ?? ''));
    expect(ran.code).toBe(1);
    expect(ran.out).toContain('"seen":"10 characters; no lowercase, uppercase, numbers required');
    expect(ran.out).toContain('"check":"log-validation-off"');
  });

  test('through a proxy that spoils a fifth of the calls: one line or the same, and no file goes', async () => {
    const out = join(folder, 'kept');
    const file = join(out, account, 'role/app/policy.json');
    const one = ['generate', '--principal', 'app', '--current', 'aws', '--out', out];
    const audit = 'audit --json --current aws --credential-report aws --password-policy aws'.split(' ');
    const runs: readonly (readonly string[])[] = [one, audit, audit, audit, audit, audit, one];
    const ask = (args: readonly string[], more: Readonly<Record<string, string>> = {}) =>
      live([...args, '--db', db], { ...engine?.environment, ...keys, ...more });
    await ask(one);
    const whole = new Map<readonly string[], Ran>([
      [one, await ask(one)],
      [audit, await ask(audit)],
    ]);
    const text = readFileSync(file, 'utf8');
    const proxy = await badProxy(engine?.url ?? '');
    const ended: (Ran & { readonly args: readonly string[] })[] = [];
    for (const args of runs) {
      ended.push({ ...(await ask(args, { AWS_ENDPOINT_URL_IAM: proxy.url })), args });
      expect(readFileSync(file, 'utf8')).toBe(text);
    }
    const [failed, done] = [ended.filter(({ code }) => code === 2), ended.filter(({ code }) => code !== 2)];
    expect(done.map(({ code, out: said }) => [code, said])).toEqual(
      done.map(({ args }) => [whole.get(args)?.code, whole.get(args)?.out]),
    );
    expect(failed.map(({ err }) => err.match(/^iam-minimize: /gm)?.length)).toEqual(failed.map(() => 1));
    await proxy.close();
    expect(proxy.spoiled()).toBeGreaterThan(2);
  });
});
