import {
  array,
  assert,
  constantFrom,
  option,
  property,
  record,
  shuffledSubarray,
  type Arbitrary,
} from 'fast-check';
import { describe, expect, test } from 'vitest';
import { includesPolicy } from '../../src/iam/compare/inclusion.ts';
import { covers } from '../../src/iam/compare/containment.ts';
import { compileStatements } from '../../src/iam/decide/compiled.ts';
import { sortedUnique } from '../../src/iam/order.ts';
import type { PolicyDocument } from '../../src/iam/policy/policy.ts';
import { parsePolicy } from '../../src/iam/policy/policy.ts';
import { toJson } from '../../src/iam/policy/policy-json.ts';
import { managedPolicyQuota, policySize } from '../../src/iam/policy/quota.ts';
import { propose } from '../../src/synth/generate.ts';
import type { GenerateInput, Proposal } from '../../src/synth/proposal.ts';
import { arbDocument } from '../iam/arbitrary.ts';
import { arbObserved, inputOf, observedOf, useOf } from './arbitrary.ts';

const runs = { numRuns: 120 };

/** Wildcards over all services are expanded to the whole catalogue, which is slow: once in a while is enough. */
const ofOneService = (document: PolicyDocument): PolicyDocument => ({
  ...document,
  statements: document.statements.map((s) => ({
    ...s,
    actions: {
      kind: 'only',
      patterns: sortedUnique(s.actions.patterns.map((p) => (p.includes(':') ? p.replace('?', '3') : 's3:*'))),
    },
  })),
});

const arbInput: Arbitrary<GenerateInput> = record({
  observed: arbObserved,
  identity: array(arbDocument, { maxLength: 3 }),
  boundary: option(arbDocument, { freq: 5, nil: undefined }),
  strategy: constantFrom('exact', 'exact', 'balanced'),
  unobservable: constantFrom('drop', 'keep'),
  wide: constantFrom(true, ...Array<boolean>(9).fill(false)),
}).map(({ observed, identity, boundary, strategy, unobservable, wide }) =>
  inputOf({
    observed,
    today: { identity: wide ? identity : identity.map(ofOneService), boundary },
    strategy,
    unobservable,
  }),
);

const texts = ({ documents }: Pick<Proposal, 'documents'>): readonly string[] => documents.map(toJson);
const again = (input: GenerateInput, { documents }: Proposal): GenerateInput => ({
  ...input,
  today: {
    identity: texts({ documents }).map((text) => parsePolicy(text, 'proposal')),
    boundary: input.today?.boundary,
  },
});

function expectSound({ proof, documents }: Proposal): void {
  expect(proof.denied).toBe(0);
  expect(proof.uses).toBe(
    proof.allowed +
      proof.denied +
      proof.grantedElsewhere +
      proof.contradicted +
      proof.undetermined +
      proof.unmapped +
      proof.noPermission,
  );
  for (const document of documents) expect(policySize(document)).toBeLessThanOrEqual(managedPolicyQuota);
}

