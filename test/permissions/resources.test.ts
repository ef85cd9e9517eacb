import { describe, expect, test } from 'vitest';
import type { Members } from '../../src/cloudtrail/members.ts';
import { nothingKnown } from '../../src/permissions/mapping.ts';
import { permissionsOf } from '../../src/permissions/permissions.ts';
import { folded, lines, needed, observed, type CallFacts } from './call.ts';

const own = 'eu-west-1:111122223333';

describe('the resources of a call', () => {
  test.each<[string, CallFacts, string[]]>([
    [
      's3:GetObject',
      { request: { bucketName: 'b', key: 'in/a b.csv' } },
      ['s3:GetObject arn:aws:s3:::b/in/a b.csv'],
    ],
    [
      's3:GetObject',
      { request: { bucketName: 'b', key: 'a*b?c${d}' } },
      ['s3:GetObject arn:aws:s3:::b/a${*}b${?}c${$}{d}'],
    ],
    [
      's3:GetObject',
      { request: { bucketName: 'b', key: folded('in/') } },
      ['s3:GetObject arn:aws:s3:::b/in/*'],
    ],
    [
      's3:GetObject',
      { request: { bucketName: 'b', key: 'été/日本.txt' } },
      ['s3:GetObject arn:aws:s3:::b/été/??.txt'],
    ],
    ['s3:DeleteObjects', { request: { bucketName: 'b' } }, ['s3:DeleteObject arn:aws:s3:::b/*']],
    // An alias and its key are both asked for (KMS Developer Guide, alias-authorization.html).
    [
      'kms:CreateAlias',
      { request: { aliasName: 'alias/app', targetKeyId: `arn:aws:kms:${own}:key/k1` } },
      [`kms:CreateAlias arn:aws:kms:${own}:alias/app arn:aws:kms:${own}:key/k1`],
    ],
    [
      'kms:DeleteAlias',
      {
        request: { aliasName: 'alias/app' },
        resources: [{ arn: `arn:aws:kms:${own}:key/k1`, type: 'AWS::KMS::Key' }],
      },
      [`kms:DeleteAlias arn:aws:kms:${own}:alias/app arn:aws:kms:${own}:key/k1`],
    ],
    // What is copied lies in the Region that it is copied from.
    [
      'ec2:CopySnapshot',
      { request: { sourceRegion: 'us-east-1', sourceSnapshotId: 'snap-0123456789abcdef0' } },
      [
        'ec2:CopySnapshot arn:aws:ec2:eu-west-1::snapshot/* arn:aws:ec2:us-east-1::snapshot/snap-0123456789abcdef0',
      ],
    ],
    // A copy is named where the call is, whatever the place of what is copied.
    [
      'rds:CopyDBSnapshot',
      {
        request: {
          sourceDBSnapshotIdentifier: 'arn:aws:rds:us-east-1:444455556666:snapshot:s1',
          targetDBSnapshotIdentifier: 's2',
        },
      },
      [`rds:CopyDBSnapshot arn:aws:rds:${own}:snapshot:s2 arn:aws:rds:us-east-1:444455556666:snapshot:s1`],
    ],
    // One of something is read, however the call is called: its type stands for what nothing names.
    [
      's3:GetDataAccess',
      { request: { target: 's3://b/*' } },
      [`s3:GetDataAccess arn:aws:s3:${own}:access-grants/default`],
    ],
    [
      'redshift-serverless:GetCredentials',
      { request: { workgroupName: 'w' } },
      [`redshift-serverless:GetCredentials arn:aws:redshift-serverless:${own}:workgroup/*`],
    ],
    ['glue:GetDatabases', { request: {} }, ['glue:GetDatabases *']],
    [
      'rdsdata:ExecuteStatement',
      {
        request: {
          resourceArn: `arn:aws:rds:${own}:cluster:c`,
          secretArn: `arn:aws:secretsmanager:${own}:secret:s-abcdef`,
        },
      },
      [
        `rds-data:ExecuteStatement arn:aws:rds:${own}:cluster:c`,
        `secretsmanager:GetSecretValue arn:aws:secretsmanager:${own}:secret:s-abcdef`,
      ],
    ],
    [
      'ec2:CreateVpcPeeringConnection',
      { request: { vpcId: 'vpc-0a1', peerVpcId: 'vpc-0b1', peerOwnerId: '444455556666' } },
      [
        `ec2:CreateVpcPeeringConnection arn:aws:ec2:${own}:vpc-peering-connection/* arn:aws:ec2:${own}:vpc/vpc-0a1`,
      ],
    ],
    // A text message goes to no topic.
    ['sns:Publish', { request: { phoneNumber: 'HIDDEN_DUE_TO_SECURITY_REASONS' } }, ['sns:Publish *']],
    ['events:PutEvents', { request: {} }, [`events:PutEvents arn:aws:events:${own}:event-bus/default`]],
    [
      'iam:CreateOpenIDConnectProvider',
      { request: { url: 'https://token.example.com/a' } },
      ['iam:CreateOpenIDConnectProvider arn:aws:iam::111122223333:oidc-provider/token.example.com/a'],
    ],
    [
      'redshift:CreateCluster',
      {
        response: {
          serviceLinkedRoleArn:
            'arn:aws:iam::111122223333:role/aws-service-role/redshift.amazonaws.com/AWSServiceRoleForRedshift',
        },
      },
      [
        'iam:CreateServiceLinkedRole arn:aws:iam::111122223333:role/aws-service-role/redshift.amazonaws.com/AWSServiceRoleForRedshift',
        `redshift:CreateCluster arn:aws:redshift:${own}:cluster:*`,
      ],
    ],
    // A mount is an event of the service, of what the policies of its client let it do.
    [
      'elasticfilesystem:NewClientConnection',
      { eventType: 'AwsServiceEvent', request: { clientPermissions: ['ClientMount', 'ClientWrite'] } },
      ['ClientMount', 'ClientWrite'].map(
        (name) => `elasticfilesystem:${name} arn:aws:elasticfilesystem:${own}:file-system/*`,
      ),
    ],
    // A database's name names no instance.
    [
      'rds:RestoreDBInstanceToPointInTime',
      { request: { sourceDBInstanceIdentifier: 'a', targetDBInstanceIdentifier: 'b', dBName: 'c' } },
      [
        `rds:RestoreDBInstanceToPointInTime arn:aws:rds:${own}:db:a arn:aws:rds:${own}:db:b arn:aws:rds:${own}:og:default:* arn:aws:rds:${own}:pg:default.* arn:aws:rds:${own}:subgrp:default`,
      ],
    ],
    // The id of the target group is not the group's.
    [
      'autoscaling:CreateAutoScalingGroup',
      {
        request: {
          autoScalingGroupName: 'web',
          targetGroupARNs: [`arn:aws:elasticloadbalancing:${own}:targetgroup/t/73e2d6bc24d8a067`],
        },
      },
      [
        `autoscaling:CreateAutoScalingGroup arn:aws:autoscaling:${own}:autoScalingGroup:*:autoScalingGroupName/web`,
      ],
    ],
    [
      'autoscaling:CreateOrUpdateTags',
      { request: { tags: [{ resourceId: 'web', resourceType: 'auto-scaling-group' }] } },
      [
        `autoscaling:CreateOrUpdateTags arn:aws:autoscaling:${own}:autoScalingGroup:*:autoScalingGroupName/web`,
      ],
    ],
    // AWS's runbooks belong to no account, and neither do their automation definitions.
    [
      'ssm:StartAutomationExecution',
      { request: { documentName: 'AWS-RestartEC2Instance', documentVersion: '2' } },
      [
        `ssm:StartAutomationExecution arn:aws:ssm:${own}:automation-execution/* arn:aws:ssm:eu-west-1::automation-definition/AWS-RestartEC2Instance:2 arn:aws:ssm:eu-west-1::document/AWS-RestartEC2Instance`,
      ],
    ],
    [
      'ssm:StartAutomationExecution',
      { request: { documentName: 'arn:aws:ssm:eu-west-1:444455556666:document/patch' } },
      [
        `ssm:StartAutomationExecution arn:aws:ssm:${own}:automation-execution/* arn:aws:ssm:eu-west-1:444455556666:automation-definition/patch:* arn:aws:ssm:eu-west-1:444455556666:document/patch`,
      ],
    ],
    // A launch is asked for on a Spot request that it tags, and on none that it leaves alone.
    ...['spot-instances-request', 'instance'].map((resourceType): [string, object, string[]] => [
      'ec2:RunInstances',
      {
        request: {
          instanceMarketOptions: { marketType: 'spot' },
          tagSpecificationSet: { items: [{ resourceType, tags: [{ key: 'a', value: 'b' }] }] },
        },
      },
      [
        `ec2:CreateTags arn:aws:ec2:${own}:${resourceType}/*`,
        `ec2:RunInstances arn:aws:ec2:${own}:instance/* arn:aws:ec2:${own}:network-interface/* arn:aws:ec2:${own}:security-group/* ${resourceType === 'instance' ? '' : `arn:aws:ec2:${own}:spot-instances-request/* `}arn:aws:ec2:${own}:subnet/* arn:aws:ec2:${own}:volume/* arn:aws:ec2:eu-west-1::image/*`,
      ],
    ]),
    // A path is matched as it was asked for.
    ...['parameter/app/', 'parameter/app', 'parameter/'].map((name): [string, object, string[]] => [
      'ssm:GetParametersByPath',
      { request: { path: name.slice('parameter'.length) } },
      [`ssm:GetParametersByPath arn:aws:ssm:${own}:${name}`],
    ]),
    // All of a cluster are asked for on everything.
    ['ecs:ListTasks', { request: { cluster: 'c' } }, ['ecs:ListTasks *']],
    [
      'ecs:ListTasks',
      { request: { cluster: 'c', containerInstance: 'i' } },
      [`ecs:ListTasks arn:aws:ecs:${own}:container-instance/c/i`],
    ],
    // Another account owns the domain.
    [
      'codeartifact:DescribeRepository',
      { request: { domain: 'd', domainOwner: '444455556666', repository: 'r' } },
      ['codeartifact:DescribeRepository arn:aws:codeartifact:eu-west-1:444455556666:repository/d/r'],
    ],
    // Three APIs have an operation of this name, and the identifier alone fits each.
    [
      'rds:CreateDBInstance',
      { request: { dBInstanceIdentifier: 'orders' } },
      [
        `rds:CreateDBInstance arn:aws:rds:${own}:db:orders arn:aws:rds:${own}:og:default:* arn:aws:rds:${own}:pg:default.* arn:aws:rds:${own}:subgrp:default`,
      ],
    ],
    // Through the alias of an access point the ACL is set on the point's object too.
    [
      's3:PutObject',
      { request: { bucketName: 'pt-abc-s3alias', key: 'k', 'x-amz-acl': 'public-read' } },
      [
        `s3:PutObject arn:aws:s3:${own}:accesspoint/*/object/k`,
        `s3:PutObjectAcl arn:aws:s3:${own}:accesspoint/*/object/k`,
      ],
    ],
    // The kind of thing stands in a member beside its id.
    [
      'ssm:ListTagsForResource',
      { request: { resourceType: 'Parameter', resourceId: '/app/key' } },
      [`ssm:ListTagsForResource arn:aws:ssm:${own}:parameter/app/key`],
    ],
    [
      'ssm:AddTagsToResource',
      { request: { resourceType: 'Document', resourceId: 'restart' } },
      [`ssm:AddTagsToResource arn:aws:ssm:${own}:document/restart`],
    ],
    [
      'route53:ChangeTagsForResource',
      { request: { resourceType: 'hostedzone', resourceId: 'Z1' } },
      ['route53:ChangeTagsForResource arn:aws:route53:::hostedzone/Z1'],
    ],
    // What is made takes the defaults of its types, optional ones too.
    [
      'rds:CreateDBInstance',
      { request: { dBInstanceIdentifier: 'orders', dBSubnetGroupName: 'private' } },
      [
        `rds:CreateDBInstance arn:aws:rds:${own}:db:orders arn:aws:rds:${own}:og:default:* arn:aws:rds:${own}:pg:default.* arn:aws:rds:${own}:subgrp:private`,
      ],
    ],
    [
      's3:CopyObject',
      {
        request: {
          bucketName: 'd',
          key: 'k',
          'x-amz-copy-source': { bucket: 's', key: 'a/b', versionId: true },
        },
      },
      ['s3:GetObjectVersion arn:aws:s3:::s/a/b', 's3:PutObject arn:aws:s3:::d/k'],
    ],
    [
      's3:GetObject',
      { request: { bucketName: `arn:aws:s3:${own}:accesspoint/ap`, key: 'k' } },
      [`s3:GetObject arn:aws:s3:${own}:accesspoint/ap/object/k`],
    ],
    [
      's3express:ListObjectsV2',
      { request: { bucketName: 'a--euw1-az1--x-s3' } },
      [`s3express:CreateSession arn:aws:s3express:${own}:bucket/a--euw1-az1--x-s3`],
    ],
    [
      'sqs:SendMessage',
      { request: { queueUrl: 'https://sqs.eu-west-1.amazonaws.com/444455556666/jobs' } },
      ['sqs:SendMessage arn:aws:sqs:eu-west-1:444455556666:jobs'],
    ],
    [
      'dynamodb:GetItem',
      { request: { tableName: 'Music' } },
      [`dynamodb:GetItem arn:aws:dynamodb:${own}:table/Music`],
    ],
    [
      'dynamodb:Query',
      { request: { tableName: 'Music', indexName: 'byYear' } },
      [`dynamodb:Query arn:aws:dynamodb:${own}:table/Music/index/byYear`],
    ],
    [
      'dynamodb:BatchGetItem',
      { request: { requestItems: ['A', 'B'] } },
      [`dynamodb:BatchGetItem arn:aws:dynamodb:${own}:table/A arn:aws:dynamodb:${own}:table/B`],
    ],
    [
      'logs:PutRetentionPolicy',
      { request: { logGroupName: '/app/web' } },
      [`logs:PutRetentionPolicy arn:aws:logs:${own}:log-group:/app/web:*`],
    ],
    [
      'secretsmanager:GetSecretValue',
      { request: { secretId: 'prod/db' } },
      [`secretsmanager:GetSecretValue arn:aws:secretsmanager:${own}:secret:prod/db-??????`],
    ],
    [
      'ssm:GetParameter',
      { request: { name: '/app/db' } },
      [`ssm:GetParameter arn:aws:ssm:${own}:parameter/app/db`],
    ],
    [
      'ssm:GetParameters',
      { request: { names: ['/a', 'b'] } },
      [`ssm:GetParameters arn:aws:ssm:${own}:parameter/a arn:aws:ssm:${own}:parameter/b`],
    ],
    [
      'route53:ChangeResourceRecordSets',
      { request: { hostedZoneId: '/hostedzone/Z1' } },
      ['route53:ChangeResourceRecordSets arn:aws:route53:::hostedzone/Z1'],
    ],
    [
      'apigateway:GetStage',
      { request: { restApiId: 'x1', stageName: 'prod' } },
      ['apigateway:GET arn:aws:apigateway:eu-west-1::/restapis/x1/stages/prod'],
    ],
    // Tags of what is made are put on an ARN that ends in `*`, by the verb of the generation's TagResource.
    [
      'apigateway:CreateRestApi',
      { request: { createRestApiInput: { name: 'a', tags: true } } },
      [
        'apigateway:POST arn:aws:apigateway:eu-west-1::/restapis',
        'apigateway:PUT arn:aws:apigateway:eu-west-1::/tags/arn%3Aaws%3Aapigateway%3Aeu-west-1%3A%3A%2Frestapis%2F*',
      ],
    ],
    [
      'apigateway:CreateStage',
      { request: { apiId: 'h1', stageName: 'live', tags: true } },
      [
        'apigateway:POST arn:aws:apigateway:eu-west-1::/apis/h1/stages',
        'apigateway:POST arn:aws:apigateway:eu-west-1::/tags/arn%3Aaws%3Aapigateway%3Aeu-west-1%3A%3A%2Fv2%2Fapis%2Fh1%2Fstages%2F*',
      ],
    ],
    [
      'apigateway:UpdateAccount',
      {
        request: {
          patchOperations: [{ path: '/cloudwatchRoleArn', value: 'arn:aws:iam::111122223333:role/cw' }],
        },
      },
      [
        'apigateway:PATCH arn:aws:apigateway:eu-west-1::/account',
        'iam:PassRole arn:aws:iam::111122223333:role/cw',
      ],
    ],
    [
      'apigateway:UpdateStage',
      {
        request: {
          restApiId: 'x1',
          stageName: 'prod',
          patchOperations: [{ path: '/variables/a', value: 'arn:aws:iam::111122223333:role/cw' }],
        },
      },
      ['apigateway:PATCH arn:aws:apigateway:eu-west-1::/restapis/x1/stages/prod'],
    ],
    // What is tagged stands below what the request names; the answer says which of several types it is.
    [
      'elasticloadbalancing:CreateRule',
      {
        request: { listenerArn: `arn:aws:elasticloadbalancing:${own}:listener/app/a/1/2`, tags: true },
        response: {
          rules: [
            {
              ruleArn: `arn:aws:elasticloadbalancing:${own}:listener-rule/app/a/1/2/3`,
              actions: [{ targetGroupArn: `arn:aws:elasticloadbalancing:${own}:targetgroup/t/4` }],
            },
          ],
        },
      },
      [
        `elasticloadbalancing:AddTags arn:aws:elasticloadbalancing:${own}:listener-rule/app/a/1/2/*`,
        `elasticloadbalancing:CreateRule arn:aws:elasticloadbalancing:${own}:listener/app/a/1/2`,
      ],
    ],
    [
      'elasticloadbalancing:CreateListener',
      {
        request: { loadBalancerArn: `arn:aws:elasticloadbalancing:${own}:loadbalancer/net/n/1`, tags: true },
        response: { listeners: [{ listenerArn: `arn:aws:elasticloadbalancing:${own}:listener/net/n/1/2` }] },
      },
      [
        `elasticloadbalancing:AddTags arn:aws:elasticloadbalancing:${own}:listener/net/n/1/*`,
        `elasticloadbalancing:CreateListener arn:aws:elasticloadbalancing:${own}:loadbalancer/net/n/1`,
      ],
    ],
    [
      'cloudfront:CreateDistributionWithTags2020_05_31',
      { request: { distributionConfigWithTags: { tags: true } } },
      [
        'cloudfront:CreateDistribution *',
        'cloudfront:TagResource arn:aws:cloudfront::111122223333:distribution/*',
      ],
    ],
    // The tags in a launch template are for what it will launch.
    [
      'ec2:CreateLaunchTemplate',
      {
        request: {
          CreateLaunchTemplateRequest: {
            LaunchTemplateName: 't',
            LaunchTemplateData: { TagSpecification: { ResourceType: 'instance' } },
            TagSpecification: { ResourceType: 'launch-template' },
          },
        },
      },
      [
        `ec2:CreateLaunchTemplate arn:aws:ec2:${own}:launch-template/*`,
        `ec2:CreateTags arn:aws:ec2:${own}:launch-template/*`,
      ],
    ],
    [
      'ec2-instance-connect:OpenTunnel',
      { request: { instanceConnectEndpointId: 'eice-0123456789abcdef0' } },
      [`ec2-instance-connect:OpenTunnel arn:aws:ec2:${own}:instance-connect-endpoint/eice-0123456789abcdef0`],
    ],
    [
      'autoscaling:ExecutePolicy',
      {
        request: {
          policyName: `arn:aws:autoscaling:${own}:scalingPolicy:u1:autoScalingGroupName/web:policyName/out`,
        },
      },
      [`autoscaling:ExecutePolicy arn:aws:autoscaling:${own}:autoScalingGroup:*:autoScalingGroupName/web`],
    ],
    [
      'events:PutRule',
      { request: { name: 'nightly' } },
      [`events:PutRule arn:aws:events:${own}:rule/nightly`],
    ],
    [
      'events:PutRule',
      { request: { name: 'nightly', eventBusName: 'orders' } },
      [`events:PutRule arn:aws:events:${own}:rule/orders/nightly`],
    ],
    [
      'kms:Decrypt',
      { resources: [{ arn: `arn:aws:kms:${own}:key/1234`, type: 'AWS::KMS::Key', account: '111122223333' }] },
      [`kms:Decrypt arn:aws:kms:${own}:key/1234`],
    ],
    [
      'kms:Encrypt',
      { request: { keyId: 'alias/app' }, resources: [{ arn: `arn:aws:kms:${own}:key/1234` }] },
      [`kms:Encrypt arn:aws:kms:${own}:key/1234`],
    ],
    [
      'iam:CreateRole',
      { request: { roleName: 'r', path: '/ci/' } },
      ['iam:CreateRole arn:aws:iam::111122223333:role/ci/r'],
    ],
    [
      'iam:GetRole',
      { request: { roleName: 'r' }, response: { role: { arn: 'arn:aws:iam::111122223333:role/ci/r' } } },
      ['iam:GetRole arn:aws:iam::111122223333:role/ci/r'],
    ],
    [
      'iam:GetRole',
      { request: { roleName: 'r' } },
      ['iam:GetRole arn:aws:iam::111122223333:role/*/r arn:aws:iam::111122223333:role/r'],
    ],
    [
      'ec2:StopInstances',
      { request: { instancesSet: { items: [{ instanceId: 'i-0a' }, { instanceId: 'i-0b' }] } } },
      [`ec2:StopInstances arn:aws:ec2:${own}:instance/i-0a arn:aws:ec2:${own}:instance/i-0b`],
    ],
    [
      'ec2:CreateSnapshot',
      { request: { volumeId: 'vol-0a' }, response: { snapshotId: 'snap-0a' } },
      [`ec2:CreateSnapshot arn:aws:ec2:${own}:volume/vol-0a arn:aws:ec2:eu-west-1::snapshot/*`],
    ],
    [
      'organizations:MoveAccount',
      { request: { accountId: '444455556666', sourceParentId: 'r-ab12', destinationParentId: 'ou-ab12-x' } },
      [
        'organizations:MoveAccount arn:aws:organizations::111122223333:account/o-*/444455556666 arn:aws:organizations::111122223333:ou/o-*/ou-ab12-x arn:aws:organizations::111122223333:root/o-*/r-ab12',
      ],
    ],
    [
      'organizations:UpdatePolicy',
      {
        request: { policyId: 'p-abcd1234' },
        response: {
          policy: { policySummary: { arn: 'arn:aws:organizations::999900001111:policy/o-a/x/p-abcd1234' } },
        },
      },
      ['organizations:UpdatePolicy arn:aws:organizations::999900001111:policy/o-*/*/p-abcd1234'],
    ],
    [
      'ecs:UpdateService',
      { request: { cluster: 'main', service: 'web' } },
      [`ecs:UpdateService arn:aws:ecs:${own}:service/main/web`],
    ],
    [
      'lambda:Invoke',
      { request: { functionName: 'f', qualifier: 'live' } },
      [`lambda:InvokeFunction arn:aws:lambda:${own}:function:f:live`],
    ],
    [
      'ecr:BatchGetImage',
      { request: { registryId: '444455556666', repositoryName: 'team/app' } },
      ['ecr:BatchGetImage arn:aws:ecr:eu-west-1:444455556666:repository/team/app'],
    ],
  ])('%s %j', (operation, facts, expected) => {
    expect(lines(needed(operation, facts))).toEqual(expected);
  });

  test('the partition follows the Region', () => {
    const request = { bucketName: 'b', key: 'k' };
    expect(lines(needed('s3:GetObject', { request, region: 'cn-north-1' }))).toEqual([
      's3:GetObject arn:aws-cn:s3:::b/k',
    ]);
    expect(lines(needed('s3:GetObject', { request, region: 'us-gov-west-1' }))).toEqual([
      's3:GetObject arn:aws-us-gov:s3:::b/k',
    ]);
  });

  test('the owner is whom an ARN names, then the caller’s account, never the recipient of the event', () => {
    expect(
      lines(needed('sqs:ReceiveMessage', { recipient: '999988887777', request: { queueName: 'q' } })),
    ).toEqual([`sqs:ReceiveMessage arn:aws:sqs:${own}:q`]);
    const arn = 'arn:aws:sqs:us-west-2:444455556666:q';
    expect(lines(needed('sqs:ReceiveMessage', { resources: [{ arn, type: 'AWS::SQS::Queue' }] }))).toEqual([
      `sqs:ReceiveMessage ${arn}`,
    ]);
  });

  test('what the call made is not in the policy, unless the caller chose its name', () => {
    const response = { stream: { streamArn: `arn:aws:kinesisvideo:${own}:stream/x/1` } };
    const [made] = needed('kms:CreateKey', { resources: [{ arn: `arn:aws:kms:${own}:key/new` }] });
    expect(made?.resources).toEqual(['*']);
    expect(made?.star).toBe('action-takes-no-resource');
    for (const { resources } of needed('kinesisvideo:CreateStream', {
      request: { streamName: 'x' },
      response,
    })) {
      expect(resources).not.toContain(`arn:aws:kinesisvideo:${own}:stream/x/1`);
    }
    expect(lines(needed('sns:CreateTopic', { request: { name: 't' } }))).toEqual([
      `sns:CreateTopic arn:aws:sns:${own}:t`,
    ]);
  });

  test.each<[string, Members, string]>([
    [
      'rds:CreateDBSubnetGroup',
      { dBSubnetGroupName: 's' },
      `rds:AddTagsToResource arn:aws:rds:${own}:subgrp:s`,
    ],
    [
      'rds:CreateDBSnapshot',
      { dBSnapshotIdentifier: 's', dBInstanceIdentifier: 'db' },
      `rds:AddTagsToResource arn:aws:rds:${own}:snapshot:s`,
    ],
    [
      'rds:CopyDBSnapshot',
      { sourceDBSnapshotIdentifier: 'old', targetDBSnapshotIdentifier: 'new' },
      `rds:AddTagsToResource arn:aws:rds:${own}:snapshot:new`,
    ],
    [
      'rds:RestoreDBInstanceFromDBSnapshot',
      { dBInstanceIdentifier: 'db', dBSnapshotIdentifier: 's' },
      `rds:AddTagsToResource arn:aws:rds:${own}:db:db`,
    ],
    [
      'rds:RestoreDBClusterToPointInTime',
      { dBClusterIdentifier: 'c', sourceDBClusterIdentifier: 'old' },
      `rds:AddTagsToResource arn:aws:rds:${own}:cluster:c`,
    ],
    [
      'redshift:CreateClusterSubnetGroup',
      { clusterSubnetGroupName: 'g' },
      `redshift:CreateTags arn:aws:redshift:${own}:subnetgroup:g`,
    ],
    [
      'elasticache:CreateCacheCluster',
      { cacheClusterId: 'c', cacheSubnetGroupName: 'g' },
      `elasticache:AddTagsToResource arn:aws:elasticache:${own}:cluster:c`,
    ],
  ])('%s tags what it makes', (operation, request, expected) => {
    const made = needed(operation, { request: { ...request, tags: true } });
    expect(lines(made.filter(({ reason }) => reason === 'tag-on-create'))).toEqual([expected]);
  });

  test('counts and security groups of a VPC are no names of what a service has itself', () => {
    const request = {
      replicationGroupId: 'r',
      numCacheClusters: '2',
      cacheSubnetGroupName: 'g',
      securityGroupIds: ['sg-0a1b2c3d4e5f60718'],
    };
    expect(lines(needed('elasticache:CreateReplicationGroup', { request }))).toEqual([
      `elasticache:CreateReplicationGroup arn:aws:elasticache:${own}:parametergroup:default.* arn:aws:elasticache:${own}:replicationgroup:r arn:aws:elasticache:${own}:subnetgroup:g`,
    ]);
  });

  test.each([
    ['i-0abc', `arn:aws:ec2:${own}:instance/i-0abc`],
    ['mi-0abc', `arn:aws:ssm:${own}:managed-instance/mi-0abc`],
  ])('a session to %s is one to its node', (target, node) => {
    expect(lines(needed('ssm:StartSession', { request: { target } }))).toEqual([`ssm:StartSession ${node}`]);
  });

  test('`*` says why', () => {
    expect(needed('ec2:DescribeInstances')[0]).toMatchObject({
      resources: ['*'],
      star: 'action-takes-no-resource',
    });
    expect(needed('rds:DescribeDBInstances')[0]).toMatchObject({ resources: ['*'], star: 'none-named' });
    expect(needed('rds:DescribeDBInstances', { request: { omitted: true } })[0]).toMatchObject({
      star: 'request-omitted',
    });
  });

  test('hidden values name nothing', () => {
    const request = { userPoolId: 'eu-west-1_A', username: 'HIDDEN_DUE_TO_SECURITY_REASONS' };
    expect(lines(needed('cognito-idp:AdminGetUser', { request }))).toEqual([
      `cognito-idp:AdminGetUser arn:aws:cognito-idp:${own}:userpool/eu-west-1_A`,
    ]);
  });
});

const stack = `arn:aws:cloudformation:${own}:stack/web`;
const flowLogs = {
  CreateFlowLogsRequest: {
    ResourceId: 'vpc-0255d384b4b458b46',
    TagSpecification: { resourceType: 'vpc-flow-log' },
  },
};

describe('ids that the service gives', () => {
  test.each<[string, CallFacts, string[]]>([
    [
      'cloudformation:CreateStack',
      { request: { stackName: 'web' }, response: { stackId: `${stack}/new` } },
      [`${stack}/*`],
    ],
    ['cloudformation:DeleteStack', { request: { stackName: 'web' } }, [`${stack}/*`]],
    ['cloudformation:DeleteStack', { request: { stackName: `${stack}/1` } }, [`${stack}/1`]],
    ['cloudformation:DescribeStacks', { request: { stackName: 'web' } }, [`${stack}/*`]],
    ['cloudformation:DescribeStacks', {}, ['*']],
    [
      'cloudformation:UpdateStack',
      { request: { stackName: 'web' }, response: { stackId: `${stack}/1` } },
      [`${stack}/1`],
    ],
    [
      'wafv2:CreateWebACL',
      { request: { name: 'foo', scope: 'REGIONAL' } },
      [`arn:aws:wafv2:${own}:regional/webacl/foo/*`],
    ],
    [
      'wafv2:DeleteWebACL',
      { request: { name: 'foo', id: '1', scope: 'REGIONAL' } },
      [`arn:aws:wafv2:${own}:regional/webacl/foo/1`],
    ],
    [
      'route53resolver:CreateResolverEndpoint',
      { request: { name: 'out' } },
      [`arn:aws:route53resolver:${own}:resolver-endpoint/*`],
    ],
    ['kafka:CreateClusterV2', { request: { clusterName: 'c' } }, [`arn:aws:kafka:${own}:cluster/c/*`]],
    [
      'eks:DescribeNodegroup',
      { request: { clusterName: 'c', nodegroupName: 'n' } },
      [`arn:aws:eks:${own}:nodegroup/c/n/*`],
    ],
    [
      'ec2:CreateFlowLogs',
      { request: flowLogs },
      [`arn:aws:ec2:${own}:vpc-flow-log/*`, `arn:aws:ec2:${own}:vpc/vpc-0255d384b4b458b46`],
    ],
  ])('%s %j', (operation, request, resources) => {
    expect(needed(operation, request).find(({ reason }) => reason === 'operation')?.resources).toEqual(
      resources,
    );
  });

  test('what is made and tagged has none yet', () => {
    expect(lines(needed('ec2:CreateFlowLogs', { request: flowLogs }))).toContain(
      `ec2:CreateTags arn:aws:ec2:${own}:vpc-flow-log/*`,
    );
  });

  test.each([
    ['databrew:DescribeDataset', 'databrew', 'dataset'],
    ['route53-recovery-readiness:CreateCell', 'route53-recovery-readiness', 'cell'],
  ])('%s: some services make ids of names', (operation, service, type) => {
    const request = { name: 'n', cellName: 'n' };
    const [arn] = needed(operation, { request })[0]?.resources ?? [];
    expect(arn?.startsWith(`arn:aws:${service}:`)).toBe(true);
    expect(arn?.endsWith(`:${type}/n`)).toBe(true);
  });
});

describe('names in other spellings', () => {
  const cluster = `arn:aws:kafka:${own}:cluster/c/ba778bb0-83b1-4418-8dff-f229cba3e81c-2`;

  test('an ARN that is percent-encoded', () => {
    const request = { clusterArn: encodeURIComponent(cluster) };
    expect(lines(needed('kafka:ListNodes', { request }))).toEqual([`kafka:ListNodes ${cluster}`]);
    expect(() => needed('kafka:ListNodes', { request: { clusterArn: 'arn%3Aaws%ZZ' } })).not.toThrow();
  });

  test('an association stands for what it may join', () => {
    expect(
      needed('ec2:DisassociateRouteTable', { request: { associationId: 'rtbassoc-0123' } })[0]?.resources,
    ).toEqual(
      ['internet-gateway', 'route-table', 'subnet', 'vpn-gateway'].map(
        (type) => `arn:aws:ec2:${own}:${type}/*`,
      ),
    );
    expect(
      needed('ec2:DisassociateAddress', { request: { associationId: 'eipassoc-0123' } })[0]?.resources,
    ).toEqual(['elastic-ip', 'network-interface'].map((type) => `arn:aws:ec2:${own}:${type}/*`));
    expect(
      needed('ec2:ReplaceRouteTableAssociation', {
        request: { associationId: 'rtbassoc-0123', routeTableId: 'rtb-1' },
      })[0]?.resources,
    ).toEqual(
      ['internet-gateway/*', 'route-table/rtb-1', 'subnet/*', 'vpn-gateway/*'].map(
        (path) => `arn:aws:ec2:${own}:${path}`,
      ),
    );
  });

  test('a volume is detached from an instance, named or not', () => {
    const volume = `arn:aws:ec2:${own}:volume/vol-1`;
    const on = (instance: string): readonly string[] => [`arn:aws:ec2:${own}:instance/${instance}`, volume];
    const detached = [{ volumeId: 'vol-1' }, { volumeId: 'vol-1', instanceId: 'i-1' }].flatMap((request) =>
      needed('ec2:DetachVolume', { request }).map(({ resources }) => resources),
    );
    expect(detached).toEqual([on('*'), on('i-1')]);
  });

  test('a job definition is asked for as it is named, for tags of the job too', () => {
    const definition = `arn:aws:batch:${own}:job-definition/d`;
    const on = (jobDefinition: string): readonly string[] =>
      needed('batch:SubmitJob', { request: { jobDefinition, jobQueue: 'q', tags: { a: 'b' } } }).map(
        ({ action, resources }) =>
          [action, ...resources.filter((resource) => resource.startsWith(definition))].join(' '),
      );
    expect(on('d')).toEqual([
      `batch:SubmitJob ${definition} ${definition}:*`,
      `batch:TagResource ${definition}:*`,
      'batch:TagResource',
    ]);
    expect(on('d:3').slice(0, 2)).toEqual([
      `batch:SubmitJob ${definition}:3`,
      `batch:TagResource ${definition}:3`,
    ]);
  });

  const key = (id: string): string => `arn:aws:payment-cryptography:${own}:key/${id}`;
  const smsVoice = (name: string): string => `arn:aws:sms-voice:${own}:${name}`;
  test.each<[string, string, Members, string[]]>([
    [
      'what a service takes without a member is none where no member could say it',
      'athena:GetQueryExecution',
      { queryExecutionId: 'q' },
      [`arn:aws:athena:${own}:workgroup/*`],
    ],
    [
      'nor where an ARN says it',
      'ecs:DescribeServiceDeployments',
      { serviceDeploymentArns: [`arn:aws:ecs:${own}:service-deployment/prod/web/a`] },
      [`arn:aws:ecs:${own}:service-deployment/prod/web/a`, `arn:aws:ecs:${own}:service/prod/web`],
    ],
    [
      'a member named as the variable, though it starts like a state',
      'iot:DeleteConnection',
      { clientId: 'c' },
      [`arn:aws:iot:${own}:client/c`],
    ],
    [
      'the current name of what is renamed',
      'codedeploy:UpdateDeploymentGroup',
      { applicationName: 'a', currentDeploymentGroupName: 'g', newDeploymentGroupName: 'h' },
      [`arn:aws:codedeploy:${own}:deploymentgroup:a/g`],
    ],
    [
      'a service without a client of its own name',
      'notifications:AssociateChannel',
      { notificationConfigurationArn: 'arn:aws:notifications::111122223333:configuration/1' },
      ['arn:aws:notifications::111122223333:configuration/1'],
    ],
    [
      'the kind that a member says',
      'network-firewall:DescribeRuleGroup',
      { ruleGroupName: 'g', type: 'STATELESS' },
      [`arn:aws:network-firewall:${own}:stateless-rulegroup/g`],
    ],
    [
      'members below names of the caller’s own',
      'fis:CreateExperimentTemplate',
      { actions: { stop: { actionId: 'aws:ec2:stop-instances' } } },
      [`arn:aws:fis:${own}:action/aws:ec2:stop-instances`, `arn:aws:fis:${own}:experiment-template/*`],
    ],
    [
      'two things of a type, one by its ARN',
      'payment-cryptography:TranslatePinData',
      { incomingKeyIdentifier: key('a'), outgoingKeyIdentifier: 'b' },
      [key('a'), key('b')],
    ],
    [
      'an alias is no key',
      'payment-cryptography:EncryptData',
      { keyIdentifier: 'alias/k' },
      [`arn:aws:payment-cryptography:${own}:alias/k`, key('*')],
    ],
    [
      'one member, three types: a pool',
      'sms-voice:SendTextMessage',
      { destinationPhoneNumber: '+12065550100', originationIdentity: 'pool-1' },
      [smsVoice('pool/pool-1')],
    ],
    [
      'one member, three types: a number',
      'sms-voice:SendTextMessage',
      { originationIdentity: '+12065550100' },
      [smsVoice('phone-number/*')],
    ],
    [
      'one member, three types: a sender',
      'sms-voice:SendTextMessage',
      { originationIdentity: 'MyCo' },
      [smsVoice('sender-id/MyCo/*')],
    ],
    [
      'the index of all things, where none is named',
      'iot:SearchIndex',
      { queryString: 'connectivity.connected:true' },
      [`arn:aws:iot:${own}:index/AWS_Things`],
    ],
    [
      'rule groups of AWS, whose account is a word',
      'network-firewall:UpdateFirewallPolicy',
      {
        firewallPolicyArn: `arn:aws:network-firewall:${own}:firewall-policy/p`,
        firewallPolicy: {
          statefulRuleGroupReferences: [
            { resourceArn: 'arn:aws:network-firewall:eu-west-1:aws-managed:stateful-rulegroup/Threats' },
          ],
        },
      },
      [
        `arn:aws:network-firewall:${own}:firewall-policy/p`,
        'arn:aws:network-firewall:eu-west-1:aws-managed:stateful-rulegroup/Threats',
      ],
    ],
    [
      'what was made under the former prefix',
      'codeconnections:GetConnection',
      { connectionArn: `arn:aws:codestar-connections:${own}:connection/c` },
      [`arn:aws:codestar-connections:${own}:connection/c`],
    ],
    [
      'who speaks, whom only a header names',
      'chime:SendChannelMessage',
      { channelArn: `arn:aws:chime:${own}:app-instance/a/channel/c` },
      ['bot/*', 'channel/c', 'user/*'].map((name) => `arn:aws:chime:${own}:app-instance/a/${name}`),
    ],
  ])('%s: %s', (_, operation, request, resources) => {
    expect(needed(operation, { request }).find(({ reason }) => reason === 'operation')?.resources).toEqual(
      resources,
    );
  });

  test.each<[string, Members]>([
    ['iot:CreateSecurityProfile', { alertTargets: { SNS: { roleArn: 'arn:aws:iam::111122223333:role/r' } } }],
    ['appconfig:CreateExtension', { actions: { ON: [{ roleArn: 'arn:aws:iam::111122223333:role/r' }] } }],
    ['osis:CreatePipeline', { pipelineRoleArn: 'arn:aws:iam::111122223333:role/r' }],
  ])('%s passes a role', (operation, request) => {
    expect(lines(needed(operation, { request }))).toContain('iam:PassRole arn:aws:iam::111122223333:role/r');
  });

  const model = 'anthropic.claude-3-sonnet-20240229-v1:0';
  test.each([
    [model, [`arn:aws:bedrock:eu-west-1::foundation-model/${model}`]],
    [
      `eu.${model}`,
      [
        `arn:aws:bedrock:*::foundation-model/${model}`,
        `arn:aws:bedrock:${own}:inference-profile/eu.${model}`,
      ],
    ],
    [`arn:aws:bedrock:${own}:provisioned-model/pm1`, [`arn:aws:bedrock:${own}:provisioned-model/pm1`]],
  ])('the model %s', (modelId, resources) => {
    for (const operation of ['bedrock:InvokeModel', 'bedrock:InvokeModelWithResponseStream'])
      expect(needed(operation, { request: { modelId } })[0]?.resources).toEqual(resources);
  });

  test.each([
    [
      'ssm:GetParameter',
      { name: '/aws/reference/secretsmanager/db' },
      [`ssm:${own}:parameter/aws/reference/secretsmanager/db`],
    ],
    ['ssm:GetParameter', { name: '/aws/service/x' }, ['ssm:eu-west-1::parameter/aws/service/x']],
    ['ssm:DescribeInstancePatches', { instanceId: 'i-0abc' }, [`ec2:${own}:instance/i-0abc`]],
    ['ssm:DescribeInstancePatches', { instanceId: 'mi-0abc' }, [`ssm:${own}:managed-instance/mi-0abc`]],
    [
      'organizations:DescribePolicy',
      { policyId: 'p-FullAWSAccess' },
      ['organizations::aws:policy/*/p-FullAWSAccess'],
    ],
    [
      'organizations:DescribePolicy',
      { policyId: 'p-0a1b2c3d' },
      ['organizations::111122223333:policy/o-*/*/p-0a1b2c3d'],
    ],
    [
      'kinesis:StopStreamEncryption',
      { streamName: 's', keyId: 'alias/k' },
      [`kinesis:${own}:stream/s`, `kms:${own}:key/*`],
    ],
    ['events:DescribeEventBus', {}, [`events:${own}:event-bus/default`]],
    ['events:DescribeEventBus', { name: 'bus' }, [`events:${own}:event-bus/bus`]],
  ])('%s on %o', (operation, request, resources) => {
    expect(needed(operation, { request })[0]?.resources).toEqual(resources.map((one) => `arn:aws:${one}`));
  });

  test('a call that no model has is on the ARNs that it names', () => {
    const connectionArn = `arn:aws:codestar-connections:${own}:connection/0a1b`;
    expect(lines(needed('codestar-connections:UseConnection', { request: { connectionArn } }))).toEqual([
      `codestar-connections:UseConnection ${connectionArn}`,
    ]);
  });
});

describe('what a member names', () => {
  const eks = `arn:aws:eks:${own}:cluster/e`;
  const hours = (id: string): string => `arn:aws:connect:${own}:instance/i-1/operating-hours/${id}`;
  test.each<[string, string, Members, string[]]>([
    [
      'what is made lies beside the parent it has',
      'connect:CreateHoursOfOperation',
      { instanceId: 'i-1', parentHoursOfOperationConfigs: [{ hoursOfOperationId: 'h1' }] },
      [hours('*'), hours('h1')],
    ],
    [
      'and beside what another service has of its name',
      'sagemaker:CreateCluster',
      {
        clusterName: 'c',
        orchestrator: { eks: { clusterArn: eks } },
        instanceGroups: [{ trainingPlanArn: `arn:aws:sagemaker:${own}:training-plan/t` }],
      },
      [`arn:aws:sagemaker:${own}:cluster/*`, `arn:aws:sagemaker:${own}:training-plan/t`],
    ],
    [
      'what a thing runs on is not the thing',
      'bedrock-agentcore:UpdateAgentRuntime',
      {
        agentRuntimeId: 'r-1',
        agentRuntimeArtifact: { codeConfiguration: { runtime: 'PYTHON_3_12' } },
      },
      [`arn:aws:bedrock-agentcore:${own}:runtime/r-1`],
    ],
    [
      'nor is what stands in it',
      'glue:UpdateDataQualityRuleset',
      { name: 'n', ruleset: 'Rules = []' },
      [`arn:aws:glue:${own}:dataQualityRuleset/n`],
    ],
    [
      'a rule of AWS’s that an own rule is made of names no own rule',
      'config:PutOrganizationConfigRule',
      { organizationConfigRuleName: 'n', organizationManagedRuleMetadata: { ruleIdentifier: 'ROOT_MFA' } },
      [`arn:aws:config:${own}:organization-config-rule/*`],
    ],
    [
      'the cluster that a global cluster fails over to',
      'rds:FailoverGlobalCluster',
      {
        globalClusterIdentifier: 'g',
        targetDbClusterIdentifier: 'arn:aws:rds:us-east-1:111122223333:cluster:c',
      },
      ['arn:aws:rds::111122223333:global-cluster:g', 'arn:aws:rds:us-east-1:111122223333:cluster:c'],
    ],
    [
      'targets of every kind of route',
      'appmesh:UpdateRoute',
      {
        meshName: 'm',
        virtualRouterName: 'r',
        routeName: 't',
        spec: { httpRoute: { action: { weightedTargets: [{ virtualNode: 'n' }] } } },
      },
      [
        `arn:aws:appmesh:${own}:mesh/m/virtualNode/n`,
        `arn:aws:appmesh:${own}:mesh/m/virtualRouter/r/route/t`,
      ],
    ],
    [
      'all of a type below one instance',
      'connect:ListQueues',
      { instanceId: 'i-1' },
      [`arn:aws:connect:${own}:instance/i-1/queue/*`],
    ],
    [
      'an id says its type',
      'elasticfilesystem:TagResource',
      { resourceId: 'fsap-1' },
      [`arn:aws:elasticfilesystem:${own}:access-point/fsap-1`],
    ],
    [
      'the caller’s own account',
      'account:GetContactInformation',
      {},
      ['arn:aws:account::111122223333:account'],
    ],
    [
      'a member account',
      'account:GetContactInformation',
      { accountId: '444455556666' },
      ['arn:aws:account::111122223333:account/o-*/444455556666'],
    ],
    [
      'one thing that is described, by a name that its ARN lacks',
      'sagemaker:DescribeCluster',
      { clusterName: 'c' },
      [`arn:aws:sagemaker:${own}:cluster/*`],
    ],
    [
      'ids, of which a name is none',
      'appconfig:StartConfigurationSession',
      {
        applicationIdentifier: 'a1b2c3d',
        environmentIdentifier: 'prod',
        configurationProfileIdentifier: 'flags',
      },
      [`arn:aws:appconfig:${own}:application/a1b2c3d/environment/*/configuration/*`],
    ],
  ])('%s', (_, operation, request, resources) => {
    expect(needed(operation, { request })[0]?.resources).toEqual(resources);
  });

  test('a name in place of an id is said', () => {
    const mapping = permissionsOf(
      observed('verifiedpermissions:IsAuthorized', { request: { policyStoreId: 'policy-store-alias/x' } }),
      nothingKnown,
    );
    expect(mapping).toMatchObject({
      permissions: [{ resources: ['arn:aws:verifiedpermissions::111122223333:policy-store/*'] }],
      notes: ['policy-store-alias/x is a name: ARNs show an id, which the call does not'],
    });
  });
});

describe('needed beside a call’s own action', () => {
  const linked =
    'arn:aws:iam::111122223333:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling_x';
  test.each<[string, Members, string[]]>([
    ['backup:CreateBackupVault', { backupVaultName: 'v' }, ['backup-storage:MountCapsule *']],
    [
      'autoscaling:CreateAutoScalingGroup',
      { autoScalingGroupName: 'g', serviceLinkedRoleARN: linked },
      [`iam:PassRole ${linked}`],
    ],
    [
      'resiliencehub:CreateApp',
      {
        permissionModel: {
          invokerRoleName: 'p/r',
          crossAccountRoleArns: ['arn:aws:iam::444455556666:role/x'],
        },
      },
      ['iam:PassRole arn:aws:iam::111122223333:role/p/r'],
    ],
    [
      'resource-groups:StartTagSyncTask',
      { group: 'g', roleArn: 'arn:aws:iam::111122223333:role/t' },
      ['iam:PassRole arn:aws:iam::111122223333:role/t'],
    ],
    [
      'cloudfront:UpdateDistributionWithStagingConfig2020_05_31',
      { id: 'E1', stagingDistributionId: 'E2' },
      [
        'cloudfront:GetDistribution arn:aws:cloudfront::111122223333:distribution/E1 arn:aws:cloudfront::111122223333:distribution/E2',
      ],
    ],
    ['servicecatalog:ProvisionProduct', { productId: 'prod-1', tags: true }, []],
  ])('%s', (operation, request, others) => {
    const permissions = needed(operation, { request }).filter(({ reason }) => reason !== 'operation');
    expect(lines(permissions)).toEqual(others);
  });
});
