import { describe, expect, test } from 'vitest';
import { isObject } from '../../src/iam/json.ts';
import { parsePolicy, type PolicyDocument } from '../../src/iam/policy/policy.ts';
import { documentJson } from '../../src/iam/policy/policy-json.ts';
import { bitOfDay, monthOfDay } from '../../src/iam/days.ts';
import { Deliveries } from '../../src/synth/usage/deliveries.ts';
import { parseTrailConfig } from '../../src/permissions/selectors.ts';
import { propose } from '../../src/synth/generate.ts';
import type { GenerateInput, Proposal } from '../../src/synth/proposal.ts';
import type { Unseen } from '../../src/synth/keep/unseen-grants.ts';
import { everyDay, inputOf, observedOf } from './arbitrary.ts';

const holding = (...statements: readonly object[]): PolicyDocument =>
  parsePolicy(
    JSON.stringify({
      Version: '2012-10-17',
      Statement: statements.map((one) => ({ Effect: 'Allow', Resource: '*', ...one })),
    }),
    'today',
  );

const of = (today: PolicyDocument, more: Partial<GenerateInput> = {}): Proposal =>
  propose(inputOf({ observed: observedOf([]), today: { identity: [today], boundary: undefined }, ...more }));
const kept = ({ unseen }: Proposal): readonly Unseen[] => unseen.filter((one) => one.kept);
const window = { since: 20_000, until: 20_006 };

describe('a grant', () => {
  test('that names a Region stays where nothing was delivered of it', () => {
    const p = of(holding({ Action: 'sqs:DeleteQueue', Resource: 'arn:aws:sqs:ap-south-1:111122223333:q' }));
    expect(kept(p)).toMatchObject([{ action: 'sqs:DeleteQueue', reason: 'gap' }]);
  });

  test('stays where nothing was delivered at all', () => {
    const nowhere = { deliveries: everyDay([], window) };
    expect(kept(of(holding({ Action: 'sqs:DeleteQueue' }), nowhere))).toMatchObject([
      { action: 'sqs:DeleteQueue', reason: 'gap' },
    ]);
  });

  test('of IAM is judged by the one Region in which IAM logs', () => {
    const today = holding({ Action: 'iam:CreateUser' });
    expect(kept(of(today))).toEqual([]);
    const deliveries = everyDay(['eu-west-1'], window);
    expect(kept(of(today, { deliveries }))).toMatchObject([{ action: 'iam:CreateUser', reason: 'gap' }]);
  });

  test('stays outside the one Region that the trail is known to log', () => {
    const trails = parseTrailConfig(
      JSON.stringify({
        TrailARN: 'arn:aws:cloudtrail:eu-west-1:111122223333:trail/t',
        IsMultiRegionTrail: false,
        HomeRegion: 'eu-west-1',
        EventSelectors: [{ ReadWriteType: 'All', IncludeManagementEvents: true }],
      }),
      'trail',
    );
    const deliveries = everyDay(['eu-west-1'], window);
    const { documents } = of(holding({ Action: 'sqs:DeleteQueue' }), { deliveries, trails });
    expect(documents[0]?.statements[0]?.conditions).toEqual([
      { operator: 'StringNotEquals', key: 'aws:RequestedRegion', values: ['eu-west-1'] },
    ]);
  });

  test('of an action that the catalogue lacks stays, of a pattern that holds none of it there is nothing', () => {
    const { unseen } = of(holding({ Action: ['sqs:NewThing', 'sqs:Zz*', 'SQS:sendmessage'] }));
    expect(unseen.map(({ action, reason }) => `${action} ${reason}`)).toEqual([
      'sqs:NewThing no-known-event',
      'sqs:SendMessage data-events-off',
    ]);
  });

  test('of all actions but some is judged of all but these', () => {
    const actions = new Set(
      of(holding({ NotAction: ['sqs:*', 'kms:*'] })).unseen.map(({ action }) => action),
    );
    expect(['sns:Publish', 'sqs:SendMessage', 's3:GetObject'].map((one) => actions.has(one))).toEqual([
      true,
      false,
      true,
    ]);
  });

  test('that several statements hold is listed once, and kept where one of them keeps it', () => {
    const { unseen } = of(
      holding(
        { Action: ['sqs:SendMessage'] },
        { Action: '*' },
        { Action: ['sns:Publish', 'sqs:SendMessage'] },
      ),
    );
    const named = unseen.filter(({ action }) => action === 'sqs:SendMessage' || action === 'sns:Publish');
    expect(named.map(({ action, kept: isKept }) => `${action} ${isKept}`)).toEqual([
      'sns:Publish true',
      'sqs:SendMessage true',
    ]);
  });

  test('that only a pattern over services reaches goes where no event would show it and nobody called the service', () => {
    const p = of(holding({ Action: '*' }));
    expect(p.unseen.find(({ action }) => action === 'rds-db:connect')?.kept).toBe(false);
    expect(kept(of(holding({ Action: 'rds-db:connect' })))).toMatchObject([{ action: 'rds-db:connect' }]);
  });
});

