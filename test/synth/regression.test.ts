import { assert, constantFrom, property, record } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { includesPolicy } from '../../src/iam/compare/inclusion.ts';
import { documentJson, toJson } from '../../src/iam/policy/policy-json.ts';
import type { PolicyDocument } from '../../src/iam/policy/policy.ts';
import { freshUses } from '../../src/synth/renewal/new-use.ts';
import { propose } from '../../src/synth/generate.ts';
import type { Proposal } from '../../src/synth/proposal.ts';
import type { Today } from '../../src/synth/held/today.ts';
import { pinsOf, remembered, type History } from '../../src/synth/renewal/regression.ts';
import { renewalOf, type LastProposal } from '../../src/synth/renewal.ts';
import type { Use } from '../../src/synth/usage/use.ts';
import { arbDocument } from '../iam/arbitrary.ts';
import { allow, policy } from '../iam/documents.ts';
import { arbUses, inputOf, observedOf, partsOf, useOf } from './arbitrary.ts';

const refused = useOf({ action: 's3:GetObject', resource: 'arn:aws:s3:::a/b', days: new Set([20_003]) });
const wide = policy(allow(['s3:GetObject', 's3:ListBucket']));
const narrow = policy(allow('s3:ListBucket'));
const history = (
  documents: readonly PolicyDocument[],
  part: Partial<History & { day: number }> = {},
): History => ({
  recorded: [{ day: part.day ?? 20_000, documents }],
  last: part.last ?? [],
  restore: part.restore ?? false,
});

const proposed = (
  today: readonly PolicyDocument[],
  past: History,
  more: { denied?: readonly Use[]; boundary?: PolicyDocument; minWindow?: number; pin?: string } = {},
): Proposal =>
  propose(
    inputOf({
      observed: { ...observedOf([]), denied: more.denied ?? [refused] },
      today: { identity: today, boundary: more.boundary },
      unobservable: 'drop',
      history: past,
      minWindow: more.minWindow ?? 0,
      pins:
        more.pin === undefined
          ? []
          : [{ action: 's3:*', resource: more.pin, owner: 'o', reason: 'r', expires: 20_100 }],
    }),
  );
const lost = (proposal: Proposal): unknown =>
  proposal.regressions.map(({ action, resource, restored }) => [action, resource, restored]);

const inRegion = (region: string): object => ({
  Condition: { StringEquals: { 'aws:RequestedRegion': region } },
});
const at = (day: number, ...documents: readonly PolicyDocument[]) => ({ day, documents });
const get = (resource: string, ...days: readonly number[]): Use =>
  useOf({ action: 's3:GetObject', resource, days: new Set(days) });

describe('a refused call is a regression', () => {
  const one = [['s3:GetObject', 'arn:aws:s3:::a/b', false]];
  const denyAll = { Effect: 'Deny', Action: 's3:*', Resource: '*' };
  const cases: readonly (readonly [string, Proposal, unknown])[] = [
    ['when policies on record allowed it', proposed([narrow], history([wide])), one],
    ['not when none did', proposed([narrow], history([narrow])), []],
    ['not while today allows it', proposed([wide], history([wide])), []],
    ['not when it was refused before the record', proposed([narrow], history([wide], { day: 20_004 })), []],
    [
      'when it was refused on the day of the record',
      proposed([narrow], history([wide], { day: 20_003 })),
      one,
    ],
    [
      'not when a Deny of today refuses it',
      proposed([policy(allow('s3:ListBucket'), denyAll)], history([wide])),
      [],
    ],
    ['not when a Deny on record refused it', proposed([narrow], history([wide, policy(denyAll)])), []],
    ['not when a boundary stands in the way', proposed([narrow], history([wide]), { boundary: narrow }), []],
    [
      'when today allows it elsewhere only',
      proposed([policy(allow('s3:GetObject', 'arn:aws:s3:::a/c'))], history([wide])),
      one,
    ],
    [
      'when a condition was put',
      proposed([policy(allow('s3:*', '*', inRegion('us-east-1')))], history([wide])),
      one,
    ],
    [
      'not under a condition on record that does not hold',
      proposed([narrow], history([policy(allow('s3:*', '*', inRegion('us-east-1')))])),
      [],
    ],
  ];
  test.each(cases)('%s', (_, proposal, expected) => expect(lost(proposal)).toEqual(expected));

  test('never where nothing is on record', () => {
    const { history: _, ...input } = inputOf({ observed: { ...observedOf([]), denied: [refused] } });
    expect(propose(input).regressions).toEqual([]);
  });
});

const onDays = (...on: readonly number[]): Proposal =>
  proposed([narrow], history([wide], { day: 20_003 }), { denied: [get('arn:aws:s3:::a/b', ...on)] });