describe('with current policies', () => {
  test('no use is denied, and the proof adds up', () => {
    assert(
      property(arbInput, (input) => expectSound(propose(input))),
      runs,
    );
  });

  test('nothing is granted that is not granted today', () => {
    assert(
      property(arbInput, (input) => {
        const { documents } = propose(input);
        const held = input.today?.identity ?? [];
        const { included, witness } = includesPolicy(held, documents);
        const isPlain = !/"conditions":\[\{|\$\{aws/.test(JSON.stringify(held));
        const isSurely = included === 'yes' || (included === 'cannot-tell' && !isPlain);
        expect({ isSurely, witness }).toMatchObject({ isSurely: true });
      }),
      runs,
    );
  });

  test('proposing again with the proposal as current changes nothing', () => {
    assert(
      property(arbInput, (input) => {
        const first = propose(input);
        const second = propose(again(input, first));
        expect(texts(second)).toEqual(texts(first));
        expect(second.diff?.items.filter(({ kind }) => kind !== 'kept')).toEqual([]);
      }),
      runs,
    );
  });

  test('the order of uses, policies and statements changes no byte', () => {
    const arbShuffled = arbInput.chain((input) =>
      record({
        uses: whole(input.observed.uses),
        inconclusive: whole(input.observed.inconclusive),
        identity: whole(input.today?.identity ?? []).map((documents) =>
          documents.map((d) => ({ ...d, statements: d.statements.toReversed() })),
        ),
      }).map(({ uses, inconclusive, identity }) => ({
        input,
        other: {
          ...input,
          observed: { ...observedOf(uses, inconclusive), services: input.observed.services },
          today: { identity, boundary: input.today?.boundary },
        },
      })),
    );
    assert(
      property(arbShuffled, ({ input, other }) => {
        expect(texts(propose(other))).toEqual(texts(propose(input)));
      }),
      runs,
    );
  });
});

describe('without current policies', () => {
  const arbAlone = arbObserved.map((observed) => inputOf({ observed }));

  test('every use is allowed, and nothing beyond the uses', () => {
    assert(
      property(arbAlone, (input) => {
        const { uses } = input.observed;
        const proposal = propose(input);
        expectSound(proposal);
        expect(proposal.proof).toMatchObject({ allowed: uses.length, grantedElsewhere: 0, undetermined: 0 });
        const oneByOne = uses.map(({ action, resource, condition }): PolicyDocument => ({
          version: '2012-10-17',
          statements: [
            {
              sid: undefined,
              effect: 'Allow',
              actions: { kind: 'only', patterns: [action] },
              resources: { kind: 'only', patterns: [resource] },
              conditions: condition,
            },
          ],
        }));
        expect(includesPolicy(oneByOne, proposal.documents)).toEqual({ included: 'yes' });
        expect(includesPolicy(proposal.documents, oneByOne)).toEqual({ included: 'yes' });
      }),
      runs,
    );
  });

  test('balanced widens only: every use stays allowed', () => {
    assert(
      property(arbAlone, (input) => {
        const { documents } = propose(input);
        const balanced = propose({ ...input, strategy: 'balanced' });
        expectSound(balanced);
        expect(balanced.proof.allowed).toBe(input.observed.uses.length);
        expect(includesPolicy(balanced.documents, documents).included).toBe('yes');
      }),
      runs,
    );
  });
});

const whole = <T>(list: readonly T[]): Arbitrary<T[]> =>
  shuffledSubarray([...list], { minLength: list.length, maxLength: list.length });

/** Pairs of Allow statements, the first of which says nothing that the second does not say. */
const within = ({ documents }: Proposal): readonly unknown[] => {
  const own = compileStatements(documents).filter(({ effect }) => effect === 'Allow');
  const isUnseen = ({ source: { sid = '' } }: (typeof own)[number]): boolean => sid.startsWith('Unseen');
  return own.flatMap((inner) =>
    own
      .filter((outer) => outer !== inner && isUnseen(outer) <= isUnseen(inner) && covers(outer, inner))
      .map((outer) => [inner.source, outer.source]),
  );
};

const passed = (resource: string, values: readonly string[]) =>
  useOf({
    action: 'iam:PassRole',
    resource,
    condition: [{ operator: 'StringEquals', key: 'iam:PassedToService', values }],
  });

describe('no statement of a proposal is within another', () => {
  test('whatever was seen and is held', () => {
    assert(
      property(arbInput, (input) => {
        expect(within(propose(input))).toEqual([]);
      }),
      { numRuns: 60 },
    );
  });

  test('a resource, beside all that a statement does not except', () => {
    const statements = [
      { Effect: 'Allow', Action: 's3:Put*', Resource: 'arn:aws:s3:::a' },
      { Effect: 'Allow', Action: 's3:*Object', NotResource: 'arn:aws:iam::*:role/*' },
    ];
    const identity = [parsePolicy(JSON.stringify({ Statement: statements }), 'today')];
    const today = { identity, boundary: undefined };
    const uses = ['arn:aws:s3:::a', '*'].map((resource) => useOf({ action: 's3:PutObject', resource }));
    expect(within(propose(inputOf({ observed: observedOf(uses), today })))).toEqual([]);
  });

  test('a role passed to one service, beside any role passed to several', () => {
    const proposal = propose(
      inputOf({
        observed: observedOf([
          passed('arn:aws:iam::111122223333:role/app', ['ecs.amazonaws.com']),
          passed('arn:aws:iam::111122223333:role/*', ['ec2.amazonaws.com', 'ecs.amazonaws.com']),
        ]),
      }),
    );
    expect(proposal.documents.flatMap(({ statements }) => statements.map(({ sid }) => sid))).toEqual([
      'PassAnyRoles',
    ]);
  });
});
