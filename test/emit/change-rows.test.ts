import { expect, test } from 'vitest';
import { changeSections } from '../../src/emit/review/changes.ts';
import { seenOf } from '../../src/emit/review/section.ts';
import { propose } from '../../src/synth/generate.ts';
import type { PossibleUse } from '../../src/synth/usage/use.ts';
import { allow, policy } from '../iam/documents.ts';
import { inputOf, observedOf, useOf } from '../synth/arbitrary.ts';

const listed = ['ec2:DescribeImages', 'ec2:DescribeVpcs', 'ec2:DescribeHosts', 'ec2:DescribeTags'];
const uses = listed.map((action) => useOf({ action, resource: '*' }));
const snapshot = useOf({ action: 'rds:CreateDBSnapshot', resource: 'arn:aws:rds:us-east-1:1:snapshot:a' });

const possible = (action: string): PossibleUse => {
  const { days, calls, sample, sources } = useOf({ action, resource: '*' });
  const call = { eventSource: 'lambda.amazonaws.com', eventName: 'CreateFunction20150331' };
  return { ...call, action, resource: '*', passedTo: [], days, calls, sample, sources };
};

/** What stands in the rows of what is kept: count or action, and why. */
function keptRows(doubted: readonly string[]): readonly unknown[] {
  const observed = { ...observedOf([...uses, snapshot]), possible: doubted.map(possible) };
  const today = { identity: [policy(allow('*'))], boundary: undefined };
  const sections = changeSections(propose(inputOf({ observed, today, unobservable: 'drop' })));
  const rows = sections.find(({ title }) => title === 'Kept')?.rows ?? [];
  return rows.map(({ what, why }) => [what, why]);
}

test('what only doubt holds has a row of its own with the call, beside what was used', () => {
  expect(keptRows(['ecr:BatchGetImage', 's3:GetObject'])).toEqual([
    ['4 ec2 actions', undefined],
    ['ecr:BatchGetImage', 'lambda CreateFunction20150331 may have needed it'],
    ['s3:GetObject', 'lambda CreateFunction20150331 may have needed it'],
  ]);
});

test('an action that was used on one thing and is doubted of all is kept for the doubt', () => {
  expect(keptRows(['rds:CreateDBSnapshot'])).toContainEqual([
    'rds:CreateDBSnapshot',
    'lambda CreateFunction20150331 may have needed it',
  ]);
});

test('the same calls speaking for several things are counted once', () => {
  expect(seenOf(uses)).toMatchObject({ callsAsDelivered: uses[0]?.calls });
});
