import { describe, expect, test } from 'vitest';
import { parsePolicy, type PolicyDocument } from '../../src/iam/policy/policy.ts';
import { diffPolicies } from '../../src/iam/compare/diff.ts';
import { propose } from '../../src/synth/generate.ts';
import { inputOf, observedOf, useOf } from './arbitrary.ts';

const allow = (element: object): PolicyDocument =>
  parsePolicy(
    JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Resource: '*', ...element }] }),
    'standing set',
  );

/** In the form of AWS's managed policies of these names. */
const standing: Readonly<Record<string, readonly PolicyDocument[]>> = {
  AdministratorAccess: [allow({ Action: '*' })],
  PowerUserAccess: [
    allow({ NotAction: ['iam:*', 'organizations:*', 'account:*'] }),
    allow({ Action: ['iam:CreateServiceLinkedRole', 'iam:ListRoles', 'organizations:DescribeOrganization'] }),
  ],
  ReadOnlyAccess: [
    allow({
      Action: ['s3', 'dynamodb', 'ec2', 'lambda', 'sqs', 'sns', 'logs', 'kms', 'iam', 'rds', 'ecs'].flatMap(
        (service) => ['Get', 'List', 'Describe', 'BatchGet'].map((verb) => `${service}:${verb}*`),
      ),
    }),
  ],
};

const uses = [
  useOf({ action: 's3:GetBucketPolicy', resource: 'arn:aws:s3:::a' }),
  useOf({ action: 'ec2:DescribeInstances', resource: '*' }),
  useOf({ action: 'sqs:GetQueueAttributes', resource: 'arn:aws:sqs:eu-west-1:111122223333:q' }),
  useOf({ action: 'lambda:GetFunction', resource: 'arn:aws:lambda:eu-west-1:111122223333:function:f' }),
  useOf({ action: 'dynamodb:DescribeTable', resource: 'arn:aws:dynamodb:eu-west-1:111122223333:table/t' }),
];

describe.each(Object.entries(standing))('%s', (_, identity) => {
  test('shrinks to at most five policies, none of them wider than today', () => {
    const today = { identity, boundary: undefined };
    const { documents, actionsBefore, actionsAfter, overflow } = propose(
      inputOf({ observed: observedOf(uses), today }),
    );
    expect(documents.length).toBeLessThanOrEqual(5);
    expect(overflow).toEqual([]);
    expect(actionsAfter).toBeLessThan(actionsBefore);
    const broadened = diffPolicies(identity, documents).broadened;
    expect(broadened).toBe(false);
    expect(JSON.stringify(documents)).not.toContain('iam:CreateUser');
  });
});
