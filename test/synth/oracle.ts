/**
 * Calls with what AWS asks for them, written by hand from the Service Authorization Reference and the pages of the services: the
 * truth that laws compare with. Nothing here may come from the mapping under test.
 */
export interface OracleCall {
  /** `sqs.amazonaws.com SendMessage`. */
  readonly call: string;
  readonly request: object;
  readonly response?: object;
  /** What `resources[]` of the event holds. */
  readonly resources?: readonly {
    readonly ARN: string;
    readonly type: string;
    readonly accountId?: string;
  }[];
  readonly isData?: boolean;
  /** `action ARN`, of `iam:PassRole` with the receiver behind: every request that AWS checks of the caller's identity policies. */
  readonly needs: readonly string[];
}

const account = '111122223333';
const region = 'us-east-1';
const arn = (service: string, resource: string): string =>
  `arn:aws:${service}:${region}:${account}:${resource}`;
const role = (name: string): string => `arn:aws:iam::${account}:role/${name}`;

type Row = readonly [call: string, request: object, ...needs: readonly string[]];

const management: readonly Row[] = [
  [
    'ec2 StopInstances',
    { instancesSet: { items: [{ instanceId: 'i-0abc1234def567890' }] } },
    `ec2:StopInstances ${arn('ec2', 'instance/i-0abc1234def567890')}`,
  ],
  [
    'ec2 TerminateInstances',
    { instancesSet: { items: [{ instanceId: 'i-0abc1234def567891' }] } },
    `ec2:TerminateInstances ${arn('ec2', 'instance/i-0abc1234def567891')}`,
  ],
  ['ec2 DescribeInstances', { instancesSet: {}, filterSet: {} }, 'ec2:DescribeInstances *'],
  [
    'ec2 DeleteVolume',
    { volumeId: 'vol-0abc1234def567890' },
    `ec2:DeleteVolume ${arn('ec2', 'volume/vol-0abc1234def567890')}`,
  ],
  [
    'ec2 AuthorizeSecurityGroupIngress',
    { groupId: 'sg-0abc1234def567890', ipPermissions: {} },
    `ec2:AuthorizeSecurityGroupIngress ${arn('ec2', 'security-group/sg-0abc1234def567890')}`,
  ],
  [
    'ec2 DeleteSecurityGroup',
    { groupId: 'sg-0abc1234def567891' },
    `ec2:DeleteSecurityGroup ${arn('ec2', 'security-group/sg-0abc1234def567891')}`,
  ],
  [
    'ec2 RunInstances',
    {
      instancesSet: { items: [{ imageId: 'ami-0123456789abcdef0', minCount: 1, maxCount: 1 }] },
      instanceType: 't3.micro',
      iamInstanceProfile: { name: 'web-profile' },
    },
    `ec2:RunInstances ${arn('ec2', 'instance/i-0aaaaaaaaaaaaaaaa')}`,
    `ec2:RunInstances ${arn('ec2', 'volume/vol-0aaaaaaaaaaaaaaaa')}`,
    'ec2:RunInstances arn:aws:ec2:us-east-1::image/ami-0123456789abcdef0',
    `iam:PassRole ${role('web-role-1ABC')} ec2.amazonaws.com`,
  ],
  [
    'ec2 RunInstances',
    {
      launchTemplate: { launchTemplateId: 'lt-0123456789abcdef0', version: '1' },
      instancesSet: { items: [{ minCount: 1, maxCount: 1 }] },
    },
    `ec2:RunInstances ${arn('ec2', 'launch-template/lt-0123456789abcdef0')}`,
    `ec2:CreateTags ${arn('ec2', 'instance/i-0aaaaaaaaaaaaaaaa')}`,
    `iam:PassRole ${role('lt-role')} ec2.amazonaws.com`,
  ],
  [
    'ecs RunTask',
    { cluster: 'web', taskDefinition: 'app:3' },
    `ecs:RunTask ${arn('ecs', 'task-definition/app:3')}`,
    `iam:PassRole ${role('task')} ecs-tasks.amazonaws.com`,
    `iam:PassRole ${role('execution')} ecs-tasks.amazonaws.com`,
  ],
  [
    'ecs UpdateService',
    { cluster: 'web', service: 'api', taskDefinition: 'app:4' },
    `ecs:UpdateService ${arn('ecs', 'service/web/api')}`,
    `iam:PassRole ${role('task')} ecs-tasks.amazonaws.com`,
  ],
  [
    'ecs RegisterTaskDefinition',
    {
      family: 'api',
      taskRoleArn: role('task'),
      executionRoleArn: role('execution'),
      containerDefinitions: [],
    },
    `iam:PassRole ${role('task')} ecs-tasks.amazonaws.com`,
    `iam:PassRole ${role('execution')} ecs-tasks.amazonaws.com`,
  ],
  [
    'ecs DescribeServices',
    { cluster: 'web', services: ['api'] },
    `ecs:DescribeServices ${arn('ecs', 'service/web/api')}`,
  ],
  [
    'ecs DeleteService',
    { cluster: 'web', service: 'old' },
    `ecs:DeleteService ${arn('ecs', 'service/web/old')}`,
  ],
  [
    'autoscaling CreateAutoScalingGroup',
    {
      autoScalingGroupName: 'web',
      launchTemplate: { launchTemplateId: 'lt-0123456789abcdef0', version: '1' },
      minSize: 0,
      maxSize: 2,
    },
    `autoscaling:CreateAutoScalingGroup ${arn('autoscaling', 'autoScalingGroup:0a1b2c3d-1111-2222-3333-444455556666:autoScalingGroupName/web')}`,
    `ec2:RunInstances ${arn('ec2', 'instance/i-0aaaaaaaaaaaaaaaa')}`,
    `iam:PassRole ${role('lt-role')} ec2.amazonaws.com`,
  ],
  [
    'autoscaling SetDesiredCapacity',
    { autoScalingGroupName: 'web', desiredCapacity: 3 },
    `autoscaling:SetDesiredCapacity ${arn('autoscaling', 'autoScalingGroup:0a1b2c3d-1111-2222-3333-444455556666:autoScalingGroupName/web')}`,
  ],
  [
    'lambda CreateFunction20150331',
    { functionName: 'f1', role: role('lambda-f1'), handler: 'i.h', runtime: 'nodejs20.x', code: {} },
    `lambda:CreateFunction ${arn('lambda', 'function:f1')}`,
    `iam:PassRole ${role('lambda-f1')} lambda.amazonaws.com`,
  ],
  [
    'lambda UpdateFunctionConfiguration20150331v2',
    { functionName: 'f1', layers: [arn('lambda', 'layer:tools:3')] },
    `lambda:UpdateFunctionConfiguration ${arn('lambda', 'function:f1')}`,
    `lambda:GetLayerVersion ${arn('lambda', 'layer:tools:3')}`,
  ],
  [
    'lambda UpdateFunctionCode20150331v2',
    { functionName: 'f1', s3Bucket: 'artifacts', s3Key: 'f1.zip' },
    `lambda:UpdateFunctionCode ${arn('lambda', 'function:f1')}`,
    's3:GetObject arn:aws:s3:::artifacts/f1.zip',
  ],
  [
    'lambda DeleteFunction20150331',
    { functionName: 'f2' },
    `lambda:DeleteFunction ${arn('lambda', 'function:f2')}`,
  ],
  [
    'lambda GetFunction20150331v2',
    { functionName: 'f1' },
    `lambda:GetFunction ${arn('lambda', 'function:f1')}`,
  ],
  ['lambda ListFunctions20150331', {}, 'lambda:ListFunctions *'],
  [
    'rds DeleteDBInstance',
    { dBInstanceIdentifier: 'db1', skipFinalSnapshot: false, finalDBSnapshotIdentifier: 'db1-final' },
    `rds:DeleteDBInstance ${arn('rds', 'db:db1')}`,
    `rds:CreateDBSnapshot ${arn('rds', 'snapshot:db1-final')}`,
    `rds:CreateDBSnapshot ${arn('rds', 'db:db1')}`,
  ],
  ['rds RebootDBInstance', { dBInstanceIdentifier: 'db1' }, `rds:RebootDBInstance ${arn('rds', 'db:db1')}`],
  [
    'rds CreateDBSnapshot',
    { dBInstanceIdentifier: 'db1', dBSnapshotIdentifier: 's1' },
    `rds:CreateDBSnapshot ${arn('rds', 'db:db1')}`,
    `rds:CreateDBSnapshot ${arn('rds', 'snapshot:s1')}`,
  ],
  ['rds StartDBCluster', { dBClusterIdentifier: 'c1' }, `rds:StartDBCluster ${arn('rds', 'cluster:c1')}`],
  [
    'dynamodb UpdateTable',
    { tableName: 't1', replicaUpdates: [{ create: { regionName: 'eu-west-1' } }] },
    `dynamodb:UpdateTable ${arn('dynamodb', 'table/t1')}`,
    `dynamodb:CreateTableReplica arn:aws:dynamodb:eu-west-1:${account}:table/t1`,
    `dynamodb:Scan arn:aws:dynamodb:eu-west-1:${account}:table/t1`,
  ],
  ['dynamodb DescribeTable', { tableName: 't1' }, `dynamodb:DescribeTable ${arn('dynamodb', 'table/t1')}`],
  ['dynamodb DeleteTable', { tableName: 't2' }, `dynamodb:DeleteTable ${arn('dynamodb', 'table/t2')}`],
  ['dynamodb ListTables', {}, 'dynamodb:ListTables *'],
  [
    'sts AssumeRole',
    { roleArn: role('deploy'), roleSessionName: 's' },
    `sts:AssumeRole ${role('deploy')}`,
    `sts:TagSession ${role('deploy')}`,
  ],
  ['iam GetRole', { roleName: 'app' }, `iam:GetRole ${role('team/app')}`],
  ['iam CreateRole', { roleName: 'made', assumeRolePolicyDocument: '{}' }, `iam:CreateRole ${role('made')}`],
  [
    'iam AttachRolePolicy',
    { roleName: 'made', policyArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' },
    `iam:AttachRolePolicy ${role('made')}`,
  ],
  ['iam ListRoles', {}, 'iam:ListRoles *'],
  [
    'iam GetPolicy',
    { policyArn: `arn:aws:iam::${account}:policy/p` },
    `iam:GetPolicy arn:aws:iam::${account}:policy/p`,
  ],
  ['sqs CreateQueue', { queueName: 'jobs' }, `sqs:CreateQueue ${arn('sqs', 'jobs')}`],
  [
    'sqs DeleteQueue',
    { queueUrl: `https://sqs.us-east-1.amazonaws.com/${account}/jobs` },
    `sqs:DeleteQueue ${arn('sqs', 'jobs')}`,
  ],
  [
    'sqs PurgeQueue',
    { queueUrl: `https://sqs.us-east-1.amazonaws.com/${account}/orders` },
    `sqs:PurgeQueue ${arn('sqs', 'orders')}`,
  ],
  ['sns CreateTopic', { name: 'alerts' }, `sns:CreateTopic ${arn('sns', 'alerts')}`],
  ['sns DeleteTopic', { topicArn: arn('sns', 'alerts') }, `sns:DeleteTopic ${arn('sns', 'alerts')}`],
  [
    'sns Subscribe',
    { topicArn: arn('sns', 'alerts'), protocol: 'sqs', endpoint: arn('sqs', 'orders') },
    `sns:Subscribe ${arn('sns', 'alerts')}`,
  ],
  [
    'secretsmanager GetSecretValue',
    { secretId: 'app/db' },
    `secretsmanager:GetSecretValue ${arn('secretsmanager', 'secret:app/db-AbCdEf')}`,
  ],
  [
    'secretsmanager DeleteSecret',
    { secretId: arn('secretsmanager', 'secret:old-AbCdEf') },
    `secretsmanager:DeleteSecret ${arn('secretsmanager', 'secret:old-AbCdEf')}`,
  ],
  [
    'ssm GetParameter',
    { name: '/app/db', withDecryption: true },
    `ssm:GetParameter ${arn('ssm', 'parameter/app/db')}`,
  ],
  [
    'ssm PutParameter',
    { name: '/app/url', type: 'String' },
    `ssm:PutParameter ${arn('ssm', 'parameter/app/url')}`,
  ],
  [
    'ssm GetParametersByPath',
    { path: '/app', recursive: true },
    `ssm:GetParametersByPath ${arn('ssm', 'parameter/app')}`,
  ],
  [
    'logs CreateLogGroup',
    { logGroupName: '/aws/lambda/f1' },
    `logs:CreateLogGroup ${arn('logs', 'log-group:/aws/lambda/f1:log-stream:')}`,
  ],
  [
    'logs CreateLogStream',
    { logGroupName: '/app', logStreamName: 'a' },
    `logs:CreateLogStream ${arn('logs', 'log-group:/app:log-stream:a')}`,
  ],
  [
    'logs DeleteLogGroup',
    { logGroupName: '/old' },
    `logs:DeleteLogGroup ${arn('logs', 'log-group:/old:log-stream:')}`,
  ],
  [
    'monitoring PutMetricAlarm',
    { alarmName: 'cpu' },
    `cloudwatch:PutMetricAlarm ${arn('cloudwatch', 'alarm:cpu')}`,
  ],
  [
    'monitoring DeleteAlarms',
    { alarmNames: ['cpu'] },
    `cloudwatch:DeleteAlarms ${arn('cloudwatch', 'alarm:cpu')}`,
  ],
  [
    'events PutRule',
    { name: 'nightly', scheduleExpression: 'rate(1 day)' },
    `events:PutRule ${arn('events', 'rule/nightly')}`,
  ],
  ['events DeleteRule', { name: 'nightly' }, `events:DeleteRule ${arn('events', 'rule/nightly')}`],
  [
    'states StartExecution',
    { stateMachineArn: arn('states', 'stateMachine:orders'), name: 'run-1' },
    `states:StartExecution ${arn('states', 'stateMachine:orders')}`,
  ],
  [
    'states DeleteStateMachine',
    { stateMachineArn: arn('states', 'stateMachine:old') },
    `states:DeleteStateMachine ${arn('states', 'stateMachine:old')}`,
  ],
  [
    'states CreateStateMachine',
    { name: 'm', roleArn: role('states-m'), definition: '{}' },
    `states:CreateStateMachine ${arn('states', 'stateMachine:m')}`,
    `iam:PassRole ${role('states-m')} states.amazonaws.com`,
  ],
  [
    'kms ScheduleKeyDeletion',
    { keyId: '1b2c3d4e-0000-4000-8000-000000000001' },
    `kms:ScheduleKeyDeletion ${arn('kms', 'key/1b2c3d4e-0000-4000-8000-000000000001')}`,
  ],
  ['kms ListKeys', {}, 'kms:ListKeys *'],
  [
    'elasticbeanstalk RestartAppServer',
    { environmentId: 'e-abcdefghij' },
    `elasticbeanstalk:RestartAppServer ${arn('elasticbeanstalk', 'environment/shop/prod')}`,
  ],
  [
    'elasticbeanstalk TerminateEnvironment',
    { environmentName: 'stage' },
    `elasticbeanstalk:TerminateEnvironment ${arn('elasticbeanstalk', 'environment/shop/stage')}`,
  ],
  [
    'kinesisvideo DescribeStream',
    { streamName: 'cam1' },
    `kinesisvideo:DescribeStream ${arn('kinesisvideo', 'stream/cam1/1731000000000')}`,
  ],
  [
    'kinesis DeleteStream',
    { streamName: 'clicks' },
    `kinesis:DeleteStream ${arn('kinesis', 'stream/clicks')}`,
  ],
  [
    'kinesis DescribeStreamSummary',
    { streamName: 'clicks' },
    `kinesis:DescribeStreamSummary ${arn('kinesis', 'stream/clicks')}`,
  ],
  [
    'config DeleteConformancePack',
    { conformancePackName: 'base' },
    `config:DeleteConformancePack ${arn('config', 'conformance-pack/base/conformance-pack-0a1b2c3d')}`,
  ],
  ['config DescribeConfigRules', {}, 'config:DescribeConfigRules *'],
  ['codebuild StartBuild', { projectName: 'web' }, `codebuild:StartBuild ${arn('codebuild', 'project/web')}`],
  ['codebuild DeleteProject', { name: 'old' }, `codebuild:DeleteProject ${arn('codebuild', 'project/old')}`],
  [
    'codepipeline StartPipelineExecution',
    { name: 'release' },
    `codepipeline:StartPipelineExecution ${arn('codepipeline', 'release')}`,
  ],
  ['codecommit GitPull', {}, `codecommit:GitPull ${arn('codecommit', 'web')}`],
  [
    'codecommit DeleteBranch',
    { repositoryName: 'web', branchName: 'b' },
    `codecommit:DeleteBranch ${arn('codecommit', 'web')}`,
  ],
  ['ecr DescribeImages', { repositoryName: 'app' }, `ecr:DescribeImages ${arn('ecr', 'repository/app')}`],
  [
    'ecr BatchDeleteImage',
    { repositoryName: 'app', imageIds: [] },
    `ecr:BatchDeleteImage ${arn('ecr', 'repository/app')}`,
  ],
  ['ecr GetAuthorizationToken', {}, 'ecr:GetAuthorizationToken *'],
  ['eks DescribeCluster', { name: 'prod' }, `eks:DescribeCluster ${arn('eks', 'cluster/prod')}`],
  ['eks DeleteCluster', { name: 'old' }, `eks:DeleteCluster ${arn('eks', 'cluster/old')}`],
  [
    'elasticloadbalancing DescribeTargetHealth',
    { targetGroupArn: arn('elasticloadbalancing', 'targetgroup/api/73e2d6bc24d8a067') },
    'elasticloadbalancing:DescribeTargetHealth *',
  ],
  [
    'elasticloadbalancing DeleteTargetGroup',
    { targetGroupArn: arn('elasticloadbalancing', 'targetgroup/api/73e2d6bc24d8a067') },
    `elasticloadbalancing:DeleteTargetGroup ${arn('elasticloadbalancing', 'targetgroup/api/73e2d6bc24d8a067')}`,
  ],
  [
    'route53 ChangeResourceRecordSets',
    { hostedZoneId: 'Z1D633PJN98FT9', changeBatch: {} },
    'route53:ChangeResourceRecordSets arn:aws:route53:::hostedzone/Z1D633PJN98FT9',
  ],
  ['route53 ListHostedZones', {}, 'route53:ListHostedZones *'],
  [
    'cloudfront CreateInvalidation',
    { distributionId: 'EDFDVBD6EXAMPLE', invalidationBatch: {} },
    `cloudfront:CreateInvalidation arn:aws:cloudfront::${account}:distribution/EDFDVBD6EXAMPLE`,
  ],
  [
    'cloudformation DeleteStack',
    { stackName: 'web' },
    `cloudformation:DeleteStack ${arn('cloudformation', 'stack/web/5b2a9a10-1111-2222-3333-444455556666')}`,
  ],
  [
    'cloudformation DescribeStacks',
    { stackName: 'web' },
    `cloudformation:DescribeStacks ${arn('cloudformation', 'stack/web/5b2a9a10-1111-2222-3333-444455556666')}`,
  ],
  ['glue StartJobRun', { jobName: 'etl' }, `glue:StartJobRun ${arn('glue', 'job/etl')}`],
  ['glue DeleteJob', { jobName: 'old' }, `glue:DeleteJob ${arn('glue', 'job/old')}`],
  [
    'athena StartQueryExecution',
    { queryString: 'select 1', workGroup: 'primary' },
    `athena:StartQueryExecution ${arn('athena', 'workgroup/primary')}`,
  ],
  [
    'athena GetQueryResults',
    { queryExecutionId: '0a1b2c3d-1111-2222-3333-444455556666' },
    `athena:GetQueryResults ${arn('athena', 'workgroup/primary')}`,
  ],
  ['redshift DescribeClusters', {}, `redshift:DescribeClusters ${arn('redshift', 'cluster:*')}`],
  [
    'redshift RebootCluster',
    { clusterIdentifier: 'dwh' },
    `redshift:RebootCluster ${arn('redshift', 'cluster:dwh')}`,
  ],
  [
    'elasticmapreduce TerminateJobFlows',
    { jobFlowIds: ['j-1ABCDEFGHIJKL'] },
    `elasticmapreduce:TerminateJobFlows ${arn('elasticmapreduce', 'cluster/j-1ABCDEFGHIJKL')}`,
  ],
  [
    'elasticfilesystem DeleteFileSystem',
    { fileSystemId: 'fs-0123456789abcdef0' },
    `elasticfilesystem:DeleteFileSystem ${arn('elasticfilesystem', 'file-system/fs-0123456789abcdef0')}`,
  ],
  [
    'backup StartBackupJob',
    { backupVaultName: 'v', resourceArn: arn('dynamodb', 'table/t1'), iamRoleArn: role('backup') },
    `backup:StartBackupJob ${arn('backup', 'backup-vault:v')}`,
    `iam:PassRole ${role('backup')} backup.amazonaws.com`,
  ],
  ['s3 CreateBucket', { bucketName: 'made' }, 's3:CreateBucket arn:aws:s3:::made'],
  ['s3 PutBucketPolicy', { bucketName: 'made', bucketPolicy: {} }, 's3:PutBucketPolicy arn:aws:s3:::made'],
  ['s3 ListBuckets', {}, 's3:ListAllMyBuckets *'],
  [
    's3 GetBucketLifecycle',
    { bucketName: 'made', lifecycle: '' },
    's3:GetLifecycleConfiguration arn:aws:s3:::made',
  ],
  ['s3 DeleteBucket', { bucketName: 'gone' }, 's3:DeleteBucket arn:aws:s3:::gone'],
  [
    'acm DeleteCertificate',
    { certificateArn: arn('acm', 'certificate/1') },
    `acm:DeleteCertificate ${arn('acm', 'certificate/1')}`,
  ],
  [
    'cognito-idp AdminCreateUser',
    { userPoolId: 'us-east-1_AbCdEfGhI', username: 'u' },
    `cognito-idp:AdminCreateUser ${arn('cognito-idp', 'userpool/us-east-1_AbCdEfGhI')}`,
  ],
  [
    'amazonmq RebootBroker',
    { 'broker-id': 'b-1234a5b6-78cd-901e-2fgh-3i45j6k17819' },
    `mq:RebootBroker ${arn('mq', 'broker:orders:b-1234a5b6-78cd-901e-2fgh-3i45j6k17819')}`,
  ],
  ['kinesis StartStreamRelay', { streamName: 'clicks' }, 'kinesis:StartStreamRelay *'],
];

const object = (key: string): NonNullable<OracleCall['resources']> => [
  { type: 'AWS::S3::Object', ARN: `arn:aws:s3:::data/${key}` },
  { type: 'AWS::S3::Bucket', ARN: 'arn:aws:s3:::data', accountId: account },
];

export const oracle: readonly OracleCall[] = [
  ...management.map(([call, request, ...needs]): OracleCall => ({
    call: call.replace(' ', '.amazonaws.com '),
    request,
    needs,
  })),
  {
    call: 's3.amazonaws.com GetObject',
    request: { bucketName: 'data', key: 'in/a.csv' },
    resources: object('in/a.csv'),
    isData: true,
    needs: ['s3:GetObject arn:aws:s3:::data/in/a.csv'],
  },
  {
    call: 's3.amazonaws.com PutObject',
    request: { bucketName: 'data', key: 'out/b.csv' },
    resources: object('out/b.csv'),
    isData: true,
    needs: ['s3:PutObject arn:aws:s3:::data/out/b.csv'],
  },
  {
    call: 's3.amazonaws.com DeleteObject',
    request: { bucketName: 'data', key: 'out/c.csv' },
    resources: object('out/c.csv'),
    isData: true,
    needs: ['s3:DeleteObject arn:aws:s3:::data/out/c.csv'],
  },
];
