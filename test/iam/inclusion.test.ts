import { array, assert, property, type Arbitrary } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compile, decide } from '../../src/iam/decide/evaluate.ts';
import { includesPolicy } from '../../src/iam/compare/inclusion.ts';
import { excludes } from '../../src/iam/compare/request-classes.ts';
import { Budget } from '../../src/iam/pattern/language.ts';
import { resourcePattern } from '../../src/iam/pattern/pattern.ts';
import { parsePolicy, type PolicyDocument } from '../../src/iam/policy/policy.ts';
import { arbContext, arbDocument, REQUEST_ACTIONS, REQUEST_RESOURCES } from './arbitrary.ts';

type Documents = readonly PolicyDocument[];

const isAllowed = (
  documents: Documents,
  action: string,
  resource: string,
  context: ReadonlyMap<string, readonly string[]>,
): boolean =>
  decide(compile({ identity: documents }), { action, resource, context, contextIsComplete: true })
    .decision === 'allowed';

const policy = (...statements: readonly object[]): Documents => [
  parsePolicy(JSON.stringify({ Version: '2012-10-17', Statement: statements }), 'test'),
];
const allow = (action: unknown, resource: unknown, condition: object = {}): object => ({
  Effect: 'Allow',
  Action: action,
  Resource: resource,
  Condition: condition,
});
const deny = (action: unknown, resource: unknown, condition: object = {}): object => ({
  ...allow(action, resource, condition),
  Effect: 'Deny',
});

const arbDocuments: Arbitrary<Documents> = array(arbDocument, { minLength: 1, maxLength: 2 });

test('a yes survives every request, a no has a request that proves it', () => {
  const counts = { yes: 0, no: 0, 'cannot-tell': 0 };
  assert(
    property(
      arbDocuments,
      arbDocuments,
      array(arbContext, { minLength: 3, maxLength: 3 }),
      (outer, inner, contexts) => {
        const { included, witness } = includesPolicy(outer, inner);
        counts[included]++;
        if (included === 'yes') {
          return !contexts.some((context) =>
            REQUEST_ACTIONS.some((action) =>
              REQUEST_RESOURCES.some(
                (resource) =>
                  isAllowed(inner, action, resource, context) && !isAllowed(outer, action, resource, context),
              ),
            ),
          );
        }
        if (included === 'cannot-tell') return witness === undefined;
        if (witness === undefined) return false;
        const { action, resource, context = new Map() } = witness;
        return isAllowed(inner, action, resource, context) && !isAllowed(outer, action, resource, context);
      },
    ),
    { numRuns: 2000 },
  );
  expect(counts.yes).toBeGreaterThan(100);
  expect(counts.no).toBeGreaterThan(1000);
  expect(counts['cannot-tell']).toBeLessThan(100);
});

test('a policy includes itself, reordered too', () => {
  assert(
    property(arbDocuments, (documents) => {
      const reversed = documents.map((d) => ({ ...d, statements: d.statements.toReversed() })).toReversed();
      return (
        includesPolicy(documents, documents).included === 'yes' &&
        includesPolicy(reversed, documents).included === 'yes'
      );
    }),
    { numRuns: 1000 },
  );
});

test('inclusion is transitive', () => {
  assert(
    property(arbDocuments, arbDocuments, arbDocuments, (a, b, c) => {
      const isChain = includesPolicy(a, b).included === 'yes' && includesPolicy(b, c).included === 'yes';
      return !isChain || includesPolicy(a, c).included !== 'no';
    }),
    { numRuns: 1000 },
  );
});

test('what both refuse, in great number, and names of variables that change nothing, change no answer', () => {
  const many = Array.from({ length: 70 }, (_, at) => `arn:aws:s3:::beside/${at}`);
  const beside = policy(
    deny('s3:*', many),
    ...['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'].map((end) =>
      allow('s3:ListBucket', `arn:aws:s3:::beside/\${aws:username}/${end}`),
    ),
  );
  const counts = { same: 0, untold: 0 };
  assert(
    property(arbDocuments, arbDocuments, (outer, inner) => {
      const alone = includesPolicy(outer, inner).included;
      const among = includesPolicy([...outer, ...beside], [...inner, ...policy(deny('s3:*', many))]).included;
      counts[alone === among ? 'same' : 'untold']++;
      return alone === among || among === 'cannot-tell' || alone === 'cannot-tell';
    }),
    { numRuns: 300 },
  );
  expect(counts.untold).toBeLessThan(counts.same / 20);
});

