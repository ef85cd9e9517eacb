/** Room `markdown`: pull requests and comments, where no name has an effect. */
import { FILE_HEADERS_ONLY, createTwoFilesPatch } from 'diff';
import { code, fenced, folded, gitHubLimit, shares, tableMarkdown } from './markdown.ts';
import { actionCounts, changeSections } from '../review/changes.ts';
import { colors, rowLines, sectionLines, type Layout } from '../review/layout.ts';
import { agreementText, proofTexts } from '../review/proof.ts';
import {
  actionsText,
  attentionSection,
  managementText,
  otherSections,
  stepSections,
  windowText,
} from '../review/review.ts';
import { evidenceJson, joinEvidence } from '../review/section.ts';
import { commandLines } from '../review/steps.ts';
import { breadth, counted, grouped } from '../review/words.ts';
import { serviceOf, type AccessLevel } from '../../iam/catalogue.ts';
import type { DiffItem } from '../../iam/compare/diff.ts';
import { groupBy } from '../../iam/order.ts';
import { includes, overlaps } from '../../iam/pattern/language.ts';
import { actionPattern, matches, resourcePattern } from '../../iam/pattern/pattern.ts';
import { toJson } from '../../iam/policy/policy-json.ts';
import { isAllow, isPassedWithin } from '../../iam/policy/policy.ts';
import { printable } from '../../iam/printable.ts';
import type { Proposal } from '../../synth/proposal.ts';
import type { Use } from '../../synth/usage/use.ts';

/** How a page is written. */
interface MarkdownOptions {
  /** Where what is cut stands in full: a sentence's end in our own words, or code spans. */
  readonly rest: string;
  /** Characters the page may have; what one comment or pull request on GitHub takes unless said. */
  readonly room?: number;
  /** Marks of the heading; `###` unless said. */
  readonly heading?: string;
}

/** A folded part: lines in a code block, or rows of a table. */
interface Part {
  readonly title: string;
  readonly lines: readonly string[];
  readonly body: (lines: readonly string[]) => string;
}

/** Characters that a part needs beside its lines and title. */
const frame = 200;

/** Services with a row of their own in the table. */
const tableServices = 30;

/** One proposal as a page of a pull request: headline, table, and the rest folded; each part cut to its share of the room. */
export function proposalMarkdown(p: Proposal, options: MarkdownOptions): string {
  const { rest, room = gitHubLimit, heading = '###' } = options;
  const { kind, name, account } = p.identity;
  const top = [
    `${heading} ${[`${kind}/${name}`, account].filter(Boolean).map(code).join(' ')}\n\n`,
    ...proposalHeadline(p).map((line) => `- ${line}\n`),
    '\n',
    attentionMarkdown(p),
    p.diff ? `${levelTable(p.diff.items)}\n` : '',
  ].join('');
  const parts = partsOf(p).filter(({ lines }) => lines.length > 0);
  const sizes = parts.map(({ title, lines }) => sizeOf(lines) + title.length + rest.length + frame);
  const rooms = shares(sizes, room - top.length);
  return top + parts.map((part, i) => partMarkdown(part, rooms[i] ?? 0, rest)).join('');
}

/** Reasons to remove nothing that are named. */
const namedBlocks = 5;

/** What is proposed, a line each: how much goes, whether anything is wider, what was replayed, what blocks it. */
function proposalHeadline(p: Proposal): readonly string[] {
  const [judged, open] = proofTexts(p.proof, 'the proposal');
  const broadened = p.diff
    ? `, ${breadth(p.diff, (text) => `**${text}**`)}`
    : "; today's policies are not known";
  return [
    `**${actionsText(p)}**${broadened}`,
    ...[managementText(p)].filter(Boolean),
    ...p.blocks.slice(0, namedBlocks).map((block) => `nothing is removed: ${code(block)}`),
    ...(p.blocks.length > namedBlocks
      ? [`and ${counted(p.blocks.length - namedBlocks, 'more reason')} to remove nothing`]
      : []),
    p.proof.denied > 0 ? `**${judged}**` : judged,
    open,
    ...[agreementText(p)].filter(Boolean),
    `evidence of ${windowText(p)}`,
  ];
}

/** What is said first: open, not folded, a line each. */
function attentionMarkdown(p: Proposal): string {
  const [section] = attentionSection(p);
  if (!section) return '';
  const lines = rowLines({ ...section, rows: section.rows.slice(0, section.most) }, layout).map(outdented);
  const over = section.rows.length - (section.most ?? Infinity);
  return `**${section.title}**\n\n${fenced(over > 0 ? [...lines, `and ${grouped(over)} more`] : lines, 'text')}\n`;
}

const levels: readonly (AccessLevel | undefined)[] = [
  'List',
  'Read',
  'Write',
  'Tagging',
  'Permissions management',
  undefined,
];

/** Whether a service keeps anything. */
const stays = ([, items]: readonly [string, readonly DiffItem[]]): boolean =>
  items.some(({ kind }) => kind !== 'removed');

