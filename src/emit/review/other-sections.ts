import { groupBy } from '../../iam/order.ts';
import { printable } from '../../iam/printable.ts';
import type { Proposal } from '../../synth/proposal.ts';
import { serviceOf } from '../../iam/catalogue.ts';
import { attentionRows } from './attention.ts';
import { boundarySection } from './boundary.ts';
import { pad } from './change-lines.ts';
import { keptLines, notHeldLines, pinLines } from './kept.ts';
import type { Colors } from './colors.ts';
import { elsewhereRows, refusedRows } from './proof.ts';
import { planLines } from './steps.ts';
import { unseenText } from './remarks.ts';
import type { Section } from './section.ts';

/** What a reviewer must see before the changes. */
export function firstSections(p: Proposal): readonly Section[] {
  const lines = attentionRows(p).map(({ mark, what, where = '', why = '' }) =>
    `  ${mark} ${pad(what)}  ${printable([where, why].filter(Boolean).join('   '))}`.trimEnd(),
  );
  return lines.length > 0 ? [{ title: 'Look here first', lines }] : [];
}

/** What a proposal says beside its changes: what was kept unseen, what was not added, what is not known, what to do. */
export function otherSections(p: Proposal, c: Colors): readonly Section[] {
  const sections: readonly Section[] = [
    ...boundarySection(p),
    { title: 'Kept: calls may have needed them', lines: keptLines(p.doubts, p.attention) },
    { title: 'Kept: the log could not have shown them', lines: unseenLines(p) },
    { title: 'Pinned: kept whatever the log says', lines: pinLines(p.pins) },
    {
      title: 'Not added: allowed by something else than these policies',
      lines: elsewhereLines(p, 'granted-elsewhere'),
    },
    {
      title: 'Contradicted: it went through, and these policies do not allow it',
      lines: elsewhereLines(p, 'contradicted'),
    },
    { title: 'Does not fit', lines: p.overflow.map((line) => c.removed(`  ${printable(line)}`)) },
    { title: 'Unmapped: which permission these calls need is not known', lines: unmappedLines(p) },
    { title: 'Perhaps needed, not held', lines: notHeldLines(p.doubts) },
    { title: 'Undetermined: the log does not show what these depend on', lines: undeterminedLines(p) },
    { title: 'Inconclusive: these calls failed in a way that proves nothing', lines: inconclusiveLines(p) },
    {
      title: 'Refused by other policies than these',
      lines: refusedRows(p).map(
        ([action, resource, why]) => `  ! ${pad(action)}  ${printable(resource)}   ${printable(why)}`,
      ),
    },
    { title: 'Notes', lines: p.notes.map((note) => `  ${printable(note)}`) },
    { title: 'Plan', lines: planLines(p.plan) },
  ];
  return sections.filter(({ lines }) => lines.length > 0);
}

function unseenLines(p: Proposal): readonly string[] {
  const kept = p.unseen.filter((u) => u.kept);
  const groups = [...groupBy(kept, (u) => JSON.stringify([serviceOf(u.action), u.resource, unseenText(u)]))];
  return groups.map(([, list]) => {
    const [first] = list;
    if (!first) return '';
    const more = list.length > 1 ? ` and ${list.length - 1} more` : '';
    return `  = ${pad(first.action + more)}  ${printable(first.resource)}   ${unseenText(first)}`;
  });
}

const elsewhereLines = (p: Proposal, kind: 'granted-elsewhere' | 'contradicted'): readonly string[] =>
  elsewhereRows(p, kind).map(
    ([action, resource, why]) => `  ! ${pad(action)}  ${printable(resource)}   ${why}`,
  );

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
