import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { readCurrent, type Current } from '../../src/current/current.ts';
import { InputError } from '../../src/iam/input-error.ts';
import { ACCOUNT, allow, attached, details, group, managed, role, user } from '../current/details-fixture.ts';
import { fakeEnvironment, fakeIam, type FakeIam, type FakeOptions } from './iam-fake.ts';

const CUSTOM = `arn:aws:iam::${ACCOUNT}:policy/team/custom`;
const READ_ONLY = 'arn:aws:iam::aws:policy/ReadOnlyAccess';
const BOUNDARY = 'arn:aws:iam::aws:policy/PowerUserAccess';

const account = details({
  roles: [
    role('app', {
      ...attached(CUSTOM, READ_ONLY),
      RolePolicyList: [{ PolicyName: 'own', PolicyDocument: allow('sqs:SendMessage') }],
    }),
    role(
      'build',
      { PermissionsBoundary: { PermissionsBoundaryType: 'Policy', PermissionsBoundaryArn: BOUNDARY } },
      '/team/',
    ),
    role('fleet', {
      InstanceProfileList: [{ Arn: `arn:aws:iam::${ACCOUNT}:instance-profile/fleet`, Roles: [] }],
    }),
  ],
  users: [user('ana', { GroupList: ['staff'] }), user('bob')],
  groups: [
    group('staff', {
      ...attached(READ_ONLY),
      GroupPolicyList: [{ PolicyName: 'in', PolicyDocument: allow('iam:GetUser') }],
    }),
  ],
  policies: [
    managed(CUSTOM, allow('s3:GetObject')),
    managed(READ_ONLY, allow('s3:Get*', 'ec2:Describe*')),
    managed(BOUNDARY, allow('*')),
  ],
});

const folder = mkdtempSync(join(tmpdir(), 'aws-'));
let fake: FakeIam | undefined;

async function live(options: FakeOptions = {}, about: object = account): Promise<Current> {
  fake = await fakeIam(about, options);
  for (const [name, value] of Object.entries(fakeEnvironment(fake.url))) vi.stubEnv(name, value);
  return readCurrent('aws');
}

async function fromFile(about: object): Promise<Current> {
  const file = join(folder, 'details.json');
  writeFileSync(file, JSON.stringify(about));
  return readCurrent(file);
}

/** Everything a result says, its lists on demand included. */
const said = (current: Current): unknown => ({
  holders: current.holders.map((holder) => ({
    ...holder,
    policies: holder.policies.map((policy) => ({ ...policy, sharedWith: policy.sharedWith })),
    boundary: holder.boundary && { ...holder.boundary, sharedWith: holder.boundary.sharedWith },
  })),
  unnamed: current.unnamed,
  path: current.rolePath(ACCOUNT, 'build'),
  fleet: current.rolesOfInstanceProfile(ACCOUNT, 'fleet'),
});

async function complaint(options: FakeOptions): Promise<string> {
  const error: unknown = await live(options).catch((caught: unknown) => caught);
  if (!(error instanceof InputError)) throw error;
  expect(error.message).not.toContain('\n');
  return error.message;
}

const refusal = (status: number, code: string, message: string): FakeOptions => ({
  mishap: () => ({ kind: 'error', status, code, message }),
});

beforeEach(() => {
  for (const name of ['AWS_PROFILE', 'AWS_REGION', 'AWS_SESSION_TOKEN']) vi.stubEnv(name, undefined);
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await fake?.close();
  fake = undefined;
});
afterEach(() => rmSync(join(folder, 'details.json'), { force: true }));

describe('the live account', () => {
  test.each([1, 2, 100])('says what its details say as a file, %i entries a page', async (pageSize) => {
    expect(said(await live({ pageSize }))).toEqual(said(await fromFile(account)));
  });

  test('asks for what it needs, marker after marker', async () => {
    await live({ pageSize: 4 });
    expect(fake?.requests.map((r) => [r['Action'], r['Marker']])).toEqual([
      ['GetAccountAuthorizationDetails', undefined],
      ['GetAccountAuthorizationDetails', 'm+/=4'],
      ['GetAccountAuthorizationDetails', 'm+/=8'],
    ]);
    expect(fake?.requests[0]).toMatchObject({
      'Filter.member.1': 'User',
      'Filter.member.5': 'AWSManagedPolicy',
    });
  });

  test('documents that the details withhold come from the policy itself', async () => {
    const current = await live({ withheld: [READ_ONLY, BOUNDARY] });
    expect(said(current)).toEqual(said(await fromFile(account)));
    expect(
      fake?.requests
        .filter((r) => r['Action'] !== 'GetAccountAuthorizationDetails')
        .map((r) => r['PolicyArn']),
    ).toEqual([BOUNDARY, BOUNDARY, READ_ONLY, READ_ONLY]);
  });

  test('a policy that is gone is a fault of those who hold it', async () => {
    const current = await live({}, details({ roles: [role('app', attached(READ_ONLY)), role('calm')] }));
    expect(current.holders.map(({ name, faults }) => [name, faults.length])).toEqual([
      ['app', 1],
      ['calm', 0],
    ]);
  });

  test('an empty account is no error', async () => {
    expect((await live({}, details({}))).holders).toEqual([]);
  });

  test('throttles and cut connections are tried again', async () => {
    const current = await live({
      mishap: (_, n) =>
        n === 0
          ? { kind: 'error', status: 400, code: 'Throttling', message: 'Rate exceeded' }
          : n === 2
            ? { kind: 'cut' }
            : n === 4
              ? { kind: 'error', status: 503, code: 'ServiceUnavailable', message: 'later' }
              : undefined,
    });
    expect(said(current)).toEqual(said(await fromFile(account)));
  });
});

