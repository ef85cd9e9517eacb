import { expect, test } from 'vitest';
import { nothingKnown } from '../../src/permissions/mapping.ts';
import { possibleNeeds, whoseverItIs } from '../../src/permissions/may-need.ts';
import { permissionsOf } from '../../src/permissions/permissions.ts';
import type { Members } from '../../src/cloudtrail/members.ts';
import { observed, type CallFacts } from './call.ts';

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

test.each<readonly [string, string, CallFacts, string, string]>([
  [
    'of an organization, whose account the call does not name',
    'organizations:DescribeAccount',
    { request: { accountId: '444455556666' } },
    'arn:aws:organizations::111122223333:account/o-*/444455556666',
    'arn:aws:organizations::*:account/o-*/444455556666',
  ],
  [
    'of an organization, whose account the answer shows',
    'organizations:UpdatePolicy',
    {
      request: { policyId: 'p-abcd1234' },
      response: {
        policy: { policySummary: { arn: 'arn:aws:organizations::111122223333:policy/o-a/x/p-abcd1234' } },
      },
    },
    'arn:aws:organizations::111122223333:policy/o-*/*/p-abcd1234',
    'arn:aws:organizations::111122223333:policy/o-*/*/p-abcd1234',
  ],
  [
    'of a call whose account is not known',
    'organizations:UpdatePolicy',
    { request: { policyId: 'p-abcd1234' }, account: '' },
    'arn:aws:organizations:::policy/o-*/*/p-abcd1234',
    'arn:aws:organizations:::policy/o-*/*/p-abcd1234',
  ],
  [
    'a stack set of a delegated administrator',
    'cloudformation:DescribeStackSet',
    { request: { stackSetName: 'base', callAs: 'DELEGATED_ADMIN' } },
    'arn:aws:cloudformation:eu-west-1:111122223333:stackset/base:*',
    'arn:aws:cloudformation:eu-west-1:*:stackset/base:*',
  ],
  [
    'a stack set of its own',
    'cloudformation:DescribeStackSet',
    { request: { stackSetName: 'base', callAs: 'SELF' } },
    'arn:aws:cloudformation:eu-west-1:111122223333:stackset/base:*',
    'arn:aws:cloudformation:eu-west-1:111122223333:stackset/base:*',
  ],
  [
    'its own account',
    'account:GetContactInformation',
    {},
    'arn:aws:account::111122223333:account',
    'arn:aws:account::111122223333:account',
  ],
])(
  'what a delegated administrator names may be the management account’s: %s',
  (_, operation, facts, named, owned) => {
    expect(whoseverItIs(observed(operation, facts))(named)).toBe(owned);
  },
);

// Service Authorization Reference, "Dependent actions".
const dependents = (operation: string, request: Members): readonly string[] => {
  const call = observed(operation, { request });
  const mapping = permissionsOf(call, nothingKnown);
  const permissions = mapping.kind === 'mapped' ? mapping.permissions : [];
  return possibleNeeds(call, permissions, nothingKnown).map(({ action }) => action);
};

