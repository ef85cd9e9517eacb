import { describe, expect, test } from 'vitest';
import { permissionsOf } from '../../src/permissions/permissions.ts';
import { nothingKnown } from '../../src/permissions/mapping.ts';
import { needed, observed, type CallFacts } from './call.ts';

const actionsOf = (operation: string, facts?: CallFacts): string[] =>
  needed(operation, facts).map(({ action }) => action);

const kindOf = (facts: CallFacts): string => permissionsOf(observed('kms:Decrypt', facts), nothingKnown).kind;

describe('the action of an operation', () => {
  test.each([
    ['s3:ListObjectsV2', ['s3:ListBucket']],
    ['s3:HeadObject', ['s3:GetObject']],
    ['s3:HeadBucket', ['s3:ListBucket']],
    ['s3:ListBuckets', ['s3:ListAllMyBuckets']],
    ['s3:DeleteBucketLifecycle', ['s3:PutLifecycleConfiguration']],
    ['s3:GetPublicAccessBlock', ['s3:GetBucketPublicAccessBlock']],
    ['monitoring:PutMetricData', ['cloudwatch:PutMetricData']],
    ['email:SendEmail', ['ses:SendEmail']],
    ['tagging:GetResources', ['tag:GetResources']],
    ['lambda:UpdateFunctionCode20150331v2', ['lambda:UpdateFunctionCode']],
    ['lambda:Invoke', ['lambda:InvokeFunction']],
    ['cloudfront:CreateInvalidation2020_05_31', ['cloudfront:CreateInvalidation']],
    ['rds:RestoreDBClusterFromS3', ['rds:RestoreDBClusterFromS3']],
    ['sqs:SendMessageBatch', ['sqs:SendMessage']],
    ['sns:PublishBatch', ['sns:Publish']],
    ['access-analyzer:GetFindingV2', ['access-analyzer:GetFinding']],
    ['kms:ReEncrypt', ['kms:ReEncryptFrom', 'kms:ReEncryptTo']],
    ['budgets:DescribeBudgets', ['budgets:ViewBudget']],
    ['cassandra:DeleteTable', ['cassandra:Drop']],
    ['bedrock:Converse', ['bedrock:InvokeModel']],
    ['dynamodb:TransactGetItems', ['dynamodb:GetItem']],
    ['rdsdata:ExecuteStatement', ['rds-data:ExecuteStatement']],
    ['autoscaling:RegisterScalableTarget', ['application-autoscaling:RegisterScalableTarget']],
    ['runtime.lex:PostText', ['lex:PostText']],
  ])('%s', (operation, actions) => {
    expect([...new Set(actionsOf(operation))]).toEqual(actions);
  });

  test.each([
    'sts:GetCallerIdentity',
    'sts:AssumeRoleWithWebIdentity',
    'signin:ConsoleLogin',
    'cognito-idp:InitiateAuth',
    'cognito-idp:Login_GET',
    'ecr:PolicyExecutionEvent',
  ])('%s needs no permission', (operation) => {
    expect(permissionsOf(observed(operation), nothingKnown).kind).toBe('no-permission');
  });

  test.each([
    's3:NoSuchOperation',
    'unknown-service:GetThing',
    ':',
    '__proto__:constructor',
    'iam:__proto__',
  ])('%s is unmapped, never guessed', (operation) => {
    expect(permissionsOf(observed(operation), nothingKnown).kind).toBe('unmapped');
  });

  test('what is not a call of a principal', () => {
    expect(kindOf({ eventType: 'AwsServiceEvent' })).toBe('not-a-call');
    expect(kindOf({ kind: 'service' })).toBe('not-a-call');
    expect(kindOf({ eventType: 'AwsConsoleSignIn' })).toBe('no-permission');
    expect(kindOf({ eventType: 'AwsConsoleAction' })).toBe('mapped');
  });
});

const passed = (operation: string, request: CallFacts['request']): unknown =>
  needed(operation, { request: request ?? {} }).find(({ action }) => action === 'iam:PassRole');

const conditions = (facts: CallFacts): unknown => needed('s3:ListBuckets', facts)[0]?.condition;

