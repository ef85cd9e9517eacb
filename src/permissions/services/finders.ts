/** Room `services`: the services whose resources the general rules cannot read. */
import type { Finder } from '../sighting.ts';
import { findBedrock } from './bedrock.ts';
import { findDynamoDb } from './dynamodb.ts';
import { findEc2 } from './ec2.ts';
import { findIam } from './iam.ts';
import { findKms } from './kms.ts';
import { findConfig, findEvents, findLambda, findLogs, findSecret, findSns, findSqs } from './named.ts';
import { findS3, findS3Express } from './s3.ts';

/** Services whose requests the general rules read wrongly or not at all, by IAM prefix. */
export const finders: ReadonlyMap<string, Finder> = new Map([
  ['bedrock', findBedrock],
  ['config', findConfig],
  ['dynamodb', findDynamoDb],
  ['ec2', findEc2],
  ['events', findEvents],
  ['iam', findIam],
  ['kms', findKms],
  ['lambda', findLambda],
  ['logs', findLogs],
  ['s3', findS3],
  ['s3express', findS3Express],
  ['secretsmanager', findSecret],
  ['sns', findSns],
  ['sqs', findSqs],
]);
