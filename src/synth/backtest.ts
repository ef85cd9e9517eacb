import type { Identity } from '../cloudtrail/identity.ts';
import type { Window } from '../iam/days.ts';
import { sortedUnique } from '../iam/order.ts';
import type { PolicyDocument, Statement } from '../iam/policy/policy.ts';
import { policySize } from '../iam/policy/quota.ts';
import { serviceOf } from '../iam/catalogue.ts';
import { actionCount, propose } from './generate.ts';
import type { GenerateInput } from './proposal.ts';
import type { Today } from './held/today.ts';
import { held as heldOf, type Held } from './held/current-grants.ts';
import { Replay } from './proof/replay.ts';
import type { Evidence } from './usage/gathering.ts';
import type { Observed, Use } from './usage/use.ts';

/** How a policy was made from the training days; the last three are what others do, and today. */
export const strategies = ['exact', 'balanced', 'action-level', 'service-level', 'current'] as const;
export type Method = (typeof strategies)[number];

/** One policy, made from the training days and tried on the test days. */
export interface Trial {
  readonly identity: Identity;
  readonly strategy: Method;
  readonly train: Window;
  readonly test: Window;
  /** Distinct uses in the test days that could be judged. */
  readonly uses: number;
  readonly denied: number;
  /** The same, each use counted once for every test day it was made on. */
  readonly useDays: number;
  readonly deniedUseDays: number;
  /** Actions the policy allows, wildcards expanded; and today's policies, when known. */
  readonly actions: number;
  readonly actionsToday: number | undefined;
  /** Non-white-space characters. */
  readonly bytes: number;
}

/** Days of training, of testing, and from one trial to the next. */
export interface Slide {
  readonly train: number;
  readonly test: number;
  readonly step: number;
}

/** The trials that fit into a span of covered days, earliest first; each test follows its training. */
export function slides(
  { since, until }: Window,
  { train, test, step }: Slide,
): readonly { train: Window; test: Window }[] {
  const found: { train: Window; test: Window }[] = [];
  for (let start = since; start + train + test - 1 <= until; start += step) {
    found.push({
      train: { since: start, until: start + train - 1 },
      test: { since: start + train, until: start + train + test - 1 },
    });
  }
  return found;
}

/** What of an observation was seen on the days of a window: the same as observing only those days. */
function during(observed: Observed, { since, until }: Window): Observed {
  const inside = <T extends Evidence>(list: readonly T[]): T[] =>
    list.flatMap((item) => {
      const days = [...item.days].filter((day) => day >= since && day <= until);
      return days.length === 0 ? [] : [{ ...item, days: new Set(days) }];
    });
  const uses = inside(observed.uses);
  const unmapped = inside(observed.unmapped);
  return {
    ...observed,
    uses,
    inconclusive: inside(observed.inconclusive),
    denied: inside(observed.denied),
    unmapped,
    possible: inside(observed.possible),
    services: new Set([
      ...uses.map((use) => serviceOf(use.action)),
      ...unmapped.flatMap((call) => call.services),
    ]),
  };
}

type TrialInput = Omit<GenerateInput, 'observed' | 'strategy' | 'window' | 'gaps' | 'covered' | 'minWindow'>;

/** Tries every strategy on one pair of windows. Without today's policies there is no `current` to compare with. */
export function trials(
  input: TrialInput,
  whole: Observed,
  windows: { train: Window; test: Window },
): readonly Trial[] {
  const training = during(whole, windows.train);
  const later = during(whole, windows.test).uses;
  const held = input.today && heldOf(input.today.identity, input.today.boundary);
  return strategies.flatMap((strategy) => {
    const documents = documentsOf(strategy, input, training, windows.train);
    if (!documents) return [];
    return [
      {
        identity: input.identity,
        strategy,
        ...windows,
        ...judged(documents, later, held),
        ...sizes(documents, input.today),
      },
    ];
  });
}

