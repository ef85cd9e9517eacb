import { groupBy, sortedUnique } from '../../iam/order.ts';
import type { Proposal } from '../../synth/proposal.ts';
import type { Use } from '../../synth/usage/use.ts';
import { marks, whyParts } from '../review/changes.ts';
import { joinEvidence } from '../review/section.ts';
import { Reasons } from '../review/remarks.ts';
import type { Lists } from './lists.ts';
import type { Change, ShownEvidence, State } from './page/shape.ts';

/** Resources of a piece of evidence that are named; the rest is counted. */
const namedResources = 3;

/** What changes for the actions that are used, or that a Deny is about; unused ones are in the states. */
export function changesOf(p: Proposal, lists: Lists): Change[] {
  if (!p.diff) return usedOnly(p, lists);
  const reasons = new Reasons(p);
  return reasons
    .reviewed()
    .filter((item) => item.kind !== 'removed' || item.isDeny || reasons.isUsed(item.action))
    .map((item) => {
      const shown = item.isDeny ? item.resource : (item.to ?? item.resource);
      const from = item.kind === 'narrowed' && !item.isDeny ? lists.text(item.from ?? '') : null;
      const said = [...reasons.remarksOn([item]), ...reasons.whyHeld(item)];
      const remarks = whyParts({ ...item, privilegeEscalation: false }, said).join(', ');
      return [
        marks[item.kind],
        lists.action(item.action),
        from,
        lists.text(shown),
        remarks === '' ? null : lists.text(remarks),
        evidenceOf(reasons.usesOf(item), shown, lists),
      ];
    });
}

/** Without today's policies there is nothing to change: each resource an action was used on. */
const usedOnly = ({ verdicts }: Proposal, lists: Lists): Change[] =>
  [...groupBy(verdicts.uses, (use) => JSON.stringify([use.action, use.resource])).values()].map((list) => {
    const [{ action, resource }] = list;
    const evidence = evidenceOf(list, resource, lists);
    return ['=', lists.action(action), null, lists.text(resource), null, evidence];
  });

function evidenceOf(uses: readonly Use[], shown: string, lists: Lists): ShownEvidence | null {
  const joined = joinEvidence(uses);
  if (!joined) return null;
  const days = [...joined.days].sort((a, b) => a - b);
  const operations = sortedUnique(uses.map(({ eventSource, eventName }) => `${eventSource} ${eventName}`));
  const resources = sortedUnique(uses.map(({ resource }) => resource));
  const others = resources.filter((resource) => resource !== shown);
  return [
    days.length,
    days[0] ?? 0,
    days.at(-1) ?? 0,
    joined.calls,
    joined.sample.eventID,
    lists.text(operations.join(', ')),
    others.slice(0, namedResources).map((resource) => lists.text(resource)),
    resources.length,
  ];
}

/** What became of each action: used, kept though unseen, removed as unused, removed though the log could not show it. */
export function statesOf({ diff, verdicts, unseen, stays }: Proposal): ReadonlyMap<string, State> {
  const states = new Map<string, State>();
  if (!diff) {
    for (const { action } of verdicts.uses) states.set(action, 'u');
    return states;
  }
  const lost = new Set(unseen.filter(({ kept }) => !kept).map(({ action }) => action.toLowerCase()));
  for (const { action, kind, isDeny } of diff.items) {
    if (isDeny) continue;
    const lower = action.toLowerCase();
    if (kind !== 'removed') states.set(action, stays.get(lower) === 'used' ? 'u' : 'o');
    else if (!states.has(action)) states.set(action, lost.has(lower) ? 'x' : 'n');
  }
  return states;
}
