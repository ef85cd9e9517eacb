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
  /** Whole days that were delivered of the one Region of which most were. */
  readonly covered: number;
  /** Covered days from which on something held today may be given up. */
  readonly minWindow: number;
  /** Accounts whose evidence is missing; none unless said. */
  readonly missing?: readonly MissingAccount[];
}

/** What forbids removals; empty when they are allowed. */
export function blocksOf({
  covered,
  minWindow,
  missing = [],
}: Omit<Coverage, 'window' | 'gaps'>): readonly Block[] {
  const short: Block = {
    reason: 'window-short',
    note:
      covered === 0
        ? 'no whole day of the window is covered by delivered logs (the first and last delivered day of a Region may lack a part, event history covers none): nothing is removed'
        : `${covered} whole ${covered === 1 ? 'day is' : 'days are'} covered, fewer than the ${minWindow} that removals need: nothing is removed; --min-window ${covered}d removes all the same`,
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