const trailOf = (...selectors: readonly object[]) =>
  parseTrailConfig(
    JSON.stringify({
      TrailARN: 'arn:aws:cloudtrail:us-east-1:111122223333:trail/t',
      IsMultiRegionTrail: true,
      EventSelectors: selectors,
    }),
    'trail',
  );

/** Deliveries of us-east-1 on all days, read and written from the day given for each on; a trail was changed on `changed`. */
function delivered(since: { readonly read: number; readonly write: number }, changed: number): Deliveries {
  const rows = Array.from({ length: 9 }, (_, i) => 19_999 + i).flatMap((day) =>
    (['read', 'write'] as const)
      .map((detail) => (day >= since[detail] ? detail : ''))
      .map((detail) => ({
        account: '111122223333',
        region: 'us-east-1',
        category: detail === '' ? '' : 'management',
        detail,
        source: detail === '' ? '' : 'sts.amazonaws.com',
        month: monthOfDay(day),
        days: bitOfDay(day),
      })),
  );
  return new Deliveries(rows, window, { changes: [{ account: '111122223333', days: [changed] }] });
}

describe('management events under --trail-config', () => {
  const trails = trailOf({ ReadWriteType: 'All', IncludeManagementEvents: true });
  const today = holding({ Action: ['sqs:DeleteQueue', 'sqs:GetQueueUrl'] });
  const reasons = (deliveries: Deliveries): readonly string[] =>
    kept(of(today, { deliveries, trails, minWindow: 5 })).map(
      ({ action, reason, missing = '' }) => `${action} ${reason} ${missing}`,
    );

  test('count from the start where they were seen from the start, whatever the trail logged before its change', () => {
    expect(reasons(delivered({ read: 0, write: 0 }, 20_004))).toEqual([]);
  });

  test('count from the last change of the trail on where they were seen only after it', () => {
    expect(reasons(delivered({ read: 20_005, write: 0 }, 20_004))).toEqual([
      'sqs:GetQueueUrl data-events-off management read',
    ]);
    expect(reasons(delivered({ read: 20_005, write: 0 }, 20_001))).toEqual([]);
  });

  test('count for what no event of its own shows', () => {
    const passing = holding({ Action: 'iam:PassRole' });
    const readOnly = trailOf({ ReadWriteType: 'ReadOnly', IncludeManagementEvents: true });
    expect(kept(of(passing, { trails }))).toEqual([]);
    expect(kept(of(passing, { trails: readOnly }))).toMatchObject([
      { action: 'iam:PassRole', reason: 'data-events-off', missing: 'management write' },
    ]);
  });

  test('of a service that a trail may leave out must have been seen, where nobody says what the trail logs', () => {
    const keys = holding({ Action: 'kms:DisableKey' });
    expect(kept(of(keys))).toMatchObject([{ reason: 'data-events-off', missing: 'management' }]);
    expect(kept(of(holding({ Action: 'sqs:DeleteQueue' })))).toEqual([]);
  });

  test('of the other access are no witness, and are named', () => {
    const writeOnly = trailOf({ ReadWriteType: 'WriteOnly', IncludeManagementEvents: true });
    const p = of(today, { deliveries: delivered({ read: 0, write: 0 }, 0), trails: writeOnly });
    expect(kept(p)).toMatchObject([{ reason: 'data-events-off', missing: 'management read' }]);
  });

  // KMS and STS log as reads what IAM calls a write: a trail of writes has none of their events.
  test.each([
    ['kms:Decrypt', ['management read']],
    ['sts:AssumeRole', ['management read']],
    ['kms:DisableKey', []],
    ['iam:GenerateCredentialReport', ['management read']],
  ])('of writes alone and %s', (Action, missing) => {
    const trails = trailOf({ ReadWriteType: 'WriteOnly', IncludeManagementEvents: true });
    const p = of(holding({ Action }), { deliveries: delivered({ read: 0, write: 0 }, 0), trails });
    expect(kept(p).map((one) => one.missing)).toEqual(missing);
  });

  test('of reads alone say nothing of what IAM calls a read and its name does not', () => {
    const trails = trailOf({ ReadWriteType: 'ReadOnly', IncludeManagementEvents: true });
    const today = holding({ Action: ['iam:GenerateCredentialReport', 'iam:GetRole'] });
    const p = of(today, { deliveries: delivered({ read: 0, write: 0 }, 0), trails });
    expect(kept(p).map(({ action, missing }) => [action, missing])).toEqual([
      ['iam:GenerateCredentialReport', 'management write'],
    ]);
  });
});

