import { expect, test } from 'vitest';
import { actionInfo, expandActions, readData, serviceInfo } from '../../src/iam/catalogue.ts';
import { isObject, type JsonObject } from '../../src/iam/json.ts';
import { observabilityOf } from '../../src/permissions/observability.ts';

test.each([
  ['ec2:DescribeInstances', 'management', ''],
  ['iam:CreateRole', 'management', ''],
  ['IAM:passrole', 'implied', ''],
  ['s3:GetObject', 'data', 'AWS::S3::Object'],
  ['s3:ListBucket', 'data', 'AWS::S3::Object'],
  ['s3:GetBucketPolicy', 'management', ''],
  ['lambda:InvokeFunction', 'data', 'AWS::Lambda::Function'],
  ['dynamodb:Query', 'data', 'AWS::DynamoDB::Table'],
  ['dynamodb:DescribeTable', 'management', ''],
  ['sqs:SendMessage', 'data', 'AWS::SQS::Queue'],
  ['sns:Publish', 'data', 'AWS::SNS::Topic'],
  ['kms:Decrypt', 'management', ''],
  ['rds-db:connect', 'never', ''],
  ['execute-api:Invoke', 'never', ''],
  ['s3:ReplicateObject', 'never', ''],
  ['events:PutEvents', 'data', 'AWS::Events::EventBus'],
  ['swf:PollForDecisionTask', 'data', 'AWS::SWF::Domain'],
  ['swf:StartTimer', 'never', ''],
  ['lakeformation:GetTableObjects', 'never', ''],
  ['ecr:ReplicateImage', 'no-known-event', ''],
  ['dax:GetItem', 'no-known-event', ''],
  ['firehose:PutRecord', 'data', 'AWS::KinesisFirehose::DeliveryStream'],
  ['ses:SendEmail', 'data', 'AWS::SES::EmailIdentity'],
  ['s3vectors:QueryVectors', 'data', 'AWS::S3Vectors::Index'],
  ['bedrock:InvokeInlineAgent', 'data', 'AWS::Bedrock::InlineAgent'],
  ['bedrock-agentcore:InvokeAgentRuntime', 'data', 'AWS::BedrockAgentCore::Runtime'],
  ['geo-places:Geocode', 'data', 'AWS::GeoPlaces::Provider'],
  ['rum:PutRumEvents', 'data', 'AWS::RUM::AppMonitor'],
  ['sdb:Select', 'data', 'AWS::SDB::Domain'],
  ['dsql:DbConnect', 'data', 'AWS::DSQL::Cluster'],
  ['osis:Ingest', 'no-known-event', ''],
  ['vpc-lattice-svcs:Invoke', 'no-known-event', ''],
  ['aps:RemoteWrite', 'no-known-event', ''],
  ['logs:FilterLogEvents', 'management', ''],
  ['rolesanywhere:ListProfiles', 'management', ''],
  ['workmailmessageflow:GetRawMessageContent', 'no-known-event', ''],
  ['redshift:JoinGroup', 'no-known-event', ''],
  ['workspaces:Stream', 'no-known-event', ''],
  ['nothing:AtAll', 'no-known-event', ''],
])('%s shows as %s %s', (action, category, resourceType) => {
  expect(observabilityOf(action)).toMatchObject({ category, resourceType });
});

test('names the operations that an action shows in, as CloudTrail writes them', () => {
  expect(observabilityOf('ec2:RunInstances').operations).toContain('ec2/RunInstances');
  expect(observabilityOf('cloudwatch:PutMetricAlarm').operations).toEqual(['monitoring/PutMetricAlarm']);
  expect(observabilityOf('apigateway:PATCH').operations).toContain('apigateway/UpdateRestApi');
});

test('every category but the unknown has its source, and every management event an operation', () => {
  const wrong = expandActions('*').filter((action) => {
    const { category, operations, resourceType, basis, source } = observabilityOf(action);
    const known = category !== 'no-known-event';
    return (
      known !== (basis !== '') ||
      known !== source.startsWith('https://') ||
      (category === 'management' && operations.length === 0) ||
      (category === 'data') !== /^AWS::\w+::\w+$/.test(resourceType)
    );
  });
  expect(wrong).toEqual([]);
});

const overrides = readData('overrides/observability.json');
const rowsOf = (list: unknown): readonly JsonObject[] => (Array.isArray(list) ? list.filter(isObject) : []);
const words = (value: unknown): readonly string[] => (typeof value === 'string' ? value.split(' ') : []);

test('data events are of types on AWS’s list, which is complete', () => {
  const types = isObject(overrides['types']) ? overrides['types'] : {};
  expect(types['source']).toMatch(/^https:\/\/docs\.aws\.amazon\.com\//);
  const listed = new Set(words(types['names']));
  expect(listed.size).toBeGreaterThan(230);
  const foreign = rowsOf(overrides['actions']).map((row) => row['resourceType']);
  expect(foreign.filter((type) => typeof type === 'string' && !listed.has(type))).toEqual([]);
});

test('what is only seen in public logs says so', () => {
  expect(observabilityOf('ec2-instance-connect:SendSSHPublicKey')).toMatchObject({ basis: 'seen' });
  expect(observabilityOf('ec2:RunInstances')).toMatchObject({ basis: 'page' });
});

test('each row names AWS’s page and actions or services that exist', () => {
  for (const row of [...rowsOf(overrides['actions']), ...rowsOf(overrides['services'])]) {
    expect(row['source']).toMatch(/^https:\/\/docs\.aws\.amazon\.com\//);
    const absent = words(row['actions']).filter((action) =>
      action.endsWith(':*')
        ? serviceInfo(action.slice(0, -2)) === undefined
        : actionInfo(action)?.name !== action,
    );
    expect(absent).toEqual([]);
  }
});

test('the table is small enough to read at once', () => {
  expect(Object.keys(readData('observability.json')['actions'] ?? {}).length).toBeLessThan(23_000);
});
