import { array, constant, constantFrom, oneof, record, subarray, type Arbitrary } from 'fast-check';
import {
  byOperatorAndKey,
  type Condition,
  type PatternSet,
  type PolicyDocument,
  type Statement,
} from '../../src/iam/policy/policy.ts';
import { sortedUnique } from '../../src/iam/order.ts';

const ACTIONS = [
  '*',
  's3:*',
  's3:Get*',
  's3:GetObject',
  's3:PutObject',
  's3:*Object',
  'iam:PassRole',
  'iam:*',
  's3:?et*',
];
const RESOURCES = [
  '*',
  'arn:aws:s3:::*',
  'arn:aws:s3:::a',
  'arn:aws:s3:::a/*',
  'arn:aws:s3:::a/b/*',
  'arn:aws:s3:::a/${aws:username}/*',
  'arn:aws:s3:::?/b',
  'arn:aws:iam::*:role/*',
  'arn:aws:iam::111122223333:role/r',
];
export const REQUEST_ACTIONS = [
  's3:GetObject',
  's3:PutObject',
  's3:ListBucket',
  'iam:PassRole',
  'iam:GetRole',
  'sq:GetX',
];
export const REQUEST_RESOURCES = [
  'arn:aws:s3:::a',
  'arn:aws:s3:::a/b',
  'arn:aws:s3:::a/b/c',
  'arn:aws:s3:::a/bob/x',
  'arn:aws:s3:::c/b',
  'arn:aws:iam::111122223333:role/r',
  'arn:aws:iam::111122223333:role/s',
  '*',
];

const patternSet = (from: readonly string[]): Arbitrary<PatternSet> =>
  record({
    kind: constantFrom('only', 'only', 'only', 'except'),
    patterns: subarray([...from], { minLength: 1, maxLength: 3 }).map(sortedUnique),
  });

const CONDITIONS: readonly Condition[] = [
  { operator: 'StringEquals', key: 'aws:username', values: ['bob'] },
  { operator: 'StringEquals', key: 'aws:username', values: ['alice', 'bob'] },
  { operator: 'StringNotEquals', key: 'aws:username', values: ['bob'] },
  { operator: 'StringLike', key: 'aws:username', values: ['b*'] },
  { operator: 'StringEqualsIfExists', key: 'aws:username', values: ['bob'] },
  { operator: 'StringLike', key: 's3:prefix', values: ['${aws:username}/*'] },
  { operator: 'IpAddress', key: 'aws:SourceIp', values: ['10.0.0.0/8'] },
  { operator: 'IpAddress', key: 'aws:SourceIp', values: ['10.1.0.0/16'] },
  { operator: 'NotIpAddress', key: 'aws:SourceIp', values: ['10.1.0.0/16'] },
  { operator: 'Bool', key: 'aws:SecureTransport', values: ['true'] },
  { operator: 'Bool', key: 'aws:SecureTransport', values: ['false'] },
  { operator: 'Null', key: 'aws:username', values: ['true'] },
  { operator: 'Null', key: 'aws:username', values: ['false'] },
  { operator: 'ForAnyValue:StringEquals', key: 'aws:TagKeys', values: ['a', 'b'] },
  { operator: 'ForAllValues:StringEquals', key: 'aws:TagKeys', values: ['a'] },
  { operator: 'NumericLessThan', key: 's3:max-keys', values: ['10'] },
  { operator: 'NumericGreaterThanEquals', key: 's3:max-keys', values: ['5'] },
];

/** Every key the conditions above test, with values that tell them apart. */
export const arbContext: Arbitrary<ReadonlyMap<string, readonly string[]>> = record(
  {
    'aws:username': constantFrom(['bob'], ['alice'], ['ben'], ['Bob']),
    's3:prefix': constantFrom(['bob/x'], ['alice/'], ['']),
    'aws:sourceip': constantFrom(['10.1.2.3'], ['10.2.0.1'], ['192.0.2.1']),
    'aws:securetransport': constantFrom(['true'], ['false']),
    'aws:tagkeys': constantFrom(['a'], ['b'], ['a', 'c'], ['c']),
    's3:max-keys': constantFrom(['3'], ['5'], ['10'], ['11']),
  },
  { requiredKeys: [] },
).map((record) => new Map(Object.entries(record)));

const distinctKeys = (conditions: readonly Condition[]): Condition[] =>
  [...new Map(conditions.map((c) => [`${c.operator} ${c.key}`, c])).values()].sort(byOperatorAndKey);

export const arbStatement: Arbitrary<Statement> = record({
  sid: constantFrom(undefined, 'A'),
  effect: constantFrom('Allow', 'Allow', 'Deny'),
  actions: patternSet(ACTIONS),
  resources: patternSet(RESOURCES),
  conditions: oneof(constant([]), subarray([...CONDITIONS], { maxLength: 2 })).map(distinctKeys),
});

export const arbDocument: Arbitrary<PolicyDocument> = record({
  version: constantFrom('2012-10-17', '2012-10-17', '2008-10-17'),
  statements: array(arbStatement, { minLength: 1, maxLength: 4 }),
});
