import { describe, expect, test } from 'vitest';
import { actionInfo, servicePrefixes } from '../../src/iam/catalogue.ts';
import { diffPolicies } from '../../src/iam/compare/diff.ts';
import { parsePolicy, type PolicyDocument } from '../../src/iam/policy/policy.ts';
import { parseTrailConfig, type TrailConfig } from '../../src/permissions/selectors.ts';
import { propose } from '../../src/synth/generate.ts';
import type { GenerateInput } from '../../src/synth/proposal.ts';
import type { UnknownCall } from '../../src/synth/usage/use.ts';
import { everyDay, inputOf, observedOf, partsOf, useOf } from './arbitrary.ts';

const allow = (element: object): PolicyDocument =>
  parsePolicy(
    JSON.stringify({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Resource: '*', ...element }] }),
    'standing set',
  );

/**
 * In the form of AWS's managed policies of these names; ReadOnlyAccess names every service with the verbs of reading, which is more than
 * AWS's own lists (https://docs.aws.amazon.com/aws-managed-policy/latest/reference/ReadOnlyAccess.html).
 */
const standing: Readonly<Record<string, readonly PolicyDocument[]>> = {
  AdministratorAccess: [allow({ Action: '*' })],
  PowerUserAccess: [
    allow({ NotAction: ['iam:*', 'organizations:*', 'account:*'] }),
    allow({ Action: ['iam:CreateServiceLinkedRole', 'iam:ListRoles', 'organizations:DescribeOrganization'] }),
  ],
  ReadOnlyAccess: [
    allow({
      Action: servicePrefixes().flatMap((service) =>
        ['Get', 'List', 'Describe', 'BatchGet'].map((verb) => `${service}:${verb}*`),
      ),
    }),
  ],
};

const window = { since: 20_000, until: 20_029 };
const uses = [
  useOf({ action: 's3:GetBucketPolicy', resource: 'arn:aws:s3:::a' }),
  useOf({ action: 'ec2:DescribeInstances', resource: '*' }),
  useOf({ action: 'sqs:GetQueueAttributes', resource: 'arn:aws:sqs:us-east-1:111122223333:q' }),
  useOf({ action: 'lambda:GetFunction', resource: 'arn:aws:lambda:us-east-1:111122223333:function:f' }),
  useOf({ action: 'dynamodb:DescribeTable', resource: 'arn:aws:dynamodb:us-east-1:111122223333:table/t' }),
];
const [first] = uses;
if (first === undefined) throw new Error('no use');

const management = '444455556666';
const trail = (account: string): TrailConfig =>
  parseTrailConfig(
    JSON.stringify({
      TrailARN: `arn:aws:cloudtrail:us-east-1:${account}:trail/t`,
      IsMultiRegionTrail: true,
      IsOrganizationTrail: account === management,
      EventSelectors: [{ ReadWriteType: 'All', IncludeManagementEvents: true }],
    }),
    'trail',
  );
const consoleRead: UnknownCall = {
  ...partsOf(first),
  eventSource: 'ec2.amazonaws.com',
  eventName: 'DescribeConsoleDrafts',
  readOnly: true,
  reason: 'no such action',
  services: ['ec2'],
};
const oneRegion = everyDay(['us-east-1'], window);
const threeRegions = everyDay(['us-east-1', 'eu-west-1', 'ap-south-1'], window);

const variants: Readonly<Record<string, Partial<GenerateInput>>> = {
  'one Region': { deliveries: oneRegion },
  'organization trail': { deliveries: threeRegions, trails: trail(management) },
  'data events off': { deliveries: threeRegions, trails: trail('111122223333') },
  'one unmapped console read': {
    deliveries: threeRegions,
    observed: { ...observedOf(uses), unmapped: [consoleRead] },
  },
};

const isWrite = (action: string): boolean => !/^(Read|List)$/.test(actionInfo(action)?.accessLevel ?? '');
const lines: string[] = ['policy, log: actions before -> after, kept unseen (of them writes), documents'];

describe.each(Object.entries(standing))('%s', (name, identity) => {
  test.each(Object.entries(variants))('on a month of %s', (variant, more) => {
    const today = { identity, boundary: undefined };
    const { documents, actionsBefore, actionsAfter, overflow, unseen } = propose(
      inputOf({ observed: observedOf(uses), today, window, minWindow: 14, covered: 30, ...more }),
    );
    const kept = new Set(unseen.filter((one) => one.kept).map(({ action }) => action));
    lines.push(
      `${name}, ${variant}: ${actionsBefore} -> ${actionsAfter}, ${kept.size} (${[...kept].filter(isWrite).length}), ${documents.length}`,
    );
    // A policy that names hundreds of services one by one keeps what nothing shows of each, and IAM's quota makes documents of it.
    expect(documents.length).toBeLessThanOrEqual(name === 'ReadOnlyAccess' ? 7 : 5);
    expect(overflow).toEqual([]);
    expect(actionsAfter).toBeLessThan(actionsBefore / 2);
    expect(diffPolicies(identity, documents).broadened).toBe(false);
    expect(JSON.stringify(documents)).not.toContain('iam:CreateUser');
  });
});

test('what stays is as it was', async () => {
  await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('../golden/standing-set.txt');
});
