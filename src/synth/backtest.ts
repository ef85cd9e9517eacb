import type { Identity } from '../cloudtrail/identity.ts';
import type { Window } from '../iam/days.ts';
import { sortedUnique } from '../iam/order.ts';
import { allowingOnAll, type PolicyDocument } from '../iam/policy/policy.ts';
import { policySize } from '../iam/policy/quota.ts';
import { isPrivilegeEscalation } from '../iam/decide/escalation.ts';
import { actionInfo, serviceOf, type AccessLevel } from '../iam/catalogue.ts';
import { allowedActions, propose } from './generate.ts';
import type { GenerateInput } from './proposal.ts';
import type { Today } from './held/today.ts';
import { held as heldOf, type Held } from './held/current-grants.ts';
import type { Pin } from './keep/pins.ts';
import { Replay } from './proof/replay.ts';
import type { Evidence } from './usage/gathering.ts';
import { type Observed, Use } from './usage/use.ts';

/** How a policy was made from the training days: `foreseen` is `balanced` with needs foreseen as pins; the last three are what others do, and today. */
export const strategies = [
  'exact',
  'balanced',
  'foreseen',
  'action-level',
  'service-level',
  'current',
] as const;
export type Method = (typeof strategies)[number];

/** One policy, made from the training days and tried on the test days. */
export interface Trial {
  readonly identity: Identity;
  readonly strategy: Method;
  readonly train: Window;
  readonly test: Window;
  /** Distinct uses in the test days, without those that today's policies do not grant: the same under every strategy. */
  readonly uses: number;
  readonly denied: number;
  /** Those that hang on something that the log does not show. */
  readonly undetermined: number;
  /** The same, each use counted once for every test day it was made on. */
  readonly useDays: number;
  readonly deniedUseDays: number;
  /** Actions of the uses that it denies. */
  readonly broke: readonly string[];
  /** Actions that it allows and the test days did not use, by access level; and those that escalate privileges among them. */
  readonly unused: Unused;
  /** Actions the policy allows, wildcards expanded; and today's policies, when known. */
  readonly actions: number;
  readonly actionsToday: number | undefined;
  /** Non-white-space characters. */
  readonly bytes: number;
}

export type Unused = Readonly<Record<AccessLevel | 'escalation', number>>;

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
  const inside = <T extends Evidence>(list: readonly T[], on: (item: T, days: Evidence['days']) => T): T[] =>
    list.flatMap((item) => {
      const days = [...item.days].filter((day) => day >= since && day <= until);
      return days.length === 0 ? [] : [on(item, new Set(days))];
    });
  const usesOf = (list: readonly Use[]): Use[] =>
    inside(list, ({ kind, resource, ...seen }, days) => new Use(kind, resource, { ...seen, days }));
  const uses = usesOf(observed.uses);
  const unmapped = inside(observed.unmapped, (call, days) => ({ ...call, days }));
  return {
    ...observed,
    uses,
    inconclusive: usesOf(observed.inconclusive),
    denied: usesOf(observed.denied),
    unmapped,
    possible: inside(observed.possible, (need, days) => ({ ...need, days })),
    services: new Set([
      ...uses.map((use) => serviceOf(use.action)),
      ...unmapped.flatMap((call) => call.services),
    ]),
  };
}

interface TrialInput extends Omit<
  GenerateInput,
  'observed' | 'strategy' | 'window' | 'gaps' | 'covered' | 'minWindow'
> {
  /** The needs that the training days foresee; without it `foreseen` is not tried. */
  readonly foreseen?: (training: Observed, window: Window) => readonly Pin[];
}

