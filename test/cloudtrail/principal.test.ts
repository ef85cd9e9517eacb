import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { principalOf, sessionNameOf, type Principal } from '../../src/cloudtrail/principal.ts';
import { parseRecord, type CloudTrailRecord } from '../../src/cloudtrail/record.ts';

function recordWith(userIdentity: unknown, more: object = {}): CloudTrailRecord {
  const parsed = parseRecord({
    eventName: 'GetRole',
    eventSource: 'iam.amazonaws.com',
    eventTime: '2024-01-31T10:00:00Z',
    userIdentity,
    ...more,
  });
  if (!parsed.ok) throw new Error(parsed.reason);
  return parsed.value;
}

const account = '111122223333';
const sts = (role: string, session: string) => `arn:aws:sts::${account}:assumed-role/${role}/${session}`;
const session = (role: string, path = '/', partition = 'aws') => ({
  type: 'AssumedRole',
  principalId: 'AROAX:me',
  arn: sts(role, 'me').replace('arn:aws:', `arn:${partition}:`),
  accountId: account,
  sessionContext: {
    sessionIssuer: {
      type: 'Role',
      principalId: 'AROAX',
      arn: `arn:${partition}:iam::${account}:role${path}${role}`,
      accountId: account,
      userName: role,
    },
  },
});
const issuedBy = (sessionIssuer: object) => ({
  type: 'FederatedUser',
  principalId: `${account}:fed`,
  arn: `arn:aws:sts::${account}:federated-user/fed`,
  accountId: account,
  sessionContext: { sessionIssuer },
});
const sso = 'AWSReservedSSO_Power_User_0123456789abcdef';
const of = (kind: Principal['kind'], members: Partial<Principal> = {}): Principal => ({
  kind,
  account,
  name: '',
  arn: '',
  uniqueId: '',
  ...members,
});
const user = { type: 'IAMUser', principalId: 'AIDAX', accountId: account, userName: 'ann' };

