import { dayText } from '../../iam/days.ts';
import { conditionText } from '../review/changes.ts';
import { groupBy } from '../../iam/order.ts';
import { code, fenced, folded, gitHubLimit, shares, tableMarkdown } from './markdown.ts';
import { attentionRows, byRisk } from '../review/attention.ts';
import { overviewCells, overviewLine, type OverviewLine } from '../text/overview.ts';
import { proposalMarkdown } from './proposal.ts';
import { backtestVerdict } from '../text/backtest.ts';
import { leftTexts } from '../text/retightened.ts';
import { gapDays } from '../review/review.ts';
import { seenOf } from '../review/section.ts';
import { isGone, placeOf, type Entry, type Retightened } from '../json/retightened.ts';
import { counted, grouped, someOf } from '../review/words.ts';
import { unusedLine } from '../review/unused-principal.ts';
import type { Broken } from '../../synth/backtest.ts';
import { statementJson } from '../../iam/policy/policy-json.ts';
import { printable } from '../../iam/printable.ts';

/** Things of one kind that are named; of more the page says where they stand. */
const named = 20;
/** Characters without which a principal gets a line instead of a section. */
const leastRoom = 2000;
/** Characters kept for what stands around the sections. */
const frame = 400;

/** One principal of a page: its line in the table, and its section, which is cut where its parts end. */
interface Part {
  readonly line: OverviewLine;
  readonly text: () => string;
  /** What the section stands in. */
  readonly around?: readonly [before: string, after: string];
}

/** The text of a pull request over many principals: totals, a table, regressions, what to look at, then each that changes, folded. */
export function pullRequest(run: Retightened): string {
  const changed = run.entries.filter(({ state }) => state === 'new' || state === 'changed');
  const parts = changed.map(partOf);
  const top = [
    `# ${title(run, changed)}\n\n`,
    coverage(run),
    unusedSection(run),
    regressions(run),
    summary(run, changed),
    overview(parts, 'see `retighten.json`'),
    attention(changed),
    freshSection(run),
    leftSection(run),
  ].join('');
  return sections(top, parts, 'see `retighten.json` and the `diff.md` of each');
}

/** The proposals of one run of `generate` as one page: those never seen, a table, then each, folded. */
export function proposalsPage(parts: readonly Part[], unused: string, totals: string): string {
  const [only] = parts;
  const rest = '`iam-minimize generate --json` shows all';
  if (only && parts.length === 1 && unused === '') return only.text();
  const top = `${cutLines(unused, gitHubLimit / 8, rest)}\n${totals}\n\n${overview(parts, rest)}`;
  return sections(top, parts, rest);
}

/** Parts in the room that is left, most dangerous first. */
function sections(top: string, parts: readonly Part[], rest: string): string {
  const room = gitHubLimit - top.length - frame;
  const shown = [...parts]
    .sort((a, b) => byRisk(a.line, b.line))
    .slice(0, Math.max(0, Math.floor(room / leastRoom)))
    .map(({ text, around: [before, after] = ['', ''] }) => ({ before, text: text(), after }));
  const sizes = shown.map(({ before, text, after }) => before.length + text.length + after.length);
  const rooms = shares(sizes, room);
  const page = shown.map(({ before, text, after }, i) => {
    const over = (sizes[i] ?? 0) - (rooms[i] ?? 0);
    return before + shortened(text, text.length - over, rest) + after;
  });
  const more = parts.length - shown.length;
  const end = more > 0 ? `${counted(more, 'more principal')}: ${rest}\n` : '';
  return cutLines([top, ...page, end].join(''), gitHubLimit, rest);
}

/** Rows of the table of principals; of more the page says where they stand. */
const tableRows = 200;

/** The first two are names. */
const cell = (text: string | number, i: number): string =>
  typeof text === 'number' ? grouped(text) : i < 2 ? code(text) : text;

