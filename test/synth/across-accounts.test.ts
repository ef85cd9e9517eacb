import { array, assert, constantFrom, option, property, record, type Arbitrary } from 'fast-check';
import { expect, test } from 'vitest';
import { acrossAccounts, type Identity } from '../../src/cloudtrail/identity.ts';
import { includesPolicy } from '../../src/iam/compare/inclusion.ts';
import type { PolicyDocument } from '../../src/iam/policy/policy.ts';
import { anywhere, observedAcross } from '../../src/synth/usage/merged-evidence.ts';
import { todayAcross } from '../../src/synth/held/merged-policies.ts';
import { propose } from '../../src/synth/generate.ts';
import type { Today } from '../../src/synth/held/today.ts';
import { held } from '../../src/synth/held/current-grants.ts';
import { Replay } from '../../src/synth/proof/replay.ts';
import type { Observed } from '../../src/synth/usage/use.ts';
import { arbDocument } from '../iam/arbitrary.ts';
import { arbObserved, identity, inputOf } from './arbitrary.ts';

const runs = { numRuns: 60 };
const accounts = ['111122223333', '444455556666', '777788889999'];

interface Part {
  readonly account: string;
  readonly observed: Observed;
  readonly today: Today;
}

/** Accounts that have some policies in common and others not. */
const arbParts: Arbitrary<readonly Part[]> = record({
  documents: array(arbDocument, { minLength: 1, maxLength: 4 }),
  boundary: option(arbDocument, { freq: 5, nil: undefined }),
  roles: array(
    record({
      observed: arbObserved,
      holds: array(constantFrom(true, true, false), { minLength: 4, maxLength: 4 }),
      isBounded: constantFrom(true, false),
    }),
    { minLength: 3, maxLength: 3 },
  ),
}).map(({ documents, boundary, roles }) =>
  roles.map(({ observed, holds, isBounded }, i) => ({
    account: accounts[i] ?? '',
    observed,
    today: {
      identity: documents.filter((_, at) => holds[at]).map(ofOneService),
      boundary: isBounded ? boundary : undefined,
    },
  })),
);

/** Wildcards over all services are expanded to the whole catalogue, which is slow. */
const ofOneService = (document: PolicyDocument): PolicyDocument => ({
  ...document,
  statements: document.statements.map((s) => ({
    ...s,
    actions: {
      kind: 'only',
      patterns: s.actions.patterns.map((p) => (p.includes(':') ? p.replace('?', '3') : 's3:*')),
    },
  })),
});

const merged = acrossAccounts(
  'app',
  accounts.map((account): Identity => ({ ...identity, account, accounts: [account] })),
);

const proposalOf = (parts: readonly Part[], strategy: 'exact' | 'balanced'): ReturnType<typeof propose> =>
  propose({
    ...inputOf({
      identity: merged,
      observed: observedAcross(parts.map(({ account, observed }) => ({ account, of: observed }))),
      today: todayAcross(parts.map(({ account, today }) => ({ account, of: today }))),
    }),
    strategy,
  });

/** What policies say in one account. */
const within = (account: string, documents: readonly PolicyDocument[]): readonly PolicyDocument[] =>
  todayAcross([{ account, of: { identity: documents, boundary: undefined } }]).identity;

test('no use is denied, in the account it was seen in', () => {
  assert(
    property(arbParts, constantFrom('exact', 'balanced'), (parts, strategy) => {
      const { documents, proof } = proposalOf(parts, strategy);
      expect(proof.denied).toBe(0);
      for (const { account, observed, today } of parts) {
        const replay = new Replay(within(account, documents), held(today.identity, today.boundary));
        for (const use of observed.uses) expect(replay.verdict(use).kind).not.toBe('denied');
      }
    }),
    runs,
  );
});

test('in no account is anything granted that is not granted there today', () => {
  assert(
    property(arbParts, constantFrom('exact', 'balanced'), (parts, strategy) => {
      const { documents } = proposalOf(parts, strategy);
      for (const { account, today } of parts) {
        const { included, witness } = includesPolicy(today.identity, within(account, documents));
        const isPlain = !/"conditions":\[\{|\$\{aws/.test(JSON.stringify(today.identity));
        const isSurely = included === 'yes' || (included === 'cannot-tell' && !isPlain);
        expect({ isSurely, witness }).toMatchObject({ isSurely: true });
      }
    }),
    runs,
  );
});

test('what accounts hold, put together, says in each what it holds', () => {
  assert(
    property(arbParts, (parts) => {
      const all = todayAcross(parts.map(({ account, today }) => ({ account, of: today })));
      for (const { account, today } of parts) {
        const there = within(account, all.identity);
        expect(includesPolicy(there, today.identity).included).not.toBe('no');
        expect(includesPolicy(today.identity, there).included).not.toBe('no');
      }
    }),
    runs,
  );
});

test('where all accounts hold the same, the policy is the one of a single account that did it all', () => {
  assert(
    property(arbParts, arbDocument, (parts, document) => {
      const today = { identity: [ofOneService(document)], boundary: undefined };
      const same = parts.map((part) => ({ ...part, today }));
      const { uses, inconclusive, ...rest } = observedAcross(
        same.map(({ account, observed }) => ({ account, of: observed })),
      );
      const observed = { ...rest, uses: anywhere(uses), inconclusive: anywhere(inconclusive) };
      expect(proposalOf(same, 'exact').documents).toEqual(propose(inputOf({ observed, today })).documents);
    }),
    runs,
  );
});
