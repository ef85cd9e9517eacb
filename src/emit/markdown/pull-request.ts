import { dayText } from '../../iam/days.ts';
import { conditionText } from '../review/change-lines.ts';
import { code, fenced, gitHubLimit, shares } from './markdown.ts';
import { proposalMarkdown } from './proposal.ts';
import { backtestVerdict } from '../text/backtest.ts';
import { leftText } from '../text/retightened.ts';
import { gapDays, isGone, joined, type Entry, type Retightened } from '../json/retightened.ts';
import { counted, grouped } from '../review/words.ts';
import type { Broken } from '../../synth/backtest.ts';
import { statementJson } from '../../iam/policy/policy-json.ts';
import { printable } from '../../iam/printable.ts';

/** Things of one kind that are named; of more the page says where they stand. */
const named = 20;
/** Characters without which a principal gets a line instead of a section. */
const leastRoom = 2000;
/** Characters kept for what stands around the sections. */
const frame = 400;

/** The text of a pull request over many principals: regressions, totals, what blocks, what is new, then each that changes. */
export function pullRequest(run: Retightened): string {
  const changed = run.entries.filter(({ state }) => state === 'new' || state === 'changed');
  const top = [
    `# ${title(run, changed)}\n\n`,
    coverage(run),
    regressions(run),
    summary(run, changed),
    freshSection(run),
    leftSection(run),
  ].join('');
  const room = gitHubLimit - top.length - frame;
  const whole = changed
    .slice(0, Math.max(0, Math.floor(room / leastRoom)))
    .map((entry) => ({ entry, text: section(entry, gitHubLimit) }));
  const rooms = shares(
    whole.map(({ text }) => text.length),
    room,
  );
  const rest = changed.length - whole.length;
  return cut(
    [
      top,
      ...whole.map(({ entry, text }, i) => {
        const share = rooms[i] ?? 0;
        return share < text.length ? section(entry, share) : text;
      }),
      rest > 0
        ? `${counted(rest, 'more principal')}: see \`retighten.json\` and the \`diff.md\` of each\n`
        : '',
    ].join(''),
  );
}

function title(run: Retightened, changed: readonly Entry[]): string {
  const lost = run.entries.reduce(
    (sum, { regressions: list }) => sum + list.filter((one) => one.isNamed).length,
    0,
  );
  return [
    `Least privilege: ${counted(changed.length, 'principal')} of ${grouped(run.entries.length)} ${changed.length === 1 ? 'changes' : 'change'}`,
    ...(lost > 0 ? [counted(lost, 'regression')] : []),
  ].join(', ');
}

/** Where too little was seen to take anything away. */
function coverage({ entries, unread }: Retightened): string {
  const lines = entries.flatMap((entry) => {
    const gaps = gapDays(entry);
    return [
      ...(gaps > 0 ? [`${code(entry.folder)}: ${counted(gaps, 'day')} of the window without any log`] : []),
      ...entry.proposal.blocks.map((block) => `${code(entry.folder)}: ${code(block)}`),
    ];
  });
  return [
    ...(unread > 0
      ? [`**${counted(unread, 'log object')} could not be read to the end**: what they held is not known\n\n`]
      : []),
    ...(lines.length > 0 ? [`**Coverage**\n\n${listed(lines)}\n`] : []),
  ].join('');
}