test.each<readonly [string, string, Members, string, boolean]>([
  ['what the reference says', 'wafv2:AssociateWebACL', {}, 'elasticloadbalancing:SetWebAcl', true],
  ['of another service', 'cloudtrail:EnableFederation', {}, 'lakeformation:RegisterResource', true],
  [
    'what a request would say, and does not',
    'ec2:CreateVpcEndpoint',
    {},
    'route53:AssociateVPCWithHostedZone',
    false,
  ],
  [
    'what a request says',
    'ec2:CreateVpcEndpoint',
    { privateDnsEnabled: 'true' },
    'route53:AssociateVPCWithHostedZone',
    true,
  ],
  ['keys, where nothing is encrypted', 'rds:CreateDBInstance', {}, 'kms:CreateGrant', false],
  ['keys, where something is', 'rds:CreateDBInstance', { storageEncrypted: 'true' }, 'kms:CreateGrant', true],
  ['tags, which a request would carry', 'ec2:CreateSnapshot', {}, 'ec2:CreateTags', false],
  ['a role, which a request would name', 'backup:StartBackupJob', {}, 'iam:PassRole', false],
  ['a service-linked role', 'connect:CreateInstance', {}, 'iam:CreateServiceLinkedRole', true],
  ['a service-linked role, made by few calls', 'ecs:ListClusters', {}, 'iam:CreateServiceLinkedRole', false],
  ['what another row asks of logs alone', 'kafka:CreateClusterV2', {}, 'iam:CreateServiceLinkedRole', true],
  ['tags of what the service makes elsewhere', 'kafka:CreateVpcConnection', {}, 'ec2:CreateTags', true],
  ['roles that no member can name', 'drs:StartRecovery', {}, 'iam:PassRole', true],
  ['logs that are delivered', 'wafv2:PutLoggingConfiguration', {}, 'logs:PutResourcePolicy', true],
  ['logs, where none are asked for', 'states:CreateStateMachine', {}, 'logs:PutResourcePolicy', false],
  ['what AWS’s schema says that making it takes', 'eks:CreateNodegroup', {}, 'ec2:RunInstances', true],
  ['what few such schemas say', 'ec2:RunInstances', {}, 'ssm:CreateAssociation', false],
  [
    'by the operation’s name without its version',
    'cloudfront:UpdateDistribution2020_05_31',
    { distributionConfig: { logging: { bucket: 'logs' } } },
    's3:PutBucketAcl',
    true,
  ],
  [
    'an import that is asked for, of a repository that caches another registry',
    'ecr:BatchGetImage',
    { repositoryName: 'docker-hub/library/nginx' },
    'ecr:CreateRepository',
    true,
  ],
  [
    'none of an own repository',
    'ecr:BatchGetImage',
    { repositoryName: 'shop' },
    'ecr:CreateRepository',
    false,
  ],
  [
    'logs, where some are',
    'states:CreateStateMachine',
    { loggingConfiguration: { level: 'ALL' } },
    'logs:DescribeResourcePolicies',
    true,
  ],
  ['a stack behind a product', 'servicecatalog:ProvisionProduct', {}, 'cloudformation:CreateStack', true],
  ['secrets of a connection', 'events:CreateConnection', {}, 'secretsmanager:CreateSecret', true],
  ['a queue behind a queue', 'sqs:StartMessageMoveTask', {}, 'sqs:GetQueueAttributes', true],
  ['what an environment is made of', 'elasticbeanstalk:UpdateEnvironment', {}, 's3:CreateBucket', true],
  [
    'who may sign in to the management account',
    'sso:CreateAccountAssignment',
    {},
    'iam:GetSAMLProvider',
    true,
  ],
  ['the rule by which Step Functions waits', 'ecs:RunTask', {}, 'events:PutRule', true],
  ['the function of a canary', 'synthetics:CreateCanary', {}, 'lambda:CreateFunction', true],
  ['a view, where none is named', 'ce:GetCostAndUsage', {}, 'billing:GetBillingViewData', false],
  [
    'a view',
    'ce:GetCostAndUsage',
    { billingViewArn: 'arn:aws:billing::111122223333:billingview/primary' },
    'billing:GetBillingViewData',
    true,
  ],
  ['a policy of an organization', 'controltower:EnableControl', {}, 'organizations:AttachPolicy', true],
])('dependents: %s', (_, operation, request, action, isNeeded) => {
  expect(dependents(operation, request).includes(action)).toBe(isNeeded);
});

test('a template may name a transform of AWS', () => {
  const call = observed('cloudformation:CreateChangeSet', { request: { stackName: 's' } });
  const needs = possibleNeeds(call, [], nothingKnown).filter(
    ({ action }) => action === 'cloudformation:CreateChangeSet',
  );
  expect(needs.map(({ resource }) => resource)).toEqual(['arn:aws:cloudformation:eu-west-1:*:transform/*']);
});

test('what the request itself names is needed on nothing else, unless the call failed before it was asked for', () => {
  const request = { functionName: 'f', layers: ['arn:aws:lambda:eu-west-1:444455556666:layer:tools:3'] };
  const call = observed('lambda:UpdateFunctionConfiguration20150331v2', { request });
  const mapping = permissionsOf(call, nothingKnown);
  const permissions = mapping.kind === 'mapped' ? mapping.permissions : [];
  const layers = (all: typeof permissions): number =>
    possibleNeeds(call, all, nothingKnown).filter(({ action }) => action === 'lambda:GetLayerVersion').length;
  expect(permissions.map(({ action }) => action)).toContain('lambda:GetLayerVersion');
  expect(layers(permissions)).toBe(0);
  expect(layers(permissions.filter(({ reason }) => reason === 'operation'))).toBe(1);
});

test('logs go one of several ways: a call that succeeded without the others did not need them', () => {
  const call = observed('states:CreateStateMachine', { request: { loggingConfiguration: { level: 'ALL' } } });
  const needs = possibleNeeds(call, [], nothingKnown);
  expect(needs.find(({ action }) => action === 'firehose:TagDeliveryStream')).toEqual({
    action: 'firehose:TagDeliveryStream',
    resource: '*',
    passedTo: [],
    isAlways: true,
  });
});

test('what the mapping shows is no possibility beside', () => {
  const request = { snapshotName: 's', replicationGroupId: 'r' };
  const own = dependents('elasticache:CreateSnapshot', request);
  expect(own).toContain('s3:GetBucketAcl');
  expect(own).not.toContain('elasticache:CreateSnapshot');
});
