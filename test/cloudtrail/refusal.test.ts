import * as fc from 'fast-check';
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { callOf, type Call } from '../../src/cloudtrail/call.ts';
import { fill, foldNames, leafText, leavesOf, punch } from '../../src/cloudtrail/fold.ts';
import { Folded } from '../../src/cloudtrail/members.ts';
import { parseRecord } from '../../src/cloudtrail/record.ts';
import type { Refusal } from '../../src/cloudtrail/refusal.ts';
import { recordsBelow } from '../athena/table.ts';
import { actionInfo } from '../../src/iam/catalogue.ts';
import { isObject } from '../../src/iam/json.ts';
import { sharedPath } from '../shared.ts';

const arn = 'arn:aws:sts::111122223333:assumed-role/app/i-0abc';

function called(errorMessage: string, errorCode = 'AccessDenied'): Call {
  const parsed = parseRecord({
    eventName: 'GetObject',
    eventSource: 's3.amazonaws.com',
    eventTime: '2026-03-02T10:00:00Z',
    userIdentity: { type: 'AssumedRole', arn },
    requestParameters: { bucketName: 'b', key: 'in/a' },
    errorCode,
    errorMessage,
  });
  if (!parsed.ok) throw new Error(parsed.reason);
  return callOf(parsed.value);
}
const refusal = (said: string): Refusal | undefined =>
  called(`User: ${arn} is not authorized to perform: ${said}`).target.refusal;

describe('what AWS says of a refusal', () => {
  test.each<[string, Refusal['by'], boolean]>([
    ['because no identity-based policy allows the s3:GetObject action', 'identity', false],
    ['because no permissions boundary allows the s3:GetObject action', 'boundary', false],
    ['because no session policy allows the s3:GetObject action', 'session', false],
    ['because no service control policy allows the s3:GetObject action', 'scp', false],
    ['because no resource-based policy allows the s3:GetObject action', 'resource-policy', false],
    ['because no VPC endpoint policy allows the s3:GetObject action', 'vpc-endpoint', false],
    ['with an explicit deny in an identity-based policy', 'identity', true],
    ['with an explicit deny in a resource control policy', 'rcp', true],
    ['with an explicit deny in the role trust policy', 'trust-policy', true],
    ['with an explicit deny', 'unknown', true],
    [
      'with an explicit deny in a service control policy: arn:aws:organizations::1:policy/o-1/service_control_policy/p-1',
      'scp',
      true,
    ],
    [
      'with an explicit deny in a resource control policy, with policy ARN: arn:aws:organizations::1:policy/o-1/x/p-1',
      'rcp',
      true,
    ],
  ])('%s', (why, by, explicit) => {
    const told = { action: 's3:GetObject', by, explicit };
    const resource = 'arn:aws:s3:::b/in/a';
    expect(refusal(`s3:GetObject on resource: ${resource} ${why}`)).toEqual({ ...told, resource });
    expect(refusal(`s3:GetObject on resource: "${resource}" ${why}`)).toEqual({ ...told, resource });
    expect(refusal(`s3:GetObject ${why}`)).toEqual({ ...told, resource: '' });
  });

  test('without a reason', () => {
    expect(refusal('iam:GetRole on resource: role app')).toEqual({
      action: 'iam:GetRole',
      resource: 'role app',
      by: 'unknown',
      explicit: false,
    });
  });

  test('of a key', () => {
    const why =
      'because the resource does not exist in this Region, no resource-based policies allow access, or a resource-based policy explicitly denies access';
    const told = { action: 'kms:Decrypt', resource: '', by: 'resource-policy', explicit: false };
    expect(refusal(`kms:Decrypt on the resource associated with this ciphertext ${why}`)).toEqual(told);
    expect(refusal(`kms:Decrypt on this resource ${why}`)).toEqual(told);
  });

  test('as EC2 wraps it', () => {
    const call = called(
      `You are not authorized to perform this operation. User: ${arn} is not authorized to perform: ec2:RunInstances on resource: arn:aws:ec2:eu-west-1:111122223333:instance/* because no identity-based policy allows the ec2:RunInstances action. Encoded authorization failure message: 4GIOHlTkIaWHQD0Q0m6XSnuUMCm`,
      'Client.UnauthorizedOperation',
    );
    expect(call.target.refusal).toEqual({
      action: 'ec2:RunInstances',
      resource: 'arn:aws:ec2:eu-west-1:111122223333:instance/*',
      by: 'identity',
      explicit: false,
    });
  });
});

describe('only the action counts', () => {
  const bare = { action: 's3:GetObject', resource: '', by: 'unknown', explicit: false };
  test('where the resource holds a part of a sentence', () => {
    const name = 'arn:aws:s3:::b/x with an explicit deny in a session policy';
    expect(
      refusal(
        `s3:GetObject on resource: ${name} because no identity-based policy allows the s3:GetObject action`,
      ),
    ).toEqual(bare);
  });
  test('where the text is as long as CloudTrail lets it be', () => {
    expect(refusal(`s3:GetObject on resource: arn:aws:s3:::b/${'x'.repeat(1024)}`)).toEqual(bare);
  });
  test('where the reason is of another action', () => {
    expect(refusal('s3:GetObject because no identity-based policy allows the s3:PutObject action')).toEqual(
      bare,
    );
  });
});

