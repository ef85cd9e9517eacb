import { describe, expect, test } from 'vitest';
import { expandActions, servicePrefixes } from '../../../src/iam/catalogue.ts';
import { documentJson } from '../../../src/iam/policy/policy-json.ts';
import type { PolicyDocument } from '../../../src/iam/policy/policy.ts';
import { observabilityOf } from '../../../src/permissions/observability.ts';
import { propose } from '../../../src/synth/generate.ts';
import type { GenerateInput, Proposal } from '../../../src/synth/proposal.ts';
import type { PossibleUse, UnknownCall } from '../../../src/synth/usage/use.ts';
import { allow, policy } from '../../iam/documents.ts';
import { inputOf, observedOf, partsOf, useOf } from '../arbitrary.ts';

const environments = 'arn:aws:elasticbeanstalk:us-east-1:111122223333:environment';
/** Read on an environment that its event does not name. */
const misread = useOf({
  action: 'elasticbeanstalk:RestartAppServer',
  resource: `${environments}/*/e-abcdefghij`,
  mayBeElsewhere: false,
});
const { days, calls, sample, sources } = misread;
const seen = { days, calls, sample, sources };

const unread = (part: Partial<UnknownCall>): UnknownCall => ({
  ...seen,
  eventSource: 'sqs.amazonaws.com',
  eventName: 'RedriveQueue',
  readOnly: false,
  reason: 'no IAM action of this name',
  services: ['sqs'],
  ...part,
});
const perhaps = (part: Partial<PossibleUse>): PossibleUse => ({
  ...seen,
  eventSource: 'ecs.amazonaws.com',
  eventName: 'RunTask',
  action: 'iam:PassRole',
  resource: '*',
  passedTo: [],
  ...part,
});

function proposed(
  today: readonly PolicyDocument[],
  observed: Partial<GenerateInput['observed']>,
  part: Partial<GenerateInput> = {},
): Proposal {
  return propose(
    inputOf({
      observed: { ...observedOf(observed.uses ?? []), ...observed },
      today: { identity: today, boundary: undefined },
      unobservable: 'drop',
      ...part,
    }),
  );
}
/** What a proposal allows: `action resource` with its conditions behind. */
const allowed = ({ documents }: Proposal): readonly string[] =>
  documents
    .flatMap(({ statements }) => statements)
    .flatMap(({ actions, resources, conditions }) =>
      actions.patterns.flatMap((action) =>
        resources.patterns.map((resource) =>
          [action, resource, ...conditions.map(({ values }) => values.join('|'))].join(' '),
        ),
      ),
    )
    .sort();

