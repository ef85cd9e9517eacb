import { expect, test } from 'vitest';
import { parseRecord } from '../../src/cloudtrail/record.ts';
import { callOf } from '../../src/cloudtrail/call.ts';
import { explain } from '../../src/synth/explanation.ts';
import { event } from '../ingest/trail.ts';

/** Which member named each resource of a call. */
function named(source: string, name: string, members: Readonly<Record<string, unknown>>): object {
  const record = parseRecord(
    event('app', name, '2026-03-01T10:00:00Z', { eventSource: `${source}.amazonaws.com`, ...members }),
  );
  if (!record.ok) throw new Error(record.reason);
  const { mapping } = explain(callOf(record.value));
  const permissions = mapping.kind === 'mapped' ? mapping.permissions : [];
  return Object.fromEntries(permissions.flatMap(({ from }) => [...(from ?? [])]));
}

test('services that read requests by rules of their own say which member named a resource', () => {
  const key = 'arn:aws:kms:eu-west-1:111122223333:key/k-1';
  expect(named('s3', 'GetObject', { requestParameters: { bucketName: 'b', key: 'in/x' } })).toEqual({
    'arn:aws:s3:::b/in/x': 'requestParameters.key',
  });
  expect(
    named('ec2', 'StopInstances', {
      requestParameters: { instancesSet: { items: [{ instanceId: 'i-0123456789abcdef0' }] } },
    }),
  ).toEqual({
    'arn:aws:ec2:eu-west-1:111122223333:instance/i-0123456789abcdef0':
      'requestParameters.instancesSet.items.instanceId',
  });
  expect(
    named('kms', 'Decrypt', {
      requestParameters: { encryptionAlgorithm: 'SYMMETRIC_DEFAULT' },
      resources: [{ ARN: key, type: 'AWS::KMS::Key' }],
    }),
  ).toEqual({ [key]: 'resources[]' });
  expect(
    named('lambda', 'CreateFunction20150331', {
      requestParameters: { functionName: 'fn', role: 'arn:aws:iam::111122223333:role/exec' },
    }),
  ).toEqual({
    'arn:aws:iam::111122223333:role/exec': 'requestParameters.role',
    'arn:aws:lambda:eu-west-1:111122223333:function:fn': 'requestParameters.functionName',
  });
  const queueUrl = 'https://sqs.eu-west-1.amazonaws.com/111122223333/jobs';
  expect(named('sqs', 'DeleteQueue', { requestParameters: { queueUrl } })).toEqual({
    'arn:aws:sqs:eu-west-1:111122223333:jobs': 'requestParameters.queueUrl',
  });
});

test('a name inside another names nothing, and the last name is that of the thing', () => {
  expect(named('s3', 'GetObject', { requestParameters: { bucketName: 'bucket', key: 'k' } })).toEqual({
    'arn:aws:s3:::bucket/k': 'requestParameters.key',
  });
  expect(named('s3', 'GetObject', { requestParameters: { bucketName: 'app', key: 'application' } })).toEqual({
    'arn:aws:s3:::app/application': 'requestParameters.key',
  });
});

test('a call of which a delegated administrator may not own the resource says so', () => {
  const record = parseRecord(
    event('app', 'DescribeAccount', '2026-03-01T10:00:00Z', {
      eventSource: 'organizations.amazonaws.com',
      requestParameters: { accountId: '444455556666' },
    }),
  );
  if (!record.ok) throw new Error(record.reason);
  expect(explain(callOf(record.value)).mapping).toMatchObject({
    notes: ['if a delegated administrator called, the account is the management account’s'],
  });
});
