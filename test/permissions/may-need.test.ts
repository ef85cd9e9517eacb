import { expect, test } from 'vitest';
import { actionInfo, readData, stringsOf } from '../../src/iam/catalogue.ts';
import { isObject, type JsonObject } from '../../src/iam/json.ts';
import type { Members } from '../../src/cloudtrail/members.ts';
import { observed } from './call.ts';
import { servicesOfSource } from '../../src/permissions/event-source.ts';
import { mayNeedOf } from '../../src/permissions/may-need.ts';
import { actionsOf } from '../../src/permissions/operation.ts';

const data = readData('may-need.json')['rows'];
const gateway: unknown = readData('api-gateway.json')['operations'];
const gatewayCalls: object = isObject(gateway) ? gateway : {};
const rows: readonly JsonObject[] = Array.isArray(data) ? data.filter(isObject) : [];

test('running a task may need to pass a role that its task definition names', () => {
  expect(mayNeedOf(observed('ecs:RunTask'))).toContainEqual({
    action: 'iam:PassRole',
    resource: 'unknown-role',
    unless: [],
    when: [],
    passedTo: ['ecs-tasks.amazonaws.com'],
    complete: true,
  });
});

const seen = (request: Members): readonly string[] =>
  mayNeedOf(observed('ec2:RunInstances', { request })).map(({ action }) => action);

test('a launch template may name a role, unless the call names its profile', () => {
  expect(seen({})).toEqual([]);
  expect(seen({ launchTemplate: { launchTemplateId: 'lt-1' } })).toEqual([
    'iam:PassRole',
    'ec2:CreateTags',
    'ssm:GetParameters',
  ]);
  expect(seen({ launchTemplate: { launchTemplateId: 'lt-1' }, iamInstanceProfile: { name: 'app' } })).toEqual(
    ['ec2:CreateTags', 'iam:PassRole', 'ssm:GetParameters'],
  );
});

test('a parameter in the place of an image is read', () => {
  expect(seen({ imageId: 'resolve:ssm:/golden/ami' })).toEqual(['ssm:GetParameters']);
  expect(seen({ imageId: 'ami-0abc1234def567890' })).toEqual([]);
});

test('what was cut from the request decides nothing', () => {
  expect(seen({ omitted: true })).toContain('iam:PassRole');
});

test('a call that nothing is known of may need nothing', () => {
  expect(mayNeedOf(observed('ecs:ListTasks'))).toEqual([]);
});

test('each row names AWS’s page, calls that are mapped, and actions that exist', () => {
  const wrong = rows.flatMap((row) => [
    ...(String(row['source']).startsWith('https://docs.aws.amazon.com/') ? [] : [JSON.stringify(row)]),
    ...stringsOf(row['actions']).filter((action) => actionInfo(action)?.name !== action),
    ...stringsOf(row['calls']).filter((call) => {
      const [stem, name = ''] = call.split('/');
      const known = stem === 'apigateway' && (`${name}/1` in gatewayCalls || `${name}/2` in gatewayCalls);
      return !known && actionsOf(`${stem}.amazonaws.com`, name).kind !== 'actions';
    }),
  ]);
  expect(wrong).toEqual([]);
});

test('only PassRole has receivers, and a list that is complete has some', () => {
  const wrong = rows.filter((row) => {
    const receivers = stringsOf(row['passedTo']);
    return (
      (receivers.length > 0 && stringsOf(row['actions']).join(' ') !== 'iam:PassRole') ||
      (row['complete'] === true && receivers.length === 0) ||
      !receivers.every((receiver) => /^[a-z0-9.-]+\.amazonaws\.com$/.test(receiver))
    );
  });
  expect(wrong).toEqual([]);
});

test('members are written as they are compared: small letters, no punctuation', () => {
  for (const row of rows)
    for (const name of [...stringsOf(row['when']), ...stringsOf(row['unless'])])
      expect(name).toMatch(/^[a-z0-9]+(=.+)?$/);
});

test('the services that a source can belong to, and none of one that no table knows', () => {
  expect(servicesOfSource('monitoring.amazonaws.com')).toEqual(['cloudwatch']);
  expect(servicesOfSource('s3.amazonaws.com')).toContain('s3express');
  expect(servicesOfSource('never-heard-of-it.amazonaws.com')).toEqual([]);
});