/** Tries strategies on one pair of windows; none where the training days show nothing, no `current` without today's policies. */
export function trials(
  input: TrialInput,
  whole: Observed,
  windows: { train: Window; test: Window },
  methods: readonly Method[] = strategies,
): readonly Trial[] {
  const training = during(whole, windows.train);
  if (training.uses.length === 0) return [];
  const later = during(whole, windows.test).uses;
  const held = input.today && heldOf(input.today.identity, input.today.boundary);
  return methods.flatMap((strategy) => {
    const documents = documentsOf(strategy, input, training, windows.train);
    if (!documents) return [];
    return [
      {
        identity: input.identity,
        strategy,
        ...windows,
        ...judged(documents, later, held),
        ...sizes(documents, input.today, later),
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
    case 'foreseen': {
      const pins = input.foreseen?.(training, window);
      return pins && documentsOf('balanced', { ...input, pins }, training, window);
    }
    // What tools without resources write.
    case 'action-level':
      return [allowingOnAll(training.uses.map((use) => use.action))];
    case 'service-level':
      return [allowingOnAll(training.uses.map((use) => `${serviceOf(use.action)}:*`))];
    case 'current':
      return input.today?.identity;
  }
}

function judged(
  documents: readonly PolicyDocument[],
  later: readonly Use[],
  held: Held | undefined,
): Pick<Trial, 'uses' | 'denied' | 'undetermined' | 'useDays' | 'deniedUseDays' | 'broke'> {
  const replay = new Replay(documents, held);
  const broke = new Set<string>();
  const counts = { uses: 0, denied: 0, undetermined: 0, useDays: 0, deniedUseDays: 0 };
  for (const use of later) {
    const { kind } = replay.verdict(use);
    if (kind === 'granted-elsewhere' || kind === 'contradicted') continue;
    counts.uses++;
    counts.useDays += use.days.size;
    if (kind === 'undetermined') counts.undetermined++;
    if (kind !== 'denied') continue;
    counts.denied++;
    counts.deniedUseDays += use.days.size;
    broke.add(use.action);
  }
  return { ...counts, broke: sortedUnique(broke) };
}

function sizes(
  documents: readonly PolicyDocument[],
  today: Today | undefined,
  later: readonly Use[],
): Pick<Trial, 'actions' | 'actionsToday' | 'bytes' | 'unused'> {
  const actions = allowedActions(documents);
  const used = new Set(later.map((use) => use.action.toLowerCase()));
  const unused = { List: 0, Read: 0, Write: 0, Tagging: 0, 'Permissions management': 0, escalation: 0 };
  for (const action of actions) {
    if (used.has(action)) continue;
    // What the catalogue does not know may do anything.
    unused[actionInfo(action)?.accessLevel ?? 'Write']++;
    if (isPrivilegeEscalation(action)) unused.escalation++;
  }
  return {
    actions: actions.size,
    actionsToday: today && allowedActions(today.identity).size,
    bytes: documents.reduce((sum, document) => sum + policySize(document), 0),
    unused,
  };
}

/** All trials of one strategy in one row. */
export interface BacktestRow extends Broken {
  readonly strategy: Method;
  readonly uses: number;
  readonly denied: number;
  readonly undetermined: number;
  /** Means over trials, as those after it: actions that are allowed; of them not used later; and of these those that can do harm. */
  readonly actions: number;
  readonly unused: number;
  readonly unusedWrite: number;
  readonly unusedManagement: number;
  readonly unusedEscalation: number;
  /** Share of today's actions given up, 0 to 1; undefined when today is not known. */
  readonly reduction: number | undefined;
}

/** Of how many principals any later use was denied in any trial. */
export interface Broken {
  readonly trials: number;
  readonly principals: number;
  readonly broken: number;
  /** The share of principals that can be expected: 95% interval. A principal's own trials are not independent, so that they do not count. */
  readonly expected: readonly [low: number, high: number];
}

const principalOf = ({ identity }: Trial): string => `${identity.kind} ${identity.account} ${identity.name}`;

/** @param all trials of one strategy */
export function brokenOf(all: readonly Trial[]): Broken {
  const principals = new Set(all.map(principalOf)).size;
  const broken = new Set(all.filter((t) => t.denied > 0).map(principalOf)).size;
  return { trials: all.length, principals, broken, expected: wilson(broken, principals) };
}

/** Wilson score interval of a share (E. B. Wilson, 1927): it says something of none in few too. */
function wilson(part: number, whole: number): readonly [number, number] {
  const z2 = 1.96 ** 2;
  const center = (part + z2 / 2) / (whole + z2);
  const half = (1.96 * Math.sqrt((part * (whole - part)) / whole + z2 / 4)) / (whole + z2);
  return [Math.max(0, center - half), Math.min(1, center + half)];
}

export function summarizeTrials(all: readonly Trial[]): readonly BacktestRow[] {
  return strategies.flatMap((strategy) => {
    const own = all.filter((trial) => trial.strategy === strategy);
    if (own.length === 0) return [];
    const sum = (value: (trial: Trial) => number): number =>
      own.reduce((total, trial) => total + value(trial), 0);
    const mean = (value: (trial: Trial) => number): number => sum(value) / own.length;
    const today = own.some((t) => t.actionsToday === undefined) ? 0 : sum((t) => t.actionsToday ?? 0);
    return [
      {
        strategy,
        ...brokenOf(own),
        uses: sum((t) => t.uses),
        denied: sum((t) => t.denied),
        undetermined: sum((t) => t.undetermined),
        actions: mean((t) => t.actions),
        unused: mean(({ unused: u }) => u.List + u.Read + u.Write + u.Tagging + u['Permissions management']),
        unusedWrite: mean((t) => t.unused.Write),
        unusedManagement: mean((t) => t.unused['Permissions management']),
        unusedEscalation: mean((t) => t.unused.escalation),
        reduction: today === 0 ? undefined : 1 - sum((t) => t.actions) / today,
      },
    ];
  });
}