/** Actions before and after, by service and access level; services that keep something first. */
function levelTable(items: readonly DiffItem[]): string {
  const columns = levels.filter((level) => items.some((item) => item.accessLevel === level));
  const cells = (list: readonly DiffItem[]): string[] =>
    columns.map((level) => {
      const { before, after } = actionCounts(list, (item) => item.accessLevel === level);
      return before === 0 && after === 0 ? '' : `${grouped(before)} -> ${grouped(after)}`;
    });
  const services = [...groupBy(items, (item) => serviceOf(item.action))];
  const ordered = [...services.filter(stays), ...services.filter((service) => !stays(service))];
  const others = ordered.slice(tableServices);
  return tableMarkdown(
    ['Service', ...columns.map((level) => level ?? 'Unknown')],
    [
      ...ordered.slice(0, tableServices).map(([service, list]) => [code(service), ...cells(list)]),
      ...(others.length > 0
        ? [[counted(others.length, 'more service'), ...cells(others.flatMap(([, list]) => list))]]
        : []),
    ],
  );
}

function partsOf(p: Proposal): readonly Part[] {
  return [
    blockOf('Changes', sectionLines(changeSections(p), layout).map(outdented), 'diff'),
    policyPart(p),
    {
      title: 'Evidence by statement',
      lines: evidenceRows(p),
      body: (rows) => `${evidenceHead}${rows.map((row) => `${row}\n`).join('')}`,
    },
    ...[...otherSections(p), ...stepSections(p)].map((section) =>
      blockOf(section.title, [section.about ?? [], rowLines(section, layout).map(outdented)].flat(), 'text'),
    ),
    blockOf('Steps as commands', commandLines(p), 'text'),
  ];
}

const blockOf = (title: string, lines: readonly string[], language: Parameters<typeof fenced>[1]): Part => ({
  title,
  lines,
  body: (some) => fenced(some, language),
});

/** A page of text, wider than a terminal; ARNs stand in full, so that they can be copied. */
const layout: Layout = { width: 140, colors: colors(false) };

/** GitHub colours lines of a diff by their first character. */
const outdented = (line: string): string => line.replace(/^ {2}/, '');

/** Changed lines from which on a diff of texts says nothing any more: the policy is then shown whole. */
const mostEdits = 2000;

function policyPart({ form, today, documents }: Proposal): Part {
  const after = documents.map(toJson).join('');
  const patch =
    form === 'policies' &&
    today &&
    createTwoFilesPatch('today', 'proposed', today.map(toJson).join(''), after, undefined, undefined, {
      maxEditLength: mostEdits,
      headerOptions: FILE_HEADERS_ONLY,
    });
  const lines = (patch || after).trimEnd().split('\n').map(printable);
  const title = patch ? 'Policy, today and proposed' : form === 'boundary' ? 'Boundary policy' : 'Policy';
  return blockOf(title, lines, patch ? 'diff' : 'json');
}

const evidenceHead = tableMarkdown(['Statement', 'Actions', 'Days', 'First', 'Last', 'Sample event'], []);

function evidenceRows(p: Proposal): readonly string[] {
  return statementEvidence(p).map(({ statement, evidence }, i) => {
    const name = code(statement.sid ?? `statement ${i + 1}`);
    const actions = grouped(statement.actions.patterns.length);
    if (!evidence) return `| ${name} | ${actions} | not seen | | | |`;
    const { days, firstDay, lastDay, sampleEventID } = evidenceJson(evidence);
    return `| ${name} | ${actions} | ${grouped(days)} | ${firstDay} | ${lastDay} | ${code(sampleEventID)} |`;
  });
}

const sizeOf = (lines: readonly string[]): number => lines.reduce((sum, line) => sum + line.length + 1, 0);

/** Nothing at all where not even the title has room. */
function partMarkdown({ title, lines, body }: Part, room: number, rest: string): string {
  let left = room - title.length - rest.length - frame;
  if (left < 0) return '';
  let count = 0;
  for (const line of lines) {
    left -= line.length + 1;
    if (left < 0) break;
    count++;
  }
  if (count === lines.length) return folded(title, body(lines));
  const cut = `${counted(lines.length - count, 'more line')}: ${rest}\n`;
  return folded(title, count === 0 ? cut : `${body(lines.slice(0, count))}\n${cut}`);
}

/** The Allow statements of a proposal, each with the evidence of the uses it allows, in full or in part; undefined of none. */
function statementEvidence({ documents, verdicts }: Proposal) {
  const uses = [...verdicts].flatMap(({ use, verdict }) =>
    verdict.kind === 'denied' ? [] : [{ use, resource: resourcePattern(use.resource, true) }],
  );
  const statements = documents.flatMap((document) => document.statements);
  return statements.filter(isAllow).map((statement) => {
    const actions = statement.actions.patterns.map(actionPattern);
    const resources = statement.resources.patterns.map((text) => resourcePattern(text, true));
    const isMeant = (use: Use): boolean =>
      actions.some((pattern) => matches(pattern, use.action.toLowerCase())) ===
        (statement.actions.kind === 'only') && isPassedWithin(use, statement.conditions);
    const found = uses.filter(
      ({ use, resource }) =>
        isMeant(use) &&
        (statement.resources.kind === 'only'
          ? resources.some((pattern) => overlaps(pattern, resource))
          : !includes(resources, resource)),
    );
    return { statement, evidence: joinEvidence(found.map(({ use }) => use)) };
  });
}
