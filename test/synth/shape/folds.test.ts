import { describe, expect, test } from 'vitest';
import { attachedPoliciesQuota } from '../../../src/iam/policy/quota.ts';
import { parsePolicy } from '../../../src/iam/policy/policy.ts';
import { propose } from '../../../src/synth/generate.ts';
import { widening } from '../../../src/synth/shape/fold.ts';
import { generalize } from '../../../src/synth/shape/generalization.ts';
import { inputOf, observedOf, useOf } from '../arbitrary.ts';

const home = 'eu-west-1:111122223333:';
const [usual] = widening;

/** The resources of calls `action resource`, as the usual evidence widens them; each once, sorted. */
function folded(...calls: readonly string[]): readonly string[] {
  const uses = calls.map((call) => {
    const [action = '', resource = ''] = call.split(' ');
    return useOf({ action, resource });
  });
  if (!usual) throw new Error('no level');
  return [
    ...new Set(generalize(uses, undefined)(usual).uses.map((use) => `${use.action} ${use.resource}`)),
  ].sort();
}

const each = (names: readonly string[], call: string): readonly string[] =>
  names.map((name) => call.replace('#', name));

describe('names of any type fold by the same rules', () => {
  test.each([
    ['sqs:SendMessage', `arn:aws:sqs:${home}job-#`],
    ['dynamodb:GetItem', `arn:aws:dynamodb:${home}table/job-#`],
    ['s3:ListBucket', 'arn:aws:s3:::job-#'],
    ['logs:FilterLogEvents', `arn:aws:logs:${home}log-group:job-#:*`],
    ['s3:GetObject', 'arn:aws:s3:::app-data/job-#'],
  ])('counters: %s', (action, resource) => {
    const call = `${action} ${resource}`;
    expect(folded(...each(['0', '1', '17'], call))).toEqual([call.replace('#', '*')]);
    expect(folded(...each(['0', '1'], call))).toHaveLength(2);
  });

  test('more than five names that begin with the same two words', () => {
    const call = `lambda:InvokeFunction arn:aws:lambda:${home}function:shop-order-#`;
    const names = ['pay', 'ship', 'cancel-now', 'refund', 'hold', 'list'];
    expect(folded(...each(names, call))).toEqual([call.replace('#', '*')]);
    expect(folded(...each(names.slice(1), call))).toHaveLength(5);
    expect(folded(...each(names, call.replace('shop-order-', 'shop-')))).toHaveLength(6);
  });

  test('whom a principal may become or hand on never folds, other roles only where it makes them', () => {
    const role = 'arn:aws:iam::111122223333:role/app-job-';
    const names = ['a', 'b', 'c', 'd', 'e', 'f', '1', '2', '3'];
    for (const action of ['iam:PassRole', 'sts:AssumeRole', 'iam:AttachRolePolicy'])
      expect(folded(...each(names, `${action} ${role}#`))).toHaveLength(names.length);
    expect(
      folded(
        ...each(['a', 'b', 'c'], `iam:CreateRole ${role}#`),
        `iam:PutRolePolicy ${role}a`,
        `iam:PassRole ${role}a`,
      ),
    ).toEqual([`iam:CreateRole ${role}*`, `iam:PassRole ${role}a`, `iam:PutRolePolicy ${role}*`]);
  });

  test('a secret that the principal makes is known by its name in every statement, another by its ARN', () => {
    const secret = `arn:aws:secretsmanager:${home}secret:`;
    expect(
      folded(
        `secretsmanager:CreateSecret ${secret}db-??????`,
        `secretsmanager:GetSecretValue ${secret}db-AbCdEf`,
        `secretsmanager:GetSecretValue ${secret}api-GhIjKl`,
      ),
    ).toEqual([
      `secretsmanager:CreateSecret ${secret}db-??????`,
      `secretsmanager:GetSecretValue ${secret}api-GhIjKl`,
      `secretsmanager:GetSecretValue ${secret}db-??????`,
    ]);
  });

  test('an instance of one that is made stands once', () => {
    const instance = `arn:aws:ec2:${home}instance/`;
    expect(
      folded(`ec2:RunInstances ${instance}*`, `ec2:TerminateInstances ${instance}i-0123456789abcdef0`),
    ).toEqual([`ec2:RunInstances ${instance}*`, `ec2:TerminateInstances ${instance}*`]);
    expect(folded(`ec2:TerminateInstances ${instance}i-0123456789abcdef0`)).toEqual([
      `ec2:TerminateInstances ${instance}i-*`,
    ]);
  });
});

test.each([
  [
    'kms:Decrypt',
    (i: number) => `arn:aws:kms:${home}key/${String(i).padStart(8, '0')}-aaaa-bbbb-cccc-000000000000`,
    `arn:aws:kms:${home}key/*`,
  ],
  [
    'sqs:SendMessage',
    (i: number) => `arn:aws:sqs:${home}${'x'.repeat(i % 61)}of${'y'.repeat(i % 59)}`,
    `arn:aws:sqs:${home}*`,
  ],
])('%s on 900 things fits by taking all of the type, and the rest as it is', (action, resource, all) => {
  const many = Array.from({ length: 900 }, (_, i) => useOf({ action, resource: resource(i) }));
  const table = useOf({ action: 'dynamodb:GetItem', resource: `arn:aws:dynamodb:${home}table/orders` });
  const today = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: '*', Resource: '*' }] };
  const proposal = propose(
    inputOf({
      observed: observedOf([...many, table]),
      today: { identity: [parsePolicy(JSON.stringify(today), 'today')], boundary: undefined },
      unobservable: 'drop',
      strategy: 'balanced',
    }),
  );
  expect(proposal.overflow).toEqual([]);
  expect(proposal.documents.length).toBeLessThanOrEqual(attachedPoliciesQuota);
  expect(proposal.folds).toMatchObject([{ rule: 'type', action, resource: all, seen: 900 }]);
  expect(proposal.notes.join()).toMatch(/all (kms:key|sqs:queue) of the account and Region/);
  expect(proposal.proof).toMatchObject({ allowed: 901, denied: 0 });
});