const cases: [name: string, identity: unknown, principal: Principal, session: string][] = [
  [
    'a role with a path',
    session('app', '/team/a/'),
    of('role', { name: 'app', arn: `arn:aws:iam::${account}:role/team/a/app`, uniqueId: 'AROAX' }),
    'me',
  ],
  [
    'a role in another partition',
    session('app', '/', 'aws-cn'),
    of('role', { name: 'app', arn: `arn:aws-cn:iam::${account}:role/app`, uniqueId: 'AROAX' }),
    'me',
  ],
  [
    'a role without an issuer',
    { type: 'AssumedRole', principalId: 'AROAX:a/b:c', arn: sts('app', 'a/b:c') },
    of('role', { name: 'app', arn: `arn:aws:iam::${account}:role/app`, uniqueId: 'AROAX' }),
    'a/b:c',
  ],
  [
    'a role whose ARNs were masked',
    {
      type: 'AssumedRole',
      principalId: '***:me',
      arn: 'arn***/assumed-role/app/me',
      accountId: '7***',
      sessionContext: {
        sessionIssuer: { type: 'Role', arn: 'arn***/app', userName: 'app', principalId: '***' },
      },
    },
    of('role', { account: '7***', name: 'app', uniqueId: '***' }),
    'me',
  ],
  [
    'a permission set',
    session(sso, '/aws-reserved/sso.amazonaws.com/eu-west-1/'),
    of('permission-set', {
      name: 'Power_User',
      arn: `arn:aws:iam::${account}:role/aws-reserved/sso.amazonaws.com/eu-west-1/${sso}`,
      uniqueId: 'AROAX',
    }),
    'me',
  ],
  [
    'a role at the root that is only named like one of a permission set',
    session(sso, '/'),
    of('role', { name: sso, arn: `arn:aws:iam::${account}:role/${sso}`, uniqueId: 'AROAX' }),
    'me',
  ],
  [
    'a service-linked role by path',
    session('Odd', '/aws-service-role/config.amazonaws.com/'),
    of('service-linked-role', {
      name: 'Odd',
      arn: `arn:aws:iam::${account}:role/aws-service-role/config.amazonaws.com/Odd`,
      uniqueId: 'AROAX',
    }),
    'me',
  ],
  [
    'a service-linked role by name',
    { type: 'AssumedRole', arn: sts('AWSServiceRoleForECS', 'ecs') },
    of('service-linked-role', {
      name: 'AWSServiceRoleForECS',
      arn: `arn:aws:iam::${account}:role/AWSServiceRoleForECS`,
    }),
    'ecs',
  ],
  [
    'a user with a path',
    { ...user, arn: `arn:aws:iam::${account}:user/dev/ann` },
    of('user', { name: 'ann', arn: `arn:aws:iam::${account}:user/dev/ann`, uniqueId: 'AIDAX' }),
    '',
  ],
  [
    'a user with an empty issuer',
    { ...user, arn: `arn:aws:iam::${account}:user/ann`, sessionContext: { sessionIssuer: {} } },
    of('user', { name: 'ann', arn: `arn:aws:iam::${account}:user/ann`, uniqueId: 'AIDAX' }),
    '',
  ],
  ['a user without an ARN', user, of('user', { name: 'ann', uniqueId: 'AIDAX' }), ''],
  [
    'a user whose name is hidden',
    { type: 'IAMUser', accountId: account, userName: 'HIDDEN_DUE_TO_SECURITY_REASONS' },
    of('unknown'),
    '',
  ],
  [
    'a user that is a role session',
    { type: 'IAMUser', principalId: 'AROAX:u', arn: sts('Admin', 'u') },
    of('role', { name: 'Admin', arn: `arn:aws:iam::${account}:role/Admin`, uniqueId: 'AROAX' }),
    'u',
  ],
  [
    'a federated user',
    issuedBy({
      type: 'IAMUser',
      principalId: 'AIDAX',
      arn: `arn:aws:iam::${account}:user/ann`,
      userName: 'ann',
    }),
    of('user', { name: 'ann', arn: `arn:aws:iam::${account}:user/ann`, uniqueId: 'AIDAX' }),
    'fed',
  ],
  [
    'a federated user of root',
    issuedBy({ type: 'Root', principalId: account, arn: `arn:aws:iam::${account}:root` }),
    of('root', { name: 'root', arn: `arn:aws:iam::${account}:root` }),
    'fed',
  ],
  [
    'a federated user of nobody',
    issuedBy({}),
    of('federated', { name: 'fed', arn: `arn:aws:sts::${account}:federated-user/fed` }),
    'fed',
  ],
  [
    'root',
    {
      type: 'Root',
      principalId: account,
      arn: `arn:aws:iam::${account}:root`,
      accountId: account,
      userName: 'alias',
    },
    of('root', { name: 'root', arn: `arn:aws:iam::${account}:root` }),
    '',
  ],
  [
    'a session of AssumeRoot',
    { type: 'AssumedRole', principalId: `${account}:s`, arn: `arn:aws:sts::${account}:assumed-root/s` },
    of('root', { name: 'root' }),
    's',
  ],
  [
    'a SAML user',
    {
      type: 'SAMLUser',
      principalId: 'x=:ann',
      userName: 'ann',
      identityProvider: `arn:aws:iam::${account}:saml-provider/p`,
    },
    of('federated', {
      name: `arn:aws:iam::${account}:saml-provider/p`,
      arn: `arn:aws:iam::${account}:saml-provider/p`,
    }),
    '',
  ],
  [
    'a web identity',
    {
      type: 'WebIdentityUser',
      principalId: 'accounts.google.com:app:id',
      identityProvider: 'accounts.google.com',
    },
    of('federated', { account: '', name: 'accounts.google.com' }),
    '',
  ],
  [
    'an account',
    { type: 'AWSAccount', principalId: 'AROAX:s', accountId: account },
    of('account', { uniqueId: 'AROAX' }),
    's',
  ],
  [
    'anonymous',
    { type: 'AWSAccount', principalId: '', accountId: 'ANONYMOUS_PRINCIPAL' },
    of('anonymous', { account: '' }),
    '',
  ],
  [
    'anonymous by account',
    { type: 'AWSAccount', accountId: 'anonymous' },
    of('anonymous', { account: '' }),
    '',
  ],
  [
    'a service',
    { type: 'AWSService', invokedBy: 'config.amazonaws.com' },
    of('service', { account: '', name: 'config.amazonaws.com' }),
    '',
  ],
  [
    'an Identity Center user',
    {
      type: 'IdentityCenterUser',
      accountId: account,
      onBehalfOf: { userId: 'u-1', identityStoreArn: 'arn:x' },
    },
    of('identity-center-user', { name: 'u-1' }),
    '',
  ],
  ['nothing but an account', { accountId: account, invokedBy: 'AWS Internal' }, of('unknown'), ''],
  ['nothing', undefined, of('unknown', { account: '' }), ''],
  [
    'no type, but an ARN',
    { arn: sts('app', 's') },
    of('role', { name: 'app', arn: `arn:aws:iam::${account}:role/app` }),
    's',
  ],
  [
    'members of wrong types',
    { type: 7, arn: [], sessionContext: 'x', accountId: null },
    of('unknown', { account: '' }),
    '',
  ],
];

describe('principals', () => {
  test.each(cases)('%s', (_, identity, principal, sessionName) => {
    const record = recordWith(identity);
    expect(principalOf(record)).toEqual(principal);
    expect(sessionNameOf(record)).toBe(sessionName);
  });

  test('a service without invokedBy is named by its address', () => {
    const record = recordWith({ type: 'AWSService' }, { sourceIPAddress: 'sns.amazonaws.com' });
    expect(principalOf(record).name).toBe('sns.amazonaws.com');
  });
});

test('any identity is survived, with bounded texts', () => {
  const text = fc.oneof(
    fc.string(),
    fc.constantFrom('AssumedRole', 'IAMUser', 'FederatedUser', 'Root', 'x'.repeat(5000)),
    fc.constantFrom(sts('a', 'b'), 'arn:', 'arn:aws:iam::1:role/', 'arn:aws:iam::1:user', '__proto__'),
  );
  const members = fc.record(
    { type: text, arn: text, principalId: text, accountId: text, userName: text, invokedBy: fc.jsonValue() },
    { requiredKeys: [] },
  );
  const identity = fc
    .tuple(members, members)
    .map(([own, sessionIssuer]) => ({ ...own, sessionContext: { sessionIssuer } }));
  fc.assert(
    fc.property(fc.oneof(identity, fc.jsonValue()), (value) => {
      const record = recordWith(value);
      const { kind, ...texts } = principalOf(record);
      expect(kind).toMatch(/^[a-z-]+$/);
      for (const member of [...Object.values(texts), sessionNameOf(record)])
        expect(member.length).toBeLessThanOrEqual(2048);
    }),
  );
});
