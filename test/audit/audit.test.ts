import { describe, expect, test } from 'vitest';
import { allChecks } from '../../src/audit/audit.ts';
import { checks } from '../../src/audit/checks.ts';
import { ACCOUNT, allow, attached, managed, role, user } from '../current/details-fixture.ts';
import { event } from '../ingest/trail.ts';
import {
  arnOf,
  assume,
  at,
  audited,
  clean,
  lastDay,
  OTHER,
  rootIdentity,
  signIn,
  trust,
  userIdentity,
  type Documents,
} from './planted.ts';

interface Plant {
  readonly plant: (account: Documents) => unknown;
  /** Where it is found. */
  readonly subject: string;
  /** What is seen of it. */
  readonly seen: RegExp;
  /** Checks that the same fault breaks too. */
  readonly also?: readonly string[];
}

const ana = arnOf('user/ana');
const app = arnOf('role/app');
const root = arnOf('root');
const trail = `arn:aws:cloudtrail:eu-west-1:${ACCOUNT}:trail/main`;
const old = '2024-01-01T10:00:00+00:00';
const recent = '2026-03-01T10:00:00+00:00';
/** Changes members of the first of a list. */
const spoil = (list: readonly object[], members: object, index = 0): unknown =>
  Object.assign(list[index] ?? {}, members);
const call = (identity: object, day: number, members: object = {}): object =>
  event('', 'GetBucketLocation', at(`2026-03-0${day}`), {
    eventID: `c${day}`,
    userIdentity: identity,
    ...members,
  });
const script = (day: number, address = '192.0.2.1'): object =>
  call(userIdentity('script', 'AKIASCRIPT'), day, { sourceIPAddress: address });