describe('permissions beside the operation', () => {
  test('a role in the request is passed, at any depth, to the service that gets it', () => {
    const roleArn = 'arn:aws:iam::111122223333:role/service/app';
    expect(passed('lambda:CreateFunction20150331', { functionName: 'f', role: roleArn })).toEqual({
      action: 'iam:PassRole',
      resources: [roleArn],
      reason: 'pass-role',
      condition: [{ operator: 'StringEquals', key: 'iam:PassedToService', values: ['lambda.amazonaws.com'] }],
    });
    expect(passed('events:PutTargets', { rule: 'r', targets: [{ id: '1', roleArn }] })).toMatchObject({
      resources: [roleArn],
    });
    expect(
      passed('ecs:RegisterTaskDefinition', { family: 'f', taskRoleArn: roleArn, executionRoleArn: roleArn }),
    ).toMatchObject({
      resources: [roleArn],
    });
  });

  test('the role of a flow log goes to the flow logs service', () => {
    const DeliverLogsPermissionArn = 'arn:aws:iam::111122223333:role/flow';
    const DeliverCrossAccountRole = 'arn:aws:iam::111122223333:role/cross';
    expect(passed('ec2:CreateFlowLogs', { CreateFlowLogsRequest: { DeliverLogsPermissionArn } })).toEqual({
      action: 'iam:PassRole',
      resources: [DeliverLogsPermissionArn],
      reason: 'pass-role',
      condition: [
        { operator: 'StringEquals', key: 'iam:PassedToService', values: ['vpc-flow-logs.amazonaws.com'] },
      ],
    });
    expect(
      passed('ec2:CreateFlowLogs', {
        CreateFlowLogsRequest: { DeliverLogsPermissionArn, DeliverCrossAccountRole },
      }),
    ).toEqual({
      action: 'iam:PassRole',
      resources: [DeliverCrossAccountRole, DeliverLogsPermissionArn],
      reason: 'pass-role',
    });
  });

  test('a role that is no gift is not passed', () => {
    const roleArn = 'arn:aws:iam::111122223333:role/app';
    expect(passed('sts:AssumeRole', { roleArn })).toBeUndefined();
    expect(passed('lambda:CreateFunction20150331', { functionName: 'f' })).toBeUndefined();
    expect(passed('eks:CreateAccessEntry', { clusterName: 'c', principalArn: roleArn })).toBeUndefined();
    expect(
      passed('autoscaling:CreateAutoScalingGroup', {
        serviceLinkedRoleARN: 'arn:aws:iam::111122223333:role/aws-service-role/autoscaling.amazonaws.com/A',
      }),
    ).toBeUndefined();
  });

  test('a bare name is the role of that name in any path, unless the path is known', () => {
    const request = { name: 'c', serviceRole: 'EMR', jobFlowRole: 'EMR_EC2' };
    expect(passed('elasticmapreduce:RunJobFlow', request)).toMatchObject({
      resources: [
        'arn:aws:iam::111122223333:role/*/EMR',
        'arn:aws:iam::111122223333:role/*/EMR_EC2',
        'arn:aws:iam::111122223333:role/EMR',
        'arn:aws:iam::111122223333:role/EMR_EC2',
      ],
    });
    const known = {
      rolePath: () => '/emr/',
      rolesOfInstanceProfile: () => ['arn:aws:iam::111122223333:role/node'],
    };
    const [permission] = needed('elasticmapreduce:RunJobFlow', { request }, known).filter(
      ({ action }) => action === 'iam:PassRole',
    );
    expect(permission?.resources).toEqual([
      'arn:aws:iam::111122223333:role/emr/EMR',
      'arn:aws:iam::111122223333:role/node',
    ]);
  });

  test.each<[string, CallFacts, string[]]>([
    ['s3:GetObject', { request: { bucketName: 'b', key: 'k', versionId: true } }, ['s3:GetObjectVersion']],
    [
      's3:PutObject',
      { request: { bucketName: 'b', key: 'k', 'x-amz-acl': true } },
      ['s3:PutObject', 's3:PutObjectAcl'],
    ],
    [
      's3:GetObject',
      { request: { bucketName: 'b', key: 'k' }, errorCode: 'NoSuchKey' },
      ['s3:GetObject', 's3:ListBucket'],
    ],
    ['s3:GetObject', { request: { bucketName: 'a--euw1-az1--x-s3', key: 'k' } }, ['s3express:CreateSession']],
    [
      'sts:AssumeRole',
      { request: { roleArn: 'arn:aws:iam::111122223333:role/r', tags: true, sourceIdentity: true } },
      ['sts:AssumeRole', 'sts:SetSourceIdentity', 'sts:TagSession'],
    ],
    [
      'sts:AssumeRole',
      { request: { roleArn: 'arn:aws:iam::111122223333:role/r' }, sourceIdentity: 'ada' },
      ['sts:AssumeRole', 'sts:SetSourceIdentity'],
    ],
    ['iam:CreateUser', { request: { userName: 'u', tags: true } }, ['iam:CreateUser', 'iam:TagUser']],
    [
      'ec2:CreateVolume',
      { request: { tagSpecificationSet: [{ resourceType: 'volume' }] } },
      ['ec2:CreateTags', 'ec2:CreateVolume'],
    ],
    [
      'lambda:CreateFunction20150331',
      { request: { functionName: 'f', tags: true } },
      ['lambda:CreateFunction', 'lambda:TagResource'],
    ],
    ['lambda:GetFunction20150331v2', { request: { functionName: 'f', tags: true } }, ['lambda:GetFunction']],
    [
      'wafv2:AssociateWebACL',
      {
        request: {
          webACLArn: 'arn:aws:wafv2:eu-west-1:111122223333:regional/webacl/w/1',
          resourceArn: 'arn:aws:elasticloadbalancing:eu-west-1:111122223333:loadbalancer/app/web/1',
        },
      },
      ['elasticloadbalancing:SetWebAcl', 'wafv2:AssociateWebACL'],
    ],
    ['kms:ReplicateKey', { request: { keyId: 'mrk-1' } }, ['kms:CreateKey', 'kms:ReplicateKey']],
    [
      'secretsmanager:BatchGetSecretValue',
      { request: {} },
      ['secretsmanager:BatchGetSecretValue', 'secretsmanager:GetSecretValue', 'secretsmanager:ListSecrets'],
    ],
    [
      'logs:PutDeliverySource',
      { request: { name: 's', resourceArn: 'arn:aws:cloudfront::111122223333:distribution/E1' } },
      ['cloudfront:AllowVendedLogDeliveryForResource', 'logs:PutDeliverySource'],
    ],
    [
      'bedrock:Converse',
      { request: { modelId: 'anthropic.claude-v2', guardrailConfig: { guardrailIdentifier: 'g' } } },
      ['bedrock:ApplyGuardrail', 'bedrock:InvokeModel'],
    ],
    [
      'codeartifact:UpdateRepository',
      { request: { domain: 'd', repository: 'r', upstreams: [{ repositoryName: 'u' }] } },
      ['codeartifact:AssociateWithDownstreamRepository', 'codeartifact:UpdateRepository'],
    ],
    [
      'swf:StartWorkflowExecution',
      { request: { domain: 'd', tagList: true } },
      ['swf:StartWorkflowExecution'],
    ],
    [
      'lakeformation:RegisterResource',
      { request: { resourceArn: 'arn:aws:s3:::b', roleArn: 'arn:aws:iam::111122223333:role/r' } },
      ['iam:PassRole', 'lakeformation:RegisterResource'],
    ],
    [
      'dynamodb:ExecuteStatement',
      { request: { statement: { verb: 'select', table: 'Music' } } },
      ['dynamodb:PartiQLSelect'],
    ],
    [
      'dynamodb:TransactWriteItems',
      { request: { transactItems: [{ put: { tableName: 'a' } }, { conditionCheck: { tableName: 'b' } }] } },
      ['dynamodb:ConditionCheckItem', 'dynamodb:PutItem'],
    ],
  ])('%s %j', (operation, facts, actions) => {
    expect(actionsOf(operation, facts)).toEqual(actions);
  });

  test('the key of an object under SSE-KMS, only through S3', () => {
    const key = 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab';
    const response = { 'x-amz-server-side-encryption-aws-kms-key-id': key };
    const permissions = needed('s3:GetObject', { request: { bucketName: 'b', key: 'k' }, response });
    expect(permissions.find(({ action }) => action === 'kms:Decrypt')).toEqual({
      action: 'kms:Decrypt',
      resources: [key],
      reason: 'kms',
      condition: [
        { operator: 'StringEquals', key: 'kms:ViaService', values: ['s3.eu-west-1.amazonaws.com'] },
      ],
    });
  });

  test('aws:CalledVia only where a service forwards a person’s own session', () => {
    const via = [
      { operator: 'ForAnyValue:StringEquals', key: 'aws:CalledVia', values: ['athena.amazonaws.com'] },
    ];
    expect(conditions({ kind: 'user', invokedBy: 'athena.amazonaws.com' })).toEqual(via);
    expect(conditions({ kind: 'permission-set', invokedBy: 'athena.amazonaws.com' })).toEqual(via);
    expect(conditions({ kind: 'role', invokedBy: 'athena.amazonaws.com' })).toBeUndefined();
    expect(conditions({ kind: 'user', invokedBy: 'AWS Internal' })).toBeUndefined();
    expect(conditions({ kind: 'user', invokedBy: 'signin.amazonaws.com' })).toBeUndefined();
    expect(conditions({ kind: 'user', invokedBy: 'quicksight.amazonaws.com' })).toBeUndefined();
  });
});
