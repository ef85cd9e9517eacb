import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as fc from 'fast-check';
import { afterAll, expect, test } from 'vitest';
import type { Principal } from '../../src/cloudtrail/principal.ts';
import { readCurrent, type Current } from '../../src/current/current.ts';
import type { Holder } from '../../src/current/holder.ts';
import { InputError } from '../../src/iam/input-error.ts';
import { ACCOUNT, allow, attached, details, group, managed, role, user } from './details-fixture.ts';

const root = mkdtempSync(join(tmpdir(), 'current-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

let folders = 0;
/** A new folder with these files; values that are not strings or bytes are written as JSON. */
function folder(files: Readonly<Record<string, unknown>>): string {
  const path = join(root, String((folders += 1)));
  mkdirSync(path);
  for (const [name, content] of Object.entries(files)) {
    const file = join(path, name);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(
      file,
      typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content),
    );
  }
  return path;
}

const readDetails = (...pages: readonly object[]): Promise<Current> =>
  readCurrent(join(folder({ 'details.json': pages }), 'details.json'));

function principal(kind: Principal['kind'], name: string, account = ACCOUNT): Principal {
  return { kind, account, name, arn: '', uniqueId: '' };
}

function held(current: Current, who: Principal): Holder {
  const holder = current.forPrincipal(who);
  if (holder === undefined) throw new Error(`nobody called ${who.name}`);
  return holder;
}

const actions = (holder: Holder): readonly string[] =>
  holder.policies
    .flatMap((policy) => policy.document.statements)
    .flatMap((statement) => statement.actions.patterns);

const reserved = (name: string, account: string, action: string): object =>
  role(
    `AWSReservedSSO_${name}_0123456789abcdef`,
    { RolePolicyList: [{ PolicyName: 'AwsSSOInlinePolicy', PolicyDocument: allow(action) }] },
    '/aws-reserved/sso.amazonaws.com/eu-west-1/',
    account,
  );

const own = (action: string): object => ({
  RolePolicyList: [{ PolicyName: 'own', PolicyDocument: allow(action) }],
});

const CUSTOM = `arn:aws:iam::${ACCOUNT}:policy/team/custom`;
const ADMIN = 'arn:aws:iam::aws:policy/AdministratorAccess';

test('a role holds the default version of its managed policies, and its inline ones', async () => {
  const encoded = encodeURIComponent(JSON.stringify(allow('sqs:SendMessage')));
  const current = await readDetails(
    details({
      roles: [
        role(
          'app',
          { ...attached(CUSTOM), RolePolicyList: [{ PolicyName: 'own', PolicyDocument: encoded }] },
          '/team/',
        ),
      ],
      policies: [managed(CUSTOM, allow('s3:GetObject'))],
    }),
  );
  const app = held(current, principal('role', 'app'));
  expect(app).toMatchObject({ account: ACCOUNT, path: '/team/', uniqueId: 'AROAAPP', faults: [] });
  expect(
    app.policies.map(({ source, name, arn, createDate }) => ({ source, name, arn, createDate })),
  ).toEqual([
    { source: 'managed', name: 'custom', arn: CUSTOM, createDate: '2025-01-02T03:04:05+00:00' },
    { source: 'inline', name: 'own', arn: undefined, createDate: undefined },
  ]);
  expect(actions(app)).toEqual(['s3:GetObject', 'sqs:SendMessage']);
  expect(current.rolePath(ACCOUNT, 'app')).toBe('/team/');
  expect(current.rolePath(ACCOUNT, 'other')).toBeUndefined();
});

test('a user holds the policies of its groups; who else does is said', async () => {
  const ops = group('ops', {
    ...attached(CUSTOM),
    GroupPolicyList: [{ PolicyName: 'extra', PolicyDocument: allow('ec2:DescribeInstances') }],
  });
  const current = await readDetails(
    details({
      users: [user('alice', { GroupList: ['ops'] }), user('bob', { GroupList: ['ops'] })],
      groups: [ops],
      roles: [role('app', attached(CUSTOM))],
      policies: [managed(CUSTOM, allow('s3:GetObject'))],
    }),
  );
  const alice = held(current, principal('user', 'alice'));
  const bobArn = `arn:aws:iam::${ACCOUNT}:user/bob`;
  expect(alice.policies).toMatchObject([
    {
      source: 'group-managed',
      name: 'custom',
      group: 'ops',
      sharedWith: [`arn:aws:iam::${ACCOUNT}:role/app`, bobArn],
    },
    { source: 'group-inline', name: 'extra', group: 'ops', sharedWith: [bobArn] },
  ]);
  expect(current.forPrincipal(principal('role', 'alice'))).toBeUndefined();
});

test('a boundary is kept apart from what is held', async () => {
  const boundary = {
    PermissionsBoundary: { PermissionsBoundaryType: 'Policy', PermissionsBoundaryArn: CUSTOM },
  };
  const current = await readDetails(
    details({
      roles: [role('app', boundary), role('b', attached(CUSTOM))],
      policies: [managed(CUSTOM, allow('s3:*'))],
    }),
  );
  const app = held(current, principal('role', 'app'));
  expect(app.policies).toEqual([]);
  expect(app.boundary).toMatchObject({ arn: CUSTOM, sharedWith: [`arn:aws:iam::${ACCOUNT}:role/b`] });
});

test.each([
  ['an attached policy', attached(ADMIN), ADMIN],
  ['a boundary', { PermissionsBoundary: { PermissionsBoundaryArn: ADMIN } }, ADMIN],
  ['a group', { GroupList: ['gone'] }, 'gone'],
  [
    'an unreadable inline policy',
    { UserPolicyList: [{ PolicyName: 'bad', PolicyDocument: '%7Bbroken' }] },
    'bad',
  ],
  [
    'an inline policy with wrong encoding',
    { UserPolicyList: [{ PolicyName: 'bad', PolicyDocument: '%7' }] },
    'bad',
  ],
  ['an inline policy without document', { UserPolicyList: [{ PolicyName: 'bad' }] }, 'bad'],
  ['an entry that is no policy', { UserPolicyList: [17] }, 'UserPolicyList[0]'],
  ['a list that is none', { AttachedManagedPolicies: 'x' }, 'AttachedManagedPolicies'],
])('%s that the input does not show is a fault of that principal only', async (_, more, named) => {
  const current = await readDetails(details({ users: [user('alice', more), user('bob')] }));
  const alice = held(current, principal('user', 'alice'));
  expect(alice.faults).toHaveLength(1);
  expect(alice.faults[0]).toContain(named);
  expect(alice.faults[0]).not.toContain('\n');
  expect(held(current, principal('user', 'bob')).faults).toEqual([]);
});

test('pages without the last one are refused: who is on none of them would count as deleted', async () => {
  const first = { ...details({ roles: [role('app')] }), IsTruncated: true, Marker: 'more' };
  const last = { ...details({ roles: [role('worker')] }), IsTruncated: false };
  await expect(readDetails(first)).rejects.toThrow(/details\.json: .* without their last page/);
  await expect(readDetails({ ...last, NextToken: 'more' })).rejects.toThrow(InputError);
  const both = await readDetails(first, last);
  expect(held(both, principal('role', 'app')).name).toBe('app');
});

test('pages belong together, in one array or in several files', async () => {
  const pages = [
    details({ roles: [role('app', attached(ADMIN))] }),
    details({ policies: [managed(ADMIN, allow('*'), '2020-01-01T00:00:00+00:00')] }),
    details({ policies: [managed(ADMIN, allow('*', 'new:Action'), '2026-01-01T00:00:00+00:00')] }),
  ];
  const files = folder({ 'b/1.json': pages[0], '2.json': pages[1], 'a/3.json': pages[2] });
  for (const current of [await readDetails(...pages), await readCurrent(files)]) {
    expect(actions(held(current, principal('role', 'app')))).toEqual(['*', 'new:Action']);
  }
});

test('instance profiles and service-linked roles are known, the latter not as holders', async () => {
  const profile = `arn:aws-us-gov:iam::${ACCOUNT}:instance-profile/team/web`;
  const linked = role('AWSServiceRoleForECS', {}, '/aws-service-role/ecs.amazonaws.com/');
  const current = await readDetails(
    details({
      roles: [role('web', { InstanceProfileList: [{ Arn: profile, Roles: [role('web')] }] }), linked],
    }),
  );
  expect(current.rolesOfInstanceProfile(ACCOUNT, 'web')).toEqual([`arn:aws:iam::${ACCOUNT}:role/web`]);
  expect(current.rolesOfInstanceProfile(ACCOUNT, 'other')).toEqual([]);
  expect(current.rolesOfInstanceProfile('444455556666', 'web')).toEqual([]);
  expect(held(current, principal('role', 'web')).instanceProfiles).toEqual([profile]);
  expect(current.rolePath(ACCOUNT, 'AWSServiceRoleForECS')).toBe('/aws-service-role/ecs.amazonaws.com/');
  expect(current.holders.map((holder) => holder.name)).toEqual(['web']);
});

test('a permission set is found by its roles in all accounts; a difference between accounts is a fault', async () => {
  const current = await readDetails(
    details({
      roles: [
        reserved('Same_One', ACCOUNT, 's3:*'),
        reserved('Same_One', '444455556666', 's3:*'),
        reserved('Other', ACCOUNT, 's3:*'),
        reserved('Other', '444455556666', 'sqs:*'),
      ],
    }),
  );
  const elsewhere = held(current, principal('permission-set', 'Same_One', '777788889999'));
  expect(elsewhere).toMatchObject({ kind: 'permission-set', account: ACCOUNT, faults: [] });
  expect(held(current, principal('permission-set', 'Same_One', '444455556666')).account).toBe('444455556666');
  expect(held(current, principal('permission-set', 'Other')).faults).toHaveLength(1);
});

test('the folders that generate writes name the principals', async () => {
  const path = folder({
    [`x/${ACCOUNT}/role/app/policy.json`]: allow('s3:GetObject'),
    [`x/${ACCOUNT}/role/app/policy-2.json`]: allow('sqs:SendMessage'),
    [`x/${ACCOUNT}/role/app/policy-10.json`]: allow('sns:Publish'),
    [`x/${ACCOUNT}/role/app/evidence.json`]: { any: 'thing' },
    [`x/${ACCOUNT}/role/app/diff.md`]: '# no policy',
    'user/alice/policy.json': allow('ec2:DescribeInstances'),
    'permission-sets/default/Ops/policy.json': allow('ssm:StartSession'),
    [`${ACCOUNT}/role/broken/policy.json`]: '{"Statement": [}',
    'other/loose.json': allow('iam:GetRole'),
    'README.md': 'no policy',
    '.hidden/x.json': 'no policy',
  });
  const current = await readCurrent(path);
  const app = held(current, principal('role', 'app'));
  expect(actions(app)).toEqual(['s3:GetObject', 'sqs:SendMessage', 'sns:Publish']);
  expect(app.policies[0]).toMatchObject({
    source: 'file',
    name: `x/${ACCOUNT}/role/app/policy.json`,
    sharedWith: [],
  });
  expect(actions(held(current, principal('user', 'alice')))).toEqual(['ec2:DescribeInstances']);
  expect(actions(held(current, principal('permission-set', 'Ops')))).toEqual(['ssm:StartSession']);
  expect(held(current, principal('role', 'broken')).faults).toHaveLength(1);
  expect(current.forPrincipal(principal('role', 'app', '444455556666'))).toBeUndefined();
  expect(current.unnamed.map((policy) => policy.name)).toEqual(['other/loose.json']);
});

test('one principal described twice: the same is one holder, a difference a fault', async () => {
  const path = folder({
    [`${ACCOUNT}/role/same/policy.json`]: allow('s3:GetObject'),
    'role/differs/policy.json': allow('s3:GetObject'),
    'details.json': details({ roles: [role('same', own('s3:GetObject')), role('differs', own('s3:*'))] }),
  });
  const current = await readCurrent(path);
  expect(held(current, principal('role', 'same'))).toMatchObject({ path: '/', faults: [] });
  expect(held(current, principal('role', 'differs')).faults).toEqual([
    'described differently by "role/differs/policy.json"; keep the one that holds today',
  ]);
});

test('a single policy file belongs to nobody by name', async () => {
  const text = JSON.stringify(allow('s3:GetObject'));
  const files = folder({
    'a.txt': `\ufeff${text}`,
    'b.json': Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]),
  });
  for (const name of ['a.txt', 'b.json']) {
    const current = await readCurrent(join(files, name));
    expect(current.holders).toEqual([]);
    expect(current.unnamed).toMatchObject([{ source: 'file', name: join(files, name) }]);
  }
});

