import { expect, test } from 'vitest';
import { readData, serviceInfo, stringsOf } from '../../src/iam/catalogue.ts';
import { isObject } from '../../src/iam/json.ts';
import { otherThanIdentity } from '../../src/permissions/resource-policy.ts';
import { cannotUse, usableOnlyBy } from '../../src/permissions/unusable.ts';

test.each([
  ['sts:AssumeRole', true],
  ['iam:PassRole', false],
  ['IAM:createrole', false],
  ['ec2:RunInstances', false],
  ['rds:CreateDBInstance', false],
  ['s3:GetObject', true],
  ['kms:Decrypt', true],
  ['sqs:SendMessage', true],
  ['secretsmanager:GetSecretValue', true],
  ['never-heard-of-it:Get', true],
])('whether something else than an identity policy can allow %s: %j', (action, can) => {
  expect(otherThanIdentity(action)).toBe(can);
});

test('no service that is said to have no resource-based policies has a call that puts one', () => {
  const rows = readData('overrides/resource-policies.json')['rows'];
  const without = (Array.isArray(rows) ? rows : [])
    .filter(isObject)
    .flatMap((row) => (typeof row['without'] === 'string' ? row['without'].split(' ') : []));
  expect(without.length).toBeGreaterThan(200);
  const putting = without.filter((prefix) =>
    [...(serviceInfo(prefix)?.actions.values() ?? [])].some(({ name }) =>
      /:(Put|Set)\w*(ResourcePolicy|RepositoryPolicy|BucketPolicy|QueuePolicy|KeyPolicy)$/.test(name),
    ),
  );
  // EC2 shares subnets and the like with other accounts by such policies; in the account itself they grant nothing.
  expect(putting).toEqual(['ec2']);
  expect(without.filter((prefix) => serviceInfo(prefix) === undefined)).toEqual([]);
});

test.each([
  ['a role for EC2', ['ec2.amazonaws.com'], false, true],
  ['a role for S3 and EC2', ['ec2.amazonaws.com', 's3.amazonaws.com'], false, false],
  ['a role that an account may assume too', ['ec2.amazonaws.com'], true, false],
  ['a role that nobody may assume', [], false, false],
])('%s cannot replicate objects: %j', (_, services, others, cannot) => {
  expect(cannotUse('s3:ReplicateObject', { services, others })).toBe(cannot);
  expect(cannotUse('s3:GetObject', { services, others })).toBe(false);
});

test('where the trust policy is not known nothing is decided', () => {
  expect(cannotUse('s3:ReplicateObject', undefined)).toBe(false);
});

test('permissions that only services can use name every service', () => {
  expect(usableOnlyBy('s3:replicateobject')).toContain('s3.amazonaws.com');
  expect(usableOnlyBy('ssmmessages:OpenDataChannel')).toContain('ecs-tasks.amazonaws.com');
  expect(usableOnlyBy('s3:GetObject')).toBeUndefined();
  const rows = readData('overrides/unusable.json')['rows'];
  for (const row of (Array.isArray(rows) ? rows : []).filter(isObject)) {
    expect(row['source']).toMatch(/^https:\/\/docs\.aws\.amazon\.com\//);
    for (const service of stringsOf(row['services'])) expect(service).toMatch(/\.amazonaws\.com$/);
  }
});