const givenUp = (statement: object, more: Partial<GenerateInput> = {}): readonly string[] =>
  of(holding(statement), more).notes.filter((note) => note.includes('is given up'));

describe('that what was held in Regions without any event is given up', () => {
  const everywhere = { Action: 'sqs:DeleteQueue' };
  const queue = 'arn:aws:sqs:us-east-1:111122223333:q';
  const oneRegion = { deliveries: everyDay(['us-east-1'], window) };
  const trails = trailOf({ ReadWriteType: 'All', IncludeManagementEvents: true });

  test('is said of one Region, of several, and with a trail', () => {
    const ofAll = 'what was held elsewhere without naming its Region is given up there';
    expect(givenUp(everywhere)).toEqual([
      `nothing was delivered of any Region but eu-west-1, us-east-1: ${ofAll}`,
    ]);
    expect(givenUp(everywhere, { ...oneRegion, trails })).toEqual([
      `nothing was delivered of any Region but us-east-1: ${ofAll}`,
    ]);
    expect(givenUp(everywhere, oneRegion)).toEqual([
      'the index holds us-east-1 alone and --trail-config does not say what the trail logs: what was held elsewhere without naming its Region is given up as unused there',
    ]);
  });

  test.each([
    ['the ARN names its Region', { ...everywhere, Resource: queue }],
    [
      'the condition names its Regions',
      { ...everywhere, Condition: { StringEquals: { 'aws:RequestedRegion': 'us-east-1' } } },
    ],
    ['the service logs in one Region', { Action: 'iam:CreateUser' }],
    ['it stays wherever it is', { Action: 'sqs:SendMessage' }],
    ['nothing is held', { ...everywhere, Resource: undefined, NotResource: '*' }],
  ])('is not where %s', (_, statement) => {
    expect(givenUp(statement)).toEqual([]);
  });
});

test('Regions that were left out when logs were read stay', () => {
  const chosen = everyDay(['us-east-1'], window, { areRegionsChosen: true });
  expect(kept(of(holding({ Action: 'sqs:DeleteQueue' }), { deliveries: chosen }))).toMatchObject([
    { action: 'sqs:DeleteQueue', reason: 'gap', except: ['us-east-1'] },
  ]);
});

/** Of us-east-1 on all days, of eu-west-1 and us-west-2 on two, which are too few. */
const inPart = new Deliveries(
  ['us-east-1', 'eu-west-1', 'us-west-2'].flatMap((region) =>
    Array.from({ length: region === 'us-east-1' ? 9 : 2 }, (_, i) => 19_999 + i).flatMap((day) =>
      ['read', 'write'].map((detail) => ({
        account: '111122223333',
        region,
        category: 'management',
        detail,
        source: 'sts.amazonaws.com',
        month: monthOfDay(day),
        days: bitOfDay(day),
      })),
    ),
  ),
  window,
);
const tag = { 'aws:PrincipalTag/team': 'a' };
const asked = 'aws:RequestedRegion';
const short = ['eu-west-1', 'us-west-2'];

