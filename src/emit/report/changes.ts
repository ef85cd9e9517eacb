import { groupBy, sortedUnique } from '../../iam/order.ts';
import type { Proposal } from '../../synth/proposal.ts';
import type { Use } from '../../synth/usage/use.ts';
import { marks, whyParts } from '../review/changes.ts';
import { joinEvidence } from '../review/section.ts';
import { Reasons } from '../review/remarks.ts';
import type { ActionTable } from './actions.ts';
import type { Change, ShownEvidence } from './page/shape.ts';
import type { Texts } from './texts.ts';

/** Resources of a piece of evidence that are named; the rest is counted. */
const namedResources = 3;

/** What changes for the actions that are used, or that a Deny is about; unused ones are in the states. */
export function changesOf(p: Proposal, actions: ActionTable, texts: Texts): Change[] {
  if (!p.diff) return usedOnly(p, actions, texts);
  const reasons = new Reasons(p);
  return reasons
    .reviewed()
    .filter((item) => item.kind !== 'removed' || item.isDeny || reasons.isUsed(item.action))
    .map((item) => {
      const shown = item.isDeny ? item.resource : (item.to ?? item.resource);
      const from = item.kind === 'narrowed' && !item.isDeny ? texts.place(item.from ?? '') : null;
      const remarks = whyParts({ ...item, privilegeEscalation: false }, reasons.remarksOn([item])).join(', ');
      return [
        marks[item.kind],
        actions.place(item.action),
        from,
        texts.place(shown),
        remarks === '' ? null : texts.place(remarks),
        evidenceOf(reasons.usesOn(item.action, shown), shown, texts),
      ];
    });
}

/** Without today's policies there is nothing to change: each resource an action was used on. */
const usedOnly = ({ verdicts }: Proposal, actions: ActionTable, texts: Texts): Change[] =>
  [...groupBy(verdicts, ({ use }) => JSON.stringify([use.action, use.resource]))].flatMap(([, list]) => {
    const [first] = list;
    if (!first) return [];
    const { action, resource } = first.use;
    const evidence = evidenceOf(
      list.map(({ use }) => use),
      resource,
      texts,
    );
    return [['=', actions.place(action), null, texts.place(resource), null, evidence]];
  });

function evidenceOf(uses: readonly Use[], shown: string, texts: Texts): ShownEvidence | null {
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
    texts.place(operations.join(', ')),
    others.slice(0, namedResources).map((resource) => texts.place(resource)),
    resources.length,
  ];
}