test.each<[string, string, boolean]>([
  ['${aws:username}/a', '${aws:username}/b', true],
  ['a/${aws:username}', 'b/${aws:username}', true],
  ['a/${aws:username}/c', 'b/${aws:username}/c', true],
  ['${aws:username}a', 'b${aws:username}a', true],
  ['${aws:username}', '${aws:username}a', true],
  ['${aws:username}/*', '${aws:username}/b', false],
  ['${aws:username}*', '*${aws:username}', false],
  ['${aws:username}/a', '${aws:userid}/a', false],
  ['${aws:username}/a', 'bob/b', false],
])('names of one variable are apart by what they do not share: %s, %s', (a, b, expected) => {
  const [one, other] = [resourcePattern(a, true), resourcePattern(b, true)];
  expect(excludes(one, other)).toBe(expected);
  expect(excludes(other, one)).toBe(expected);
});

const onlyAllows = (documents: Documents): Documents =>
  documents.map((d) => ({ ...d, statements: d.statements.filter(({ effect }) => effect === 'Allow') }));

test('policies without Deny are within their union', () => {
  assert(
    property(
      arbDocuments.map(onlyAllows),
      arbDocuments.map(onlyAllows),
      (a, b) =>
        includesPolicy([...a, ...b], a).included === 'yes' &&
        includesPolicy([...a, ...b], b).included === 'yes',
    ),
    { numRuns: 1000 },
  );
});

const hundred = (text: (k: number) => string): string[] => Array.from({ length: 100 }, (_, k) => text(k));

const HOME = 'arn:aws:s3:::home/${aws:username}/*';
const ADMIN = 'arn:aws:s3:::home/admin/*';

