import { backtestText } from '../../src/emit/text/backtest.ts';
import { describe, expect, test } from 'vitest';
import type { PolicyDocument } from '../../src/iam/policy/policy.ts';
import {
  brokenOf,
  slides,
  summarizeTrials,
  trials,
  type Method,
  type Trial,
} from '../../src/synth/backtest.ts';
import type { Use } from '../../src/synth/usage/use.ts';
import { allow, policy } from '../iam/documents.ts';
import { everyDay, identity, observedOf, useOf } from './arbitrary.ts';

const window = { since: 20_000, until: 20_006 };

test('trials slide over the covered days, each tested on the days after its training', () => {
  const [first, ...rest] = slides(window, { train: 3, test: 2, step: 2 });
  expect(first).toEqual({ train: { since: 20_000, until: 20_002 }, test: { since: 20_003, until: 20_004 } });
  expect(rest).toEqual([{ train: { since: 20_002, until: 20_004 }, test: { since: 20_005, until: 20_006 } }]);
  expect(slides(window, { train: 7, test: 1, step: 1 })).toEqual([]);
});

const on = (resource: string, action: string, ...days: number[]): Use =>
  useOf({ action, resource, days: new Set(days) });

describe('a trial', () => {
  const uses = [
    on('arn:aws:s3:::a', 's3:ListBucket', 20_000, 20_003, 20_004),
    on('arn:aws:s3:::b', 's3:ListBucket', 20_003),
    on('arn:aws:s3:::a', 's3:GetBucketPolicy', 20_001),
    on('arn:aws:s3:::a/k', 's3:PutObject', 20_004),
    on('arn:aws:iam::111122223333:user/u', 'iam:AttachUserPolicy', 20_005),
  ];
  const tried = (today?: PolicyDocument, methods?: readonly Method[]): readonly Trial[] =>
    trials(
      {
        identity,
        today: today && { identity: [today], boundary: undefined },
        unobservable: 'drop',
        trails: undefined,
        deliveries: everyDay(['us-east-1', 'eu-west-1'], window),
      },
      observedOf(uses),
      { train: { since: 20_000, until: 20_002 }, test: { since: 20_003, until: 20_004 } },
      methods,
    );

  test('denies what the training days did not show, and counts each day of it', () => {
    expect(tried().map(({ strategy, uses, denied }) => [strategy, uses, denied])).toEqual([
      ['exact', 3, 2],
      ['balanced', 3, 2],
      ['action-level', 3, 1],
      ['service-level', 3, 0],
    ]);
    const [exact] = tried(undefined, ['exact']);
    expect(exact).toMatchObject({
      useDays: 4,
      deniedUseDays: 2,
      broke: ['s3:ListBucket', 's3:PutObject'],
      actions: 2,
      actionsToday: undefined,
      unused: { List: 0, Read: 1, Write: 0, Tagging: 0, 'Permissions management': 0, escalation: 0 },
    });
  });

  test("is compared with today's policies, of which nothing is broken", () => {
    const wide = policy(
      allow(['s3:ListBucket', 's3:GetBucketPolicy', 's3:PutObject', 'iam:AttachUserPolicy']),
    );
    const rows = summarizeTrials(tried(wide));
    expect(rows.map(({ strategy }) => strategy)).toEqual([
      'exact',
      'balanced',
      'action-level',
      'service-level',
      'current',
    ]);
    expect(rows.at(-1)).toMatchObject({
      trials: 1,
      broken: 0,
      denied: 0,
      actions: 4,
      unused: 2,
      unusedManagement: 1,
      unusedEscalation: 1,
      reduction: 0,
    });
    expect(rows[0]).toMatchObject({ broken: 1, denied: 2 });
  });

  test('of days that show nothing is none', () => {
    const quiet = { since: 20_006, until: 20_006 };
    const input = {
      identity,
      today: undefined,
      unobservable: 'keep',
      trails: undefined,
      deliveries: everyDay(['us-east-1'], window),
    } as const;
    expect(trials(input, observedOf(uses), { train: quiet, test: window })).toEqual([]);
    expect(summarizeTrials([])).toEqual([]);
  });
});

test.each([
  [0, 6, '0.00 to 0.39'],
  [3, 6, '0.19 to 0.81'],
  [50, 100, '0.40 to 0.60'],
  [100, 100, '0.96 to 1.00'],
])('of %i broken among %i principals the interval is that of Wilson', (broken, principals, expected) => {
  const trials = Array.from({ length: principals }, (_, i) => trialOf(`app-${i}`, i < broken));
  expect(
    brokenOf(trials)
      .expected.map((share) => share.toFixed(2))
      .join(' to '),
  ).toBe(expected);
  // Trials of the same principals again tell nothing of others.
  expect(brokenOf([...trials, ...trials])).toMatchObject({ ...brokenOf(trials), trials: 2 * principals });
});

const text = (all: readonly Trial[]): string =>
  backtestText(all, summarizeTrials(all), { train: 3, test: 2, step: 1 });

test('uses that the log cannot decide are in the denominator, and said to be unclear', () => {
  const open = { ...trialOf('app', false), uses: 3, undetermined: 2 };
  expect(text([open])).toMatch(/0 of 3, 2 unclear[^]*unclear: what the log does not show/);
  expect(text([{ ...open, undetermined: 0 }])).not.toContain('unclear');
});

function trialOf(name: string, isBroken: boolean): Trial {
  return {
    identity: { ...identity, name },
    strategy: 'balanced',
    train: window,
    test: window,
    uses: 1,
    denied: Number(isBroken),
    undetermined: 0,
    useDays: 1,
    deniedUseDays: 0,
    broke: [],
    unused: { List: 0, Read: 0, Write: 0, Tagging: 0, 'Permissions management': 0, escalation: 0 },
    actions: 0,
    actionsToday: undefined,
    bytes: 0,
  };
}