test.each<[string, object, unknown, unknown]>([
  ['by a condition', {}, '*', { StringEquals: { [asked]: short } }],
  [
    'by a condition beside another',
    { Condition: { StringEquals: tag } },
    '*',
    { StringEquals: { ...tag, [asked]: short } },
  ],
  [
    'by the Regions that it names',
    { Condition: { StringEquals: { [asked]: ['eu-west-1', 'us-east-1'] } } },
    '*',
    { StringEquals: { [asked]: 'eu-west-1' } },
  ],
  [
    'by the ARN where a pattern stands for the Region',
    { Resource: 'arn:aws:sqs:*:111122223333:q' },
    short.map((region) => `arn:aws:sqs:${region}:111122223333:q`),
    undefined,
  ],
  [
    'by a condition where a variable stands for it',
    { Resource: 'arn:aws:sqs:${aws:RequestedRegion}:111122223333:q' },
    'arn:aws:sqs:${aws:RequestedRegion}:111122223333:q',
    { StringEquals: { [asked]: short } },
  ],
])('a grant is cut to Regions with too few days %s', (_, part, Resource, Condition) => {
  const today = holding({ Action: 'sqs:DeleteQueue', ...part });
  const { documents } = of(today, { deliveries: inPart, minWindow: 5 });
  const [statement] = documents.map(documentJson).flatMap((document) => document['Statement']);
  expect(isObject(statement) && { ...statement, Sid: '' }).toEqual({
    Sid: '',
    Effect: 'Allow',
    Action: 'sqs:DeleteQueue',
    Resource,
    ...(Condition === undefined ? {} : { Condition }),
  });
});

test.each([
  [tag, { ...tag, [asked]: 'us-east-1' }],
  [{ [asked]: 'ap-south-1' }, { [asked]: ['ap-south-1', 'us-east-1'] }],
])('a grant under StringNotEquals %j is cut to Regions that were left out', (own, StringNotEquals) => {
  const deliveries = everyDay(['us-east-1'], window, { areRegionsChosen: true });
  const today = holding({ Action: 'sqs:DeleteQueue', Condition: { StringNotEquals: own } });
  const { documents } = of(today, { deliveries });
  expect(documents.map(documentJson)).toMatchObject([{ Statement: [{ Condition: { StringNotEquals } }] }]);
});

describe('what only services can use', () => {
  const today = holding({ Action: 's3:ReplicateObject' });
  test.each([
    [{ services: ['ec2.amazonaws.com'], others: false }, 0],
    [{ services: ['s3.amazonaws.com'], others: false }, 1],
    [{ services: ['ec2.amazonaws.com'], others: true }, 1],
  ])('under %j', (trust, count) => {
    const p = propose(
      inputOf({ observed: observedOf([]), today: { identity: [today], boundary: undefined, trust } }),
    );
    expect(kept(p)).toHaveLength(count);
  });
});

const report = (service: string, lastDay: number | undefined) => ({
  arn: '',
  day: 20_007,
  services: new Map([[service, { service, lastDay, region: '', actions: new Map<string, number>() }]]),
});

const said = (action: string, lastDay: number | undefined): readonly Unseen[] => {
  const lastAccessed = report(action.split(':')[0] ?? '', lastDay);
  const identity = [holding({ Action: action })];
  return kept(
    propose(inputOf({ observed: observedOf([]), today: { identity, boundary: undefined, lastAccessed } })),
  );
};

describe('last accessed data', () => {
  test('keep what was used before the window and the log would give up', () => {
    expect(said('sqs:DeleteQueue', 19_900)).toMatchObject([{ reason: 'used-before' }]);
    expect(said('sqs:DeleteQueue', undefined)).toEqual([]);
  });

  test.each([
    [19_999, false],
    [20_000, true],
    [20_006, true],
    [20_007, false],
  ])('of day %i say that logs are missing: %s', (day, isSaid) => {
    const today = { identity: [holding({ Action: 'sqs:DeleteQueue' })], boundary: undefined };
    const lastAccessed = report('sqs', day);
    const { notes } = propose(inputOf({ observed: observedOf([]), today: { ...today, lastAccessed } }));
    const note = 'IAM saw access to sqs in the window and the index shows none';
    expect(notes.some((one) => one.startsWith(note))).toBe(isSaid);
  });

  test('release what only missing events keep, where AWS saw no access', () => {
    expect(said('sqs:SendMessage', undefined)).toEqual([]);
    expect(said('rds-db:connect', undefined)).toHaveLength(1);
  });
});
