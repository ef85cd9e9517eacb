import type { Identity } from '../cloudtrail/identity.ts';
import { reads } from '../iam/catalogue.ts';
import type { PolicyDiff } from '../iam/compare/diff.ts';
import type { Window } from '../iam/days.ts';
import { groupBy, sortedUnique } from '../iam/order.ts';
import type { PolicyDocument } from '../iam/policy/policy.ts';
import type { TrailConfig } from '../permissions/selectors.ts';
import type { Attention, Risk } from './attention.ts';
import type { Holding, Today } from './held/today.ts';
import type { Coverage } from './keep/blocks.ts';
import type { Doubt } from './keep/doubts.ts';
import type { Pin, Pinned } from './keep/pins.ts';
import type { Unseen, UnseenReason } from './keep/unseen-grants.ts';
import type { Proof, Verdicts } from './proof/replay.ts';
import type { Fresh } from './renewal/new-use.ts';
import type { History, Regression } from './renewal/regression.ts';
import type { Fold } from './shape/fold.ts';
import type { Form, Strategy } from './shape/synthesis.ts';
import type { Deliveries } from './usage/deliveries.ts';
import type { Observed, UnknownCall, Use } from './usage/use.ts';

/** What a proposal is made from. */
export interface GenerateInput extends Coverage {
  readonly identity: Identity;
  readonly observed: Observed;
  /** Undefined: not known; then nothing can be compared, and the whole of what was used is granted. */
  readonly today: Today | undefined;
  readonly strategy: Strategy;
  readonly unobservable: 'keep' | 'drop';
  readonly trails: TrailConfig | undefined;
  /** What was delivered in the window. */
  readonly deliveries: Deliveries;
  /** Grants of policy versions younger than so many days at the end of the window stay; none do unless said. */
  readonly minAge?: number;
  /** What else of today's policies stays; nothing unless said. */
  readonly pins?: readonly Pin[];
  /** A boundary needs `today`; policies unless said. */
  readonly form?: Form;
  /** Days at the end of the window whose first uses are new; 7 unless said. */
  readonly newDays?: number;
  /** What earlier proposals left; without it no refusal is a regression. */
  readonly history?: History;
}

/** What is proposed for one principal, and why it can be trusted. */
export interface Proposal {
  readonly identity: Identity;
  readonly window: Window;
  readonly gaps: readonly Window[];
  /** Whether `documents` are policies in the place of today's, or a boundary over them. */
  readonly form: Form;
  readonly documents: readonly PolicyDocument[];
  /** The names of their files: `policy.json`, `policy-2.json`, ..., then what is kept though unseen, `policy-unseen.json`, ... */
  readonly files: readonly string[];
  /** What is held today, in the policy language of `documents`; undefined when not known. */
  readonly today: readonly PolicyDocument[] | undefined;
  /** Today's, which holds policies back. */
  readonly boundary: PolicyDocument | undefined;
  readonly proof: Proof;
  /** Observed uses with what became of each under `documents`. */
  readonly verdicts: Verdicts;
  /** Undefined when today's policies are not known. */
  readonly diff: PolicyDiff | undefined;
  /** The steps from today's policies to the proposal; empty when nothing changes, or today is not known. */
  readonly plan: readonly PlanStep[];
  /** What was widened beyond the names seen, and why. */
  readonly folds: readonly Fold[];
  /** Why the documents exceed what IAM takes, a line each; empty when they do not. */
  readonly overflow: readonly string[];
  readonly unseen: readonly Unseen[];
  /** What was asked for: `drop` gives up all of `unseen` but what last accessed data hold. */
  readonly unobservable: GenerateInput['unobservable'];
  /** What calls may have needed although they do not show it; what is held of it stays. */
  readonly doubts: readonly Doubt[];
  /** The verdict: what a reviewer must see first, most dangerous first. */
  readonly attention: readonly Attention[];
  /** The highest of `attention`. */
  readonly risk: Risk | 'none';
  /** What was first used in the last days of the window; empty where no log is older. */
  readonly fresh: readonly Fresh[];
  /** Refusals that name an action, and those that other policies than the principal's are said to be the reason of. */
  readonly refusals: Observed['refusals'] & { readonly byOthers: readonly Use[] };
  readonly pins: readonly Pinned[];
  /** Refused calls whose permission was taken away; those given back are in `documents`, beyond today's policies. */
  readonly regressions: readonly Regression[];
  readonly unmapped: readonly UnknownCall[];
  /** Uses whose calls ended in errors that prove nothing, and whether today's policies grant them (then they stay). */
  readonly inconclusive: readonly { readonly use: Use; readonly kept: boolean }[];
  readonly actionsBefore: number;
  readonly actionsAfter: number;
  /** Why each of the actions after is there, by action in lower case. */
  readonly stays: ReadonlyMap<string, StayReason>;
  /** How many for which kind of reason. */
  readonly counts: ActionCounts;
  /** Non-white-space characters of all documents. */
  readonly bytes: number;
  readonly excluded: number;
  /** Why nothing was removed, a line each; empty when removals were allowed. */
  readonly blocks: readonly string[];
  readonly notes: readonly string[];
}