test('linked folders are read once', async () => {
  const path = folder({ 'real/role/app/policy.json': allow('s3:GetObject') });
  symlinkSync('.', join(path, 'real', 'again'));
  const current = await readCurrent(path);
  expect(held(current, principal('role', 'app')).policies).toHaveLength(1);
});

test.each([
  ['README.md', '# Policies', 'neither a policy'],
  ['list.json', '[]', 'neither a policy'],
  ['mixed.json', JSON.stringify([details({}), allow('s3:*')]), 'neither a policy'],
  ['other.json', '{"name": "x"}', 'neither a policy'],
  ['policies.json', JSON.stringify({ RoleDetailList: [{ RoleName: 'x' }] }), 'RoleDetailList[0]'],
  ['null.json', JSON.stringify({ RoleDetailList: [null] }), 'RoleDetailList[0]'],
  ['broken.json', '{"Statement": [', 'broken.json'],
  ['empty.json', '', 'empty;'],
])('%s is refused in one line', async (name, content, says) => {
  const file = join(folder({ [name]: content }), name);
  const error: unknown = await readCurrent(file).catch((error: unknown) => error);
  expect(error).toBeInstanceOf(InputError);
  const message = error instanceof Error ? error.message : '';
  expect(message).toContain(file);
  expect(message).toContain(says);
  expect(message).not.toContain('\n');
});

