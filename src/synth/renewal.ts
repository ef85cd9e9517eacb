import type { Identity } from '../cloudtrail/identity.ts';
import { diffPolicies, type DiffItem } from '../iam/compare/diff.ts';
import type { PolicyDocument } from '../iam/policy/policy.ts';
import type { Today } from './held/today.ts';
import type { Proposal } from './proposal.ts';
import { remembered, type Recorded, type Regression, type Restored } from './renewal/regression.ts';

/** What the tree of the last proposals says of a principal. */
export interface LastProposal {
  /** Whether there is any. */
  readonly exists: boolean;
  readonly last: readonly PolicyDocument[];
  readonly recorded: readonly Recorded[];
  readonly restored: readonly Restored[];
}

/** A proposal beside the last one. */
export interface Renewal {
  readonly proposal: Proposal;
  readonly isFirst: boolean;
  /** Against the last proposal; what is the same is left out. Empty for a first one. */
  readonly changes: readonly DiffItem[];
  /** Refused calls that are not given back. */
  readonly regressions: readonly Regression[];
  /** What is on record from now on. */
  readonly recorded: readonly Recorded[];
  readonly restored: readonly Restored[];
}

/** Why a principal stays as it is in the tree. */
export type LeftReason =
  /** Its current policies cannot all be read. */
  | 'unreadable'
  /** It is seen in the log, but today's policies say nothing of it. */
  | 'not-in-current'
  /** The index knows it, and today's policies list all of its account without it: its files are taken away. */
  | 'deleted'
  /** It holds policies today and is in no log. */
  | 'never-seen'
  /** Without today's policies, too few days are covered to give anything up. */
  | 'window-short'
  /** Neither in the log nor in today's policies, which may be because too little of either is there. */
  | 'perhaps-gone'
  /** The same, and enough is there to tell: its files are taken away. */
  | 'gone';

/** A principal without a proposal. */
export interface Left extends Pick<Identity, 'kind' | 'account' | 'name'> {
  readonly reason: LeftReason;
}

/** @param isChanged whether the policies differ from those of the last proposal */
export function renewalOf(
  { proposal, today }: { proposal: Proposal; today: Today | undefined },
  before: LastProposal,
  isChanged: boolean,
): Renewal {
  const { documents, window } = proposal;
  const day = window.until;
  const changes = before.exists
    ? diffPolicies(before.last, documents).items.filter(({ kind }) => kind !== 'kept')
    : [];
  const marks = before.restored.filter((mark) => mark.day >= window.since);
  const newly = proposal.regressions.filter(
    ({ restored, action, resource }) =>
      restored && !marks.some((mark) => mark.action === action && mark.resource === resource),
  );
  return {
    proposal,
    isFirst: !before.exists,
    changes,
    regressions: proposal.regressions.filter(({ restored }) => !restored),
    recorded: remembered(
      before.recorded,
      [
        { day, documents: today?.identity ?? [] },
        { day, documents },
      ],
      isChanged,
    ),
    restored: [...marks, ...newly.map(({ action, resource }) => ({ action, resource, day }))],
  };
}
