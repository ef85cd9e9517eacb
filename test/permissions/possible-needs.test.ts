import { expect, test } from 'vitest';
import { nothingKnown } from '../../src/permissions/mapping.ts';
import { possibleNeeds } from '../../src/permissions/may-need.ts';
import { permissionsOf } from '../../src/permissions/permissions.ts';
import { observed } from './call.ts';

const role = 'arn:aws:iam::111122223333:role/task';
const revision = 'arn:aws:ecs:eu-west-1:111122223333:task-definition/api:4';
const known = {
  ...nothingKnown,
  rolesOfTaskDefinition: (arn: string) => (arn === revision ? [role] : undefined),
};
const roles = (taskDefinition: string): readonly string[] =>
  possibleNeeds(observed('ecs:RunTask', { request: { taskDefinition } }), [], known)
    .filter(({ action }) => action === 'iam:PassRole')
    .map(({ resource }) => resource);

test.each([
  ['a revision whose registration was seen hands over its roles', 'api:4', [role]],
  ['so does its ARN', revision, [role]],
  ['another revision may hand over any', 'api:5', ['*']],
  ['a family alone means the newest, which may be another', 'api', ['*']],
])('%s', (_, taskDefinition, expected) => {
  expect(roles(taskDefinition)).toEqual(expected);
});

const profile = 'arn:aws:iam::111122223333:instance-profile/web';
const withProfiles = {
  ...nothingKnown,
  rolesOfInstanceProfile: (_: string, name: string) => (name === 'web' ? [role] : undefined),
  profilesOfFirstVersion: (id: string) => (id === 'lt-1' ? ['web'] : undefined),
};
const instance = (more: object): object => ({ instancesSet: { items: [{ instanceId: 'i-1', ...more }] } });

test.each([
  [
    'what an answer says the instances got',
    'lt-2',
    '7',
    instance({ iamInstanceProfile: { arn: profile } }),
    [role],
  ],
  ['that they got none', 'lt-1', '1', instance({}), []],
  ['the first version of a template that was seen when it was made', 'lt-1', '1', {}, [role]],
  ['another version may name any', 'lt-1', '2', {}, ['*']],
  ['the default version changes', 'lt-1', '', {}, ['*']],
  ['another template too', 'lt-2', '1', {}, ['*']],
])('roles of instances: %s', (_, launchTemplateId, version, response, expected) => {
  const call = observed('ec2:RunInstances', {
    request: { launchTemplate: { launchTemplateId, ...(version === '' ? {} : { version }) } },
    response,
  });
  const passed = possibleNeeds(call, [], withProfiles).filter(({ action }) => action === 'iam:PassRole');
  expect(passed.map(({ resource }) => resource)).toEqual(expected);
});

test('a call of which nothing is said needs nothing more', () => {
  expect(possibleNeeds(observed('sqs:DeleteQueue'), [], nothingKnown)).toEqual([]);
});

test('a delegated administrator names things of the management account', () => {
  const call = observed('organizations:DescribeAccount', { request: { accountId: '444455556666' } });
  const mapping = permissionsOf(call, nothingKnown);
  if (mapping.kind !== 'mapped') throw new Error('unmapped');
  expect(possibleNeeds(call, mapping.permissions, nothingKnown)).toEqual([
    {
      action: 'organizations:DescribeAccount',
      resource: 'arn:aws:organizations::*:account/o-*/444455556666',
      passedTo: [],
    },
  ]);
});
