import { IAMClient, CreateRoleCommand } from '@aws-sdk/client-iam';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isObject } from '../../src/iam/json.ts';
import { live } from '../aws/live.ts';
import { sampleIndex, run, temporaryFolder, today } from '../cli/cli.ts';
import { available } from './engine.ts';
import { moto } from './moto.ts';

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
});
