import { expect, test } from 'vitest';
import { proposalJson } from '../../src/emit/json/proposal.ts';
import { unseenSection } from '../../src/emit/review/kept.ts';
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

test('what is kept unseen is one number: in the headline, the rows of its section and machine output', () => {
  const limited = {
    ...allow(['sqs:SendMessage', 'sqs:ReceiveMessage']),
    Resource: 'arn:aws:sqs:us-east-1:1:b',
  };
  const today = {
    identity: [policy(allow(['logs:*', 's3:PutObject', 'sqs:SendMessage']), limited)],
    boundary: undefined,
  };
  const observed = observedOf([useOf({ action: 'sqs:SendMessage', resource: 'arn:aws:sqs:us-east-1:1:a' })]);
  const p = propose(inputOf({ observed, today, unobservable: 'keep' }));
  const [section] = unseenSection(p);
  const counted = (section?.rows ?? []).map(({ what }) => {
    const [, list = ''] = what.split(': ');
    const numbers = [...list.matchAll(/(?:^|, )[a-z0-9-]+ (\d+)/g)].map(([, n]) => Number(n));
    const named =
      (list.match(/[a-z0-9-]+:[A-Z]\w+/g) ?? []).length + Number(/ and (\d+) more/.exec(list)?.[1] ?? 0);
    const elsewhere = / more|and \d+ counted/.test(list)
      ? 0
      : Number(/, (\d+) counted elsewhere/.exec(list)?.[1] ?? 0);
    return (numbers.length > 0 ? numbers.reduce((a, b) => a + b, 0) : named) - elsewhere;
  });
  expect(counted.reduce((a, b) => a + b, 0)).toBe(p.counts.unseen);
  expect(section?.about).toMatch(new RegExp(`^${p.counts.unseen} actions`));
  expect(proposalJson(p, 'x')).toMatchObject({ metrics: { actionsUnseen: p.counts.unseen } });
});