/** Principals as a table, most dangerous first; nothing of one. */
function overview(parts: readonly Part[], rest: string): string {
  if (parts.length < 2) return '';
  const lines = parts.map(({ line }) => line).sort(byRisk);
  const [head = [], ...rows] = overviewCells(lines.slice(0, tableRows));
  const more = lines.length - rows.length;
  const table = tableMarkdown(
    head.map(String),
    rows.map((row) => row.map(cell)),
  );
  return `${table}${more > 0 ? `\n${counted(more, 'more principal')}: ${rest}\n` : ''}\n`;
}

/** What to look at in any of them, the most dangerous first; what is new or inconclusive stands elsewhere. */
function attention(changed: readonly Entry[]): string {
  const items = changed.flatMap(({ folder, proposal: { attention, identity } }) =>
    attention
      .filter(({ risk, kind }) => risk !== 'low' && kind !== 'new')
      .map((item) => ({ folder, identity, item, risk: item.risk })),
  );
  const rows = items
    .toSorted(byRisk)
    .flatMap(({ folder, identity, item }) =>
      attentionRows({ identity, attention: [item] }).map(
        ({ what, where, why }) =>
          `${code(folder)}: ${[what, where, why].flatMap((text) => (text ? [code(text)] : [])).join(' ')}`,
      ),
    );
  return sectionOf('Look here first', rows);
}

/** Whole folded parts of a page as far as there is room; of the first at least the lines that fit. */
function shortened(text: string, room: number, rest: string): string {
  if (text.length <= room) return text;
  const end = `More: ${rest}\n\n`;
  const [top = '', ...pieces] = text.split(/(?=^<details>)/m);
  let kept = top;
  for (const [i, piece] of pieces.entries()) {
    const left = room - kept.length - end.length;
    if (piece.length > left)
      return i > 0 || left < leastRoom / 4
        ? cutLines(kept + end, room, rest)
        : `${kept}${cutLines(piece, left - close.length, rest)}${close}`;
    kept += piece;
  }
  return cutLines(kept, room, rest);
}

const close = '</details>\n\n';

/** Lines as far as there is room; never within a code block. */
function cutLines(text: string, room: number, rest: string): string {
  if (text.length <= room) return text;
  const end = `\nMore: ${rest}\n\n`;
  const lines = text
    .slice(0, Math.max(0, room - end.length - 5))
    .split('\n')
    .slice(0, -1);
  const isOpen = lines.filter((line) => line.startsWith('```')).length % 2 === 1;
  return `${lines.join('\n')}\n${isOpen ? '```\n' : ''}${end}`;
}

function title(run: Retightened, changed: readonly Entry[]): string {
  const lost = run.entries.flatMap((entry) => entry.regressions.filter((one) => one.isNamed)).length;
  return [
    `Least privilege: ${counted(changed.length, 'principal')} of ${grouped(run.entries.length)} ${changed.length === 1 ? 'changes' : 'change'}`,
    ...(lost > 0 ? [counted(lost, 'regression')] : []),
  ].join(', ');
}

/** Where too little was seen to take anything away; what holds for several is said once. */
function coverage({ entries, unread }: Retightened): string {
  const remarks = entries.flatMap((entry) => {
    const gaps = gapDays(entry.proposal);
    return [
      ...(gaps > 0 ? [`${counted(gaps, 'day')} of the window without any log`] : []),
      ...entry.proposal.blocks.map(code),
    ].map((remark) => ({ remark, folder: entry.folder }));
  });
  const lines = [...groupBy(remarks, ({ remark }) => remark)].map(([remark, list]) => {
    const names = list.map(({ folder }) => code(folder));
    return `${names.length === entries.length && names.length > 1 ? 'all' : someOf(names, 3)}: ${remark}`;
  });
  const lost = `**${counted(unread, 'log object')} could not be read to the end**: what they held is not known\n\n`;
  return (unread > 0 ? lost : '') + (lines.length > 0 ? `**Coverage**\n\n${listed(lines)}\n` : '');
}

