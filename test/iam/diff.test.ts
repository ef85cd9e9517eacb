import { array, assert, property } from 'fast-check';
import { expect, test } from 'vitest';
import { diffPolicies, type DiffItem, type PolicyDiff } from '../../src/iam/compare/diff.ts';
import { actionPattern, matches } from '../../src/iam/pattern/pattern.ts';
import { parsePolicy, type PolicyDocument } from '../../src/iam/policy/policy.ts';
import { arbDocument } from './arbitrary.ts';

const KNOWN = ['s3:GetObject', 's3:PutObject', 's3:ListBucket', 'iam:PassRole', 'iam:GetRole'];
const options = {
  expandActions: (pattern: string) =>
    KNOWN.filter((action) => matches(actionPattern(pattern), action.toLowerCase())),
  accessLevelOf: (action: string) => (action.includes('Get') ? ('Read' as const) : undefined),
};
const policy = (...statements: readonly object[]): readonly PolicyDocument[] => [
  parsePolicy(JSON.stringify({ Version: '2012-10-17', Statement: statements }), 'test'),
];
const allow = (action: unknown, resource: unknown, condition: object = {}): object => ({
  Effect: 'Allow',
  Action: action,
  Resource: resource,
  Condition: condition,
});
const linesOf = ({ items }: PolicyDiff): string[] =>
  items.map(
    ({ kind, action, resource, from, isDeny }: DiffItem) =>
      `${kind} ${action} ${from === undefined ? '' : `${from} -> `}${resource}${isDeny === true ? ' (deny)' : ''}`,
  );

test('removed, narrowed, kept and added', () => {
  const before = policy(
    allow(['s3:*', 'S3:unknownthing*'], '*'),
    allow('iam:PassRole', 'arn:aws:iam::1:role/a'),
  );
  const after = policy(
    allow('s3:GetObject', ['arn:aws:s3:::a/*', 'arn:aws:s3:::b/*']),
    allow('s3:PutObject', '*'),
    allow('iam:GetRole', '*'),
  );
  const diff = diffPolicies(before, after, options);
  expect(linesOf(diff)).toEqual([
    'added iam:GetRole *',
    'removed iam:PassRole arn:aws:iam::1:role/a',
    'narrowed s3:GetObject * -> arn:aws:s3:::a/*',
    'narrowed s3:GetObject * -> arn:aws:s3:::b/*',
    'removed s3:ListBucket *',
    'kept s3:PutObject *',
    'removed s3:unknownthing* *',
  ]);
  expect(diff.broadened).toBe(true);
  expect(diff.items.map((item) => item.privilegeEscalation)).toEqual([
    false,
    true,
    false,
    false,
    false,
    false,
    false,
  ]);
  expect(diff.items[0]?.accessLevel).toBe('Read');
});

