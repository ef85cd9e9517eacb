import { expect, test } from 'vitest';
import { proposalJson } from '../../src/emit/json/proposal.ts';
import { propose } from '../../src/synth/generate.ts';
import { allow, policy } from '../iam/documents.ts';
import { inputOf, observedOf, useOf } from '../synth/arbitrary.ts';

test('while nothing may go, the reason of all that is not used is that', () => {
  const observed = observedOf([useOf({ action: 's3:ListAllMyBuckets', resource: '*' })]);
  const today = { identity: [policy(allow('s3:*'))], boundary: undefined };
  const p = propose(inputOf({ observed, today, covered: 3, minWindow: 30 }));
  const text = JSON.stringify(proposalJson(p, 'x'));
  const reasonOf = (action: string): string | undefined =>
    new RegExp(`"action":"${action}","resource":"\\*","accessLevel":"[^"]+","reason":"([^"]+)"`).exec(
      text,
    )?.[1];
  expect(['s3:DeleteBucket', 's3:ListAllMyBuckets'].map(reasonOf)).toEqual(['window-short', 'used']);
});