test.each([
  ['no-such-file', 'no such file'],
  ['.', 'holds no .json file'],
])('a path without policies is refused: %s', async (name, says) => {
  const error: unknown = await readCurrent(join(folder({}), name)).catch((error: unknown) => error);
  expect(error).toBeInstanceOf(InputError);
  expect(String(error)).toContain(says);
});

test('hostile names change nothing but themselves', async () => {
  const names = ['__proto__', 'constructor', '../../etc', 'a\u0000b\nc', 'x'.repeat(100_000)];
  const roles = names.map((name) =>
    role(name, { ...attached('__proto__', 'toString'), GroupList: ['constructor'] }),
  );
  const current = await readDetails(details({ roles }));
  for (const name of names) {
    const { faults } = held(current, principal('role', name));
    expect(faults).toHaveLength(3);
    for (const fault of faults) expect(fault.length).toBeLessThan(1_000);
  }
  expect(current.rolePath(ACCOUNT, '__proto__')).toBe('/');
  expect(Object.hasOwn(Object.prototype, 'path')).toBe(false);
});

test('any JSON is read or refused with an InputError', async () => {
  const path = folder({});
  const noise = fc.jsonValue();
  const page = fc.record({
    RoleDetailList: noise,
    UserDetailList: noise,
    GroupDetailList: noise,
    Policies: noise,
  });
  const entry = fc
    .record({
      RolePolicyList: noise,
      AttachedManagedPolicies: noise,
      PermissionsBoundary: noise,
      GroupList: noise,
    })
    .map((more) => details({ roles: [role('app', more)] }));
  await fc.assert(
    fc.asyncProperty(fc.oneof(noise, page, entry), async (json) => {
      const file = join(path, 'any.json');
      writeFileSync(file, JSON.stringify(json));
      const result: unknown = await readCurrent(file).catch((error: unknown) => error);
      expect(!(result instanceof Error) || result instanceof InputError).toBe(true);
    }),
    { numRuns: 200 },
  );
});

test('a policy that everybody in a large account holds is no burden', async () => {
  const names = Array.from({ length: 5_000 }, (_, index) => `role-${index}`);
  const roles = names.map((name) => role(name, attached(ADMIN)));
  const current = await readDetails(details({ roles, policies: [managed(ADMIN, allow('*'))] }));
  expect(current.holders).toHaveLength(5_000);
  expect(held(current, principal('role', 'role-7')).policies[0]?.sharedWith).toHaveLength(4_999);
});
