import { assert, option, property, type Arbitrary } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compile, decide } from '../../src/iam/decide/evaluate.ts';
import { includesPolicy } from '../../src/iam/compare/inclusion.ts';
import type { PolicyDocument } from '../../src/iam/policy/policy.ts';
import { documentJson } from '../../src/iam/policy/policy-json.ts';
import { policySize } from '../../src/iam/policy/quota.ts';
import { propose } from '../../src/synth/generate.ts';
import type { GenerateInput, Proposal } from '../../src/synth/proposal.ts';
import { allow, policy } from '../iam/documents.ts';
import { arbContext, arbDocument, REQUEST_ACTIONS, REQUEST_RESOURCES } from '../iam/arbitrary.ts';
import { arbObserved, inputOf, observedOf, useOf } from './arbitrary.ts';

const boundaryOf = (part: Partial<GenerateInput> & Pick<GenerateInput, 'observed'>): Proposal =>
  propose(inputOf({ form: 'boundary', unobservable: 'drop', ...part }));
const object = (name: string): string => `arn:aws:s3:::${name}`;
const observed = observedOf([
  useOf({ action: 's3:GetObject', resource: object('a/b') }),
  useOf({ action: 'kms:Decrypt', resource: 'arn:aws:kms:eu-west-1:111122223333:key/k' }),
]);

const requests = REQUEST_ACTIONS.flatMap((action) =>
  REQUEST_RESOURCES.map((resource) => ({ action, resource })),
);

const arbToday: Arbitrary<PolicyDocument> = arbDocument.map((document) => ({
  ...document,
  version: '2012-10-17',
}));

describe('today through the boundary', () => {
  test('allows what the proposal as policies allows, and nothing that today does not', () => {
    assert(
      property(
        arbObserved,
        arbToday,
        option(arbToday, { nil: undefined }),
        arbContext,
        (seen, identity, boundary, context) => {
          const today = { identity: [identity], boundary };
          const input = inputOf({ observed: seen, today, unobservable: 'drop' });
          const [policies, over] = [propose(input), propose({ ...input, form: 'boundary' })];
          if (over.documents.length === 0 || over.overflow.length > 0) return true;
          expect(over.proof.denied).toBeLessThanOrEqual(policies.proof.denied);
          const limit = boundary === undefined ? {} : { boundary: [boundary] };
          const [now, through, proposed] = [
            compile({ identity: [identity], ...limit }),
            compile({ identity: [identity], boundary: over.documents }),
            compile({ identity: policies.documents, ...limit }),
          ].map((layers) =>
            requests.map((request) => {
              const asked = { ...request, context, contextIsComplete: true };
              return decide(layers, asked).decision === 'allowed';
            }),
          );
          return requests.every(
            (_, i) =>
              (!through?.[i] || now?.[i] === true) &&
              (!proposed?.[i] || through?.[i] === true) &&
              (!through?.[i] || proposed?.[i] === true || over.proof.grantedElsewhere > 0),
          );
        },
      ),
      { numRuns: 40 },
    );
  });

  test('grants what is said to be granted, and the diff is of that', () => {
    const today = { identity: [policy(allow('s3:*'))], boundary: undefined };
    const p = boundaryOf({ observed, today });
    expect(p.diff?.broadened).toBe(false);
    expect(p.diff?.items.filter(({ kind }) => kind === 'added')).toEqual([]);
    expect(p.plan).toEqual([{ step: 'put-boundary', what: 'boundary.json', sharedWith: [] }]);
    expect(p.proof).toMatchObject({ allowed: 1, grantedElsewhere: 1, denied: 0 });
  });

  test('lets through what something else grants to the role, for a boundary stops that too', () => {
    const p = boundaryOf({ observed, today: { identity: [policy(allow('s3:*'))], boundary: undefined } });
    const actions = p.documents.flatMap((d) => d.statements.flatMap((s) => s.actions.patterns));
    expect(actions.sort()).toEqual(['kms:Decrypt', 's3:GetObject']);
  });

  test('holds no Deny of the policies, which stay, and those of the boundary it takes the place of', () => {
    const identity = [policy(allow('s3:*'), { Effect: 'Deny', Action: 's3:Put*', Resource: '*' })];
    const boundary = policy(allow('*', object('a/*')), {
      Effect: 'Deny',
      Action: 's3:Delete*',
      Resource: '*',
    });
    const p = boundaryOf({
      observed,
      today: { identity, boundary, boundaryArn: 'arn:aws:iam::111122223333:policy/x' },
    });
    const [document] = p.documents;
    expect(document?.statements.map(({ effect, actions }) => [effect, actions.patterns])).toEqual([
      ['Allow', ['s3:GetObject']],
      ['Deny', ['s3:Delete*']],
    ]);
    expect(document && includesPolicy([boundary], [document]).included).toBe('yes');
    expect(p.plan.map(({ step, what }) => [step, what])).toContainEqual([
      'replace-boundary',
      'arn:aws:iam::111122223333:policy/x',
    ]);
  });
});

const tagged = (values: readonly string[]): object => ({
  Condition: { 'ForAnyValue:StringEquals': { 'aws:TagKeys': values } },
});

describe('what no boundary can say', () => {
  const many = Array.from({ length: 200 }, (_, i) =>
    useOf({ action: 's3:ListBucket', resource: object(`bucket-${i}-${'x'.repeat(30)}`) }),
  );

  test('more than one policy takes', () => {
    const p = boundaryOf({
      observed: observedOf(many),
      today: { identity: [policy(allow('s3:*'))], boundary: undefined },
    });
    expect(p.documents).toHaveLength(1);
    expect(p.documents.map(policySize).every((size) => size > 6144)).toBe(true);
    expect(p.overflow[0]).toMatch(
      /one policy of 6,144 characters, this one has [\d,]+: leave out --as boundary/,
    );
  });

  test('nothing', () => {
    const p = boundaryOf({
      observed: observedOf([]),
      today: { identity: [policy(allow('ec2:RunInstances'))], boundary: undefined },
    });
    expect(p.documents).toEqual([]);
    expect(p.overflow[0]).toMatch(/nothing was used/);
  });
});

test('two conditions on one key stand in one statement, the second operator in another case', () => {
  const p = boundaryOf({
    observed,
    today: {
      identity: [policy(allow('s3:*', '*', tagged(['a', 'b'])))],
      boundary: policy(allow('s3:*', '*', tagged(['b', 'c']))),
    },
  });
  expect(p.overflow).toEqual([]);
  expect(JSON.stringify(p.documents.map(documentJson))).toContain(
    '"Condition":{"ForAnyValue:StringEquals":{"aws:TagKeys":["a","b"]},"forAnyValue:StringEquals":{"aws:TagKeys":["b","c"]}}',
  );
});

test('while nothing may be removed, all of today goes through', () => {
  const today = { identity: [policy(allow('s3:*'), allow('sqs:*'))], boundary: undefined };
  const p = boundaryOf({ observed, today, minWindow: 90 });
  const actions = p.documents.flatMap((d) => d.statements.flatMap((s) => s.actions.patterns));
  expect(actions.sort()).toEqual(['kms:Decrypt', 's3:*', 'sqs:*']);
  expect(p.plan).toEqual([]);
});
