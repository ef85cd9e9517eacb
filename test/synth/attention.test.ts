import { describe, expect, test } from 'vitest';
import { unusedAttention } from '../../src/synth/attention.ts';
import { rowOf } from '../../src/emit/report/overview.ts';
import type { PolicyDocument } from '../../src/iam/policy/policy.ts';
import { propose } from '../../src/synth/generate.ts';
import type { GenerateInput, Proposal } from '../../src/synth/proposal.ts';
import { allow, policy } from '../iam/documents.ts';
import { inputOf, observedOf, useOf } from './arbitrary.ts';

const used = (action: string, resource = '*', days = [20_000]) =>
  useOf({ action, resource, days: new Set(days) });
const role = 'arn:aws:iam::111122223333:role/task';
const receiver = 'ecs-tasks.amazonaws.com';
const passed = useOf({
  action: 'iam:PassRole',
  resource: role,
  condition: [{ operator: 'StringEquals', key: 'iam:PassedToService', values: [receiver] }],
});

function verdict(
  statements: readonly object[],
  uses: readonly ReturnType<typeof used>[],
  part: Partial<GenerateInput> = {},
): Proposal {
  const today = { identity: [policy(...statements)], boundary: undefined };
  return propose(inputOf({ observed: observedOf(uses), today, unobservable: 'drop', ...part }));
}
const kinds = ({ attention }: Proposal): readonly string[] => attention.map(({ kind }) => kind);

const under = (boundary: PolicyDocument): readonly unknown[] => {
  const today = { identity: [policy(allow('*'))], boundary };
  const p = verdict([allow('*')], [used('ecs:ListTasks')], { today });
  return [kinds(p), rowOf(p).rules];
};

const both = ['iam:CreateAccessKey', 'iam:PutRolePolicy'];

describe('a way to more rights that stays', () => {
  test('is said with what it takes, and to whom roles go', () => {
    const p = verdict([allow('*')], [passed, used('ecs:RunTask')]);
    expect(p.attention).toMatchObject([
      {
        kind: 'escalation',
        risk: 'high',
        action: 'iam:PassRole',
        resources: [role],
        receivers: [receiver],
        beside: [['ecs:RunTask']],
        calls: [{ eventName: 'PassRole' }],
      },
      { kind: 'unused-administrator' },
    ]);
    expect(p.risk).toBe('high');
  });

  test('of one whom a boundary holds back is none of an administrator', () => {
    expect(under(policy(allow(['ecs:*', 's3:*'])))).toEqual([[], [false, false]]);
    expect(under(policy(allow('*')))).toEqual([['unused-administrator'], [true, false]]);
  });

  test('of several combinations is said with its effect where that is one', () => {
    const uses = [used('iam:PassRole'), used('lambda:CreateFunction')];
    const effectWith = (...more: readonly string[]): readonly unknown[] =>
      verdict([allow('*')], [...uses, ...more.map((action) => used(action))]).attention.flatMap((one) =>
        one.kind === 'escalation' && one.action === 'iam:PassRole' ? [one.effect] : [],
      );
    const both = effectWith('lambda:InvokeFunction', 'lambda:AddPermission');
    expect(both).toEqual(['runs code in Lambda as any role it may pass']);
    expect(effectWith('lambda:InvokeFunction', 'ec2:RunInstances')).toEqual(['']);
  });

  test('is none where the role cannot be passed to the service', () => {
    expect(kinds(verdict([allow('*')], [passed, used('ec2:RunInstances')]))).toEqual([
      'unused-administrator',
    ]);
  });

  test('that was never used comes first', () => {
    const pins = [{ action: 'iam:CreateAccessKey', resource: '*', owner: 'a', reason: 'b', expires: 30_000 }];
    const p = verdict([allow('iam:*')], [used('iam:AttachUserPolicy')], { pins });
    expect(p.attention).toMatchObject([
      { action: 'iam:CreateAccessKey', calls: [] },
      { action: 'iam:AttachUserPolicy', calls: [{}] },
    ]);
  });

  test('is not said where a Deny refuses it', () => {
    const deny = { Effect: 'Deny', Action: 'ecs:RunTask', Resource: '*' };
    expect(kinds(verdict([allow(['iam:PassRole', 'ecs:*']), deny], [passed]))).toEqual([]);
  });
});

