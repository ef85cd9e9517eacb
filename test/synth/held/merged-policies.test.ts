import { describe, expect, test } from 'vitest';
import { documentJson } from '../../../src/iam/policy/policy-json.ts';
import type { Condition } from '../../../src/iam/policy/policy.ts';
import type { OriginatedGrant } from '../../../src/synth/held/grant.ts';
import { exceptions, inAll, todayAcross } from '../../../src/synth/held/merged-policies.ts';
import { allow, policy } from '../../iam/documents.ts';

const [first, second] = ['111122223333', '444455556666'];
/** Statements of a role in two accounts, as one. */
const across = (one: readonly object[], other: readonly object[]) =>
  todayAcross([
    { account: first, of: { identity: [policy(...one)], boundary: undefined } },
    { account: second, of: { identity: [policy(...other)], boundary: undefined } },
  ]);
const statements = (...both: Parameters<typeof across>): unknown =>
  across(...both).identity.flatMap((document) => documentJson(document)['Statement']);
const inAccount = (value: unknown, operator = 'StringEquals'): object => ({
  Condition: { [operator]: { 'aws:PrincipalAccount': value } },
});
const list = allow('s3:ListBucket');
const read = allow('s3:GetObject');

describe('policies of a role in several accounts, as one', () => {
  test.each<[string, readonly object[], readonly object[], readonly object[]]>([
    ['what all have stands as it is', [list], [list], [list]],
    ['what one has is limited to it', [list, read], [list], [list, { ...read, ...inAccount(first) }]],
    ['what says its own account says nothing', [{ ...list, ...inAccount(first) }], [list], [list]],
    ['what says another account is not there', [{ ...list, ...inAccount(second) }, read], [read], [read]],
    [
      'what all compare with a variable stays',
      [{ ...list, ...inAccount('${aws:username}') }],
      [{ ...list, ...inAccount('${aws:username}') }],
      [{ ...list, ...inAccount('${aws:username}') }],
    ],
    [
      'another comparison with a variable stays beside the limit',
      [read, { ...list, ...inAccount('${aws:username}', 'StringNotEquals') }],
      [read],
      [
        read,
        {
          ...list,
          Condition: {
            StringEquals: { 'aws:PrincipalAccount': first },
            StringNotEquals: { 'aws:PrincipalAccount': '${aws:username}' },
          },
        },
      ],
    ],
  ])('%s', (_, one, other, expected) => {
    expect(statements(one, other)).toEqual(expected);
  });

  test('what one account alone compares with a variable cannot be said', () => {
    expect(() => across([{ ...list, ...inAccount('${aws:username}') }], [list])).toThrow(
      'a statement on s3:ListBucket compares aws:PrincipalAccount with a variable',
    );
  });

  test('policies made on one day are one, the oldest first, those that do not say when last', () => {
    const made = [19_000, undefined, 18_000, 19_000];
    const identity = [list, read, allow('s3:PutObject'), allow('s3:DeleteObject')].map((one) => policy(one));
    const today = todayAcross([{ account: first, of: { identity, boundary: undefined, made } }]);
    expect(today.made).toEqual([18_000, 19_000, undefined]);
    expect(
      today.identity.map((document) => document.statements.map(({ actions }) => actions.patterns[0])),
    ).toEqual([['s3:PutObject'], ['s3:ListBucket', 's3:DeleteObject'], ['s3:GetObject']]);
  });

  test('a boundary of one limits it alone', () => {
    const parts = [policy(allow('s3:*')), undefined].map((boundary, at) => ({
      account: [first, second][at] ?? '',
      of: { identity: [policy(list)], boundary },
    }));
    const { boundary } = todayAcross(parts);
    expect(boundary && documentJson(boundary)['Statement']).toEqual([
      { ...allow('s3:*'), ...inAccount(first) },
      { ...allow('*'), ...inAccount(second) },
    ]);
    expect(todayAcross(parts.slice(1)).boundary).toBeUndefined();
  });

  test('exceptions are said, a line for each set of accounts', () => {
    const deny = { Effect: 'Deny', Action: 's3:PutObject', Resource: '*' };
    const but = { Effect: 'Allow', NotAction: ['iam:*', 'sts:*'], Resource: '*' };
    const { identity } = across([list, read, deny, allow('s3:DeleteObject')], [list, but]);
    const why = "because today's policies of the other accounts do not say the same";
    expect(exceptions(identity)).toEqual([
      `denied only in ${first}, ${why}: s3:PutObject`,
      `only in ${first}, ${why}: s3:DeleteObject, s3:GetObject`,
      `only in ${second}, ${why}: all but iam:*, sts:*`,
    ]);
  });
});

const limit = (...values: readonly string[]): Condition => ({
  operator: 'StringEquals',
  key: 'aws:PrincipalAccount',
  values,
});
const grant = (origin: 'used' | 'kept', ...conditions: readonly Condition[]): OriginatedGrant => ({
  action: 's3:GetObject',
  resources: { kind: 'only', patterns: ['*'] },
  conditions,
  origin,
});

test('what compares the account with a variable in all of them is no exception', () => {
  const compared = { ...list, ...inAccount('${aws:username}') };
  expect(exceptions(across([compared], [compared]).identity)).toEqual([]);
});

test('grants of several accounts are one where they are of all, and used where one of them was', () => {
  const secure = { operator: 'Bool', key: 'aws:SecureTransport', values: ['true'] };
  const parts = [grant('kept', secure, limit(first)), grant('used', secure, limit(second))];
  expect(inAll(parts, [first, second])).toEqual([grant('used', secure)]);
  expect(inAll(parts, [first, second, '777788889999'])).toEqual(parts);
  expect(inAll(parts.slice(0, 1), [first])).toEqual([grant('kept', secure)]);
  const apart = [grant('kept', limit(first)), grant('kept', secure, limit(second))];
  expect(inAll(apart, [first, second])).toEqual(apart);
});