function documentsOf(
  strategy: Method,
  input: TrialInput,
  training: Observed,
  window: Window,
): readonly PolicyDocument[] | undefined {
  switch (strategy) {
    case 'exact':
    case 'balanced':
      return propose({
        ...input,
        observed: training,
        strategy,
        window,
        deliveries: input.deliveries.during(window),
        gaps: [],
        covered: 0,
        minWindow: 0,
      }).documents;
    case 'action-level':
      return [allowing(training.uses.map((use) => use.action))];
    case 'service-level':
      return [allowing(training.uses.map((use) => `${serviceOf(use.action)}:*`))];
    case 'current':
      return input.today?.identity;
  }
}

/** What tools without resources write: some actions on everything. */
function allowing(actions: readonly string[]): PolicyDocument {
  const statement: Statement = {
    sid: undefined,
    effect: 'Allow',
    actions: { kind: 'only', patterns: sortedUnique(actions) },
    resources: { kind: 'only', patterns: ['*'] },
    conditions: [],
  };
  return { version: '2012-10-17', statements: actions.length === 0 ? [] : [statement] };
}

function judged(
  documents: readonly PolicyDocument[],
  later: readonly Use[],
  held: Held | undefined,
): Pick<Trial, 'uses' | 'denied' | 'useDays' | 'deniedUseDays'> {
  const replay = new Replay(documents, held);
  const counts = { uses: 0, denied: 0, useDays: 0, deniedUseDays: 0 };
  for (const use of later) {
    const { kind } = replay.verdict(use);
    if (kind !== 'allowed' && kind !== 'denied') continue;
    counts.uses++;
    counts.useDays += use.days.size;
    if (kind === 'allowed') continue;
    counts.denied++;
    counts.deniedUseDays += use.days.size;
  }
  return counts;
}

const sizes = (
  documents: readonly PolicyDocument[],
  today: Today | undefined,
): Pick<Trial, 'actions' | 'actionsToday' | 'bytes'> => ({
  actions: actionCount(documents),
  actionsToday: today && actionCount(today.identity),
  bytes: documents.reduce((sum, document) => sum + policySize(document), 0),
});

/** All trials of one strategy in one row. */
export interface BacktestRow {
  readonly strategy: Method;
  readonly trials: number;
  readonly uses: number;
  readonly denied: number;
  readonly useDays: number;
  readonly deniedUseDays: number;
  readonly principals: number;
  /** Principals of which any test use was denied in any trial. */
  readonly broken: number;
  /** Mean over trials. */
  readonly actions: number;
  readonly bytes: number;
  /** Share of today's actions given up, 0 to 1; undefined when today is not known. */
  readonly reduction: number | undefined;
}

const principalOf = ({ identity }: Trial): string => `${identity.kind} ${identity.account} ${identity.name}`;

export function summarizeTrials(all: readonly Trial[]): readonly BacktestRow[] {
  return strategies.flatMap((strategy) => {
    const own = all.filter((trial) => trial.strategy === strategy);
    if (own.length === 0) return [];
    const sum = (value: (trial: Trial) => number): number =>
      own.reduce((total, trial) => total + value(trial), 0);
    const today = own.some((trial) => trial.actionsToday === undefined)
      ? undefined
      : sum((trial) => trial.actionsToday ?? 0);
    return [
      {
        strategy,
        trials: own.length,
        uses: sum((t) => t.uses),
        denied: sum((t) => t.denied),
        useDays: sum((t) => t.useDays),
        deniedUseDays: sum((t) => t.deniedUseDays),
        principals: new Set(own.map(principalOf)).size,
        broken: new Set(own.filter((t) => t.denied > 0).map(principalOf)).size,
        actions: sum((t) => t.actions) / own.length,
        bytes: sum((t) => t.bytes) / own.length,
        reduction: today === undefined || today === 0 ? undefined : 1 - sum((t) => t.actions) / today,
      },
    ];
  });
}