function regressions({ entries }: Retightened): string {
  const all = entries.flatMap((entry) =>
    entry.proposal.regressions.map((regression) => ({ entry, regression })),
  );
  if (all.length === 0) return '';
  const shown = all.slice(0, named).map(({ entry, regression }) => {
    const { action, resource, uses, recorded, restored, isNamed, statements } = regression;
    const refused = seenOf(uses);
    const since = recorded > 0 ? `granted as of ${dayText(recorded)}` : 'granted by the last proposal';
    return [
      `### ${code(action)} on ${code(resource)}\n\n`,
      `${code(entry.folder)} was refused this between ${refused?.firstDay ?? ''} and ${refused?.lastDay ?? ''} `,
      `(${counted(refused?.callsAsDelivered ?? 0, 'call')} as delivered, sample event ${code(refused?.sampleEventID ?? '')}); ${since}. `,
      ...(isNamed
        ? [
            restored ? '**Given back here:**\n\n' : 'This would give it back:\n\n',
            fenced(JSON.stringify(statements.map(statementJson), null, 2).split('\n').map(printable), 'json'),
            '\n',
          ]
        : [
            'The refused events do not name the resource, so it is not given back: find out which it was.\n\n',
          ]),
    ].join('');
  });
  const open = all.some(({ regression }) => regression.isNamed && !regression.restored);
  return [
    '## Regressions\n\nCalls that are refused now and were granted before something was taken away.',
    open
      ? ' `iam-minimize retighten --restore` gives all of them back; a pin that names one gives back that one.\n\n'
      : '\n\n',
    ...shown,
    all.length > named ? `${counted(all.length - named, 'more regression')}: see \`retighten.json\`\n\n` : '',
  ].join('');
}

/** An item of a list; '' of none. */
const item = (n: number, line: string): string => (n > 0 ? `- ${line}\n` : '');

function summary({ entries, left, newDays, backtest }: Retightened, changed: readonly Entry[]): string {
  const count = (kind: string): string =>
    grouped(changed.flatMap(({ changes }) => changes.filter((item) => item.kind === kind)).length);
  const actions = (when: 'actionsBefore' | 'actionsAfter'): number =>
    entries.reduce((sum, { proposal }) => sum + proposal[when], 0);
  const firsts = changed.filter(({ isFirst }) => isFirst).length;
  const having = (broadened: boolean | null): number =>
    entries.filter(({ proposal }) => proposal.diff?.broadened === broadened).length;
  const wider = [
    having(true) > 0 ? `**${counted(having(true), 'principal')} BROADENED**` : '',
    having(null) > 0 ? `**${counted(having(null), 'principal')} of which it cannot be told**` : '',
  ].filter(Boolean);
  const recorded = entries.filter(({ state }) => state === 'recorded').length;
  const uses = (verdict: 'denied' | 'contradicted'): number =>
    entries.reduce((sum, { proposal }) => sum + proposal.proof[verdict], 0);
  const gone = left.filter(isGone).length;
  return [
    '## Summary\n\n',
    firsts > 0 && firsts === changed.length
      ? ''
      : `- against the last proposal: ${count('added')} added, ${count('narrowed')} narrowed, ${count('removed')} removed\n`,
    item(firsts, `${counted(firsts, 'principal')} for the first time`),
    item(gone, `${counted(gone, 'principal')} gone, files taken away`),
    item(
      recorded,
      `${counted(recorded, 'principal')} with policies today that were not on record; they are now`,
    ),
    changed.length === 0 ? '- no proposal changes\n' : '',
    `- all against today's policies: ${grouped(actions('actionsBefore'))} -> ${counted(actions('actionsAfter'), 'action')}, ${wider.length > 0 ? wider.join(', ') : 'not broadened'}\n`,
    `- replay: ${uses('denied') > 0 ? `**${grouped(uses('denied'))} observed uses DENIED**` : 'no observed use is denied'}\n`,
    item(
      uses('contradicted'),
      `**${counted(uses('contradicted'), 'observed use')} that today's policies do not allow**: are these all that it holds?`,
    ),
    backtest ? backtestLine(entries, newDays, backtest) : '',
    '\n',
  ].join('');
}