describe('a call that went through although today allows it nowhere', () => {
  const today = [
    policy(
      allow(
        ['elasticbeanstalk:RestartAppServer', 'elasticbeanstalk:TerminateEnvironment'],
        `${environments}/shop/prod`,
      ),
    ),
  ];

  test('keeps all that is held of its action, and nothing else', () => {
    const p = proposed(today, { uses: [misread] });
    expect(allowed(p)).toEqual([`elasticbeanstalk:RestartAppServer ${environments}/shop/prod`]);
    expect(p.proof).toMatchObject({ uses: 1, contradicted: 1, grantedElsewhere: 0, denied: 0 });
    expect(p.doubts).toMatchObject([
      { reason: 'contradicted', kept: true, calls: [{ eventName: 'RestartAppServer' }] },
    ]);
    expect(p.diff?.broadened).toBe(false);
  });

  test('is granted elsewhere where a resource policy can have allowed it, and keeps nothing', () => {
    const p = proposed(today, { uses: [useOf({ ...partsOf(misread), mayBeElsewhere: true })] });
    expect(allowed(p)).toEqual([]);
    expect(p.proof).toMatchObject({ grantedElsewhere: 1, contradicted: 0 });
  });

  test('is never allowed by something else where a Deny of today refuses it', () => {
    const object = useOf({ action: 's3:GetObject', resource: 'arn:aws:s3:::a/b' });
    const denied = policy(allow('s3:GetObject', 'arn:aws:s3:::*'), {
      Effect: 'Deny',
      Action: 's3:*',
      Resource: 'arn:aws:s3:::a/*',
    });
    expect(proposed([denied], { uses: [object] }).proof).toMatchObject({
      contradicted: 1,
      grantedElsewhere: 0,
    });
  });

  test.each([
    [
      'before the last change of the policies says nothing of them',
      20_000,
      0,
      { kind: 'granted-elsewhere', changedSince: true },
    ],
    ['after it contradicts', 19_999, 1, { kind: 'contradicted' }],
  ])('%s', (_, changed, kept, verdict) => {
    const p = proposed(
      today,
      { uses: [misread] },
      { today: { identity: today, boundary: undefined, changed } },
    );
    expect([...p.verdicts][0]?.verdict).toEqual(verdict);
    expect(allowed(p)).toHaveLength(kept);
  });

  test('counts as unmapped where nothing of its action is held', () => {
    const p = proposed(
      [policy(allow(['elasticbeanstalk:RebuildEnvironment', 'elasticbeanstalk:AbortEnvironmentUpdate']))],
      {
        uses: [
          useOf({
            action: 'elasticbeanstalk:TerminateEnvironment',
            resource: `${environments}/a/b`,
            mayBeElsewhere: false,
          }),
        ],
      },
    );
    expect(allowed(p)).toEqual(['elasticbeanstalk:RebuildEnvironment *']);
    expect(p.doubts).toMatchObject([
      { reason: 'unmapped-call', action: 'elasticbeanstalk:RebuildEnvironment' },
    ]);
  });

  test('in three actions and over a twentieth of the uses is said first', () => {
    const actions = ['elasticbeanstalk:RestartAppServer', 'iam:GetRole', 'config:PutConfigRule'];
    const strange = actions.map((action) => useOf({ action, resource: '*', mayBeElsewhere: false }));
    const first = (uses: typeof strange): unknown =>
      proposed([policy(allow('ec2:RunInstances'))], { uses }).attention;
    expect(first(strange)).toEqual([{ kind: 'contradictions', risk: 'high', uses: 3, of: 3 }]);
    expect(first(strange.slice(1))).toMatchObject([{ kind: 'contradicted' }, { kind: 'contradicted' }]);
  });
});

const hasNoEvent = (action: string): boolean => observabilityOf(action).category === 'no-known-event';

describe('a call that nobody can read', () => {
  const today = [policy(allow(['sqs:*', 'sns:DeleteTopic']))];

  test('keeps what has its name, though the catalogue has not, and its noun where it changes too', () => {
    const p = proposed(today, { unmapped: [unread({})] });
    expect(allowed(p)).toEqual(
      ['CreateQueue', 'DeleteQueue', 'PurgeQueue', 'RedriveQueue', 'TagQueue', 'UntagQueue'].map(
        (name) => `sqs:${name} *`,
      ),
    );
    expect(p.proof).toMatchObject({ unmapped: 1, uses: 1 });
  });

  test('is named with all of its kind, and with others that may have needed the same', () => {
    const unmapped = [unread({}), unread({ sources: new Set(['a']) }), unread({ eventName: 'ShrinkQueue' })];
    const { doubts } = proposed(today, { unmapped });
    const calls = doubts.find(({ action }) => action === 'sqs:DeleteQueue')?.calls;
    expect(calls?.map(({ eventName }) => eventName)).toEqual(['RedriveQueue', 'RedriveQueue', 'ShrinkQueue']);
  });

  test('that reads keeps what reads', () => {
    expect(
      allowed(proposed(today, { unmapped: [unread({ eventName: 'ScanQueues', readOnly: true })] })),
    ).toEqual(['sqs:ListQueues *', 'sqs:ScanQueues *']);
  });

  test.each(['deletequeue', 'DeleteQueue20121105', 'DeleteQueueV2'])(
    '%s has the name of sqs:DeleteQueue',
    (eventName) => {
      const own = [policy(allow('sqs:DeleteQueue'))];
      expect(allowed(proposed(own, { unmapped: [unread({ eventName })] }))).toEqual(['sqs:DeleteQueue *']);
    },
  );

  test('of an unknown source keeps what no event shows: of its name, and of services that no event is known of', () => {
    const silent = servicePrefixes().find((prefix) => expandActions(`${prefix}:*`).every(hasNoEvent));
    const [first = ''] = expandActions(`${silent}:*`);
    const own = [policy(allow(['ecr:ReplicateImage', 'sqs:SendMessage', first, 'sns:Publish']))];
    const unmapped = [
      unread({ eventSource: 'new.amazonaws.com', eventName: 'ReplicateImage', services: [] }),
    ];
    expect(allowed(proposed(own, { unmapped }))).toEqual([`${first} *`, 'ecr:ReplicateImage *'].sort());
  });

  test('keeps nothing of services it does not belong to', () => {
    expect(allowed(proposed([policy(allow(['sns:*']))], { unmapped: [unread({})] }))).toEqual([]);
  });
});

