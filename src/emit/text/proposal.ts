/** Room `text`: what a command prints for a person. */
import { dayText } from '../../iam/days.ts';
import { toJson } from '../../iam/policy/policy-json.ts';
import { printable } from '../../iam/printable.ts';
import type { Proposal } from '../../synth/proposal.ts';
import { changeSections } from '../review/change-sections.ts';
import { actionCounts, isManagement } from '../review/change-lines.ts';
import { colors, type Colors } from '../review/colors.ts';
import { firstSections, otherSections } from '../review/other-sections.ts';
import { sectionText } from '../review/section.ts';
import { agreementText, proofTexts } from '../review/proof.ts';
import { breadth, counted, grouped, undecidedLines } from '../review/words.ts';

/** How the review is written. */
interface TextOptions {
  readonly color: boolean;
  /** `none`: headline and proof alone. */
  readonly diff: 'text' | 'none';
  /** Lines of one kind shown in a section; all of them without. */
  readonly most?: number;
}

/** The review of one proposal: headline, changes by service, what was kept unseen, what was not added, proof. */
export function proposalText(p: Proposal, { color, diff, most }: TextOptions): string {
  const c = colors(color);
  const sections = [...firstSections(p), ...changeSections(p, c, most !== undefined), ...otherSections(p, c)];
  const text = sections.map((section) => sectionText(section, c, most)).join('');
  const policies = p.diff ? '' : p.documents.map(toJson).join('');
  return [headline(p, c), ...(diff === 'none' ? [] : [policies, text]), proof(p, c)].join('');
}

function headline(p: Proposal, c: Colors): string {
  const { kind, name, account } = p.identity;
  const days = p.window.until - p.window.since + 1;
  const missing = p.gaps.reduce((sum, gap) => sum + gap.until - gap.since + 1, 0);
  const gaps = missing > 0 ? `, ${grouped(missing)} of them without any log` : '';
  const title = c.strong(`${kind}/${printable(name)}`);
  const window = `${dayText(p.window.since)} to ${dayText(p.window.until)}, ${counted(days, 'day')}${gaps}`;
  const line = `${title}  ${printable(account)}        ${window}\n`;
  if (!p.diff)
    return `${line}${counted(p.actionsAfter, 'action')} used; give --current to see what changes\n`;
  const blocks = p.blocks.map((line) => c.narrowed(`${printable(line)}\n`)).join('');
  const { before, after } = actionCounts(p.diff.items, isManagement);
  const broadened = breadth(p.diff, c.removed);
  return `${line}${grouped(p.actionsBefore)} -> ${counted(p.actionsAfter, 'action')}   permissions management ${before} -> ${after}   ${broadened}\n${undecidedLines(p.diff).join('')}${blocks}`;
}

function proof(p: Proposal, c: Colors): string {
  const [judged, open] = proofTexts(p.proof, 'the proposal');
  const excluded =
    p.excluded > 0 ? `       left out by --exclude: ${counted(p.excluded, 'kind')} of call\n` : '';
  const agreement = agreementText(p);
  const beside = agreement === '' ? '' : `    ${agreement}`;
  return `proof  ${p.proof.denied > 0 ? c.removed(judged) : judged}${beside}\n       ${open}\n${excluded}`;
}
