import { array, assert, constant, property, shuffledSubarray, subarray, tuple } from 'fast-check';
import { expect, test } from 'vitest';
import { serviceOf } from '../../../src/iam/catalogue.ts';
import { alikeFrom, clustersOf, dutiesDuring, type Duty } from '../../../src/synth/usage/duties.ts';
import { identity } from '../arbitrary.ts';

const dutyOf = (name: string, actions: readonly string[], day = 1): Duty => ({
  identity: { ...identity, name, arn: `arn:aws:iam::111122223333:role/${name}` },
  used: new Map(actions.map((action) => [action, new Set([day])])),
});
const clustered = (duties: readonly Duty[]): readonly (readonly string[])[] =>
  clustersOf(duties).map(({ members }) => members.map((duty) => duty.identity.name));

const reader = ['s3:GetObject', 's3:ListBucket', 's3:GetBucketLocation', 'kms:Decrypt'];
const queue = ['sqs:ReceiveMessage', 'sqs:DeleteMessage', 'sqs:GetQueueAttributes'];

test('principals that do the same are together, others are not listed', () => {
  const duties = [
    dutyOf('b', reader),
    dutyOf('q', queue),
    dutyOf('a', [...reader, 's3:GetObjectTagging']),
    dutyOf('lone', ['ec2:RunInstances', 'ec2:CreateTags', 'iam:PassRole']),
  ];
  expect(clustered(duties)).toEqual([['a', 'b']]);
  const [cluster] = clustersOf(duties);
  expect(cluster?.actions).toEqual([...reader, 's3:GetObjectTagging'].sort());
  expect(cluster?.likeness).toBeCloseTo(6 / 7);
});

test('one action in common is no duty', () => {
  expect(clustered([dutyOf('a', ['s3:GetObject']), dutyOf('b', ['s3:GetObject'])])).toEqual([]);
});

test('what is like a neighbour only does not join: any two of a cluster are alike', () => {
  const all = Array.from({ length: 12 }, (_, i) => `s3:Action${String(i).padStart(2, '0')}`);
  const chain = [all.slice(0, 8), all.slice(2, 10), all.slice(4, 12)].map((actions, i) =>
    dutyOf(`r${i}`, actions),
  );
  expect(clustered(chain)).toEqual([['r0', 'r1']]);
});

test('only what was done in the window counts', () => {
  const duties = [dutyOf('a', queue, 1), dutyOf('b', queue, 9)];
  expect(clustered(dutiesDuring(duties, { since: 1, until: 9 }))).toEqual([['a', 'b']]);
  expect(clustered(dutiesDuring(duties, { since: 1, until: 8 }))).toEqual([]);
});

const arbDuties = array(subarray([...reader, ...queue, 's3:PutObject', 'sns:Publish'], { minLength: 1 }), {
  maxLength: 12,
}).map((lists) => lists.map((actions, i) => dutyOf(`r${i}`, actions)));

test('the order in which principals come changes nothing, and any two of a cluster are alike', () => {
  assert(
    property(
      arbDuties.chain((duties) =>
        tuple(constant(duties), shuffledSubarray([...duties], { minLength: duties.length })),
      ),
      ([duties, shuffled]) => {
        expect(clustered(shuffled)).toEqual(clustered(duties));
        for (const { members } of clustersOf(duties))
          for (const a of members)
            for (const b of members) {
              const [x, y] = [a, b].map(
                ({ used }) => new Set([...used.keys(), ...[...used.keys()].map(serviceOf)]),
              );
              const both = [...(x ?? [])].filter((one) => y?.has(one)).length;
              expect(both / ((x?.size ?? 0) + (y?.size ?? 0) - both)).toBeGreaterThanOrEqual(alikeFrom);
            }
      },
    ),
  );
});
