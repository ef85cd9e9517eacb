import { expect, test } from 'vitest';
import { parsePolicy } from '../../../src/iam/policy/policy.ts';
import { judge, Replay } from '../../../src/synth/proof/replay.ts';
import { proposalOf } from '../case.ts';

test('what the documents refuse is counted as denied', async () => {
  const { verdicts } = await proposalOf({
    why: 'a read and a write',
    events: [
      { call: 's3.amazonaws.com GetBucketPolicy', request: { bucketName: 'a' } },
      { call: 's3.amazonaws.com PutBucketPolicy', request: { bucketName: 'a' } },
    ],
    expected: undefined,
  });
  const uses = verdicts.map(({ use }) => use);
  const observed = {
    uses,
    inconclusive: [],
    denied: [],
    unmapped: [],
    possible: [],
    noPermission: 2,
    callsAsDelivered: 4,
    services: new Set<string>(),
    excluded: 0,
    notes: [],
    refusals: { named: 0, agree: 0 },
  };
  const reads = parsePolicy(
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}]}',
    'reads',
  );
  const judged = judge(observed, uses, new Replay([reads]));
  expect(judged.proof).toMatchObject({ uses: 4, allowed: 1, denied: 1, noPermission: 2 });
  expect(judged.verdicts.map(({ use, verdict }) => `${use.action} ${verdict.kind}`)).toEqual([
    's3:GetBucketPolicy allowed',
    's3:PutBucketPolicy denied',
  ]);
  expect(judge(observed, uses, new Replay([])).proof).toMatchObject({ allowed: 0, denied: 2 });
});
