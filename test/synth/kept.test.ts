import { array, assert, constantFrom, property, uniqueArray } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { documentJson } from '../../src/iam/policy/policy-json.ts';
import type { PolicyDocument } from '../../src/iam/policy/policy.ts';
import { diffPolicies } from '../../src/iam/compare/diff.ts';
import { actionInfo, expandActions } from '../../src/iam/catalogue.ts';
import { propose } from '../../src/synth/generate.ts';
import type { GenerateInput, Proposal } from '../../src/synth/proposal.ts';
import type { Pin } from '../../src/synth/keep/pins.ts';
import type { Use } from '../../src/synth/usage/use.ts';
import { changeSections } from '../../src/emit/review/changes.ts';
import { doubtText } from '../../src/emit/review/kept.ts';
import { allow, policy } from '../iam/documents.ts';
import { arbUses, identity, inputOf, observedOf, partsOf, useOf } from './arbitrary.ts';

const listing = useOf({ action: 's3:ListBucket', resource: 'arn:aws:s3:::a' });
const wide = policy(allow('s3:ListBucket'), allow(['iam:CreateUser', 'iam:DeleteUser', 'iam:GetUser']));

function proposed(part: Partial<GenerateInput>, today: readonly PolicyDocument[] = [wide]): Proposal {
  return propose(
    inputOf({
      observed: observedOf([listing]),
      today: { identity: today, boundary: undefined },
      unobservable: 'drop',
      ...part,
    }),
  );
}
const statements = ({ documents }: Proposal): unknown => documents.map(documentJson);
const onlyUsed = statements(proposed({}));

const pin = (part: Partial<Pin> = {}): Pin => ({
  action: 'iam:CreateUser',
  resource: '*',
  owner: 'platform',
  reason: 'joiners, twice a year',
  expires: 20_100,
  ...part,
});

describe('a call that proves nothing', () => {
  const unnamed = useOf({
    action: 'ssm:DeleteParameter',
    resource: 'arn:aws:ssm:eu-west-1:111122223333:parameter/*',
  });
  const named = useOf({
    action: 'ssm:DeleteParameter',
    resource: 'arn:aws:ssm:eu-west-1:111122223333:parameter/a',
  });
  const today = [policy(allow('ssm:DeleteParameter'))];
  const keeps = (uses: readonly Use[], inconclusive: readonly Use[]): readonly boolean[] =>
    proposed({ observed: { ...observedOf(uses), inconclusive } }, today).inconclusive.map(({ kept }) => kept);

  test('and names nothing keeps nothing where other calls name what they use', () => {
    expect(keeps([named], [unnamed])).toEqual([false]);
    expect(keeps([], [unnamed])).toEqual([true]);
    expect(keeps([unnamed], [named])).toEqual([true]);
  });
});

test('what is denied everywhere is not counted as held', () => {
  const deny = policy({ Effect: 'Deny', Action: 'iam:*', Resource: '*' });
  expect(proposed({}).actionsBefore).toBe(4);
  expect(proposed({}, [wide, deny]).actionsBefore).toBe(1);
});

const unseenOf = (identity: readonly PolicyDocument[], boundary?: PolicyDocument): readonly string[] => {
  const today = { identity, boundary };
  return proposed({ today, unobservable: 'keep' }).unseen.map(({ action }) => action.split(':')[0] ?? '');
};

test('what a Deny or the boundary takes away from everything is neither kept unseen nor said to be given up', () => {
  const [all, some] = [policy(allow('*')), policy(allow(['s3:*', 'logs:PutLogEvents']))];
  expect(new Set(unseenOf([all])).size).toBeGreaterThan(50);
  expect([...new Set(unseenOf([some]))]).toEqual(['logs', 's3']);
  expect(unseenOf([all], some)).toEqual(unseenOf([some]));
  const deny = policy({ Effect: 'Deny', NotAction: ['s3:*', 'logs:PutLogEvents'], Resource: '*' });
  expect(unseenOf([all, deny])).toEqual(unseenOf([all], some));
  const partly = policy({ Effect: 'Deny', NotAction: 's3:*', Resource: 'arn:aws:sqs:*:*:a' });
  expect(unseenOf([all, partly])).toEqual(unseenOf([all]));
});

