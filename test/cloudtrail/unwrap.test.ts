import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseRecord } from '../../src/cloudtrail/record.ts';
import { reduceRequest } from '../../src/cloudtrail/reduce.ts';
import { unwrap } from '../../src/cloudtrail/unwrap.ts';

const event = {
  eventVersion: '1.08',
  eventTime: '2024-01-31T10:00:00Z',
  eventSource: 'iam.amazonaws.com',
  eventName: 'GetRole',
  userIdentity: { type: 'IAMUser', accountId: '111122223333', userName: 'ann' },
  requestParameters: { roleName: 'r' },
};
const text = JSON.stringify(event);
const skip = (reason: string) => ({ kind: 'skip', reason });
const record = (value: unknown) => ({ kind: 'record', record: value });

describe('wrappings of one event', () => {
  const wrappings: [name: string, value: unknown][] = [
    ['bare', event],
    ['Records', { Records: [event] }],
    [
      'EventBridge',
      { 'detail-type': 'AWS API Call via CloudTrail', source: 'aws.iam', resources: [], detail: event },
    ],
    [
      'LookupEvents',
      { EventId: 'e', EventName: 'GetRole', EventTime: 1706695200, Resources: [], CloudTrailEvent: text },
    ],
    ['LookupEvents page', { Events: [{ EventName: 'GetRole', CloudTrailEvent: text }], NextToken: 'n' }],
    [
      'CloudWatch Logs subscription',
      { messageType: 'DATA_MESSAGE', logEvents: [{ id: '1', timestamp: 1, message: text }] },
    ],
    [
      'SQS with SNS',
      {
        Records: [{ body: JSON.stringify({ Type: 'Notification', Message: text }), eventSource: 'aws:sqs' }],
      },
    ],
    ['Splunk', { _raw: text, _time: 1 }],
    ['Splunk export', { preview: false, result: { _raw: text } }],
    ['Elastic', { hits: { hits: [{ _source: { event: { original: text } } }] } }],
    ['Stackdriver', { insertId: 'i', jsonPayload: event }],
    ['OpenTelemetry', { cloud: { provider: 'aws' }, aws: { cloudtrail: event } }],
    ['a JSON string of a JSON string', JSON.stringify(text)],
  ];
  test.each(wrappings)('%s', (_, value) => expect(unwrap(value)).toEqual([record(event)]));
});

describe('rows of a table', () => {
  const expected = {
    ...event,
    userIdentity: {
      type: 'AssumedRole',
      principalId: 'AROAX:s',
      arn: 'arn:aws:sts::111122223333:assumed-role/r/s',
      accountId: '111122223333',
      sessionContext: {
        attributes: { mfaAuthenticated: 'false', creationDate: '2024-01-31T09:00:00Z' },
        sessionIssuer: { type: 'Role', arn: 'arn:aws:iam::111122223333:role/p/r', userName: 'r' },
      },
    },
    resources: [
      { ARN: 'arn:aws:iam::111122223333:role/r', accountId: '111122223333', type: 'AWS::IAM::Role' },
    ],
    readOnly: 'true',
    tlsDetails: { tlsVersion: 'TLSv1.3' },
  };
  const base = {
    eventversion: '1.08',
    eventtime: event.eventTime,
    eventsource: event.eventSource,
    eventname: event.eventName,
    requestparameters: '{"roleName":"r"}',
    responseelements: null,
    readonly: 'true',
  };
  const struct = {
    type: 'AssumedRole',
    principalid: 'AROAX:s',
    arn: 'arn:aws:sts::111122223333:assumed-role/r/s',
    accountid: '111122223333',
    sessioncontext: {
      attributes: { mfaauthenticated: 'false', creationdate: '2024-01-31T09:00:00Z' },
      sessionissuer: { type: 'Role', arn: 'arn:aws:iam::111122223333:role/p/r', username: 'r' },
    },
  };
  const resource = {
    arn: 'arn:aws:iam::111122223333:role/r',
    accountid: '111122223333',
    type: 'AWS::IAM::Role',
  };
  const presto = (value: unknown): string =>
    Array.isArray(value)
      ? `[${value.map(presto).join(', ')}]`
      : typeof value === 'object' && value !== null
        ? `{${Object.entries(value)
            .map(([k, v]) => `${k}=${presto(v)}`)
            .join(', ')}}`
        : String(value);

  const rows: [name: string, value: unknown][] = [
    [
      'structures',
      { ...base, useridentity: struct, resources: [resource], tlsdetails: { tlsversion: 'TLSv1.3' } },
    ],
    [
      'JSON text',
      {
        ...base,
        useridentity: JSON.stringify(struct),
        resources: JSON.stringify([resource]),
        tlsdetails: '{"tlsversion":"TLSv1.3"}',
      },
    ],
    [
      'Presto text',
      {
        ...base,
        useridentity: presto(struct),
        resources: presto([resource]),
        tlsdetails: '{tlsversion=TLSv1.3}',
      },
    ],
    [
      'a row of GetQueryResults',
      [
        ...Object.entries(base).map(([key, value]) => ({ [key]: value })),
        { userIdentity: presto(struct) },
        { resources: presto([resource]) },
        { tlsDetails: '{tlsversion=TLSv1.3}' },
      ],
    ],
  ];
  test.each(rows)('%s', (_, value) => expect(unwrap(value)).toEqual([record(expected)]));

  test('text that is no structure stays text', () => {
    for (const useridentity of ['{type', '{=}', '{type=x', '[', '{}x', '{a={b=c}', '', '{a='.repeat(1000)]) {
      expect(unwrap({ ...base, useridentity })).toMatchObject([{ record: { userIdentity: useridentity } }]);
    }
  });
});

