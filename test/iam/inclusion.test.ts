import { array, assert, property, type Arbitrary } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compile, decide } from '../../src/iam/decide/evaluate.ts';
import { includesPolicy } from '../../src/iam/compare/inclusion.ts';
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
      'cannot-tell',
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
      'cannot-tell',
    ],
    [
      'a denied variable may be any literal',
      policy(allow('*', '*'), deny('*', 'arn:aws:s3:::b/${aws:username}')),
      policy(allow('*', 'arn:aws:s3:::b/bob')),
      'cannot-tell',
    ],
  ];
  test.each(cases)('%s', (_, outer, inner, expected) => {
    expect(includesPolicy(outer, inner).included).toBe(expected);
  });
});