test('NotAction is about all that it does not name', () => {
  const before = policy({ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' });
  expect(linesOf(diffPolicies(before, policy(allow('s3:GetObject', '*')), options))).toEqual([
    'kept s3:GetObject *',
    'removed s3:ListBucket *',
    'removed s3:PutObject *',
  ]);
});

test('NotResource stands as it is written', () => {
  const but = (...NotResource: readonly string[]) =>
    policy({ Effect: 'Allow', Action: 's3:GetObject', NotResource });
  const [a, b] = ['arn:aws:s3:::a/*', 'arn:aws:s3:::b/*'];
  expect(linesOf(diffPolicies(but(a), but(a), options))).toEqual([`kept s3:GetObject !${a}`]);
  expect(linesOf(diffPolicies(but(a), but(a, b), options))).toEqual([
    `narrowed s3:GetObject !${a} -> !${a} !${b}`,
  ]);
  expect(linesOf(diffPolicies(but(a), policy(allow('s3:GetObject', b)), options))).toEqual([
    `narrowed s3:GetObject !${a} -> ${b}`,
  ]);
});

test('a condition narrows, dropping it adds', () => {
  const wide = policy(allow('s3:GetObject', '*'));
  const tight = policy(allow('s3:GetObject', '*', { Bool: { 'aws:SecureTransport': 'true' } }));
  expect(linesOf(diffPolicies(wide, tight, options))).toEqual(['narrowed s3:GetObject * -> *']);
  expect(diffPolicies(wide, tight, options).items[0]?.condition).toHaveLength(1);
  const back = diffPolicies(tight, wide, options);
  expect([linesOf(back), back.broadened]).toEqual([['added s3:GetObject *', 'kept s3:GetObject *'], true]);
});

test('denies that come and go', () => {
  const free = policy(allow('s3:GetObject', '*'));
  const held = policy(allow('s3:GetObject', '*'), { ...allow('s3:*', 'arn:aws:s3:::a/*'), Effect: 'Deny' });
  const tighter = diffPolicies(free, held, options);
  expect([linesOf(tighter)[1], tighter.broadened]).toEqual([
    'narrowed s3:GetObject arn:aws:s3:::a/* (deny)',
    false,
  ]);
  const wider = diffPolicies(held, free, options);
  expect([linesOf(wider)[1], wider.broadened]).toEqual(['added s3:GetObject arn:aws:s3:::a/* (deny)', true]);
});

test('what a Deny takes away whole is not granted', () => {
  const denied = policy(allow('s3:*', '*'), { ...allow('s3:PutObject', '*'), Effect: 'Deny' });
  const listed = policy(allow(['s3:GetObject', 's3:ListBucket'], '*'));
  const same = diffPolicies(denied, listed, options);
  expect([linesOf(same), same.broadened]).toEqual([['kept s3:GetObject *', 'kept s3:ListBucket *'], false]);
  const free = policy(allow('s3:*', '*'));
  expect(linesOf(diffPolicies(denied, free, options))).toContain('added s3:PutObject *');
  expect(linesOf(diffPolicies(free, denied, options))).toContain('removed s3:PutObject *');
  const partly = policy(allow('s3:*', '*'), {
    ...allow('s3:PutObject', '*', { Bool: { 'aws:SecureTransport': 'false' } }),
    Effect: 'Deny',
  });
  expect(linesOf(diffPolicies(free, partly, options))).toEqual([
    'kept s3:GetObject *',
    'kept s3:ListBucket *',
    'kept s3:PutObject *',
    'narrowed s3:PutObject * (deny)',
  ]);
});

test('a policy does not differ from itself, however it is written', () => {
  assert(
    property(array(arbDocument, { minLength: 1, maxLength: 3 }), (documents) => {
      const shuffled = documents
        .map((d) => ({ ...d, statements: d.statements.toReversed().map((s) => ({ ...s, sid: undefined })) }))
        .toReversed();
      const diff = diffPolicies(documents, shuffled, options);
      return !diff.broadened && diff.items.every(({ kind }) => kind === 'kept');
    }),
    { numRuns: 500 },
  );
});

test('on what names another service nothing is granted', () => {
  const wide = policy(allow('*', '*'));
  const named = policy(allow('*', ['arn:aws:s3:::a/*', 'arn:aws:iam::1:role/a']));
  expect(linesOf(diffPolicies(wide, named, options))).toEqual([
    'narrowed iam:GetRole * -> arn:aws:iam::1:role/a',
    'narrowed iam:PassRole * -> arn:aws:iam::1:role/a',
    'narrowed s3:GetObject * -> arn:aws:s3:::a/*',
    'narrowed s3:ListBucket * -> arn:aws:s3:::a/*',
    'narrowed s3:PutObject * -> arn:aws:s3:::a/*',
  ]);
});

test('where it cannot be told whether more is allowed, neither yes nor no is said', () => {
  const letters = 'abcdefgh'.split('');
  const before = policy(
    allow(
      's3:GetObject',
      letters.map((c) => `arn:aws:s3:::b/*${c}*${c}*${c}*`),
    ),
  );
  const joined = letters.join('*');
  const { broadened, undecided } = diffPolicies(
    before,
    policy(allow('s3:GetObject', `arn:aws:s3:::b/*${joined}*${joined}`)),
    options,
  );
  expect({ broadened, undecided }).toEqual({
    broadened: null,
    undecided: [{ policy: 0, statement: 0, sid: undefined }],
  });
});