test('nothing is said of a good one', () => {
  const p = verdict([allow('s3:*')], [used('s3:ListAllMyBuckets')]);
  expect([kinds(p), p.risk]).toEqual([[], 'none']);
});

test('an administrator who says who may do what is one', () => {
  expect(kinds(verdict([allow('*')], [used('s3:PutBucketPolicy')]))).toEqual([]);
});

test('what is new in the last days is said', () => {
  const uses = [used('sqs:ListQueues', '*', [20_001]), used('sns:ListTopics', '*', [20_019])];
  const p = verdict([allow(['sqs:*', 'sns:*'])], uses, { window: { since: 20_000, until: 20_020 } });
  expect(p.attention).toMatchObject([{ kind: 'new', action: 'sns:ListTopics', firstDay: 20_019 }]);
});

test('a first run says what would stay', () => {
  const p = verdict([allow('s3:*')], [used('s3:ListAllMyBuckets')], { covered: 3, minWindow: 30 });
  expect(p.attention).toEqual([
    { kind: 'first-run', risk: 'low', would: { minWindow: 3, used: 1, unseen: 0 } },
  ]);
  expect(
    kinds(verdict([allow('s3:*')], [used('s3:ListAllMyBuckets')], { covered: 0, minWindow: 30 })),
  ).toEqual(['first-run']);
});

describe('while nothing is removed, what stays is judged', () => {
  const short = { covered: 3, minWindow: 30 };

  test('an administrator stays one', () => {
    const p = verdict([allow('*')], [used('s3:ListAllMyBuckets')], short);
    expect([kinds(p), p.risk]).toEqual([['escalation', 'unused-administrator', 'first-run'], 'high']);
    expect(p.attention[0]).toMatchObject({ action: '*', effect: 'may do everything' });
  });

  test('a way to more rights stays', () => {
    const p = verdict([allow(['iam:PassRole', 'ecs:RunTask'])], [used('s3:ListAllMyBuckets')], short);
    expect(p.attention[0]).toMatchObject({ kind: 'escalation', action: 'iam:PassRole', calls: [] });
    expect(p.risk).toBe('high');
  });

  test('a policy version that is too young keeps its ways', () => {
    const p = propose(
      inputOf({
        observed: observedOf([used('s3:ListAllMyBuckets')]),
        today: { identity: [policy(allow('*'))], boundary: undefined, made: [20_019] },
        window: { since: 20_000, until: 20_020 },
        minAge: 30,
        unobservable: 'keep',
      }),
    );
    expect([p.attention[0]?.kind, p.risk]).toEqual(['escalation', 'high']);
  });

  test('one that is never seen keeps all it holds', () => {
    expect(unusedAttention([policy(allow('iam:PutRolePolicy'))])).toMatchObject([
      { kind: 'escalation', risk: 'high', action: 'iam:PutRolePolicy' },
      { kind: 'never-seen', risk: 'medium' },
    ]);
  });
});

test.each([
  ['nothing of them', [allow('s3:*')], []],
  [
    'one of them, or that cannot be told',
    [allow('*'), { ...allow('iam:PutRolePolicy'), Effect: 'Deny' }],
    ['iam:CreateAccessKey'],
  ],
  [
    'all, under a condition',
    [{ ...allow('iam:*'), Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } } }],
    both,
  ],
])('ways to more rights are those that a boundary leaves open: %s', (_, limits, left) => {
  const kinds = unusedAttention([policy(allow(both))], policy(...limits)).flatMap((one) =>
    one.kind === 'escalation' ? [one.action] : [],
  );
  expect(kinds).toEqual(left);
});

test('counts say why actions are left', () => {
  const pins = [{ action: 's3:GetObject', resource: '*', owner: 'a', reason: 'b', expires: 30_000 }];
  const p = verdict(
    [allow(['s3:GetObject', 's3:PutObject', 's3:ListAllMyBuckets'])],
    [used('s3:ListAllMyBuckets')],
    {
      pins,
      unobservable: 'keep',
    },
  );
  expect(p.counts).toEqual({ all: 3, used: 1, held: 1, unseen: 1, unseenWrites: 1 });
});
