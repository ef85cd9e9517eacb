import { join } from 'node:path';
import { expect, test } from 'vitest';
import { callOf } from '../../src/cloudtrail/call.ts';
import { parseRecord } from '../../src/cloudtrail/record.ts';
import { dayText, parseDay } from '../../src/iam/days.ts';
import { Batch } from '../../src/store/batch.ts';
import { IndexReader } from '../../src/store/reader.ts';
import { IndexWriter } from '../../src/store/writer.ts';
import { event, scratch } from '../ingest/trail.ts';

function indexOf(records: readonly object[], folder = 'folder'): IndexReader {
  const file = join(scratch(), 'a.db');
  const index = IndexWriter.open(file);
  const batch = new Batch();
  const source = batch.source(folder, 'name');
  for (const record of records) {
    const parsed = parseRecord(record);
    if (!parsed.ok) throw new Error(parsed.reason);
    batch.add(callOf(parsed.value), source, 1);
  }
  index.commit(batch);
  index.close();
  return IndexReader.open(file);
}

const call = (eventSource: string, eventName: string, day: string, members: object = {}): object =>
  event('app', eventName, `${day}T12:00:00Z`, { eventSource: `${eventSource}.amazonaws.com`, ...members });

test('days on which a trail may have begun to log something else', () => {
  const index = indexOf([
    call('cloudtrail', 'PutEventSelectors', '2026-03-02', { requestParameters: { trailName: 'all' } }),
    call('cloudtrail', 'StopLogging', '2026-03-03', { errorCode: 'AccessDenied' }),
    call('cloudtrail', 'LookupEvents', '2026-03-04'),
  ]);
  expect(
    index.trailChanges().map(({ account, eventName, target, days }) => ({
      account,
      eventName,
      trail: target.request['trailName'],
      days: days.map(dayText),
    })),
  ).toEqual([
    { account: '111122223333', eventName: 'PutEventSelectors', trail: 'all', days: ['2026-03-02'] },
  ]);
  index.close();
});

test('calls after which somebody may hold something else', () => {
  const index = indexOf([
    call('iam', 'AttachRolePolicy', '2026-03-02', {
      requestParameters: { roleName: 'app', policyArn: 'arn:aws:iam::aws:policy/X' },
    }),
    call('iam', 'GetRole', '2026-03-03', { requestParameters: { roleName: 'app' } }),
    call('sso', 'PutInlinePolicyToPermissionSet', '2026-03-04'),
  ]);
  expect(index.policyChanges().map(({ eventName }) => eventName)).toEqual([
    'AttachRolePolicy',
    'PutInlinePolicyToPermissionSet',
  ]);
  index.close();
});

const object = (type: string): object => ({ type, ARN: 'arn:aws:s3:::b/k', accountId: '111122223333' });

test('coverage tells reading from writing, and the types of data events apart', () => {
  const data = { eventCategory: 'Data', managementEvent: false };
  const index = indexOf([
    call('ec2', 'DescribeInstances', '2026-03-02', { readOnly: true }),
    call('ec2', 'RunInstances', '2026-03-02', { readOnly: false }),
    call('s3', 'GetObject', '2026-03-03', {
      ...data,
      requestParameters: { bucketName: 'b', key: 'k' },
      resources: [object('AWS::S3::Object'), { ...object('AWS::S3::Bucket'), ARN: 'arn:aws:s3:::b' }],
    }),
  ]);
  expect(index.coverage().map(({ category, source, detail }) => [category, source, detail])).toEqual([
    ['data', 's3.amazonaws.com', 'AWS::S3::Bucket'],
    ['data', 's3.amazonaws.com', 'AWS::S3::Object'],
    ['management', 'ec2.amazonaws.com', 'read'],
    ['management', 'ec2.amazonaws.com', 'write'],
  ]);
  index.close();
});

test('accounts of which an organization’s trail delivered', () => {
  const records = [call('ec2', 'DescribeInstances', '2026-03-02')];
  const own = indexOf(records, 's3://logs/AWSLogs/111122223333/CloudTrail/eu-west-1/2026/03/02');
  const shared = indexOf(
    records,
    's3://logs/x/AWSLogs/o-abc123/444455556666/CloudTrail/eu-west-1/2026/03/02',
  );
  expect(own.organizationAccounts()).toEqual([]);
  expect(shared.organizationAccounts()).toEqual(['444455556666']);
  own.close();
  shared.close();
});

test('access keys that last, whatever became of the call, and MFA of sign-ins', () => {
  const user = {
    userIdentity: { type: 'IAMUser', userName: 'ann', accountId: '111122223333', accessKeyId: 'AKIAEXAMPLE' },
  };
  const signIn = {
    userIdentity: { type: 'IAMUser', userName: 'ann', accountId: '111122223333' },
    responseElements: { ConsoleLogin: 'Success' },
    additionalEventData: { MFAUsed: 'No' },
  };
  const index = indexOf([
    call('ec2', 'RunInstances', '2026-03-02', { ...user, errorCode: 'Client.UnauthorizedOperation' }),
    call('signin', 'ConsoleLogin', '2026-03-03', signIn),
    call('signin', 'ConsoleLogin', '2026-03-03', {
      ...signIn,
      responseElements: { ConsoleLogin: 'Failure' },
      additionalEventData: { MFAUsed: 'Yes' },
    }),
  ]);
  const [ann] = index.principals();
  const facets = index.facets([ann?.id ?? -1], { since: 0, until: 40_000 });
  expect(
    facets
      .filter(({ kind }) => kind === 'access-key' || kind === 'sign-in-mfa')
      .map(({ source, kind, value }) => [source, kind, value]),
  ).toEqual([
    ['ec2.amazonaws.com', 'access-key', 'AKIAEXAMPLE'],
    ['signin.amazonaws.com', 'sign-in-mfa', 'No'],
  ]);
  index.close();
});

const refused = (name: string, day: string, more: object = {}): object =>
  event(name, 'DeleteQueue', `${day}T12:00:00Z`, {
    eventSource: 'sqs.amazonaws.com',
    errorCode: 'AccessDenied',
    errorMessage: `User: arn:aws:sts::111122223333:assumed-role/${name}/session is not authorized to perform: sqs:deletequeue on resource: arn:aws:sqs:us-east-1:111122223333:q because no identity-based policy allows the sqs:deletequeue action`,
    ...more,
  });

test('refused calls of which AWS says what they lacked, by whomever, in a window', () => {
  const index = indexOf([
    refused('app', '2026-03-02'),
    refused('other', '2026-03-03'),
    refused('other', '2026-03-20'),
    refused('third', '2026-03-03', { errorMessage: 'Access denied' }),
  ]);
  const window = { since: parseDay('2026-03-01', 'day'), until: parseDay('2026-03-10', 'day') };
  expect(
    index.refusedCalls(window).map(({ principal, target }) => [principal.name, target.refusal?.action]),
  ).toEqual([
    ['app', 'sqs:deletequeue'],
    ['other', 'sqs:deletequeue'],
  ]);
  index.close();
});