test('actions today less those proposed are those removed, with what the catalogue does not know', () => {
  const call = { ...partsOf(listing), eventName: 'DescribeDrafts', readOnly: true, services: ['s3'] };
  const unmapped = [{ ...call, reason: 'no such action' }];
  const today = [policy(allow(['s3:*', 's3:Frobnicate*', 'nobody:Get*', 'iam:MadeUp', 'iam:GetUser']))];
  const p = proposed({ observed: { ...observedOf([listing]), unmapped } }, today);
  const doubt = p.doubts.find(({ action }) => action === 's3:DescribeDrafts');
  expect(doubt && doubtText(doubt)).toContain('the catalogue has no such action');
  expect(doubt && doubtText({ ...doubt, action: 's3:ListBucket' })).not.toContain('catalogue');
  expect(p.stays.get('s3:describedrafts')).toBe('unmapped-call');
  expect(p.actionsBefore).toBe(expandActions('s3:*').length + 3);
  const [removed] = changeSections(p).filter(({ title }) => title === 'Removed');
  const gone = p.actionsBefore - p.actionsAfter;
  expect(removed?.about).toBe(`${gone} actions`);
  expect(removed?.rows.map(({ what }) => what)).toContain(
    'patterns that match no known action: nobody:Get*, s3:Frobnicate*',
  );
});

describe('pins', () => {
  test('keep a grant held today, and say so', () => {
    const kept = proposed({ pins: [pin()] });
    expect(JSON.stringify(statements(kept))).toContain('iam:CreateUser');
    expect(JSON.stringify(statements(kept))).not.toContain('iam:DeleteUser');
    expect(kept.pins).toEqual([{ ...pin(), state: 'kept', actions: ['iam:CreateUser'] }]);
    expect(kept.diff?.broadened).toBe(false);
  });

  test('keep no more of it than they name', () => {
    const kept = proposed({ pins: [pin({ resource: 'arn:aws:iam::111122223333:user/team/*' })] });
    expect(JSON.stringify(statements(kept))).toContain('"Resource":"arn:aws:iam::111122223333:user/team/*"');
  });

  test('keep no more than is held, under the conditions it is held under', () => {
    const condition = { StringEquals: { 'aws:RequestedRegion': 'eu-west-1' } };
    const narrow = policy(
      allow('s3:ListBucket'),
      allow(['iam:CreateUser', 'iam:GetUser'], 'arn:aws:iam::111122223333:user/a', { Condition: condition }),
    );
    const kept = proposed({ pins: [pin({ action: 'iam:*' })] }, [narrow]);
    expect(statements(kept)).toMatchObject([
      {
        Statement: [
          {
            Action: ['iam:CreateUser', 'iam:GetUser'],
            Resource: 'arn:aws:iam::111122223333:user/a',
            Condition: condition,
          },
          { Action: 's3:ListBucket' },
        ],
      },
    ]);
  });

  test.each<[string, Partial<Pin>]>([
    ['not-held', { action: 'ec2:RunInstances' }],
    ['not-held', { action: 'iam:NoSuchAction' }],
    ['not-held', { action: '__proto__' }],
    ['expired', { expires: 20_005 }],
  ])('%s: %j adds nothing', (state, part) => {
    const kept = proposed({ pins: [pin(part)] });
    expect(statements(kept)).toEqual(onlyUsed);
    expect(kept.pins).toMatchObject([{ state, actions: [] }]);
  });

  test('hold on their last day', () => {
    expect(proposed({ pins: [pin({ expires: 20_006 })] }).pins).toMatchObject([{ state: 'kept' }]);
  });

  test('of what a Deny refuses are not held', () => {
    const denied = policy(allow('*'), { Effect: 'Deny', Action: 'iam:*', Resource: '*' });
    expect(proposed({ pins: [pin()] }, [denied]).pins).toMatchObject([{ state: 'not-held' }]);
  });

  test("without today's policies add nothing", () => {
    expect(proposed({ pins: [pin()], today: undefined }).pins).toMatchObject([{ state: 'not-known' }]);
  });

  test('never make a policy wider than today, nor deny a use', () => {
    const held = policy(
      allow(['s3:Get*', 's3:ListBucket'], 'arn:aws:s3:::a*'),
      allow('iam:PassRole', 'arn:aws:iam::111122223333:role/r'),
      { Effect: 'Deny', Action: 's3:GetObject', Resource: 'arn:aws:s3:::a/b/c' },
    );
    const levels = { expandActions, accessLevelOf: (action: string) => actionInfo(action)?.accessLevel };
    const arbPins = uniqueArray(
      constantFrom(
        ...['s3:*', 's3:GetObject', 'iam:PassRole', 'ec2:*'].flatMap((action) =>
          ['*', 'arn:aws:s3:::a/b/*', 'arn:aws:iam::111122223333:role/*'].map((resource) =>
            pin({ action, resource }),
          ),
        ),
      ),
      { maxLength: 4 },
    );
    assert(
      property(arbUses, arbPins, (uses, pins) => {
        const { documents, proof } = proposed({ observed: observedOf(uses), pins }, [held]);
        return proof.denied === 0 && !diffPolicies([held], documents, levels).broadened;
      }),
    );
  });
});

