import { groupBy } from '../../iam/order.ts';
import { printable } from '../../iam/printable.ts';
import type { Proposal } from '../../synth/proposal.ts';
import { serviceOf } from '../../iam/catalogue.ts';
import { boundarySection } from './boundary.ts';
import { pad } from './change-lines.ts';
import type { Colors } from './colors.ts';
import { elsewhereReason } from './granted-elsewhere.ts';
import { pinLines } from './pins.ts';
import { planLines } from './steps.ts';
import { unseenText } from './remarks.ts';
import type { Section } from './section.ts';
import { counted } from './words.ts';

/** What a proposal says beside its changes: what was kept unseen, what was not added, what is not known, what to do. */
export function otherSections(p: Proposal, c: Colors): readonly Section[] {
  const sections: readonly Section[] = [
    ...boundarySection(p),
    { title: 'Kept: the log could not have shown them', lines: unseenLines(p) },
    { title: 'Pinned: kept whatever the log says', lines: pinLines(p.pins) },
    { title: 'Not added: allowed by something else than these policies', lines: elsewhereLines(p) },
    { title: 'Does not fit', lines: p.overflow.map((line) => c.removed(`  ${printable(line)}`)) },
    { title: 'Unmapped: which permission these calls need is not known', lines: unmappedLines(p) },
    { title: 'Undetermined: the log does not show what these depend on', lines: undeterminedLines(p) },
    { title: 'Inconclusive: these calls failed in a way that proves nothing', lines: inconclusiveLines(p) },
    { title: 'Notes', lines: p.notes.map((note) => `  ${printable(note)}`) },
    { title: 'Plan', lines: planLines(p.plan) },
  ];
  return sections.filter(({ lines }) => lines.length > 0);
}

function unseenLines(p: Proposal): readonly string[] {
  const kept = p.unseen.filter((u) => u.kept);
  const groups = [...groupBy(kept, (u) => JSON.stringify([serviceOf(u.action), u.resource, u.reason]))];
  return groups.map(([, list]) => {
    const [first] = list;
    if (!first) return '';
    const more = list.length > 1 ? ` and ${list.length - 1} more` : '';
    return `  = ${pad(first.action + more)}  ${printable(first.resource)}   ${unseenText(first)}`;
  });
}

function elsewhereLines({ verdicts, identity }: Proposal): readonly string[] {
  const uses = verdicts.filter(({ verdict }) => verdict.kind === 'granted-elsewhere').map(({ use }) => use);
  const groups = [...groupBy(uses, (use) => JSON.stringify([use.action, use.resource]))];
  return groups.map(([, list]) => {
    const [first] = list;
    if (!first) return '';
    return `  ! ${pad(first.action)}  ${printable(first.resource)}   ${counted(list.length, 'use')} (${elsewhereReason(first, identity.accounts)})`;
  });
}

const unmappedLines = ({ unmapped }: Proposal): readonly string[] =>
  [...groupBy(unmapped, (u) => `${u.eventSource} ${u.eventName}`)].map(
    ([name, list]) => `  ? ${pad(name)}  ${printable(list[0]?.reason ?? '')}`,
  );

const undeterminedLines = ({ verdicts }: Proposal): readonly string[] =>
  verdicts.flatMap(({ use, verdict }) =>
    verdict.kind === 'undetermined'
      ? [
          `  ? ${pad(use.action)}  ${printable(use.resource)}   depends on ${printable(verdict.keys.join(', '))}`,
        ]
      : [],
  );

const inconclusiveLines = ({ inconclusive }: Proposal): readonly string[] =>
  inconclusive.map(
    ({ use, kept }) =>
      `  ? ${pad(use.action)}  ${printable(use.resource)}   ${printable(use.errorCode)}${kept ? ', kept' : ', not granted'}`,
  );
