import type { Doubt } from './keep/doubts.ts';
import type { Pinned } from './keep/pins.ts';
import type { Judged } from './proof/proof.ts';
import type { Use } from './usage/use.ts';
import { reads } from './keep/unmapped-calls.ts';

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

/** @param all in lower case */
export function countsOf(
  all: ReadonlySet<string>,
  verdicts: readonly Judged[],
  doubts: readonly Doubt[],
  pins: readonly Pinned[],
  inconclusive: readonly { readonly use: Use; readonly kept: boolean }[],
): ActionCounts {
  const used = lower(verdicts.map(({ use }) => use.action));
  const held = lower([
    ...doubts.filter(({ kept }) => kept).map(({ action }) => action),
    ...inconclusive.filter(({ kept }) => kept).map(({ use }) => use.action),
    ...pins.flatMap(({ actions }) => actions),
  ]);
  const unused = [...all].filter((action) => !used.has(action));
  const unseen = unused.filter((action) => !held.has(action));
  return {
    all: all.size,
    used: all.size - unused.length,
    held: unused.length - unseen.length,
    unseen: unseen.length,
    unseenWrites: unseen.filter((action) => !reads(action)).length,
  };
}

const lower = (actions: readonly string[]): Set<string> =>
  new Set(actions.map((action) => action.toLowerCase()));
