import { array, assert, property, record, subarray } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { includesPolicy } from '../../../src/iam/compare/inclusion.ts';
import { parsePolicy, type PolicyDocument } from '../../../src/iam/policy/policy.ts';
import { documentJson } from '../../../src/iam/policy/policy-json.ts';
import { propose } from '../../../src/synth/generate.ts';
import type { Proposal } from '../../../src/synth/proposal.ts';
import { Replay } from '../../../src/synth/proof/replay.ts';
import { held } from '../../../src/synth/held/current-grants.ts';
import { arbDocument } from '../../iam/arbitrary.ts';
import { arbObserved, inputOf, observedOf, useOf } from '../arbitrary.ts';

const policy = (...statements: readonly object[]): PolicyDocument =>
  parsePolicy(JSON.stringify({ Version: '2012-10-17', Statement: statements }), 'today');

const today = policy(
  { Effect: 'Allow', Action: ['sqs:*', 'sns:ListTopics'], Resource: '*' },
  { Effect: 'Deny', Action: 'sqs:DeleteQueue', Resource: '*' },
);
const input = inputOf({
  observed: observedOf([useOf({ action: 'sns:ListTopics', resource: '*' })]),
  today: { identity: [today], boundary: undefined },
  unobservable: 'keep',
});
const isUnseen = (file: string | undefined): boolean => file?.startsWith('policy-unseen') === true;
const withoutUnseen = ({ documents, files }: Proposal): readonly PolicyDocument[] =>
  documents.filter((_, i) => !isUnseen(files[i]));

describe('what is kept though unseen', () => {
  test('stands in files of its own; what was used and the Denies stand in policy.json', () => {
    const { documents, files } = propose(input);
    expect(files).toEqual(['policy.json', 'policy-unseen.json']);
    const [used, unseen] = documents.map((document) => JSON.stringify(documentJson(document)));
    expect(used).toContain('"sns:ListTopics"');
    expect(used).toContain('"Deny"');
    expect(used).not.toContain('sqs:SendMessage');
    expect(unseen).toContain('sqs:SendMessage');
    expect(unseen).toMatch(/"Sid":"Unseen/);
    expect(unseen).not.toContain('"Deny"');
  });

  test('stands last in the one document of a permission set and of a boundary', () => {
    const set = propose({ ...input, identity: { ...input.identity, kind: 'permission-set' } });
    const boundary = propose({ ...input, form: 'boundary' });
    expect([set.files, boundary.files]).toEqual([['policy.json'], ['boundary.json']]);
    for (const { documents } of [set, boundary]) {
      const sids = documents[0]?.statements.flatMap(({ effect, sid }) =>
        effect === 'Allow' ? [sid ?? ''] : [],
      );
      expect(sids).toEqual(
        [...(sids ?? [])].sort((a, b) => Number(a.startsWith('Unseen')) - Number(b.startsWith('Unseen'))),
      );
      expect(sids?.at(-1)).toMatch(/^Unseen/);
    }
  });

  test('never makes what was used fold further, and is said where it does not fit', () => {
    const names = ['app-orders-a', 'app-orders-b', 'app-orders-c'];
    const buckets = Array.from({ length: 1500 }, (_, n) => `arn:aws:s3:::bucket-with-a-long-name-${n}/*`);
    const { documents, files, overflow, folds } = propose({
      ...input,
      observed: observedOf(
        names.map((name) =>
          useOf({ action: 'sns:Publish', resource: `arn:aws:sns:us-east-1:111122223333:${name}` }),
        ),
      ),
      today: {
        identity: [
          policy(
            { Effect: 'Allow', Action: 'sns:Publish', Resource: '*' },
            { Effect: 'Allow', Action: 's3:GetObject', Resource: buckets },
          ),
        ],
        boundary: undefined,
      },
    });
    expect(files.filter((file) => !isUnseen(file))).toEqual(['policy.json']);
    for (const name of names) expect(JSON.stringify(documents[0])).toContain(`:${name}"`);
    expect(folds).toEqual([]);
    expect(overflow.join()).toMatch(/^\d+ policies; .*--unobservable drop leaves out what is kept unseen/);
  });

  test('stays apart while a gap in the logs lets nothing go', () => {
    const first = propose(input);
    const again = propose({
      ...input,
      minWindow: 400,
      history: { last: first.documents, recorded: [], restore: false },
    });
    expect(again.blocks).not.toEqual([]);
    expect([again.files, again.documents]).toEqual([first.files, first.documents]);
  });
});

const arbToday = record({ observed: arbObserved, identity: array(arbDocument, { maxLength: 3 }) });

test('the proof holds for the files without what is unseen', () => {
  assert(
    property(arbToday, ({ observed, identity }) => {
      const of = { identity, boundary: undefined };
      const proposal = propose(inputOf({ observed, today: of, unobservable: 'keep' }));
      const replay = new Replay(withoutUnseen(proposal), held(identity, undefined));
      expect(proposal.verdicts.uses.map((use) => replay.verdict(use).kind)).toEqual(
        [...proposal.verdicts].map(({ verdict }) => verdict.kind),
      );
    }),
    { numRuns: 25 },
  );
});

test('any files beside policy.json are no wider than today', () => {
  const arbFiles = arbToday.chain(({ observed, identity }) => {
    const { documents, files } = propose(
      inputOf({ observed, today: { identity, boundary: undefined }, unobservable: 'keep' }),
    );
    const at = files.indexOf('policy.json');
    const others = documents.filter((_, i) => i !== at);
    return subarray([...others]).map((some) => ({
      identity,
      documents: at < 0 ? some : [...documents.slice(at, at + 1), ...some],
    }));
  });
  assert(
    property(arbFiles, ({ identity, documents }) => {
      const { included, witness } = includesPolicy(identity, documents);
      const isPlain = !/"conditions":\[\{|\$\{aws/.test(JSON.stringify(identity));
      expect({
        isSurely: included === 'yes' || (included === 'cannot-tell' && !isPlain),
        witness,
      }).toMatchObject({
        isSurely: true,
      });
    }),
    { numRuns: 25 },
  );
});
