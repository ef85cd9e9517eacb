import { expect, test } from 'vitest';
import { visibilityOf } from '../../src/permissions/observability.ts';

test.each([
  ['ec2:DescribeInstances', { category: 'management' }],
  ['iam:CreateRole', { category: 'management' }],
  ['IAM:passrole', { category: 'management', implied: true }],
  ['s3:GetObject', { category: 'data', resourceType: 'AWS::S3::Object' }],
  ['s3:ListBucket', { category: 'data', resourceType: 'AWS::S3::Object' }],
  ['s3:GetBucketPolicy', { category: 'management' }],
  ['lambda:InvokeFunction', { category: 'data', resourceType: 'AWS::Lambda::Function' }],
  ['dynamodb:Query', { category: 'data', resourceType: 'AWS::DynamoDB::Table' }],
  ['dynamodb:DescribeTable', { category: 'management' }],
  ['sqs:SendMessage', { category: 'data', resourceType: 'AWS::SQS::Queue' }],
  ['sns:Publish', { category: 'data', resourceType: 'AWS::SNS::Topic' }],
  ['kms:Decrypt', { category: 'management' }],
  ['rds-db:connect', { category: 'never' }],
  ['execute-api:Invoke', { category: 'never' }],
  ['s3:ReplicateObject', { category: 'never' }],
  ['events:PutEvents', { category: 'data', resourceType: 'AWS::Events::EventBus' }],
  ['swf:PollForDecisionTask', { category: 'data', resourceType: 'AWS::SWF::Domain' }],
  ['swf:StartTimer', { category: 'never' }],
  ['lakeformation:GetTableObjects', { category: 'never' }],
])('%s shows in %j', (action, visibility) => {
  expect(visibilityOf(action)).toEqual(visibility);
});
