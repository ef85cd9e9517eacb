/* oxlint-disable typescript/no-unsafe-argument, typescript/no-unsafe-assignment, typescript/no-unsafe-call, typescript/no-unsafe-member-access, typescript/no-unsafe-return -- plain JavaScript, run by Node as it is */
// Microseconds of processor time for one warm mapping: `npm run build && node bench/map.mjs`. A mix of calls as in an ordinary account.
const { permissionsOf } = await import('../dist/permissions/permissions.js');
const { nothingKnown } = await import('../dist/permissions/mapping.js');

/** @type {[string, string, import('../src/cloudtrail/members.ts').Members][]} */
const calls = [
  ['ec2', 'DescribeInstances', {}],
  ['s3', 'GetObject', { bucketName: 'app-data', key: 'in/2026/03/02/part-0001.csv' }],
  ['s3', 'PutObject', { bucketName: 'app-data', key: 'out/report.csv', 'x-amz-acl': true }],
  ['sts', 'AssumeRole', { roleArn: 'arn:aws:iam::111122223333:role/app' }],
  ['dynamodb', 'Query', { tableName: 'orders', indexName: 'byDay' }],
  ['lambda', 'Invoke', { functionName: 'thumbnails' }],
  [
    'kms',
    'Decrypt',
    { keyId: 'arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab' },
  ],
  [
    'logs',
    'CreateLogStream',
    { logGroupName: '/aws/lambda/thumbnails', logStreamName: '2026/03/02/[$LATEST]0' },
  ],
  ['ecs', 'RunTask', { cluster: 'main', taskDefinition: 'web:7' }],
  ['iam', 'GetRole', { roleName: 'app' }],
  ['ssm', 'GetParameter', { name: '/app/db' }],
  ['sqs', 'ReceiveMessage', { queueUrl: 'https://sqs.eu-west-1.amazonaws.com/111122223333/jobs' }],
];
/** @type {Parameters<typeof permissionsOf>[0][]} */
const observed = calls.map(([service, eventName, request]) => ({
  principal: { kind: 'role', account: '111122223333', name: 'app', arn: '', uniqueId: '' },
  operation: {
    eventSource: `${service}.amazonaws.com`,
    eventName,
    eventType: 'AwsApiCall',
    category: 'management',
    readOnly: undefined,
  },
  context: {
    region: 'eu-west-1',
    account: '111122223333',
    errorCode: '',
    invokedBy: '',
    session: '',
    sourceIdentity: '',
  },
  target: { request, response: {}, resources: [] },
}));

const rounds = 20_000;
for (let i = 0; i < 2000; i += 1) for (const call of observed) permissionsOf(call, nothingKnown);
const before = process.cpuUsage();
for (let i = 0; i < rounds; i += 1) for (const call of observed) permissionsOf(call, nothingKnown);
const { user, system } = process.cpuUsage(before);
console.log(`${((user + system) / rounds / observed.length).toFixed(2)} µs a mapping`);
