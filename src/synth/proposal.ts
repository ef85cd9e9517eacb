import type { Identity } from '../cloudtrail/identity.ts';
import type { PolicyDiff } from '../iam/compare/diff.ts';
import type { Window } from '../iam/days.ts';
import type { PolicyDocument } from '../iam/policy/policy.ts';
import type { TrailConfig } from '../permissions/selectors.ts';
import type { ActionCounts } from './action-counts.ts';
import type { Attention, Risk } from './attention.ts';
import type { Today } from './held/today.ts';
import type { Coverage } from './keep/blocks.ts';
import type { Doubt } from './keep/doubts.ts';
import type { Pin, Pinned } from './keep/pins.ts';
import type { Unseen } from './keep/unseen-grants.ts';
import type { PlanStep } from './plan.ts';
import type { Judged, Proof } from './proof/proof.ts';
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
  readonly proof: Proof;
  /** Observed uses with what became of each under `documents`. */
  readonly verdicts: readonly Judged[];
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
  /** Why the actions after are there. */
  readonly counts: ActionCounts;
  /** Non-white-space characters of all documents. */
  readonly bytes: number;
  readonly excluded: number;
  /** Why nothing was removed, a line each; empty when removals were allowed. */
  readonly blocks: readonly string[];
  readonly notes: readonly string[];
}
