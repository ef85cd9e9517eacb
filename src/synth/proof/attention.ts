import type { Doubt } from '../keep/doubts.ts';
import type { Judged } from './proof.ts';

/** What a reviewer must see first. */
export type Attention =
  /** So much of what was done is not in today's policies that they are hardly all it holds. */
  | { readonly kind: 'contradictions'; readonly uses: number; readonly of: number }
  /** Roles that stay passable because a call may have passed them without naming them. */
  | { readonly kind: 'kept-roles'; readonly doubt: Doubt };

const leastActions = 3;
const leastShare = 0.05;

/** @param uses all that were observed */
export function attentionOf(
  verdicts: readonly Judged[],
  uses: number,
  doubts: readonly Doubt[],
): readonly Attention[] {
  const contradicted = verdicts.filter(({ verdict }) => verdict.kind === 'contradicted');
  const actions = new Set(contradicted.map(({ use }) => use.action)).size;
  const isMuch = actions >= leastActions && contradicted.length > leastShare * uses;
  return [
    ...(isMuch ? [{ kind: 'contradictions', uses: contradicted.length, of: uses } as const] : []),
    ...doubts
      .filter(({ action, kept }) => kept && action.toLowerCase() === 'iam:passrole')
      .map((doubt): Attention => ({ kind: 'kept-roles', doubt })),
  ];
}