/** What policies made some days earlier would have broken since. */
function backtestLine(entries: readonly Entry[], newDays: number, backtest: Broken): string {
  const made = `policies made without the last ${counted(newDays, 'day')}`;
  const broken = entries.flatMap(({ folder, trial }) => (trial && trial.denied > 0 ? [code(folder)] : []));
  const names = broken.length > 0 ? `; broken: ${someOf(broken, named)}` : '';
  return `- backtest: ${backtestVerdict(backtest, made, 'them')}${names}\n`;
}

function freshSection({ newDays, entries }: Retightened): string {
  const lines = entries.flatMap(({ folder, proposal: { fresh } }) =>
    fresh.map(
      ({ action, resource, firstDay, uses }) =>
        `${code(folder)} ${code(action)} on ${code(resource)}, first on ${dayText(firstDay)}, sample event ${code(seenOf(uses)?.sampleEventID ?? '')}`,
    ),
  );
  const about = "An intruder's calls succeed too: look whether these are meant.\n\n";
  return sectionOf(`New in the last ${counted(newDays, 'day')}`, lines, about);
}

/** Whole roles and users that are not needed, first. */
function unusedSection({ left }: Retightened): string {
  const lines = left.flatMap(({ unused }) => (unused ? unusedLine(unused.holder, unused.facts, code) : []));
  return sectionOf('Never seen', lines);
}

function leftSection({ left }: Retightened): string {
  const lines = left
    .filter(({ unused }) => !unused)
    .map((one) => `${code(placeOf(one))}: ${leftTexts[one.reason]}`);
  return sectionOf('Left alone', lines);
}

/** Changes of one principal since the last proposal that are named. */
const namedChanges = 100;

/** One principal: what differs from the last proposal, then the proposal against today's policies. */
function partOf({ folder, proposal, changes, isFirst }: Entry): Part {
  const newActions = new Set(proposal.fresh.map(({ action }) => action.toLowerCase()));
  const mark = { added: '+', removed: '-', narrowed: '!', kept: ' ' } as const;
  const lines = changes.map(({ kind, action, resource, from, condition = [], isDeny }) =>
    [
      printable(`${mark[kind]} ${action}  ${from === undefined ? '' : `${from}  ->  `}${resource}`),
      ...(isDeny ? ['a Deny'] : []),
      ...(condition.length > 0 ? [printable(conditionText(condition))] : []),
      ...(kind === 'added' && newActions.has(action.toLowerCase()) ? ['new'] : []),
    ].join('   '),
  );
  const rest = `see ${code(`${folder}/diff.md`)}`;
  const more = lines.length - namedChanges;
  const since = isFirst
    ? 'First proposal.\n\n'
    : lines.length === 0
      ? 'The same permissions as before, written differently.\n\n'
      : `Since the last proposal:\n\n${fenced(lines.slice(0, namedChanges), 'diff')}${more > 0 ? `${counted(more, 'more line')}: ${rest}\n` : ''}\n`;
  const { actionsBefore, actionsAfter, diff } = proposal;
  const title = `${diff ? `${grouped(actionsBefore)} to ` : ''}${counted(actionsAfter, 'action')}, risk ${proposal.risk}`;
  const [before = '', after = ''] = folded(title, '\u0000').split('\u0000');
  return {
    line: overviewLine(proposal),
    text: () => since + proposalMarkdown(proposal, { rest, heading: "### Against today's policies:" }),
    around: [`## ${code(folder)}\n\n${before}`, after],
  };
}

const sectionOf = (title: string, lines: readonly string[], about = ''): string =>
  lines.length === 0 ? '' : `## ${title}\n\n${about}${listed(lines)}\n`;

/** A list, cut after so many that a person would read it. */
const listed = (lines: readonly string[]): string =>
  [
    ...lines.slice(0, named),
    ...(lines.length > named ? [`and ${grouped(lines.length - named)} more: see \`retighten.json\``] : []),
  ]
    .map((line) => `- ${line}\n`)
    .join('');
