import { array, assert, property } from 'fast-check';
import { expect, test } from 'vitest';
import { compile, decide } from '../../src/iam/decide/evaluate.ts';
import { intersectPolicies } from '../../src/iam/compare/policy-intersection.ts';
import { parsePolicy, type PolicyDocument } from '../../src/iam/policy/policy.ts';
import { arbContext, arbDocument, REQUEST_ACTIONS, REQUEST_RESOURCES } from './arbitrary.ts';

type Documents = readonly PolicyDocument[];
type RequestContext = ReadonlyMap<string, readonly string[]>;

const isAllowed = (
  documents: Documents,
  action: string,
  resource: string,
  context: RequestContext,
): boolean =>
  decide(compile({ identity: documents }), { action, resource, context, contextIsComplete: true })
    .decision === 'allowed';

const policy = (...statements: readonly object[]): Documents => [
  parsePolicy(JSON.stringify({ Version: '2012-10-17', Statement: statements }), 'test'),
];

test('what both allow, and where everything can be said nothing less', () => {
  let exact = 0;
  assert(
    property(
      array(arbDocument, { minLength: 1, maxLength: 2 }),
      arbDocument,
      array(arbContext, { minLength: 4, maxLength: 4 }),
      (a, b, contexts) => {
        const { document, inexpressible } = intersectPolicies(a, [b]);
        if (inexpressible.length === 0) exact++;
        return contexts.every((context) =>
          REQUEST_ACTIONS.every((action) =>
            REQUEST_RESOURCES.every((resource) => {
              const both =
                isAllowed(a, action, resource, context) && isAllowed([b], action, resource, context);
              const found = isAllowed([document], action, resource, context);
              return found === both || (inexpressible.length > 0 && !found);
            }),
          ),
        );
      },
    ),
    { numRuns: 1000 },
  );
  expect(exact).toBeGreaterThan(300);
});

test('patterns, conditions and denies', () => {
  const a = policy(
    {
      Effect: 'Allow',
      Action: 's3:Get*',
      Resource: 'arn:aws:s3:::a*',
      Condition: { StringEquals: { k: ['x', 'y'] } },
    },
    { Effect: 'Deny', Action: 's3:*', Resource: 'arn:aws:s3:::ab/secret' },
  );
  const b = policy({
    Effect: 'Allow',
    Action: 's3:*Object',
    Resource: 'arn:aws:s3:::*b/*',
    Condition: { StringEquals: { K: ['y', 'z'] }, IpAddress: { ip: '10.0.0.0/8' } },
  });
  expect(intersectPolicies(a, b)).toEqual({
    inexpressible: [],
    document: {
      version: '2012-10-17',
      statements: [
        {
          sid: undefined,
          effect: 'Allow',
          actions: { kind: 'only', patterns: ['s3:get*object'] },
          resources: { kind: 'only', patterns: ['arn:aws:s3:::a*b/*'] },
          conditions: [
            { operator: 'IpAddress', key: 'ip', values: ['10.0.0.0/8'] },
            { operator: 'StringEquals', key: 'K', values: ['y', 'z'] },
            { operator: 'StringEquals', key: 'k', values: ['x', 'y'] },
          ],
        },
        {
          sid: undefined,
          effect: 'Deny',
          actions: { kind: 'only', patterns: ['s3:*'] },
          resources: { kind: 'only', patterns: ['arn:aws:s3:::ab/secret'] },
          conditions: [],
        },
      ],
    },
  });
});

test('a value that a variable holds may be another one', () => {
  const [any, own] = ['bob/*', '${aws:username}/*'].map((prefix) =>
    policy({
      Effect: 'Allow',
      Action: 's3:ListBucket',
      Resource: '*',
      Condition: { StringLike: { 's3:prefix': prefix } },
    }),
  );
  const { document } = intersectPolicies(any ?? [], own ?? []);
  const asked = (user: string, prefix: string) =>
    isAllowed(
      [document],
      's3:ListBucket',
      'arn:aws:s3:::a',
      new Map([
        ['aws:username', [user]],
        ['s3:prefix', [prefix]],
      ]),
    );
  expect(asked('bob', 'bob/x')).toBe(true);
  expect(asked('eve', 'eve/x')).toBe(false);
  expect(asked('eve', 'bob/x')).toBe(false);
});

const allow = (part: object): Documents => policy({ Effect: 'Allow', Action: 's3:GetObject', ...part });

test.each<[string, readonly string[], readonly string[], readonly (readonly string[])[]]>([
  ['one of both', ['x'], ['x', 'y'], [['x']]],
  ['the same', ['x', 'y'], ['x', 'y'], [['x', 'y']]],
  ['nothing', ['x'], ['y'], []],
])('of conditions that share %s what others imply is left out', (_, one, other, expected) => {
  const [a, b] = [one, other].map((k) => allow({ Resource: '*', Condition: { StringEquals: { k } } }));
  for (const [first = [], second = []] of [
    [a, b],
    [b, a],
  ]) {
    const { statements } = intersectPolicies(first, second).document;
    expect(statements.flatMap(({ conditions }) => conditions.map(({ values }) => values))).toEqual(expected);
    expect(statements).toHaveLength(expected.length);
  }
});

test.each<[string, readonly string[], readonly string[] | undefined]>([
  ['arn:aws:s3:::a/*', ['arn:aws:s3:::b/*'], ['arn:aws:s3:::a/*']],
  ['arn:aws:s3:::a/*', ['arn:aws:s3:::a*'], []],
  ['arn:aws:s3:::a/*', ['arn:aws:s3:::a/b'], undefined],
  ['arn:aws:s3:::a/*', ['arn:aws:s3:::${aws:username}'], undefined],
  ['arn:aws:s3:::a/*', ['arn:aws:s3:::a/*', 'arn:aws:s3:::${aws:username}'], []],
])('%s beside all but %j is %j', (Resource, NotResource, expected) => {
  const { document, inexpressible } = intersectPolicies(allow({ Resource }), allow({ NotResource }));
  expect(inexpressible).toHaveLength(expected === undefined ? 1 : 0);
  expect(document.statements.flatMap(({ resources }) => resources.patterns)).toEqual(expected ?? []);
});
