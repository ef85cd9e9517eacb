import type { Proposal } from '../../synth/proposal.ts';
import type { State } from './page/shape.ts';

/** What became of each action: used, kept though unseen, removed as unused, removed though the log could not show it. */
export function statesOf({ diff, verdicts, unseen }: Proposal): ReadonlyMap<string, State> {
  const used = new Set(verdicts.map(({ use }) => use.action.toLowerCase()));
  const states = new Map<string, State>();
  if (!diff) {
    for (const { use } of verdicts) states.set(use.action, 'u');
    return states;
  }
  const lost = new Set(unseen.filter(({ kept }) => !kept).map(({ action }) => action.toLowerCase()));
  for (const { action, kind, isDeny } of diff.items) {
    if (isDeny) continue;
    const lower = action.toLowerCase();
    if (kind !== 'removed') states.set(action, used.has(lower) ? 'u' : 'o');
    else if (!states.has(action)) states.set(action, lost.has(lower) ? 'x' : 'n');
  }
  return states;
}
