import { expect, test } from 'vitest';
import { managedPolicyQuota, policySize } from '../../src/iam/policy/quota.ts';
import { parsePolicy, type Statement } from '../../src/iam/policy/policy.ts';
import { pack } from '../../src/synth/shape/documents.ts';
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

const arns = (service: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, i) => `arn:aws:${service}:eu-west-1:111122223333:${service}-${i}`);

const of = (service: string, count: number, ...actions: readonly string[]): Statement[] =>
  actions.map((action) => ({
    sid: undefined,
    effect: 'Allow',
    actions: { kind: 'only', patterns: [`${service}:${action}`] },
    resources: { kind: 'only', patterns: arns(service, count) },
    conditions: [],
  }));

const onAll = (patterns: readonly string[]): Statement => ({
  sid: undefined,
  effect: 'Allow',
  actions: { kind: 'only', patterns },
  resources: { kind: 'only', patterns: ['*'] },
  conditions: [],
});

test.each([
  [['sns:Publish'], ['sqs:SendMessage']],
  [['sns:Publish'], ['sqs:ReceiveMessage', 'sqs:SendMessage']],
  [['sns:Publish', 'sns:Subscribe'], ['sqs:SendMessage']],
  [['ecs:RunTask'], ['sns:Publish'], ['sqs:SendMessage']],
])('services share a document that has room for what they take together, to the character', (...lists) => {
  const used = lists.map(onAll);
  // A Sid of any length finds room, and a comma.
  const quota =
    policySize({ version: '2012-10-17', statements: [onAll(lists.flat())] }) + '"Sid":"",'.length + 41;
  const [together, apart] = [quota, quota - 1].map((most) => pack({ used }, most));
  expect(together).toMatchObject([{ statements: [{ actions: { patterns: lists.flat() } }] }]);
  expect(apart).toHaveLength(2);
});

test('a service stands in one document, unless it alone exceeds one', () => {
  const star: Statement = {
    sid: undefined,
    effect: 'Allow',
    actions: { kind: 'only', patterns: ['sns:ListTopics', 'sqs:ListQueues'] },
    resources: { kind: 'only', patterns: ['*'] },
    conditions: [],
  };
  const used = [
    star,
    ...of('sns', 70, 'Publish'),
    ...of('sqs', 70, 'SendMessage'),
    ...of('lambda', 150, 'InvokeFunction'),
  ];
  const documents = pack({ used }, managedPolicyQuota);
  const places = new Map<string, number>();
  for (const { statements } of documents) {
    const services = statements.flatMap(({ actions }) =>
      actions.patterns.map((action) => action.split(':')[0] ?? ''),
    );
    for (const service of new Set(services)) places.set(service, (places.get(service) ?? 0) + 1);
  }
  expect(Object.fromEntries(places)).toEqual({ lambda: 2, sns: 1, sqs: 1 });
  for (const document of documents) expect(policySize(document)).toBeLessThanOrEqual(managedPolicyQuota);
});