describe('a refusal says nothing', () => {
  test('when it was refused while it was held', () => {
    expect(lost(onDays(20_003, 20_005))).toHaveLength(1);
    expect(lost(onDays(20_002, 20_005))).toEqual([]);
  });

  test('when another call of the same kind was', () => {
    const denied = [
      get('arn:aws:s3:::a/b', 20_005),
      useOf({ ...partsOf(get('arn:aws:s3:::a/b', 20_001)), eventName: 'x' }),
    ];
    expect(lost(proposed([narrow], history([wide], { day: 20_003 }), { denied }))).toEqual([]);
  });
});

test.each([
  ['iam:DeleteRole', 'arn:aws:iam::111122223333:role/*', false],
  ['iam:DeleteRole', 'arn:aws:iam::111122223333:role/*/app', true],
  ['sqs:SendMessage', 'arn:aws:sqs:us-east-1:111122223333:*', false],
  ['dynamodb:Query', 'arn:aws:dynamodb:us-east-1:111122223333:table/*/index/*', false],
  ['logs:PutLogEvents', 'arn:aws:logs:us-east-1:111122223333:log-group:a:*', true],
  ['s3:GetObject', 'arn:aws:s3:::*/*', false],
  ['s3:GetObject', 'arn:aws:s3:::a/*', true],
  ['sqs:ListQueues', '*', false],
])('%s on %s is given back: %s', (action, resource, isNamed) => {
  const denied = [useOf({ action, resource, days: new Set([20_003]) })];
  const past = history([policy(allow(action))], { restore: true });
  for (const pin of [undefined, '*']) {
    const { regressions, documents } = proposed([narrow], past, { denied, ...(pin ? { pin } : {}) });
    expect(regressions).toMatchObject([{ action, isNamed, restored: isNamed }]);
    expect(JSON.stringify(documents).includes(action)).toBe(isNamed);
  }
});