describe('policy versions younger than min-age', () => {
  const old = policy(allow('s3:ListBucket', 'arn:aws:s3:::a'), allow('ec2:DescribeInstances'));
  const fresh = policy(allow(['sqs:*Queue'], 'arn:aws:sqs:eu-west-1:111122223333:q', { Sid: 'Queue' }));
  const aged = (made: readonly (number | undefined)[], minAge: number): Proposal =>
    proposed({ minAge, unobservable: 'keep', today: { identity: [old, fresh], boundary: undefined, made } });

  test('stay as they are written', () => {
    const kept = aged([19_000, 20_000], 7);
    expect(statements(kept)).toMatchObject([
      { Statement: [{ Action: 's3:ListBucket', Resource: 'arn:aws:s3:::a' }] },
      {
        Statement: [{ Sid: 'Queue', Action: 'sqs:*Queue', Resource: 'arn:aws:sqs:eu-west-1:111122223333:q' }],
      },
    ]);
    expect(kept.files).toEqual(['policy.json', 'policy-unseen.json']);
    expect(kept.unseen.filter(({ reason }) => reason === 'too-young')).toEqual([
      {
        action: 'sqs:*Queue',
        resource: 'arn:aws:sqs:eu-west-1:111122223333:q',
        reason: 'too-young',
        kept: true,
      },
    ]);
    expect(kept.diff?.broadened).toBe(false);
    expect(kept.notes.filter((note) => note.includes('--min-age'))).toEqual([]);
  });

  test.each([
    ['nothing where they give it', ['arn:aws:logs:*:*:*', '*'], []],
    [
      'the rest where they give a part',
      ['arn:aws:logs:*:*:log-group:b:*'],
      ['arn:aws:logs:*:*:log-group:a:*'],
    ],
  ])('of what is kept unseen beside them stands %s', (_, given, rest) => {
    const groups = ['arn:aws:logs:*:*:log-group:a:*', 'arn:aws:logs:*:*:log-group:b:*'];
    const identity = [
      policy(allow('s3:ListBucket', 'arn:aws:s3:::a'), { ...allow('logs:PutLogEvents'), Resource: groups }),
      policy({ ...allow('logs:Put*'), Resource: given }),
    ];
    const today = { identity, boundary: undefined, made: [19_000, 20_000] };
    const { documents } = proposed({ minAge: 7, unobservable: 'keep', today });
    expect(documents.map(documentJson)).toMatchObject([
      { Statement: [{ Action: 's3:ListBucket' }] },
      { Statement: [...rest.map((Resource) => ({ Action: 'logs:PutLogEvents', Resource })), {}] },
    ]);
    expect(documents[1]?.statements).toHaveLength(1 + rest.length);
  });

  test.each([
    ['old enough on the last day', [19_000, 19_999], 7],
    ['made after the window, but no age is asked for', [19_000, 20_007], 0],
  ])('%s', (_, made, minAge) => {
    expect(JSON.stringify(statements(aged(made, minAge)))).not.toContain('sqs');
  });

  test('go where silence is to be believed', () => {
    const today = { identity: [old, fresh], boundary: undefined, made: [19_000, 20_000] };
    const { documents, unseen } = proposed({ minAge: 7, unobservable: 'drop', today });
    expect(JSON.stringify(documents)).not.toContain('sqs');
    expect(unseen).toContainEqual(
      expect.objectContaining({ action: 'sqs:*Queue', reason: 'too-young', kept: false }),
    );
  });

  test('of unknown age are not kept, and that is said', () => {
    const kept = aged([19_000, undefined], 7);
    expect(JSON.stringify(statements(kept))).not.toContain('sqs');
    expect(kept.notes).toContainEqual(
      expect.stringMatching(/^1 of 2 policies do not say when they were made/),
    );
  });

  test('never make a policy wider than today, nor deny a use or leave more of them open', () => {
    const identities = [
      policy(allow(['s3:Get*', 's3:ListBucket'], 'arn:aws:s3:::a*'), allow('iam:PassRole')),
      policy(allow(['iam:*', 's3:Put*']), {
        Effect: 'Deny',
        Action: 's3:GetObject',
        Resource: 'arn:aws:s3:::a/b/c',
      }),
      policy(allow('s3:*', '*', { Condition: { StringEquals: { 'aws:SourceVpce': 'vpce-1' } } })),
    ];
    const levels = { expandActions, accessLevelOf: (action: string) => actionInfo(action)?.accessLevel };
    const arbMade = array(constantFrom(19_000, 20_000), { minLength: 3, maxLength: 3 });
    assert(
      property(arbUses, arbMade, (uses, made) => {
        const observed = observedOf(uses);
        const today = { identity: identities, boundary: undefined, made };
        const { documents, proof } = proposed({ observed, today, minAge: 7 });
        const without = proposed({ observed, today }).proof;
        return (
          proof.denied === 0 &&
          proof.undetermined <= without.undetermined &&
          !diffPolicies(identities, documents, levels).broadened
        );
      }),
      { numRuns: 50 },
    );
  });

  test('what was used stands in policy.json though they give it too, so that it holds alone', () => {
    const kept = aged([20_000, 19_000], 7);
    expect(statements(kept)).toMatchObject([
      { Statement: [{ Action: 's3:ListBucket', Resource: 'arn:aws:s3:::a' }] },
      {
        Statement: [
          { Action: 's3:ListBucket', Resource: 'arn:aws:s3:::a' },
          { Action: 'ec2:DescribeInstances' },
        ],
      },
    ]);
    expect(kept.proof).toMatchObject({ uses: 1, allowed: 1 });
  });
});

