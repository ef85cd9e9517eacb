import { groupBy, sortedUnique } from '../../iam/order.ts';
import type { DiffItem } from '../../iam/compare/diff.ts';
import { overlaps } from '../../iam/pattern/language.ts';
import { resourcePattern } from '../../iam/pattern/pattern.ts';
import type { Proposal } from '../../synth/proposal.ts';
import type { Use } from '../../synth/usage/use.ts';
import { whyParts } from '../review/change-lines.ts';
import { joinEvidence } from '../review/evidence.ts';
import { reasonsOf, remarksOn, reviewed } from '../review/remarks.ts';
import type { ActionTable } from './actions.ts';
import type { Change, ShownEvidence } from './page/shape.ts';
import type { Texts } from './texts.ts';

/** Resources of a piece of evidence that are named; the rest is counted. */
const namedResources = 3;

const marks: Readonly<Record<DiffItem['kind'], string>> = {
  removed: '-',
  narrowed: '~',
  kept: '=',
  added: '+',
};

/** What changes for the actions that are used, or that a Deny is about; unused ones are in the states. */
export function changesOf(p: Proposal, actions: ActionTable, texts: Texts): Change[] {
  const reasons = reasonsOf(p);
  if (!p.diff) return usedOnly(p, actions, texts);
  return reviewed(p, reasons)
    .filter((item) => item.kind !== 'removed' || item.isDeny || reasons.uses.has(item.action.toLowerCase()))
    .map((item) => {
      const uses = reasons.uses.get(item.action.toLowerCase()) ?? [];
      const shown = item.isDeny ? item.resource : (item.to ?? item.resource);
      const from = item.kind === 'narrowed' && !item.isDeny ? texts.place(item.from ?? '') : null;
      const remarks = whyParts({ ...item, privilegeEscalation: false }, remarksOn(item, reasons)).join(', ');
      return [
        marks[item.kind],
        actions.place(item.action),
        from,
        texts.place(shown),
        remarks === '' ? null : texts.place(remarks),
        evidenceOf(usesOn(shown, uses), shown, texts),
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

/** The uses that a resource pattern may be about; all where it is no single pattern (`NotResource`). */
function usesOn(resource: string, uses: readonly Use[]): readonly Use[] {
  if (resource.startsWith('!')) return uses;
  const pattern = resourcePattern(resource, true);
  return uses.filter((use) => overlaps(pattern, resourcePattern(use.resource, true)));
}

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
