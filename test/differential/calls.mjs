// Calls as CloudTrail records them, and what each needs by AWS's own pages: the truth that a proposal is held against.
import { callOf } from '../../dist/cloudtrail/call.js';
import { parseRecord } from '../../dist/cloudtrail/record.js';

export const ACCOUNT = '111122223333';
export const REGION = 'eu-west-1';
export const FIRST_DAY = 20_000;

const KEYS = ['x', 'in/x', 'in/y', 'bob/y', 'alpha/x', 'in/bob/x', 'x/in/bob'];
const BUCKETS = ['data', 'data', 'data', 'dota', 'other'];
const QUEUES = ['orders', 'orders', 'bob', 'dead'];
const ROLES = ['app', 'app-task', 'bob'];

const object = (eventName, action) => (pick) => {
  const [bucketName, key] = [pick(BUCKETS), pick(KEYS)];
  const ARN = `arn:aws:s3:::${bucketName}/${key}`;
  return {
    eventSource: 's3.amazonaws.com',
    eventName,
    requestParameters: { bucketName, key, Host: `${bucketName}.s3.amazonaws.com` },
    resources: [
      { type: 'AWS::S3::Object', ARN },
      { type: 'AWS::S3::Bucket', accountId: ACCOUNT, ARN: `arn:aws:s3:::${bucketName}` },
    ],
    isData: true,
    needs: [{ action, resource: ARN }],
  };
};

const bucket = (eventName, action, isData) => (pick) => {
  const bucketName = pick(BUCKETS);
  const resource = `arn:aws:s3:::${bucketName}`;
  const requestParameters = { bucketName, Host: `${bucketName}.s3.amazonaws.com` };
  return {
    eventSource: 's3.amazonaws.com',
    eventName,
    requestParameters,
    isData,
    needs: [{ action, resource }],
  };
};

const queue = (eventName, isData) => (pick) => {
  const name = pick(QUEUES);
  return {
    eventSource: 'sqs.amazonaws.com',
    eventName,
    requestParameters: { queueUrl: `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/${name}` },
    isData,
    needs: [{ action: `sqs:${eventName}`, resource: `arn:aws:sqs:${REGION}:${ACCOUNT}:${name}` }],
  };
};

const topic = (eventName) => (pick) => {
  const topicArn = `arn:aws:sns:${REGION}:${ACCOUNT}:${pick(QUEUES)}`;
  return {
    eventSource: 'sns.amazonaws.com',
    eventName,
    requestParameters: { topicArn },
    isData: false,
    needs: [{ action: `sns:${eventName}`, resource: topicArn }],
  };
};

const newFunction = (pick) => {
  const [functionName, name] = [pick(QUEUES), pick(ROLES)];
  const role = `arn:aws:iam::${ACCOUNT}:role/${name}`;
  return {
    eventSource: 'lambda.amazonaws.com',
    eventName: 'CreateFunction20150331',
    requestParameters: { functionName, role, runtime: 'nodejs20.x' },
    isData: false,
    needs: [
      {
        action: 'lambda:CreateFunction',
        resource: `arn:aws:lambda:${REGION}:${ACCOUNT}:function:${functionName}`,
      },
      { action: 'iam:PassRole', resource: role, context: { 'iam:PassedToService': 'lambda.amazonaws.com' } },
    ],
  };
};

/**
 * Data events, whose silence proves nothing here, and management events, whose silence counts: what is unused of those goes.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/cloudtrail-logging-s3-info.html and the pages of the other services.
 */
const SHAPES = [
  object('GetObject', 's3:GetObject'),
  object('PutObject', 's3:PutObject'),
  bucket('ListObjects', 's3:ListBucket', true),
  bucket('GetBucketPolicy', 's3:GetBucketPolicy', false),
  bucket('PutBucketTagging', 's3:PutBucketTagging', false),
  bucket('DeleteBucket', 's3:DeleteBucket', false),
  queue('SendMessage', true),
  queue('PurgeQueue', false),
  queue('DeleteQueue', false),
  topic('SetTopicAttributes'),
  topic('GetTopicAttributes'),
  newFunction,
];

/** A call, and what it needs. */
export const randomCall = ({ pick }) => pick(SHAPES)(pick);

/** What policies and requests of the world are about. */
export const CALLED = [
  's3:GetObject',
  's3:PutObject',
  's3:ListBucket',
  's3:GetBucketPolicy',
  's3:PutBucketTagging',
  's3:DeleteBucket',
  'sqs:SendMessage',
  'sqs:PurgeQueue',
  'sqs:DeleteQueue',
  'sns:SetTopicAttributes',
  'sns:GetTopicAttributes',
  'lambda:CreateFunction',
  'iam:PassRole',
];

/** The fact that the index holds of a call. */
export function factOf({ eventSource, eventName, requestParameters, resources, isData }, n) {
  const day = FIRST_DAY + 1 + (n % 5);
  const eventTime = new Date(day * 86_400_000).toISOString();
  const record = parseRecord({
    eventVersion: '1.11',
    userIdentity: {
      type: 'IAMUser',
      principalId: 'AIDAEXAMPLE',
      arn: `arn:aws:iam::${ACCOUNT}:user/bob`,
      accountId: ACCOUNT,
      userName: 'bob',
    },
    eventTime,
    eventSource,
    eventName,
    awsRegion: REGION,
    requestParameters,
    responseElements: null,
    eventID: `e${n}`,
    eventType: 'AwsApiCall',
    managementEvent: !isData,
    recipientAccountId: ACCOUNT,
    eventCategory: isData ? 'Data' : 'Management',
    ...(resources ? { resources } : {}),
  });
  const call = callOf(record.value);
  return { call, days: [day], calls: 1, sample: { time: call.time, eventID: call.eventID, object: 1 } };
}