describe('what goes wrong is one line', () => {
  test('no permission: the action and who asked', async () => {
    const message = await complaint(
      refusal(
        403,
        'AccessDenied',
        `User: arn:aws:iam::${ACCOUNT}:user/ana is not authorized to perform: iam:GetAccountAuthorizationDetails on resource: * because no identity-based policy allows it`,
      ),
    );
    expect(message).toMatch(
      /^AWS: no permission for iam:GetAccountAuthorizationDetails as arn:aws:iam::111122223333:user\/ana; allow /,
    );
  });

  test('no permission for the second request', async () => {
    const message = await complaint({
      withheld: [READ_ONLY],
      mishap: ({ Action }) =>
        Action === 'GetPolicyVersion'
          ? { kind: 'error', status: 403, code: 'AccessDenied', message: 'no' }
          : undefined,
    });
    expect(message).toMatch(/^AWS: no permission for iam:GetPolicyVersion; /);
  });

  test.each([
    ['ExpiredToken', /^AWS: the credentials have expired \(ExpiredToken\); /],
    ['InvalidClientTokenId', /^AWS: the credentials are not accepted \(InvalidClientTokenId\); /],
    ['SignatureDoesNotMatch', /^AWS: the credentials are not accepted /],
    [
      'ValidationError',
      /^AWS: iam:GetAccountAuthorizationDetails failed: ValidationError: two lines \(HTTP 403\)$/,
    ],
  ])('%s', async (code, line) => {
    expect(await complaint(refusal(403, code, 'two\nlines'))).toMatch(line);
  });

  test('throttled for good', async () => {
    vi.stubEnv('AWS_MAX_ATTEMPTS', '2');
    expect(await complaint(refusal(400, 'Throttling', 'Rate exceeded'))).toMatch(
      /^AWS: .* is throttled \(Throttling\) in spite of retries/,
    );
  });

  test.each([
    [
      'a page of a proxy',
      '<!DOCTYPE html><html><head><meta charset="utf-8"></head><body>Sign in</body></html>',
    ],
    ['one that is XML', '<html><body>Sign in</body></html>'],
  ])('%s instead of the second answer', async (_, body) => {
    expect(
      await complaint({ mishap: (_asked, n) => (n === 1 ? { kind: 'page', body } : undefined) }),
    ).toMatch(/^AWS: iam:GetAccountAuthorizationDetails got an answer that is not AWS's \(HTTP 200\): /);
  });

  test('an answer without a list', async () => {
    const without = { lacking: 'RoleDetailList' };
    expect(await complaint(without)).toContain('(HTTP 200): it has no RoleDetailList; ');
  });

  test('nobody listens', async () => {
    const closed = await fakeIam(account);
    await closed.close();
    for (const [name, value] of Object.entries(fakeEnvironment(closed.url))) vi.stubEnv(name, value);
    await expect(readCurrent('aws')).rejects.toThrow(
      /^AWS: cannot be reached for iam:GetAccountAuthorizationDetails \(ECONNREFUSED\); /,
    );
  });

  test('always cut', async () => {
    expect(await complaint({ mishap: () => ({ kind: 'cut' }) })).toMatch(/^AWS: cannot be reached for /);
  });

  test('no credentials', async () => {
    for (const name of ['AWS_ACCESS_KEY_ID', 'AWS_SECRET_ACCESS_KEY']) vi.stubEnv(name, undefined);
    for (const name of ['AWS_CONFIG_FILE', 'AWS_SHARED_CREDENTIALS_FILE']) vi.stubEnv(name, '/dev/null/none');
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
    await expect(readCurrent('aws')).rejects.toThrow(/^AWS: no usable credentials \(/);
  });

  test('a profile that is not there', async () => {
    vi.stubEnv('AWS_CONFIG_FILE', '/dev/null/none');
    vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', '/dev/null/none');
    vi.stubEnv('AWS_EC2_METADATA_DISABLED', 'true');
    await expect(readCurrent('aws', { profile: 'nobody' })).rejects.toThrow(/^AWS: no profile nobody; /);
  });
});