/**
 * One step from today's policies to the proposal. A policy or group that others hold is replaced for this principal
 * and never edited: `detach` takes it off this principal alone, `leave-group` takes this principal out of a group.
 */
export interface PlanStep {
  readonly step:
    | 'attach'
    | 'detach'
    | 'delete-inline'
    | 'leave-group'
    | 'replace-file'
    | 'put-boundary'
    | 'replace-boundary';
  /** File name of a document, ARN or name of a policy, name of a group. */
  readonly what: string;
  /** ARNs of those who keep it. */
  readonly sharedWith: readonly string[];
}

/** What takes off how a policy is held. */
const offBy: Readonly<Record<Holding['source'], PlanStep['step']>> = {
  managed: 'detach',
  inline: 'delete-inline',
  file: 'replace-file',
  'group-managed': 'leave-group',
  'group-inline': 'leave-group',
};

/** Attach what is proposed, then take off what it replaces: of a boundary, today's boundary. Nothing when nothing changes. */
export function planOf(
  files: readonly string[],
  { holdings = [], boundaryArn }: Pick<Today, 'holdings' | 'boundaryArn'>,
  form: Form,
  isChanged: boolean,
): readonly PlanStep[] {
  if (!isChanged) return [];
  if (form === 'boundary') {
    const put = { step: 'put-boundary', what: 'boundary.json', sharedWith: [] } as const;
    const off = boundaryArn && ({ step: 'replace-boundary', what: boundaryArn, sharedWith: [] } as const);
    return off ? [put, off] : [put];
  }
  const attach = files.map((what): PlanStep => ({ step: 'attach', what, sharedWith: [] }));
  const off = holdings.map(({ source, name, arn, group, sharedWith }): PlanStep => ({
    step: offBy[source],
    what: (source === 'managed' ? arn : group) ?? name,
    sharedWith: source === 'inline' ? [] : sharedWith,
  }));
  const isOfGroup = ({ step }: PlanStep): boolean => step === 'leave-group';
  // Each group is left once, whatever policies it gives.
  const leave = [...groupBy(off.filter(isOfGroup), ({ what }) => what).values()].map((same) => ({
    ...same[0],
    sharedWith: sortedUnique(same.flatMap(({ sharedWith }) => sharedWith)),
  }));
  return [...attach, ...off.filter((step) => !isOfGroup(step)), ...leave];
}

/** Distinct actions of a proposal: all are used, held or unseen. */
export interface ActionCounts {
  readonly all: number;
  readonly used: number;
  /** Not seen in use: calls may have needed them, failed without proving anything, or a person pins them. */
  readonly held: number;
  /** Kept because silence proves nothing. */
  readonly unseen: number;
  /** Of those unseen, the ones that do more than read. */
  readonly unseenWrites: number;
}

/** Why an action stays: the strongest reason. */
export type StayReason = 'used' | 'inconclusive' | 'pinned' | Doubt['reason'] | UnseenReason;

/** Why each of some actions stays. Those that nothing names are written in one pattern with what stays unseen. @param all in lower case */
export function staying(
  all: Iterable<string>,
  {
    verdicts,
    doubts,
    pins,
    inconclusive,
    unseen,
  }: Pick<Proposal, 'verdicts' | 'doubts' | 'pins' | 'inconclusive' | 'unseen'>,
): ReadonlyMap<string, StayReason> {
  const kept = unseen.filter((one) => one.kept);
  const spoken: readonly { readonly action: string; readonly reason: StayReason }[] = [
    ...kept,
    ...pins.flatMap(({ actions }) => actions.map((action) => ({ action, reason: 'pinned' as const }))),
    ...inconclusive
      .filter((one) => one.kept)
      .map(({ use: { action } }) => ({ action, reason: 'inconclusive' as const })),
    ...doubts.filter((one) => one.kept),
  ];
  const reasons = new Map(spoken.map(({ action, reason }) => [action.toLowerCase(), reason]));
  for (const { action } of verdicts.inside()) reasons.set(action.toLowerCase(), 'used');
  const written = kept.find(({ action }) => /[*?]/.test(action))?.reason ?? kept[0]?.reason ?? 'used';
  return new Map([...all].map((action) => [action, reasons.get(action) ?? written]));
}

const notSilent: ReadonlySet<StayReason> = new Set([
  'used',
  'inconclusive',
  'pinned',
  'contradicted',
  'may-need',
  'unmapped-call',
] as const);

/** How many actions stay for which kind of reason. */
export function countsOf(stays: ReadonlyMap<string, StayReason>): ActionCounts {
  const unseen = [...stays].flatMap(([action, reason]) => (notSilent.has(reason) ? [] : [action]));
  const used = [...stays.values()].filter((reason) => reason === 'used').length;
  return {
    all: stays.size,
    used,
    held: stays.size - used - unseen.length,
    unseen: unseen.length,
    unseenWrites: unseen.filter((action) => !reads(action)).length,
  };
}