function regressions({ entries }: Retightened): string {
  const all = entries.flatMap((entry) =>
    entry.proposal.regressions.map((regression) => ({ entry, regression })),
  );
  if (all.length === 0) return '';
  const shown = all.slice(0, named).map(({ entry, regression }) => {
    const { action, resource, uses, recorded, restored, isNamed, statements } = regression;
    const refused = joined(uses);
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

function summary({ entries, left, newDays, backtest }: Retightened, changed: readonly Entry[]): string {
  const count = (kind: string): string =>
    grouped(
      changed.reduce((sum, { changes }) => sum + changes.filter((item) => item.kind === kind).length, 0),
    );
  const actions = (when: 'actionsBefore' | 'actionsAfter'): number =>
    entries.reduce((sum, { proposal }) => sum + proposal[when], 0);
  const firsts = changed.filter(({ isFirst }) => isFirst).length;
  const having = (broadened: boolean | null): number =>
    entries.filter(({ proposal }) => proposal.diff?.broadened === broadened).length;
  const wider = [
    ...(having(true) > 0 ? [`**${counted(having(true), 'principal')} BROADENED**`] : []),
    ...(having(null) > 0 ? [`**${counted(having(null), 'principal')} of which it cannot be told**`] : []),
  ];
  const recorded = entries.filter(({ state }) => state === 'recorded').length;
  const denied = entries.reduce((sum, { proposal }) => sum + proposal.proof.denied, 0);
  const gone = left.filter(isGone).length;
  return [
    '## Summary\n\n',
    `- against the last proposal: ${count('added')} added, ${count('narrowed')} narrowed, ${count('removed')} removed\n`,
    ...(firsts > 0 ? [`- ${counted(firsts, 'principal')} for the first time\n`] : []),
    ...(gone > 0 ? [`- ${counted(gone, 'principal')} gone, files taken away\n`] : []),
    ...(recorded > 0
      ? [`- ${counted(recorded, 'principal')} with policies today that were not on record; they are now\n`]
      : []),
    ...(changed.length === 0 ? ['- no proposal changes\n'] : []),
    `- all against today's policies: ${grouped(actions('actionsBefore'))} -> ${counted(actions('actionsAfter'), 'action')}, ${wider.length > 0 ? wider.join(', ') : 'not broadened'}\n`,
    `- replay: ${denied > 0 ? `**${grouped(denied)} observed uses DENIED**` : 'no observed use is denied'}\n`,
    backtest ? backtestLine(entries, newDays, backtest) : '',
    '\n',
  ].join('');
}

/** What policies made some days earlier would have broken since. */
function backtestLine(entries: readonly Entry[], newDays: number, backtest: Broken): string {
  const made = `policies made without the last ${counted(newDays, 'day')}`;
  const broken = entries.flatMap(({ folder, trial }) => (trial && trial.denied > 0 ? [code(folder)] : []));
  const names = [...broken.slice(0, named), ...(broken.length > named ? ['others'] : [])].join(', ');
  return `- backtest: ${backtestVerdict(backtest, made, 'them')}${names === '' ? '' : `; broken: ${names}`}\n`;
}

function freshSection({ newDays, entries }: Retightened): string {
  const lines = entries.flatMap(({ folder, proposal: { fresh } }) =>
    fresh.map(
      ({ action, resource, firstDay, uses }) =>
        `${code(folder)} ${code(action)} on ${code(resource)}, first on ${dayText(firstDay)}, sample event ${code(joined(uses)?.sampleEventID ?? '')}`,
    ),
  );
  return lines.length === 0
    ? ''
    : `## New in the last ${counted(newDays, 'day')}\n\nAn intruder's calls succeed too: look whether these are meant.\n\n${listed(lines)}\n`;
}

function leftSection({ left }: Retightened): string {
  const lines = left.map(
    ({ folder, kind, account, name, reason }) =>
      `${code(folder === '' ? [account, kind, name].filter(Boolean).join('/') : folder)}: ${leftText(reason)}`,
  );
  return lines.length === 0 ? '' : `## Left alone\n\n${listed(lines)}\n`;
}

/** One principal: what differs from the last proposal, then the proposal against today's policies. */
function section(entry: Entry, room: number): string {
  const { folder, proposal, changes, isFirst } = entry;
  const newActions = new Set(proposal.fresh.map(({ action }) => action.toLowerCase()));
  const mark = { added: '+', removed: '-', narrowed: '!', kept: ' ' } as const;
  const lines = changes.map(({ kind, action, resource, from, condition = [], isDeny }) =>
    [
      printable(`${mark[kind]} ${action}  ${from === undefined ? '' : `${from}  ->  `}${resource}`),
      ...(isDeny ? ['a Deny'] : []),
      ...(condition.length > 0 ? [conditionText(condition)] : []),
      ...(kind === 'added' && newActions.has(action.toLowerCase()) ? ['new'] : []),
    ].join('   '),
  );
  const heading = `## ${code(folder)}\n\n`;
  const rest = `see ${code(`${folder}/diff.md`)}`;
  const shown: string[] = [];
  let left = Math.floor(room / 3);
  for (const line of lines) {
    left -= line.length + 1;
    if (left < 0) break;
    shown.push(line);
  }
  const since = isFirst
    ? 'First proposal.\n\n'
    : lines.length === 0
      ? 'The same permissions as before, written differently.\n\n'
      : `Since the last proposal:\n\n${fenced(shown, 'diff')}${shown.length < lines.length ? `${counted(lines.length - shown.length, 'more line')}: ${rest}\n` : ''}\n`;
  const head = heading + since;
  return (
    head +
    proposalMarkdown(proposal, { rest, room: room - head.length, heading: "### Against today's policies:" })
  );
}

/** A list, cut after so many that a person would read it. */
const listed = (lines: readonly string[]): string =>
  [
    ...lines.slice(0, named),
    ...(lines.length > named ? [`and ${grouped(lines.length - named)} more: see \`retighten.json\``] : []),
  ]
    .map((line) => `- ${line}\n`)
    .join('');

/** However long names are, the page is one that GitHub takes. */
function cut(text: string): string {
  if (text.length <= gitHubLimit) return text;
  const end = '\n\nCut here: see `retighten.json`\n';
  const room = text.slice(0, gitHubLimit - end.length);
  return room.slice(0, room.lastIndexOf('\n')) + end;
}
