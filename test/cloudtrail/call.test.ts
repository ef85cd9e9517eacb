import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { callOf, type Call } from '../../src/cloudtrail/call.ts';
import { parseRecord } from '../../src/cloudtrail/record.ts';
import { sessionShape } from '../../src/cloudtrail/principal.ts';

const least = {
  eventName: 'GetRole',
  eventSource: 'IAM.amazonaws.com',
  eventTime: '2026-03-02T10:00:00Z',
  recipientAccountId: '111122223333',
};

function call(members: object): Call {
  const parsed = parseRecord({ ...least, ...members });
  if (!parsed.ok) throw new Error(parsed.reason);
  return callOf(parsed.value);
}

const session = (mfaAuthenticated: unknown): object => ({
  userIdentity: { sessionContext: { attributes: { mfaAuthenticated } } },
});

const by = (accountId: string): object => ({ userIdentity: { type: 'IAMUser', userName: 'u', accountId } });

describe('the operation', () => {
  const categories: [members: object, category: string][] = [
    [{}, 'management'],
    [{ eventCategory: 'Management' }, 'management'],
    [{ eventCategory: 'Data' }, 'data'],
    [{ eventCategory: 'NetworkActivity' }, 'network'],
    [{ eventCategory: 'Else' }, 'other'],
    [{ managementEvent: false }, 'data'],
    [{ managementEvent: false, eventCategory: 'Management' }, 'management'],
  ];
  test.each(categories)('%j is %s', (members, category) => {
    expect(call(members).operation).toMatchObject({
      category,
      eventSource: 'iam.amazonaws.com',
      eventName: 'GetRole',
    });
  });
});

describe('the answer', () => {
  const responseElements = { role: { roleName: 'r', arn: 'arn:aws:iam::111122223333:role/r' } };
  test('of a call that changed something is kept', () => {
    expect(call({ readOnly: false, responseElements }).target.response).toEqual(responseElements);
  });
  test.each([
    ['a reading call', { readOnly: true }],
    ['a call that failed', { errorCode: 'AccessDenied' }],
    ['a call for credentials', { eventSource: 'sts.amazonaws.com' }],
    ['a sign-in', { eventSource: 'signin.amazonaws.com' }],
  ])('of %s says nothing', (_, members) => {
    expect(call({ ...members, responseElements }).target.response).toEqual({});
  });
});

describe('facets', () => {
  const none = { vpce: 'none', ip: 'none', tls: 'none', mfa: 'none' };
  const cases: [members: object, facets: object][] = [
    [{}, none],
    [{ sourceIPAddress: '192.0.2.77' }, { ...none, ip: '192.0.2.0/24' }],
    [{ sourceIPAddress: '2001:DB8:1:2::3' }, { ...none, ip: '2001:db8:1::/48' }],
    [{ sourceIPAddress: 'ec2.amazonaws.com' }, none],
    [{ sourceIPAddress: 'AWS Internal' }, none],
    [{ vpcEndpointId: 'vpce-1' }, { ...none, vpce: 'vpce-1' }],
    [{ tlsDetails: { tlsVersion: 'TLSv1.3' } }, { ...none, tls: 'TLSv1.3' }],
    [session('true'), { ...none, mfa: 'true' }],
    [session(true), { ...none, mfa: 'true' }],
    [session('false'), { ...none, mfa: 'false' }],
    [{ vpcEndpointId: 'v'.repeat(1000) }, { ...none, vpce: 'v'.repeat(64) }],
    [{ errorCode: 'NoSuchKey' }, none],
    [{ errorCode: 'AccessDenied', sourceIPAddress: '192.0.2.77' }, {}],
    [
      {
        userIdentity: { type: 'IAMUser', invokedBy: 'cloudformation.amazonaws.com' },
        sourceIPAddress: '192.0.2.7',
      },
      {},
    ],
  ];
  test.each(cases)('%j', (members, facets) => {
    const expected = Object.entries(facets).map(([kind, value]) => `${kind} ${String(value)}`);
    expect(call(members).facets).toEqual(expected);
    expect(call(members).facets).toEqual(expected);
  });
});

describe('whose copy it is', () => {
  test('a copy of the resource owner is not counted', () => {
    expect(call({ ...by('444455556666'), sharedEventID: 's' }).counts).toBe(false);
    expect(call({ ...by('111122223333'), sharedEventID: 's' }).counts).toBe(true);
    expect(call(by('444455556666')).counts).toBe(true);
  });
  test('without a recipient it is the caller', () => {
    expect(call({ ...by('444455556666'), recipientAccountId: undefined }).context.account).toBe(
      '444455556666',
    );
  });
});

describe('session names', () => {
  const shapes: [name: string, shape: string][] = [
    ['i-0abc12de34f567890', 'i-#'],
    ['alice@example.com', 'alice@example.com'],
    ['botocore-session-1700000000', 'botocore-session-#'],
    ['3f2504e0-4f89-11d3-9a0c-0305e82c3301', '#'],
    ['deadbeef', 'deadbeef'],
    ['', ''],
  ];
  test.each(shapes)('%s becomes %s', (name, shape) => expect(sessionShape(name)).toBe(shape));

  test('shaping twice changes nothing', () => {
    const part = fc.oneof(
      fc.constantFrom('i-', 'deadbeef', '#', '-', '@', '12345678', '123456'),
      fc.string({ maxLength: 5 }),
      fc.uuid(),
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
        const once = sessionShape(parts.join(''));
        expect(sessionShape(once)).toBe(once);
      }),
      { numRuns: 2000 },
    );
  });
});
