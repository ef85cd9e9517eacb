import { expect, test } from 'vitest';
import { mayBeElsewhere } from '../../src/permissions/elsewhere.ts';
import { observed, type CallFacts } from './call.ts';

const home = '111122223333';
const other = '444455556666';
const bucket = (account: string): CallFacts => ({
  request: { bucketName: 'b', key: 'k/1' },
  resources: [{ arn: 'arn:aws:s3:::b', account }],
});
const table: readonly (readonly [string, boolean, string, string, CallFacts])[] = [
  [
    'a key whose ARN is printed',
    true,
    'kms:Decrypt',
    `arn:aws:kms:eu-west-1:${home}:key/1`,
    { resources: [{ arn: `arn:aws:kms:eu-west-1:${home}:key/1` }] },
  ],
  [
    'a key of another account',
    false,
    'kms:Decrypt',
    `arn:aws:kms:eu-west-1:${other}:key/1`,
    { resources: [{ arn: `arn:aws:kms:eu-west-1:${other}:key/1` }] },
  ],
  ['an object, named by bucket and key', true, 's3:GetObject', 'arn:aws:s3:::b/k/1', bucket(home)],
  ['an object in the bucket of another account', false, 's3:GetObject', 'arn:aws:s3:::b/k/1', bucket(other)],
  [
    'a queue named by its address',
    true,
    'sqs:SendMessage',
    `arn:aws:sqs:eu-west-1:${home}:q`,
    { request: { queueUrl: `https://sqs.eu-west-1.amazonaws.com/${home}/q` } },
  ],
  [
    'a function by its name',
    true,
    'lambda:InvokeFunction',
    `arn:aws:lambda:eu-west-1:${home}:function:f`,
    { request: { functionName: 'f' } },
  ],
  [
    'a secret whose last characters are not said',
    false,
    'secretsmanager:GetSecretValue',
    `arn:aws:secretsmanager:eu-west-1:${home}:secret:app-??????`,
    { request: { secretId: 'app' } },
  ],
  [
    'a secret by its ARN',
    true,
    'secretsmanager:GetSecretValue',
    `arn:aws:secretsmanager:eu-west-1:${home}:secret:app-AbCdEf`,
    { request: { secretId: `arn:aws:secretsmanager:eu-west-1:${home}:secret:app-AbCdEf` } },
  ],
  [
    'a role to assume',
    true,
    'sts:AssumeRole',
    `arn:aws:iam::${home}:role/r`,
    { request: { roleArn: `arn:aws:iam::${home}:role/r` } },
  ],
  [
    'a role to pass',
    false,
    'iam:PassRole',
    `arn:aws:iam::${home}:role/r`,
    { request: { role: `arn:aws:iam::${home}:role/r` } },
  ],
  ['a call that names nothing', false, 'sqs:ListQueues', '*', {}],
];

test.each(table)('%s: %s', (_, expected, action, resource, facts) => {
  expect(mayBeElsewhere(action, resource, observed(action, facts))).toBe(expected);
});