const plants: Readonly<Record<keyof typeof checks, Plant>> = {
  'root-access-key': {
    plant: ({ credentials }) =>
      spoil(credentials, { access_key_1_active: 'true', access_key_1_last_rotated: recent }),
    subject: root,
    seen: /key 1 is active, never used/,
  },
  'root-without-mfa': {
    plant: ({ credentials }) => spoil(credentials, { mfa_active: 'false' }),
    subject: root,
    seen: /no MFA/,
  },
  'root-key-used': {
    plant: ({ events }) => events.push(call(rootIdentity('AKIAROOT'), 3)),
    subject: root,
    seen: /AKIAROOT.*2026-03-03/,
    also: ['root-used'],
  },
  'role-trusts-anybody': {
    plant: ({ roles }) => spoil(roles, trust('*')),
    subject: app,
    seen: /every AWS account/,
  },
  'sign-in-without-mfa': {
    plant: (account) => (account.events = account.events.slice(1).concat(signIn(userIdentity('ana'), 'No'))),
    subject: ana,
    seen: /never with MFA/,
  },
  'password-without-mfa': {
    plant: ({ credentials }) => spoil(credentials, { mfa_active: 'false' }, 1),
    subject: ana,
    seen: /last used 2026-03-10, no MFA/,
  },
  'trail-absent': {
    plant: ({ trails }) => spoil(trails, { IsMultiRegionTrail: false }),
    subject: trail,
    seen: /one Region/,
  },
  'trail-stopped': {
    plant: ({ trails }) => spoil(trails, { IsLogging: false }),
    subject: trail,
    seen: /stopped/,
  },
  'root-used': {
    plant: ({ events }) => events.push(signIn(rootIdentity(), 'Yes')),
    subject: root,
    seen: /last 2026-03-10/,
  },
  administrator: {
    plant: ({ policies }) => spoil(policies, managed(arnOf('policy/app'), allow('*'))),
    subject: app,
    seen: /all actions on all resources, by app/,
  },
  escalation: {
    plant: ({ policies }) => spoil(policies, managed(arnOf('policy/app'), allow('iam:CreatePolicyVersion'))),
    subject: app,
    seen: /may call iam:CreatePolicyVersion/,
  },
  'role-trusts-account': {
    plant: ({ roles }) => spoil(roles, trust({ AWS: [arnOf('root', OTHER)] })),
    subject: app,
    seen: /trusts arn:aws:iam::444455556666:root/,
  },
  'user-is-application': {
    plant: ({ events }) => events.push(...[1, 2, 3, 4, 5].map((day) => script(day))),
    subject: arnOf('user/script'),
    seen: /AKIASCRIPT on 5 days/,
  },
  'key-shared': {
    plant: ({ events }) => events.push(...[1, 2, 3].map((day) => script(day, `192.0.${day}.1`))),
    subject: arnOf('user/script'),
    seen: /from 192\.0\.1\.0\/24/,
  },
  'key-old': {
    plant: ({ credentials }) =>
      spoil(
        credentials,
        {
          access_key_1_active: 'true',
          access_key_1_last_rotated: old,
          access_key_1_last_used_date: at(lastDay),
        },
        1,
      ),
    subject: ana,
    seen: /key 1 is of 2024-01-01/,
  },
  'key-unused': {
    plant: ({ credentials }) =>
      spoil(
        credentials,
        { access_key_2_active: 'true', access_key_2_last_rotated: '2026-02-01T10:00:00+00:00' },
        1,
      ),
    subject: ana,
    seen: /key 2, never used/,
  },
  'password-unused': {
    plant: ({ credentials }) => spoil(credentials, { password_last_used: 'no_information' }, 1),
    subject: ana,
    seen: /never used/,
  },
  'password-old': {
    plant: ({ credentials }) => spoil(credentials, { password_last_changed: old }, 1),
    subject: ana,
    seen: /of 2024-01-01/,
  },
  'password-policy-absent': {
    plant: (account) => (account.passwords = { PasswordPolicy: null }),
    subject: 'the account',
    seen: /default/,
  },
  'password-policy-weak': {
    plant: (account) =>
      (account.passwords = { PasswordPolicy: { MinimumPasswordLength: 8, RequireSymbols: true } }),
    subject: 'the account',
    seen: /8 characters; no lowercase, uppercase, numbers required; 0 former/,
  },
  'policy-on-user': {
    plant: ({ users }) => spoil(users, attached(arnOf('policy/app'))),
    subject: ana,
    seen: /app/,
  },
  'role-unused': {
    plant: ({ roles }) => roles.push(role('idle', { CreateDate: old, RoleLastUsed: {} })),
    subject: arnOf('role/idle'),
    seen: /never used/,
  },
  'log-validation-off': {
    plant: ({ trails }) => spoil(trails, { LogFileValidationEnabled: false }),
    subject: trail,
    seen: /no digest/,
  },
  'managed-policy-broad': {
    plant: ({ roles, policies }) => {
      spoil(roles, attached('arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess'));
      policies.push(managed('arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess', allow('s3:Get*', 's3:List*')));
    },
    subject: app,
    seen: /AmazonS3ReadOnlyAccess allows \d+ actions, 1 were used/,
  },
  'trusted-not-seen': {
    plant: ({ roles }) => spoil(roles, trust({ Service: ['ec2.amazonaws.com', 'ecs-tasks.amazonaws.com'] })),
    subject: app,
    seen: /ecs-tasks\.amazonaws\.com, not seen in 10 days/,
  },
  'assumed-across-accounts': {
    plant: ({ events }) => {
      const caller = {
        type: 'IAMUser',
        accountId: OTHER,
        userName: 'eve',
        arn: arnOf('user/eve', OTHER),
        principalId: 'AIDAEVE',
      };
      events.push(assume(caller, 'app', { recipientAccountId: OTHER }));
    },
    subject: app,
    seen: /by user eve of 444455556666/,
  },
  'refused-lately': {
    plant: ({ events }) =>
      events.push(
        event('app', 'CreateBucket', at('2026-03-09'), {
          errorCode: 'AccessDenied',
          errorMessage: `User: ${app} is not authorized to perform: s3:CreateBucket on resource: arn:aws:s3:::new because no identity-based policy allows the s3:CreateBucket action`,
        }),
      ),
    subject: app,
    seen: /s3:CreateBucket/,
  },
  'data-events-off': {
    plant: ({ trails }) => spoil(trails, { EventSelectors: [{ IncludeManagementEvents: true }] }),
    subject: 'the account',
    seen: /s3 \(AWS::S3::/,
  },
  'keys-two': {
    plant: ({ credentials }) => {
      const used = { active: 'true', last_rotated: recent, last_used_date: at(lastDay) };
      for (const key of ['access_key_1', 'access_key_2'])
        spoil(
          credentials,
          Object.fromEntries(Object.entries(used).map(([cell, value]) => [`${key}_${cell}`, value])),
          1,
        );
    },
    subject: ana,
    seen: /1 and 2/,
  },
  'inline-policy': {
    plant: ({ roles }) =>
      spoil(roles, { RolePolicyList: [{ PolicyName: 'own', PolicyDocument: allow('s3:GetObject') }] }),
    subject: app,
    seen: /own/,
  },
  'user-without-group': {
    plant: ({ users }) => users.push(user('alone')),
    subject: arnOf('user/alone'),
    seen: /no group/,
  },
  'policy-unused': {
    plant: ({ policies }) =>
      policies.push({
        ...managed(arnOf('policy/idle'), allow('s3:GetObject')),
        AttachmentCount: 0,
        PermissionsBoundaryUsageCount: 0,
      }),
    subject: arnOf('policy/idle'),
    seen: /no principal/,
  },
};

test('a clean account has no finding, and every check was asked', async () => {
  const { findings, unasked } = await audited(clean());
  expect(findings.map(({ check, spots }) => [check.id, spots])).toEqual([]);
  expect(unasked).toEqual([]);
});

test('under a boundary may give itself more rights who is left a way by it', async () => {
  const account = clean();
  spoil(
    account.policies,
    managed(arnOf('policy/app'), allow('iam:CreatePolicyVersion', 'iam:CreateAccessKey')),
  );
  spoil(account.roles, { PermissionsBoundary: { PermissionsBoundaryArn: arnOf('policy/limits') } });
  account.policies.push(managed(arnOf('policy/limits'), allow('s3:*', 'iam:CreateAccessKey')));
  const { findings } = await audited(account);
  const spots = findings.find(({ check }) => check.id === 'escalation')?.spots ?? [];
  expect(spots.filter(({ subject }) => subject === app).map(({ seen }) => seen)).toEqual([
    'may call iam:CreateAccessKey',
  ]);
});

describe.each(Object.entries(plants))('%s', (id, { plant, subject, seen, also = [] }) => {
  test('fires where it is planted, and nothing else does', async () => {
    const account = clean();
    plant(account);
    const { findings } = await audited(account);
    expect(findings.map(({ check }) => check.id).sort()).toEqual([id, ...also].sort());
    const spots = findings.find(({ check }) => check.id === id)?.spots ?? [];
    expect(spots.map((spot) => spot.subject)).toContain(subject);
    expect(spots.map((spot) => spot.seen).join()).toMatch(seen);
  });
});

test('every check has a row, worst first, with its page', () => {
  const rows = allChecks();
  expect(rows.map(({ id }) => id).sort()).toEqual(Object.keys(checks).sort());
  const ranks = rows.map(({ severity }) => ['error', 'warning', 'suggestion'].indexOf(severity));
  expect(ranks).toEqual(ranks.toSorted((a, b) => a - b));
  for (const { page, needs } of rows) {
    expect(page).toMatch(/^https:\/\/docs\.aws\.amazon\.com\/[\w/.#-]+$/);
    expect(needs.length).toBeGreaterThan(0);
  }
});

test('a call of root comes with its event', async () => {
  const account = clean();
  account.events.push(call(rootIdentity(), 4));
  const { findings } = await audited(account);
  expect(findings[0]?.spots[0]?.events).toEqual(['c4']);
});
