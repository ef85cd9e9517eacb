import { expect, test } from 'vitest';
import type { ChangeRow } from '../../src/store/reader.ts';
import { lastPolicyChange } from '../../src/synth/usage/policy-changes.ts';
import { identity } from './arbitrary.ts';

const home = '111122223333';
const change = (eventName: string, request: ChangeRow['target']['request'], account = home): ChangeRow => ({
  eventName,
  account,
  target: { request, response: {}, resources: [] },
  days: [19_000, 20_003],
});
const own = `arn:aws:iam::${home}:policy/own`;
const today = { holdings: [{ arn: own }, { group: 'operators' }] };
const user = { ...identity, kind: 'user' as const, name: 'alice' };
const set = { ...identity, kind: 'permission-set' as const, name: 'Ops' };

test.each([
  ['its own policy is put', identity, change('PutRolePolicy', { roleName: 'app' }), 20_003],
  [
    'the policy of a role of another name is put',
    identity,
    change('PutRolePolicy', { roleName: 'other' }),
    undefined,
  ],
  [
    'the same name in another account',
    identity,
    change('PutRolePolicy', { roleName: 'app' }, '444455556666'),
    undefined,
  ],
  ['a policy it holds gets a version', identity, change('CreatePolicyVersion', { policyArn: own }), 20_003],
  [
    'another policy gets a version',
    identity,
    change('CreatePolicyVersion', { policyArn: `${own}2` }),
    undefined,
  ],
  [
    'a user is put into a group',
    user,
    change('AddUserToGroup', { userName: 'alice', groupName: 'new' }),
    20_003,
  ],
  [
    'another user is put into its group',
    user,
    change('AddUserToGroup', { userName: 'bob', groupName: 'operators' }),
    undefined,
  ],
  ['the policy of its group is put', user, change('PutGroupPolicy', { groupName: 'operators' }), 20_003],
  [
    'the role of a permission set is made anew',
    set,
    change('PutRolePolicy', { roleName: 'AWSReservedSSO_Ops_0123456789abcdef' }),
    20_003,
  ],
  [
    'the role of another permission set',
    set,
    change('PutRolePolicy', { roleName: 'AWSReservedSSO_OpsMore_0123456789abcdef' }),
    undefined,
  ],
])('%s', (_, who, row, day) => {
  expect(lastPolicyChange([row], who, today)).toBe(day);
});