describe('a permission set', () => {
  const set = { ...identity, kind: 'permission-set' as const, name: 'Ops' };
  const two = [policy(allow('s3:ListBucket')), policy(allow('iam:GetUser'), allow('s3:ListBucket'))];

  test('loses nothing while an account it is in use in is missing, and it is named', () => {
    const missing = [
      { account: '444455556666', days: 0 },
      { account: '777788889999', days: 2 },
    ];
    const kept = proposed({ identity: set, missing }, two);
    expect(kept.diff?.items.filter(({ kind }) => kind !== 'kept')).toEqual([]);
    expect(kept.blocks.join()).toMatch(
      /^in use in 444455556666, 777788889999 \(2 covered days\), of which the index holds too little: nothing is removed/,
    );
    expect(new Set(kept.unseen.map(({ reason }) => reason))).toEqual(new Set(['account-missing']));
    expect(kept.plan).toEqual([]);
  });

  test('has one inline policy even then', () => {
    const kept = proposed({ identity: set, missing: [{ account: '444455556666', days: 0 }] }, two);
    expect(kept.documents).toHaveLength(1);
    expect(kept.overflow).toEqual([]);
  });

  test('whose policies do not fit into one says so', () => {
    const buckets = Array.from(
      { length: 900 },
      (_, i) => `arn:aws:s3:::a-bucket-with-a-rather-long-name-${i}`,
    );
    const large = [policy({ Effect: 'Allow', Action: 's3:ListBucket', Resource: buckets })];
    const kept = proposed({ identity: set, minWindow: 30 }, large);
    expect(kept.overflow.join()).toContain('a permission-set takes 1 of 32768 characters');
    expect(kept.overflow.join()).not.toContain('--unobservable');
    const unseen = proposed({ identity: set, missing: [], unobservable: 'keep' }, [
      policy({ Effect: 'Allow', Action: 's3:PutObject', Resource: buckets.map((name) => `${name}/*`) }),
    ]);
    expect(unseen.overflow[0]).toMatch(/; --unobservable drop leaves out what is kept unseen: 1 action$/);
  });

  test('loses what was not used when no account is missing', () => {
    expect(JSON.stringify(statements(proposed({ identity: set, missing: [] }, two)))).not.toContain(
      'iam:GetUser',
    );
  });
});