describe('giving back', () => {
  const [statement] = [{ Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::a/b' }];

  test('only when asked for, or named by a pin', () => {
    const shown = proposed([narrow], history([wide]));
    expect(JSON.stringify(shown.documents)).not.toContain('s3:GetObject');
    expect(shown.diff?.broadened).toBe(false);
    const asked = proposed([narrow], history([wide], { restore: true }));
    expect(asked.documents.map(documentJson)).toMatchObject([{ Statement: [statement] }]);
    expect(asked.diff?.broadened).toBe(true);
    const pinned = proposed([narrow], history([wide]), { pin: 'arn:aws:s3:::a/*' });
    expect(JSON.stringify(pinned.documents)).toContain('s3:GetObject');
    expect(pinned.pins).toMatchObject([{ state: 'restored', actions: ['s3:GetObject', 's3:ListBucket'] }]);
    const other = proposed([narrow], history([wide]), { pin: 'arn:aws:s3:::c/*' });
    expect(lost(other)).toEqual([['s3:GetObject', 'arn:aws:s3:::a/b', false]]);
  });

  test('beside all of today where nothing may be removed', () => {
    const blocked = proposed([narrow], history([wide], { restore: true }), { minWindow: 30 });
    expect(blocked.documents.map(documentJson)).toMatchObject([
      documentJson(narrow),
      { Statement: [statement] },
    ]);
  });

  test('law: what is given back is not missed any more, and nothing is wider than today and the record together', () => {
    const unnamed = {
      today: policy(allow('iam:*', 'arn:aws:s3:::a/b/*')),
      held: policy(allow('s3:Get*', 'arn:aws:s3:::a/${aws:username}/*')),
      denied: [useOf({ action: 's3:GetObject', resource: '*' })],
      restore: true,
    };
    const arb = record({
      today: arbDocument,
      held: arbDocument,
      denied: arbUses,
      restore: constantFrom(true, false),
    });
    assert(
      property(arb, ({ today, held, denied, restore }) => {
        // A Deny on record is not given back with what it left.
        const earlier = { ...held, statements: held.statements.filter(({ effect }) => effect === 'Allow') };
        const first = proposed([today], history([earlier], { restore }), { denied });
        const plain = proposed([today], { recorded: [], last: [], restore }, { denied });
        expect(first.documents.map(toJson)).toEqual(
          restore && first.regressions.length > 0 ? first.documents.map(toJson) : plain.documents.map(toJson),
        );
        expect(includesPolicy([today, earlier], first.documents).included).not.toBe('no');
        if (!restore) return;
        const next = proposed([...first.documents, today], history([earlier]), { denied });
        // What a refusal does not name is not given back, and so stays missed.
        expect(next.regressions.filter(({ isNamed }) => isNamed)).toEqual([]);
      }),
      { numRuns: 20, examples: [[unnamed]] },
    );
  });
});

test('a gap in the logs does not undo what was reviewed', () => {
  const today: Today = { identity: [wide], boundary: undefined };
  const of = (uses: readonly Use[], last: readonly PolicyDocument[]): unknown =>
    propose(
      inputOf({
        observed: observedOf(uses),
        today,
        minWindow: 30,
        history: { recorded: [], last, restore: false },
      }),
    ).documents;
  expect(of([], [narrow])).toEqual([narrow]);
  // It is used now, and the last proposal would refuse it.
  expect(of([refused], [narrow])).toEqual([wide]);
  // Wider than today: somebody has taken something away by hand.
  expect(of([], [policy(allow('s3:*'))])).toEqual([wide]);
  expect(of([], [])).toEqual([wide]);
});

describe('what stays on record', () => {
  test('what allows something that nothing else does, with the day it was first seen', () => {
    expect(remembered([], [at(1, wide), at(1, narrow)], true)).toEqual([at(1, wide)]);
    expect(remembered([at(1, wide)], [at(2, narrow)], true)).toEqual([at(1, wide)]);
    expect(remembered([at(1, narrow)], [at(2, wide)], false)).toEqual([at(2, wide)]);
    const other = policy(allow('sqs:SendMessage'));
    expect(remembered([at(1, wide)], [at(2, other)], false)).toEqual([at(1, wide), at(2, other)]);
  });

  test('the day moves only when something is taken away', () => {
    expect(remembered([at(1, wide)], [at(2, wide)], false)).toEqual([at(1, wide)]);
    expect(remembered([at(1, wide)], [at(2, wide)], true)).toEqual([at(2, wide)]);
  });

  test('what was given back stays as long as a window', () => {
    const [pin] = pinsOf([{ action: 's3:GetObject', resource: '*', day: 20_006 }], {
      since: 20_000,
      until: 20_006,
    });
    expect(pin).toMatchObject({ action: 's3:GetObject', expires: 20_012 });
  });
});

const mark = (day: number) => ({ action: 's3:GetObject', resource: 'arn:aws:s3:::a/b', day });

/** The marks after a run with --restore whose window of two weeks ends on a day. */
function marksAfter(until: number, marks: LastProposal['restored']): unknown {
  const window = { since: until - 13, until };
  const before = { ...history([wide], { restore: true, last: [narrow] }), exists: true, restored: marks };
  const observed = { ...observedOf([]), denied: [refused] };
  const today = { identity: [narrow], boundary: undefined };
  const proposal = propose(inputOf({ observed, today, window, history: before }));
  return renewalOf({ proposal, today }, before, true).restored;
}

test('the mark of what was given back keeps its day while it lies in the window', () => {
  expect(marksAfter(20_006, [])).toEqual([mark(20_006)]);
  expect(marksAfter(20_013, [mark(20_006)])).toEqual([mark(20_006)]);
  expect(marksAfter(20_020, [mark(20_006)])).toEqual([mark(20_020)]);
});

describe('use that is new', () => {
  const window = { since: 20_000, until: 20_020 };
  const granted = [policy(allow('s3:GetObject', 'arn:aws:s3:::a/in/*'))];
  const fresh = (uses: readonly Use[], gaps: readonly { since: number; until: number }[] = []): unknown =>
    freshUses(uses, granted, { window, gaps, newDays: 7 }).map(({ resource, firstDay }) => [
      resource,
      firstDay,
    ]);

  test('is first seen in the last days', () => {
    expect(fresh([get('arn:aws:s3:::b/x', 20_014, 20_016)])).toEqual([['arn:aws:s3:::b/x', 20_014]]);
    expect(fresh([get('arn:aws:s3:::b/x', 20_013, 20_016)])).toEqual([]);
  });

  test('is not another name under a pattern of the policy that was used before', () => {
    const uses = [get('arn:aws:s3:::a/in/1', 20_001), get('arn:aws:s3:::a/in/2', 20_018)];
    expect(fresh(uses)).toEqual([]);
    expect(fresh(uses.slice(1))).toEqual([['arn:aws:s3:::a/in/2', 20_018]]);
  });

  test('cannot be told where no log is older', () => {
    const uses = [get('arn:aws:s3:::b/x', 20_018)];
    expect(fresh(uses, [{ since: 20_000, until: 20_013 }])).toEqual([]);
    expect(fresh(uses, [{ since: 20_000, until: 20_012 }])).toEqual([['arn:aws:s3:::b/x', 20_018]]);
  });
});
