/** Room `text`: what a command prints, for a person and as JSON. */
import { toJson } from '../../iam/policy/policy-json.ts';
import { printable } from '../../iam/printable.ts';
import type { Proposal } from '../../synth/proposal.ts';
import {
  filled,
  legend,
  onTerminal,
  sectionLines,
  type Colors,
  type Home,
  type TerminalOptions,
} from '../review/layout.ts';
import { agreementText, proofTexts } from '../review/proof.ts';
import { changeSections } from '../review/changes.ts';
import {
  actionsText,
  attentionSection,
  managementText,
  otherSections,
  stepSections,
  windowText,
} from '../review/review.ts';
import type { Section } from '../review/section.ts';
import { breadth, commonest, counted, undecidedLines } from '../review/words.ts';

/** How the review is written. */
interface TextOptions extends TerminalOptions {
  /** `none`: headline and proof alone; `first`: what to look at too. */
  readonly diff: 'text' | 'first' | 'none';
}

/** The review of one proposal: headline, proof, what to look at first, what changes, what is kept unseen, what is not known, steps. */
export function proposalText(p: Proposal, { diff, ...terminal }: TextOptions): string {
  const home = homeOf(p);
  const layout = { ...onTerminal(terminal), home };
  const { width, colors: c } = layout;
  const sections = [
    ...(diff === 'none' ? [] : attentionSection(p)),
    ...(diff === 'text' ? [...changeSections(p), ...otherSections(p), ...stepSections(p)] : []),
  ];
  const signs = legend(sections);
  return [
    ...headline(p, c, width),
    ...proofLines(p, c, width),
    ...(p.diff || diff !== 'text' ? [] : [p.documents.map(toJson).join('').trimEnd()]),
    ...sectionLines(sections, layout),
    ...(signs === '' ? [] : filled([signs, homeText(sections, home)].filter(Boolean).join('   '), width, '')),
    '',
  ].join('\n');
}

function headline(p: Proposal, c: Colors, width: number): readonly string[] {
  const { kind, name, account } = p.identity;
  const title = `${kind}/${printable(name)}`;
  const line = `${title}  ${printable(account)}   ${windowText(p)}`;
  if (!p.diff) return [bold(line, title, c), `${actionsText(p)}; give --current to see what changes`];
  const broadened = breadth(p.diff, c.removed);
  return [
    ...filled(line, width, '  ').map((one, i) => (i === 0 ? bold(one, title, c) : one)),
    ...filled(`${actionsText(p)}   ${broadened}`, width, '  '),
    ...[managementText(p)].filter(Boolean),
    ...undecidedLines(p.diff).map((one) => one.trimEnd()),
    ...p.blocks.flatMap((block) => filled(printable(block), width, '  ').map(c.narrowed)),
  ];
}

const bold = (line: string, title: string, c: Colors): string =>
  line.startsWith(title) ? c.strong(title) + line.slice(title.length) : line;

function proofLines(p: Proposal, c: Colors, width: number): readonly string[] {
  const [judged, open] = proofTexts(p.proof, 'the proposal');
  const agreement = agreementText(p);
  return [
    ...filled(`proof  ${judged}`, width, '       ').map((line) =>
      p.proof.denied > 0 ? c.removed(line) : line,
    ),
    ...filled(`       ${open}`, width, '       '),
    ...(agreement === '' ? [] : [`       ${agreement}`]),
    ...(p.excluded > 0 ? [`       left out by --exclude: ${counted(p.excluded, 'kind')} of call`] : []),
  ];
}

/** The account, and the Region that most ARNs of today's or tomorrow's policies name. */
function homeOf({ identity, verdicts }: Proposal): Home {
  const regions = verdicts.uses.flatMap(
    ({ resource }) => /^arn:[^:]*:[^:]*:([a-z0-9-]+):/.exec(resource)?.[1] ?? [],
  );
  return { region: commonest(regions) ?? '', account: identity.account };
}

const homeText = (sections: readonly Section[], { region, account }: Home): string =>
  sections.some(({ rows }) => rows.some(({ where }) => where?.includes('arn:') === true))
    ? `short names are of ${[region, printable(account)].filter(Boolean).join(', ')}`
    : '';
