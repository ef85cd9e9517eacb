import { expect, test } from 'vitest';
import { managedPolicyQuota, policySize } from '../../src/iam/policy/quota.ts';
import { parsePolicy } from '../../src/iam/policy/policy.ts';
import { propose } from '../../src/synth/generate.ts';
import type { GenerateInput } from '../../src/synth/proposal.ts';
import { inputOf, observedOf, useOf } from './arbitrary.ts';

const buckets = Array.from({ length: 400 }, (_, i) => `arn:aws:s3:::bucket-number-${i}-of-many`);
const deny = { Effect: 'Deny', Action: 's3:DeleteBucket', Resource: buckets };

function inputWith(...denies: readonly object[]): GenerateInput {
  const current = {
    Version: '2012-10-17',
    Statement: [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }, ...denies],
  };
  const uses = buckets.map((resource) => useOf({ action: 's3:ListBucket', resource }));
  const unknown = useOf({ action: 's3:DeleteBucket', resource: 'arn:aws:s3:::other' });
  return inputOf({
    observed: observedOf([...uses, unknown]),
    today: { identity: [parsePolicy(JSON.stringify(current), 'current')], boundary: undefined },
    unobservable: 'drop',
  });
}

test('statements too large for a policy are cut, Denies too, and say the same together', () => {
  const { documents, proof } = propose(inputWith(deny, { ...deny, Sid: 'Again' }));
  expect(documents.length).toBeGreaterThan(4);
  for (const document of documents) {
    expect(policySize(document)).toBeLessThanOrEqual(managedPolicyQuota);
    const sids = document.statements.map(({ sid }) => sid).filter((sid) => sid !== undefined);
    expect(new Set(sids).size).toBe(sids.length);
  }
  const denied = documents.flatMap(({ statements }) =>
    statements.flatMap(({ effect, resources }) => (effect === 'Deny' ? resources.patterns : [])),
  );
  expect(denied.toSorted()).toEqual(buckets.toSorted());
  expect(proof).toMatchObject({ uses: 401, allowed: 401, denied: 0 });
});

test('a Deny that stands twice is carried once, under the first of its Sids', () => {
  const small = { Effect: 'Deny', Action: 's3:DeleteBucket', Resource: 'arn:aws:s3:::a' };
  const sidsOf = (...sids: readonly string[]): readonly (string | undefined)[] =>
    propose(inputWith(...sids.map((Sid) => ({ ...small, Sid }))))
      .documents.flatMap(({ statements }) => statements)
      .filter(({ effect }) => effect === 'Deny')
      .map(({ sid }) => sid);
  expect(sidsOf('B', 'A')).toEqual(['A']);
  expect(sidsOf('A', 'B')).toEqual(['A']);
});