test('a value that a caller chose ends no structure: a name twice or of no column makes it unreadable', () => {
  const base = { eventname: 'GetRole', eventsource: 'iam.amazonaws.com', eventtime: '2024-01-31T10:00:00Z' };
  const forged = [
    '{type=IAMUser, username=a, username=admin}',
    '{type=IAMUser, username=a, role=admin}',
    '{sessioncontext={sessionissuer={arn=x, userrole=y}}}',
  ];
  for (const useridentity of forged)
    expect(unwrap({ ...base, useridentity })).toMatchObject([{ record: { userIdentity: useridentity } }]);
  const requestparameters = '{bucketName=a, key=x, bucketName=secret}';
  const [found] = unwrap({ ...base, requestparameters });
  expect(found).toMatchObject({ record: { requestParameters: requestparameters } });
  expect(reduceRequest(requestparameters, undefined)).toEqual({ omitted: true });
  const federated = '{type=AssumedRole, sessioncontext={webidfederationdata={attributes={appid=1}}}}';
  expect(unwrap({ ...base, useridentity: federated })).toMatchObject([
    { record: { userIdentity: { sessionContext: { webIdFederationData: { attributes: { appid: '1' } } } } } },
  ]);
});

describe('nothing to read', () => {
  const insight = {
    eventType: 'AwsCloudTrailInsight',
    eventTime: '2020-07-21T20:56:00Z',
    insightDetails: { eventName: 'X' },
  };
  const digest = {
    awsAccountId: '1',
    digestStartTime: 't',
    digestS3Bucket: 'b',
    logFiles: [{ s3Object: 'o' }],
  };
  const s3 = {
    eventVersion: '2.1',
    eventSource: 'aws:s3',
    eventName: 'ObjectCreated:Put',
    eventTime: '2024-01-01T00:00:00Z',
  };
  const cases: [name: string, value: unknown, reasons: string[]][] = [
    ['a number', 1, ['not-a-record']],
    ['null', null, ['not-a-record']],
    ['an empty list', [], ['not-a-record']],
    ['plain text', 'hello', ['not-a-record']],
    ['another log line', { severity: 'INFO', message: 'started' }, ['not-a-record']],
    ['an S3 notification', { Records: [s3] }, ['not-a-record']],
    ['an insight', { Records: [insight] }, ['insight']],
    ['an insight by category', { ...event, eventCategory: 'Insight' }, ['insight']],
    ['a digest', digest, ['digest']],
    ['broken JSON in a string', { message: text.slice(0, -5) }, ['malformed']],
    [
      'what a partner or anybody puts into an event data store',
      { eventCategory: 'ActivityAuditLog', metadata: {}, eventData: event },
      ['not-a-record'],
    ],
    ['an event in a member of its own', { userInput: event, request: { payloads: text } }, ['not-a-record']],
    ['an event of another category', { ...event, eventCategory: 'Custom' }, ['not-a-record']],
    ['very deep', JSON.parse('['.repeat(50_000) + ']'.repeat(50_000)), ['not-a-record']],
  ];
  test.each(cases)('%s', (_, value, reasons) => expect(unwrap(value)).toEqual(reasons.map(skip)));
});

test('an event in more wrappers than are read is no record, and is told from none', () => {
  const wrapped = (count: number): unknown =>
    Array.from({ length: count }).reduce<unknown>((inner) => ({ detail: inner }), event);
  expect(unwrap(wrapped(12))).toEqual([record(event)]);
  expect(unwrap(wrapped(13))).toEqual([{ kind: 'skip', reason: 'not-a-record', deep: true }]);
});

test('any value is survived and no prototype is touched', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.string(), (value, name) => {
      const row: unknown = JSON.parse(
        `{"eventname":"x","eventsource":"y","__proto__":{"polluted":1},"useridentity":"{__proto__=1}"}`,
      );
      for (const v of [
        value,
        { eventName: name, userIdentity: value },
        { eventName: name, eventSource: name, resources: value },
      ]) {
        for (const found of unwrap(v)) if (found.kind === 'record') parseRecord(found.record);
      }
      unwrap(row);
      expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);
    }),
  );
});

test.each(['app.orders', 'awsfake', undefined])(
  'an EventBridge event of source %s is nobody’s call',
  (source) => {
    const event = {
      eventName: 'GetObject',
      eventSource: 's3.amazonaws.com',
      eventTime: '2026-03-01T00:00:00Z',
    };
    const wrapped = { 'detail-type': 'AWS API Call via CloudTrail', source, detail: event };
    expect(unwrap(wrapped)).toEqual([{ kind: 'skip', reason: 'not-a-record' }]);
    expect(unwrap({ Records: [{ body: JSON.stringify(wrapped) }] })).toEqual([
      { kind: 'skip', reason: 'not-a-record' },
    ]);
  },
);
