import type { Window } from '../../iam/days.ts';
import type { UnseenReason } from './unseen-grants.ts';

/** An account in which a permission set is in use, and of which too little was ingested. */
export interface MissingAccount {
  readonly account: string;
  /** Days of the window on which anything of it was delivered. */
  readonly days: number;
}

/** Why nothing held today may be given up, whatever was seen. */
export interface Block {
  readonly reason: Extract<UnseenReason, 'window-short' | 'account-missing'>;
  readonly note: string;
}

/** What a decision to remove rests on. */
export interface Coverage {
  readonly window: Window;
  /** Runs of days of the window without any delivery. */
  readonly gaps: readonly Window[];
  /** Covered days from which on something held today may be given up. */
  readonly minWindow: number;
  /** Accounts whose evidence is missing; none unless said. */
  readonly missing?: readonly MissingAccount[];
}

/** What forbids removals; empty when they are allowed. */
export function blocksOf({ window, gaps, minWindow, missing = [] }: Coverage): readonly Block[] {
  const covered =
    window.until - window.since + 1 - gaps.reduce((sum, gap) => sum + gap.until - gap.since + 1, 0);
  const short: Block = {
    reason: 'window-short',
    note:
      covered === 0
        ? 'no day of the window is covered by delivered logs (event history covers none): nothing is removed'
        : `${covered} covered ${covered === 1 ? 'day is' : 'days are'} fewer than the ${minWindow} that removals need: nothing is removed; --min-window ${covered}d removes all the same`,
  };
  const accounts = missing.map(({ account, days }) =>
    days === 0 ? account : `${account} (${days} covered ${days === 1 ? 'day' : 'days'})`,
  );
  const absent: Block = {
    reason: 'account-missing',
    note: `in use in ${accounts.join(', ')}, of which the index holds too little: nothing is removed; ingest the logs of ${missing.length === 1 ? 'this account' : 'these accounts'}`,
  };
  return [...(covered < minWindow ? [short] : []), ...(missing.length > 0 ? [absent] : [])];
}