describe('what is decided', () => {
  const everything = policy(allow('*', '*'));
  const cases: readonly (readonly [string, Documents, Documents, string])[] = [
    ['all of it', everything, policy(allow('s3:*', '*')), 'yes'],
    ['more than it', policy(allow('s3:*', '*')), everything, 'no'],
    [
      'NotAction is unbounded',
      policy(allow('s3:*', '*')),
      policy({ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }),
      'no',
    ],
    [
      'a deny on the inner side',
      policy({ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }),
      policy(allow('*', '*'), deny('iam:*', '*')),
      'yes',
    ],
    [
      'a deny on the outer side',
      policy(allow('*', '*'), deny('iam:*', '*')),
      policy(allow(['s3:*', 'iam:GetUser'], '*')),
      'no',
    ],
    [
      'what two leave out together, among many patterns',
      policy(
        { Effect: 'Allow', Action: 's3:*', NotResource: 'arn:aws:s3:::a*' },
        { Effect: 'Allow', Action: 's3:*', NotResource: 'arn:aws:s3:::*z' },
        deny(
          's3:*',
          hundred((k) => `arn:aws:s3:::beside/${k}/*`),
        ),
      ),
      policy(
        allow('s3:*', '*'),
        deny(
          's3:*',
          hundred((k) => `arn:aws:s3:::beside/${k}/*`),
        ),
      ),
      'no',
    ],
    [
      'many names of variables, which change nothing',
      policy(
        allow('s3:*', '*'),
        allow(
          's3:*',
          'a b c d e f g h i'.split(' ').map((end) => `arn:aws:s3:::\${aws:username}/${end}`),
        ),
        deny('s3:*', 'arn:aws:s3:::b', { Bool: { a: 'true' } }),
      ),
      policy(allow('s3:*', 'arn:aws:s3:::*'), deny('s3:*', 'arn:aws:s3:::b')),
      'yes',
    ],
    [
      'what is of one user, to another policy',
      policy(allow('s3:GetObject', ADMIN)),
      policy(allow('s3:GetObject', HOME, { StringEquals: { 'aws:username': 'bob' } })),
      'no',
    ],
    [
      'what two leave out together, where their variables have values',
      policy(
        { Effect: 'Allow', Action: 's3:*', NotResource: 'arn:aws:s3:::${aws:username}*' },
        { Effect: 'Allow', Action: 's3:*', NotResource: 'arn:aws:s3:::*${aws:userid}' },
      ),
      policy(allow('s3:*', 'arn:aws:s3:::*', { Null: { 'aws:username': 'false', 'aws:userid': 'false' } })),
      'no',
    ],
    [
      'NotAction in parts',
      policy({ Effect: 'Allow', NotAction: ['iam:*', 's3:*'], Resource: '*' }, allow('s3:*', '*')),
      policy({ Effect: 'Allow', NotAction: 'iam:*', Resource: '*' }),
      'yes',
    ],
    [
      'a deny under a condition of its own',
      policy(allow('s3:*', '*', { Bool: { a: 'true' } }), deny('s3:*', '*', { Bool: { b: 'true' } })),
      policy(allow('s3:*', '*', { Bool: { a: 'true' } })),
      'no',
    ],
    [
      'a deny under a condition that rules out',
      policy(allow('s3:*', '*', { Bool: { a: 'true' } }), deny('s3:*', '*', { Bool: { b: 'true' } })),
      policy(allow('s3:*', '*', { Bool: { a: 'true', b: 'false' } })),
      'yes',
    ],
    [
      'conditions that together leave nothing out, and a deny beside',
      policy(
        allow('s3:*', '*', { Null: { a: 'true' } }),
        allow('s3:*', '*', { Null: { a: 'false' } }),
        deny('s3:*', '*', { Bool: { b: 'true' } }),
      ),
      policy(allow('s3:*', '*', { Bool: { b: 'false' } })),
      'yes',
    ],
    ['a deny elsewhere', policy(allow('*', '*'), deny('iam:*', '*')), policy(allow('s3:*', '*')), 'yes'],
    [
      'two patterns make one',
      policy(allow('s3:*', ['arn:aws:s3:::a*', 'arn:aws:s3:::b']), {
        Effect: 'Allow',
        Action: 's3:*',
        NotResource: 'arn:aws:s3:::a*',
      }),
      policy(allow('s3:Get*', 'arn:aws:s3:::*')),
      'yes',
    ],
    [
      'fewer values',
      policy(allow('*', '*', { StringEquals: { k: ['a', 'b'] } })),
      policy(allow('*', '*', { StringEquals: { k: 'a' } })),
      'yes',
    ],
    [
      'more values',
      policy(allow('*', '*', { StringEquals: { k: 'a' } })),
      policy(allow('*', '*', { StringEquals: { k: ['a', 'b'] } })),
      'no',
    ],
    [
      'a value and a pattern',
      policy(allow('*', '*', { StringLike: { K: 'a*' } })),
      policy(allow('*', '*', { StringEquals: { k: 'ab' } })),
      'yes',
    ],
    ['a condition dropped', policy(allow('*', '*', { Bool: { k: 'true' } })), everything, 'no'],
    ['a condition put', everything, policy(allow('*', '*', { Bool: { k: 'true' } })), 'yes'],
    [
      'IfExists is wider',
      policy(allow('*', '*', { BoolIfExists: { k: 'true' } })),
      policy(allow('*', '*', { Bool: { k: 'true' } })),
      'yes',
    ],
    [
      'IfExists is not narrower',
      policy(allow('*', '*', { Bool: { k: 'true' } })),
      policy(allow('*', '*', { BoolIfExists: { k: 'true' } })),
      'no',
    ],
    [
      'ranges',
      policy(allow('*', '*', { IpAddress: { k: '10.0.0.0/8' } })),
      policy(allow('*', '*', { IpAddress: { k: ['10.1.0.0/16', '10.9.9.9'] } })),
      'yes',
    ],
    [
      'ranges the other way',
      policy(allow('*', '*', { IpAddress: { k: '10.1.0.0/16' } })),
      policy(allow('*', '*', { IpAddress: { k: '10.0.0.0/8' } })),
      'no',
    ],
    [
      'numbers',
      policy(allow('*', '*', { NumericLessThanEquals: { k: '10' } })),
      policy(allow('*', '*', { NumericLessThan: { k: '10' } })),
      'yes',
    ],
    [
      'numbers the other way',
      policy(allow('*', '*', { NumericLessThan: { k: '10' } })),
      policy(allow('*', '*', { NumericLessThanEquals: { k: '10' } })),
      'no',
    ],
    [
      'dates',
      policy(allow('*', '*', { DateGreaterThan: { k: '2026-01-01' } })),
      policy(allow('*', '*', { DateGreaterThan: { k: '2026-02-01' } })),
      'yes',
    ],
    [
      'a negated list grows',
      policy(allow('*', '*', { StringNotEquals: { k: 'a' } })),
      policy(allow('*', '*', { StringNotEquals: { k: ['a', 'b'] } })),
      'yes',
    ],
    [
      'a conditional deny contradicted',
      policy(allow('*', '*'), deny('*', '*', { Bool: { k: 'false' } })),
      policy(allow('*', '*', { Bool: { k: 'true' } })),
      'yes',
    ],
    [
      'the same conditional deny',
      policy(allow('*', '*'), deny('*', '*', { Bool: { k: 'false' } })),
      policy(allow('s3:*', '*'), deny('*', '*', { Bool: { k: 'false' } })),
      'yes',
    ],
    [
      'the deny of one condition is the allow of another',
      policy(allow('*', '*', { NotIpAddress: { k: '10.0.0.0/8' } })),
      policy(allow('*', '*'), deny('*', '*', { IpAddress: { k: '10.0.0.0/8' } })),
      'yes',
    ],
    [
      'the same variable',
      policy(allow('*', 'arn:aws:s3:::b/${aws:username}/*')),
      policy(allow('*', 'arn:aws:s3:::b/${AWS:UserName}/x')),
      'yes',
    ],
    [
      'a variable under a star',
      policy(allow('*', 'arn:aws:s3:::b/*')),
      policy(allow('*', 'arn:aws:s3:::b/${aws:username}')),
      'yes',
    ],
    [
      'a variable is not a literal',
      policy(allow('*', 'arn:aws:s3:::b/bob')),
      policy(allow('*', 'arn:aws:s3:::b/${aws:username}')),
      'no',
    ],
    [
      'a hundred patterns that meet in every combination',
      policy(
        allow(
          's3:*',
          hundred((k) => `arn:aws:s3:::*x${k}*`),
        ),
      ),
      policy(
        allow(
          's3:*',
          hundred((k) => `arn:aws:s3:::*x${k}*y`),
        ),
      ),
      'yes',
    ],
    [
      'a hundred patterns that meet, beside a deny',
      policy(
        allow(
          's3:*',
          hundred((k) => `arn:aws:s3:::*x${k}*`),
        ),
        deny('s3:*', 'arn:aws:s3:::*z*'),
      ),
      policy(
        allow(
          's3:*',
          hundred((k) => `arn:aws:s3:::*x${k}*y`),
        ),
      ),
      'no',
    ],
    [
      'a denied variable may be any literal',
      policy(allow('*', '*'), deny('*', 'arn:aws:s3:::b/${aws:username}')),
      policy(allow('*', 'arn:aws:s3:::b/bob')),
      'no',
    ],
    [
      'a Deny on one of the values lifted',
      policy(allow('s3:*', HOME), deny('s3:*', ADMIN)),
      policy(allow('s3:*', HOME)),
      'no',
    ],
    [
      'the same Deny on one of the values',
      policy(allow('s3:*', HOME), deny('s3:*', ADMIN)),
      policy(allow('s3:*', HOME), deny('s3:*', ADMIN)),
      'yes',
    ],
    [
      'all but one of the values',
      policy({ Effect: 'Allow', Action: 's3:*', NotResource: ADMIN }),
      policy(allow('s3:*', HOME)),
      'no',
    ],
    [
      'all but a home denied, in the place of one home',
      policy(allow('s3:*', '*'), deny('s3:*', ADMIN)),
      policy(allow('s3:*', '*'), { Effect: 'Deny', Action: 's3:*', NotResource: HOME }),
      'no',
    ],
    [
      'a NotResource whose variable has no value refuses nothing',
      policy(allow('s3:*', HOME)),
      policy(allow('s3:*', '*'), { Effect: 'Deny', Action: 's3:*', NotResource: HOME }),
      'no',
    ],
    [
      'with a value it refuses the rest',
      policy(allow('s3:*', HOME)),
      policy(allow('s3:*', '*', { Null: { 'aws:username': 'false' } }), {
        Effect: 'Deny',
        Action: 's3:*',
        NotResource: HOME,
      }),
      'yes',
    ],
    [
      'a user name has no slash',
      policy(allow('s3:*', '*'), deny('s3:*', 'arn:aws:s3:::home/*/private')),
      policy(allow('s3:*', 'arn:aws:s3:::home/${aws:username}')),
      'yes',
    ],
    [
      'a tag may have one',
      policy(allow('s3:*', '*'), deny('s3:*', 'arn:aws:s3:::home/*/private')),
      policy(allow('s3:*', 'arn:aws:s3:::home/${aws:PrincipalTag/team}')),
      'no',
    ],
    [
      'two places of one variable hold the same',
      policy(allow('s3:*', '*'), deny('s3:*', 'arn:aws:s3:::${aws:PrincipalTag/team}/private/*')),
      policy(allow('s3:*', 'arn:aws:s3:::${aws:PrincipalTag/team}/public/*')),
      'yes',
    ],
    [
      'two variables do not',
      policy(allow('s3:*', '*'), deny('s3:*', 'arn:aws:s3:::${aws:PrincipalTag/a}/private/*')),
      policy(allow('s3:*', 'arn:aws:s3:::${aws:PrincipalTag/team}/public/*')),
      'no',
    ],
    [
      'what a variable holds is no pattern',
      policy(allow('s3:*', 'arn:aws:s3:::a/bob/*')),
      policy(allow('s3:*', 'arn:aws:s3:::a/${aws:PrincipalTag/team}/*')),
      'no',
    ],
    [
      'a default is one of the values',
      policy(allow('s3:*', '*'), deny('s3:*', 'arn:aws:s3:::a/none')),
      policy(allow('s3:*', "arn:aws:s3:::a/${aws:PrincipalTag/team, 'none'}")),
      'no',
    ],
    [
      'where the variable has a value the key is there',
      policy(allow('s3:*', '*'), deny('*', '*', { Null: { 'aws:username': 'true' } })),
      policy(allow('s3:*', HOME)),
      'yes',
    ],
    [
      'ForAllValues:Null is Null',
      policy(allow('s3:*', '*', { Null: { 'aws:TagKeys': 'false' } })),
      policy(allow('s3:*', '*', { 'ForAllValues:Null': { 'aws:TagKeys': 'false' } })),
      'yes',
    ],
    [
      'an empty string is no value under ForAllValues',
      policy(allow('s3:*', '*', { StringNotEquals: { k: '' } })),
      policy(allow('s3:*', '*', { 'ForAllValues:StringNotEquals': { k: '' } })),
      'no',
    ],
  ];
  test.each(cases)('%s', (_, outer, inner, expected) => {
    expect(includesPolicy(outer, inner).included).toBe(expected);
  });

  test('what takes more steps than there are is not told, and the statement is named', () => {
    const [outer, inner] = [
      policy(allow('s3:*', '*b*'), allow('s3:*', '*c*')),
      policy(allow('s3:*', '*b*c*d')),
    ];
    const both = policy(allow('s3:*', '*'), deny('s3:*', '*x*'));
    expect(includesPolicy(outer, inner).included).toBe('yes');
    expect(includesPolicy(both, inner, new Budget(3))).toEqual({
      included: 'cannot-tell',
      undecided: [{ policy: 0, statement: 0, sid: undefined }],
    });
  });
});