describe('nothing is read', () => {
  test.each([
    [
      'of another principal',
      'User: arn:aws:iam::111122223333:user/eve is not authorized to perform: s3:GetObject',
    ],
    ['from a text that goes on', `User: ${arn} is not authorized to perform: s3:GetObject, or so it seems`],
    ['from a text that begins otherwise', `Sorry. User: ${arn} is not authorized to perform: s3:GetObject`],
    ['from what is no action', `User: ${arn} is not authorized to perform: this operation`],
    ['from other texts', 'Access Denied'],
  ])('%s', (_, message) => {
    expect(called(message).target.refusal).toBeUndefined();
  });
  test('of a call without an error', () => {
    expect(
      called(`User: ${arn} is not authorized to perform: s3:GetObject`, '').target.refusal,
    ).toBeUndefined();
  });
});

describe('in the index', () => {
  test('names of unbounded variety fold as those of the request do', () => {
    const texts = Array.from({ length: 150 }, (_, n) => {
      const said = `s3:GetObject on resource: arn:aws:s3:::b/in/${n} because no identity-based policy allows the s3:GetObject action`;
      return punch({ ...called(`User: ${arn} is not authorized to perform: ${said}`).target });
    });
    expect(new Set(texts.map(({ body }) => body)).size).toBe(1);
    const [first] = texts;
    const folded = [...new Set(foldNames(texts.map(({ leaves }) => leafText(leaves))).values())];
    const back = fill({ body: first?.body ?? '', leaves: leavesOf(folded[0] ?? '[]') });
    expect(back.refusal?.resource).toEqual(new Folded('arn:aws:s3:::b/in/', 1));
  });

  test('law: what was taken apart is put together again', () => {
    const text = fc.string({ maxLength: 20 });
    fc.assert(
      fc.property(text, text, fc.boolean(), (name, action, explicit) => {
        const told: Refusal = { action, resource: `arn:aws:s3:::b/${name}`, by: 'scp', explicit };
        const target = { request: {}, response: {}, resources: [], refusal: told };
        expect(fill(punch(target))).toEqual(target);
      }),
      { seed: 7 },
    );
  });
});

const logs = sharedPath('cloudtrail', 'logs');

test.skipIf(logs === undefined)(
  'in real logs, every text of that kind is understood, and its action exists',
  () => {
    const texts = new Map<string, Refusal | undefined>();
    for (const { record } of recordsBelow(logs ?? '')) {
      const message = record['errorMessage'];
      const parsed = parseRecord(record);
      if (parsed.ok && typeof message === 'string' && message.includes(' is not authorized to perform: '))
        texts.set(message, callOf(parsed.value).target.refusal);
    }
    expect(texts.size).toBeGreaterThan(5);
    const told = [...texts.values()].filter(
      (one) => one !== undefined && actionInfo(one.action) !== undefined,
    );
    // Publishers put other account numbers into `userIdentity` than into the text.
    expect(told.length / texts.size).toBeGreaterThan(0.1);
  },
);

const printed = sharedPath('mapping', 'refusals.jsonl');

/** Action, resource and reason of a row; '' for what it lacks. */
const texts = (row: string): readonly string[] => {
  const read: unknown = JSON.parse(row);
  const members = isObject(read) ? read : {};
  return ['action', 'resource', 'reason'].map((name) =>
    typeof members[name] === 'string' ? members[name] : '',
  );
};

test.skipIf(printed === undefined)('resources as AWS prints them, in every sentence it has', () => {
  const why: Readonly<Record<string, string>> = {
    none: '',
    identity: ' because no identity-based policy allows the ACTION action',
    session: ' because no session policy allows the ACTION action',
    explicit: ' with an explicit deny',
    scp: ' with an explicit deny in a service control policy',
    boundary: ' because no permissions boundary allows the ACTION action',
    resource: ' because no resource-based policy allows the ACTION action',
  };
  const rows = readFileSync(printed ?? '', 'utf8')
    .trim()
    .split('\n')
    .map(texts);
  const wrong = rows.filter(([action = '', resource = '', reason = '']) => {
    const on = resource === '' ? '' : ` on resource: ${resource}`;
    const told = refusal(`${action}${on}${(why[reason] ?? '').replace('ACTION', action)}`);
    return told?.action !== action || told.resource !== resource;
  });
  expect(wrong).toEqual([]);
  const unknown = rows.filter(([action = '']) => actionInfo(action) === undefined);
  expect(unknown.length / rows.length).toBeLessThan(0.01);
});