describe('a call that may have needed more', () => {
  const role = 'arn:aws:iam::111122223333:role/task';
  const today = [policy(allow('iam:PassRole', role), allow('ecs:RunTask'))];
  const receivers = ['ecs-tasks.amazonaws.com', 'ecs-tasks.amazonaws.com.cn'];

  test('keeps it for all receivers that are known, and says so first', () => {
    const p = proposed(today, { possible: [perhaps({ passedTo: receivers })] });
    expect(allowed(p)).toEqual([`iam:PassRole ${role} ${receivers.join('|')}`]);
    expect(p.attention).toMatchObject([
      { kind: 'kept-roles', doubt: { resources: [role], reason: 'may-need' } },
    ]);
    expect(p.diff?.broadened).toBe(false);
  });

  test("keeps it under today's own condition where not all receivers are known", () => {
    const condition = { StringLike: { 'iam:PassedToService': 'ecs*' } };
    const own = [policy(allow('iam:PassRole', role, { Condition: condition }))];
    expect(allowed(proposed(own, { possible: [perhaps({})] }))).toEqual([`iam:PassRole ${role} ecs*`]);
  });

  test('keeps no role for a service that it cannot have gone to', () => {
    const condition = { StringEquals: { 'iam:PassedToService': 'lambda.amazonaws.com' } };
    const own = [policy(allow('iam:PassRole', role, { Condition: condition }))];
    expect(allowed(proposed(own, { possible: [perhaps({ passedTo: receivers })] }))).toEqual([]);
  });

  test('lists what is not held', () => {
    const p = proposed([policy(allow('ecs:RunTask'))], { possible: [perhaps({})] });
    expect(allowed(p)).toEqual([]);
    expect(p.doubts).toMatchObject([{ action: 'iam:PassRole', kept: false }]);
  });

  test('keeps it whatever is done with what silence keeps', () => {
    for (const unobservable of ['keep', 'drop'] as const)
      expect(allowed(proposed(today, { possible: [perhaps({})] }, { unobservable }))).toContain(
        `iam:PassRole ${role}`,
      );
  });
});

test("without today's policies doubt grants nothing", () => {
  const p = proposed(
    [],
    { uses: [misread], possible: [perhaps({})], unmapped: [unread({})] },
    { today: undefined },
  );
  expect(p.documents.map(documentJson)).toMatchObject([{ Statement: [{ Action: misread.action }] }]);
  expect(p.doubts).toEqual([]);
});

describe('what AWS’s reference says that an action depends on', () => {
  const possible = [perhaps({ action: 'wafv2:GetPermissionPolicy', isAlways: true })];

  test('stays where it is held', () => {
    const p = proposed([policy(allow('wafv2:*', '*'))], { possible });
    expect(allowed(p)).toContain('wafv2:GetPermissionPolicy *');
    expect(p.doubts).toMatchObject([{ action: 'wafv2:GetPermissionPolicy', kept: true }]);
  });

  test('is not said to be missing where it is not: the call went through without it', () => {
    expect(proposed([policy(allow('sqs:*', '*'))], { possible }).doubts).toEqual([]);
    const others = [perhaps({ action: 'wafv2:GetPermissionPolicy' })];
    expect(proposed([policy(allow('sqs:*', '*'))], { possible: others }).doubts).toMatchObject([
      { kept: false },
    ]);
  });
});
