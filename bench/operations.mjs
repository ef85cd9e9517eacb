/** @typedef {import('./random.mjs').Random} Random */
/** @typedef {{ account: string, region: string }} Place */
/** `own` makes the same choices each time a role repeats a call, `r` makes new ones. @typedef {{ own: Random, r: Random, place: Place }} Choices */
/**
 * @typedef {object} Operation
 * @property {string} source
 * @property {string} name
 * @property {number} weight How often it is called, against the others.
 * @property {boolean} [readOnly]
 * @property {boolean} [data] A data event.
 * @property {(choices: Choices) => { request?: object, response?: object, resources?: object[] }} make
 */

const buckets = Array.from(
  { length: 60 },
  (_, i) => `company-${['logs', 'data', 'web', 'backup'][i % 4]}-${i}`,
);
const tables = Array.from({ length: 40 }, (_, i) => `table-${i}`);
const functions = Array.from({ length: 80 }, (_, i) => `function-${i}`);
const keys = Array.from(
  { length: 30 },
  (_, i) => `${String(i).padStart(8, '0')}-aaaa-4bbb-8ccc-dddddddddddd`,
);

/** @param {Choices} choices */
const objectKey = ({ own, r }) => {
  const kind = own.next();
  if (kind < 0.4) return `config/app-${own.below(400)}.json`;
  return kind < 0.7
    ? `year=2026/month=03/part-${r.below(60)}.parquet`
    : `${own.pick(['in', 'out', 'tmp'])}/${r.hex(2)}/${r.uuid()}.json`;
};

/** @param {Choices} choices @param {string} what */
const s3 = ({ own, r, place }, what) => {
  const bucketName = own.pick(buckets);
  const arn = `arn:aws:s3:::${bucketName}`;
  const key = what === 'object' ? objectKey({ own, r, place }) : undefined;
  return {
    request: {
      bucketName,
      Host: `${bucketName}.s3.eu-west-1.amazonaws.com`,
      ...(key === undefined ? { [what]: '' } : { key }),
    },
    resources: [
      ...(key === undefined ? [] : [{ type: 'AWS::S3::Object', ARN: `${arn}/${key}` }]),
      { accountId: '111122223333', type: 'AWS::S3::Bucket', ARN: arn },
    ],
  };
};

/** @param {Random} r */
const instance = (r) => ({
  instanceId: `i-${r.hex(17)}`,
  imageId: `ami-${r.hex(17)}`,
  currentState: { code: 0, name: 'pending' },
  privateDnsName: `ip-10-0-${r.below(256)}-${r.below(256)}.eu-west-1.compute.internal`,
  keyName: 'build',
  amiLaunchIndex: 0,
  productCodes: {},
  instanceType: 'c6i.2xlarge',
  launchTime: 1_772_000_000_000 + r.below(1e9),
  placement: { availabilityZone: 'eu-west-1a', tenancy: 'default' },
  monitoring: { state: 'pending' },
  subnetId: `subnet-${r.hex(17)}`,
  vpcId: 'vpc-0123456789abcdef0',
  privateIpAddress: `10.0.${r.below(256)}.${r.below(256)}`,
  stateReason: { code: 'pending', message: 'pending' },
  architecture: 'x86_64',
  rootDeviceType: 'ebs',
  rootDeviceName: '/dev/xvda',
  blockDeviceMapping: {},
  virtualizationType: 'hvm',
  hypervisor: 'xen',
  tagSet: {
    items: [
      { key: 'Name', value: `worker-${r.hex(6)}` },
      { key: 'team', value: 'data' },
    ],
  },
  clientToken: r.uuid(),
  groupSet: { items: [{ groupId: `sg-${r.hex(17)}`, groupName: 'workers' }] },
  networkInterfaceSet: {
    items: [
      {
        networkInterfaceId: `eni-${r.hex(17)}`,
        subnetId: `subnet-${r.hex(17)}`,
        vpcId: 'vpc-0123456789abcdef0',
        ownerId: '111122223333',
        status: 'in-use',
        macAddress: '06:00:00:00:00:01',
        privateIpAddressesSet: { item: [{ privateIpAddress: `10.0.${r.below(256)}.7`, primary: true }] },
        attachment: { attachmentId: `eni-attach-${r.hex(17)}`, deviceIndex: 0, status: 'attaching' },
      },
    ],
  },
  ebsOptimized: true,
  enaSupport: true,
  iamInstanceProfile: {
    arn: 'arn:aws:iam::111122223333:instance-profile/worker',
    id: `AIPA${r.hex(17).toUpperCase()}`,
  },
});

