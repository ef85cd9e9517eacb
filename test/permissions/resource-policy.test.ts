import { expect, test } from 'vitest';
import {
  dataRows,
  expandActions,
  readData,
  serviceInfo,
  serviceOf,
  stringsOf,
} from '../../src/iam/catalogue.ts';
import { isObject, type JsonObject } from '../../src/iam/json.ts';
import { otherThanIdentity } from '../../src/permissions/elsewhere.ts';
import { cannotUse } from '../../src/permissions/unusable.ts';

test.each([
  ['sts:AssumeRole', true],
  ['iam:PassRole', false],
  ['IAM:createrole', false],
  ['ec2:RunInstances', false],
  ['rds:CreateDBInstance', false],
  ['s3:GetObject', true],
  ['kms:Decrypt', true],
  ['sqs:SendMessage', true],
  ['sqs:CreateQueue', false],
  ['s3:CreateBucket', false],
  ['secretsmanager:GetSecretValue', true],
  ['never-heard-of-it:Get', true],
  ['workspaces:RebootWorkspaces', false],
  ['textract:AnalyzeDocument', false],
  ['ssm:StartSession', false],
  ['ssm:GetParameter', true],
  ['glue:StartJobRun', false],
  ['glue:GetTable', true],
  ['sagemaker:InvokeEndpoint', false],
  ['ses:VerifyEmailIdentity', false],
  ['SES:sendemail', true],
  ['execute-api:Invoke', true],
])('whether something else than an identity policy can allow %s: %j', (action, can) => {
  expect(otherThanIdentity(action)).toBe(can);
});

const wordsOf = (row: JsonObject, column: string): readonly string[] =>
  typeof row[column] === 'string' ? row[column].split(' ') : [];

test('no service that is said to have no resource-based policies has a call that puts one, but on what its exceptions name', () => {
  const rows = dataRows('overrides/resource-policies.json');
  const without = rows.flatMap((row) => wordsOf(row, 'without'));
  expect(without.length).toBeGreaterThan(300);
  expect(new Set(without).size).toBe(without.length);
  const excepted = new Set(rows.flatMap((row) => wordsOf(row, 'can')).map(serviceOf));
  const putting = without.filter((prefix) =>
    [...(serviceInfo(prefix)?.actions.values() ?? [])].some(({ name }) =>
      /:(Put|Set|Add)\w*(ResourcePolicy|RepositoryPolicy|BucketPolicy|QueuePolicy|KeyPolicy|ProfilePermission|AddPermission|IdentityPolicy)$/.test(
        name,
      ),
    ),
  );
  expect(putting.filter((prefix) => !excepted.has(prefix))).toEqual([]);
  expect(without.filter((prefix) => serviceInfo(prefix) === undefined)).toEqual([]);
});

test('every exception is of actions that there are', () => {
  const patterns = dataRows('overrides/resource-policies.json').flatMap((row) =>
    ['can', 'cannot'].flatMap((column) => wordsOf(row, column)),
  );
  expect(patterns.filter((pattern) => expandActions(pattern).length === 0)).toEqual([]);
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

const by = (...services: readonly string[]) => ({ services, others: false });

test('permissions that only services can use name every service', () => {
  expect(cannotUse('s3:replicateobject', by('ec2.amazonaws.com'))).toBe(true);
  expect(cannotUse('ssmmessages:OpenDataChannel', by('ecs-tasks.amazonaws.com'))).toBe(false);
  expect(cannotUse('ssmmessages:OpenDataChannel', by('lambda.amazonaws.com'))).toBe(true);
  const rows = readData('overrides/unusable.json')['rows'];
  for (const row of (Array.isArray(rows) ? rows : []).filter(isObject)) {
    expect(row['source']).toMatch(/^https:\/\/docs\.aws\.amazon\.com\//);
    for (const service of stringsOf(row['services'])) expect(service).toMatch(/\.amazonaws\.com$/);
  }
});
