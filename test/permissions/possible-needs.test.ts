import { expect, test } from 'vitest';
import { nothingKnown } from '../../src/permissions/mapping.ts';
import { possibleNeeds } from '../../src/permissions/possible-needs.ts';
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

test('a call of which nothing is said needs nothing more', () => {
  expect(possibleNeeds(observed('sqs:DeleteQueue'), [], nothingKnown)).toEqual([]);
});