/** What a made-up company calls. @type {readonly Operation[]} */
export const operations = [
  {
    source: 's3',
    name: 'GetObject',
    weight: 22,
    readOnly: true,
    data: true,
    make: (choices) => s3(choices, 'object'),
  },
  { source: 's3', name: 'PutObject', weight: 10, data: true, make: (choices) => s3(choices, 'object') },
  {
    source: 's3',
    name: 'HeadObject',
    weight: 4,
    readOnly: true,
    data: true,
    make: (choices) => s3(choices, 'object'),
  },
  { source: 's3', name: 'GetBucketAcl', weight: 3, readOnly: true, make: (choices) => s3(choices, 'acl') },
  {
    source: 's3',
    name: 'GetBucketPolicy',
    weight: 2,
    readOnly: true,
    make: (choices) => s3(choices, 'policy'),
  },
  {
    source: 'sts',
    name: 'AssumeRole',
    weight: 14,
    readOnly: true,
    make: ({ own, r, place: { account } }) => {
      const role = `role-${own.below(120)}`;
      const session = `i-0${r.hex(16)}`;
      return {
        request: {
          roleArn: `arn:aws:iam::${account}:role/${role}`,
          roleSessionName: session,
          durationSeconds: 3600,
        },
        response: {
          credentials: {
            accessKeyId: `ASIA${r.hex(16).toUpperCase()}`,
            expiration: 'Mar 2, 2026, 11:00:00 AM',
            sessionToken: r.hex(900),
          },
          assumedRoleUser: {
            assumedRoleId: `AROAEXAMPLE:${session}`,
            arn: `arn:aws:sts::${account}:assumed-role/${role}/${session}`,
          },
        },
        resources: [
          { accountId: account, type: 'AWS::IAM::Role', ARN: `arn:aws:iam::${account}:role/${role}` },
        ],
      };
    },
  },
  {
    source: 'kms',
    name: 'Decrypt',
    weight: 12,
    readOnly: true,
    make: ({ own, place: { account, region } }) => {
      const ARN = `arn:aws:kms:${region}:${account}:key/${own.pick(keys)}`;
      return {
        request: {
          encryptionContext: { 'aws:s3:arn': `arn:aws:s3:::${own.pick(buckets)}` },
          encryptionAlgorithm: 'SYMMETRIC_DEFAULT',
          keyId: ARN,
        },
        resources: [{ accountId: account, type: 'AWS::KMS::Key', ARN }],
      };
    },
  },
  {
    source: 'kms',
    name: 'GenerateDataKey',
    weight: 5,
    readOnly: true,
    make: ({ own, place: { account, region } }) => {
      const ARN = `arn:aws:kms:${region}:${account}:key/${own.pick(keys)}`;
      return {
        request: { keySpec: 'AES_256', keyId: ARN },
        resources: [{ accountId: account, type: 'AWS::KMS::Key', ARN }],
      };
    },
  },
  {
    source: 'ec2',
    name: 'DescribeInstances',
    weight: 8,
    readOnly: true,
    make: ({ own, r }) => ({
      request: {
        instancesSet: own.next() < 0.8 ? {} : { items: [{ instanceId: `i-${r.hex(17)}` }] },
        filterSet: { items: [{ name: 'tag:team', valueSet: { items: [{ value: 'data' }] } }] },
      },
    }),
  },
  {
    source: 'ec2',
    name: 'DescribeSecurityGroups',
    weight: 4,
    readOnly: true,
    make: () => ({ request: { maxResults: 100, securityGroupSet: {} } }),
  },
  {
    source: 'ec2',
    name: 'RunInstances',
    weight: 1,
    make: ({ own, r, place: { account } }) => {
      const count = 1 + r.below(20);
      return {
        request: {
          instancesSet: {
            items: [
              {
                imageId: `ami-${own.pick(['a', 'b', 'c']).repeat(17)}`,
                minCount: count,
                maxCount: count,
                keyName: 'build',
              },
            ],
          },
          userData: '<sensitiveDataRemoved>',
          instanceType: 'c6i.2xlarge',
          blockDeviceMapping: {
            items: [
              { deviceName: '/dev/xvda', ebs: { volumeSize: 100, encrypted: true, volumeType: 'gp3' } },
            ],
          },
          iamInstanceProfile: { name: 'worker' },
          subnetId: `subnet-${own.pick(['a', 'b', 'c']).repeat(17)}`,
          tagSpecificationSet: {
            items: [{ resourceType: 'instance', tags: [{ key: 'team', value: 'data' }] }],
          },
        },
        response: {
          requestId: r.uuid(),
          reservationId: `r-${r.hex(17)}`,
          ownerId: account,
          groupSet: {},
          instancesSet: { items: Array.from({ length: count }, () => instance(r)) },
        },
      };
    },
  },
  {
    source: 'dynamodb',
    name: 'GetItem',
    weight: 5,
    readOnly: true,
    data: true,
    make: ({ own, place: { account, region } }) => {
      const tableName = own.pick(tables);
      return {
        request: { tableName, key: { id: '***' }, consistentRead: true },
        resources: [
          {
            accountId: account,
            type: 'AWS::DynamoDB::Table',
            ARN: `arn:aws:dynamodb:${region}:${account}:table/${tableName}`,
          },
        ],
      };
    },
  },
  {
    source: 'lambda',
    name: 'Invoke',
    weight: 4,
    data: true,
    make: ({ own, place: { account, region } }) => {
      const functionName = `arn:aws:lambda:${region}:${account}:function:${own.pick(functions)}`;
      return {
        request: { functionName, invocationType: 'RequestResponse' },
        resources: [{ accountId: account, type: 'AWS::Lambda::Function', ARN: functionName }],
      };
    },
  },
  {
    source: 'logs',
    name: 'CreateLogStream',
    weight: 5,
    make: ({ own, r }) => ({
      request: {
        logGroupName: `/aws/lambda/${own.pick(functions)}`,
        logStreamName: `2026/03/${1 + r.below(28)}/[$LATEST]${r.hex(32)}`,
      },
    }),
  },
  {
    source: 'secretsmanager',
    name: 'GetSecretValue',
    weight: 2,
    readOnly: true,
    make: ({ own, place: { account, region } }) => ({
      request: { secretId: `arn:aws:secretsmanager:${region}:${account}:secret:app/${own.below(50)}-AbCdEf` },
    }),
  },
  {
    source: 'ssm',
    name: 'GetParameters',
    weight: 2,
    readOnly: true,
    make: ({ own }) => ({
      request: { withDecryption: true, names: [`/app/${own.below(80)}/url`, `/app/${own.below(80)}/user`] },
    }),
  },
  {
    source: 'monitoring',
    name: 'DescribeAlarms',
    weight: 2,
    readOnly: true,
    make: () => ({ request: { maxRecords: 100 } }),
  },
  {
    source: 'iam',
    name: 'GetRole',
    weight: 2,
    readOnly: true,
    make: ({ own }) => ({ request: { roleName: `role-${own.below(120)}` } }),
  },
  {
    source: 'iam',
    name: 'ListRoles',
    weight: 1,
    readOnly: true,
    make: () => ({ request: { maxItems: 1000 } }),
  },
  {
    source: 'sqs',
    name: 'ReceiveMessage',
    weight: 3,
    data: true,
    make: ({ own, place: { account, region } }) => ({
      request: {
        queueUrl: `https://sqs.${region}.amazonaws.com/${account}/queue-${own.below(40)}`,
        maxNumberOfMessages: 10,
      },
    }),
  },
  {
    source: 'ecs',
    name: 'DescribeTasks',
    weight: 3,
    readOnly: true,
    make: ({ own, r, place: { account, region } }) => ({
      request: {
        cluster: `cluster-${own.below(6)}`,
        tasks: [`arn:aws:ecs:${region}:${account}:task/cluster/${r.hex(32)}`],
      },
    }),
  },
  {
    source: 'cloudformation',
    name: 'CreateChangeSet',
    weight: 0.3,
    make: ({ own, r }) => ({
      request: {
        stackName: `stack-${own.below(60)}`,
        changeSetName: `deploy-${r.hex(8)}`,
        capabilities: ['CAPABILITY_IAM'],
        parameters: Array.from({ length: 12 }, (_, i) => ({
          parameterKey: `P${i}`,
          parameterValue: r.hex(20),
        })),
        tags: [{ key: 'team', value: 'data' }],
      },
      response: { id: `arn:aws:cloudformation:eu-west-1:111122223333:changeSet/deploy/${r.uuid()}` },
    }),
  },
];
