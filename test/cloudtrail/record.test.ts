import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseRecord, parseTime } from '../../src/cloudtrail/record.ts';

const least = { eventName: 'GetRole', eventSource: 'iam.amazonaws.com', eventTime: '2024-01-31T10:00:00Z' };

describe('parseRecord', () => {
  test('a name, a source and a time are enough', () => {
    expect(parseRecord(least)).toEqual({
      ok: true,
      value: {
        eventSource: 'iam.amazonaws.com',
        eventName: 'GetRole',
        eventType: '',
        eventCategory: '',
        managementEvent: undefined,
        readOnly: undefined,
        eventTime: 1706695200,
        eventID: '',
        sharedEventID: '',
        awsRegion: '',
        recipientAccountId: '',
        sourceIPAddress: '',
        userAgent: '',
        errorCode: '',
        errorMessage: '',
        vpcEndpointId: '',
        tlsVersion: '',
        userIdentity: {},
        requestParameters: undefined,
        responseElements: undefined,
        additionalEventData: undefined,
        serviceEventDetails: undefined,
        resources: [],
      },
    });
  });

  test('members in unusual shapes', () => {
    const odd = {
      ...least,
      readOnly: 'false',
      managementEvent: true,
      resources: { ARN: 'arn:aws:s3:::b' },
      tlsDetails: { tlsVersion: 'TLSv1.2' },
      userIdentity: 'HIDDEN',
      requestParameters: 'HIDDEN_DUE_TO_SECURITY_REASONS',
      userAgent: 'x'.repeat(5000),
      errorCode: 7,
    };
    expect(parseRecord(odd)).toMatchObject({
      value: {
        readOnly: false,
        managementEvent: true,
        resources: [{ ARN: 'arn:aws:s3:::b' }],
        tlsVersion: 'TLSv1.2',
        userIdentity: {},
        requestParameters: 'HIDDEN_DUE_TO_SECURITY_REASONS',
        userAgent: 'x'.repeat(2048),
        errorCode: '',
      },
    });
  });

  const skips: [value: unknown, reason: string][] = [
    [null, 'not-a-record'],
    [[least], 'not-a-record'],
    [{ ...least, eventName: 1 }, 'no-event-name'],
    [{ ...least, eventSource: undefined }, 'no-event-source'],
    [{ ...least, eventTime: 'foo' }, 'no-event-time'],
  ];
  test.each(skips)('%j is skipped: %s', (value, reason) =>
    expect(parseRecord(value)).toEqual({ ok: false, reason }),
  );
});

describe('parseTime', () => {
  const times: [value: unknown, seconds: number | undefined][] = [
    ['2024-01-31T10:00:00Z', 1706695200],
    ['2024-01-31 10:00:00', 1706695200],
    ['2024-01-31 10:00:00.123456789', 1706695200],
    ['2024-01-31T10:00:00.999Z', 1706695200],
    ['2024-01-31 10:00:00.000 UTC', 1706695200],
    ['2024-01-31T12:00:00+02:00', 1706695200],
    ['2024-01-31T05:00:00-0500', 1706695200],
    ['2016-12-31T23:59:60Z', 1483228800],
    [1706695200, 1706695200],
    [1706695200.9, 1706695200],
    [1706695200123, 1706695200],
    ['1706695200', 1706695200],
    ['1706695200123', 1706695200],
    ['2024-13-31T10:00:00Z', undefined],
    ['2024-01-00T10:00:00Z', undefined],
    ['2024-01-31T1a:00:00Z', undefined],
    ['2024/01/31T10:00:00Z', undefined],
    ['20240131T100000Z', undefined],
    ['', undefined],
    ['Z'.repeat(1e5), undefined],
    [0, undefined],
    [-1, undefined],
    [Number.NaN, undefined],
    [Number.POSITIVE_INFINITY, undefined],
    [null, undefined],
    [{}, undefined],
  ];
  test.each(times)('%j', (value, seconds) => expect(parseTime(value)).toBe(seconds));

  test('agrees with Date', () => {
    fc.assert(
      fc.property(fc.date({ min: new Date(0), max: new Date('2999-01-01'), noInvalidDate: true }), (date) => {
        const iso = date.toISOString();
        const seconds = Math.floor(date.getTime() / 1000);
        expect(parseTime(iso)).toBe(seconds);
        expect(parseTime(`${iso.slice(0, 19)}Z`)).toBe(seconds);
      }),
    );
  });
});
