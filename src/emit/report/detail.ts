import { dayText } from '../../iam/days.ts';
import { documentJson } from '../../iam/policy/policy-json.ts';
import { printable } from '../../iam/printable.ts';
import { policySize } from '../../iam/policy/quota.ts';
import type { BacktestRow } from '../../synth/backtest.ts';
import type { Proposal } from '../../synth/proposal.ts';
import { attentionRows } from '../review/attention.ts';
import { agreementText, proofTexts } from '../review/proof.ts';
import { breadth, counted, grouped, undecidedLines } from '../review/words.ts';
import { segment } from '../review/principal-folder.ts';
import type { ActionTable, PageActions } from './actions.ts';
import { changesOf } from './changes.ts';
import type { Change, Detail, ShownSection } from './page/shape.ts';
import { gapDays } from '../review/review.ts';
import { sectionsOf, shownRow } from './sections.ts';
import type { Texts } from './texts.ts';

/** Changes of one principal on the page; more are counted. */
const mostChanges = 1000;

/** The address of a principal's view, behind `#`; names are untrusted, and each gives its own. */
export const fragmentOf = ({ kind, account, name }: Proposal['identity']): string =>
  [kind, account === '' ? 'unknown-account' : account, name].map((part) => segment(part)).join('/');

/**
 * What the view of one principal shows; done once every action of the page has been named.
 * @param states of all actions, packed
 * @param names of the policies held today
 */
export function detailOf(
  p: Proposal,
  states: Uint8Array,
  names: readonly string[],
  backtest: readonly BacktestRow[],
  actions: ActionTable,
  texts: Texts,
): (page: PageActions) => Detail {
  const { kind, account, name, arn } = p.identity;
  const changes = changesOf(p, actions, texts);
  const rest = {
    id: fragmentOf(p.identity),
    kind,
    account: printable(account),
    name: printable(name),
    arn: printable(arn),
    compared: p.diff !== undefined,
    verdict: verdictOf(p),
    warnings: [...(p.diff ? undecidedLines(p.diff) : []), ...p.blocks].map((line) => printable(line.trim())),
    attention: attentionOf(p),
    since: p.window.since,
    activity: activityOf(p),
    moreChanges: Math.max(0, changes.length - mostChanges),
    sections: [...sectionsOf(p), ...backtestSection(backtest)],
    documents: p.documents.map((document, i) => ({
      name: p.files[i] ?? '',
      document: documentJson(document),
      characters: policySize(document),
    })),
    today: (p.today ?? []).map((document, i): Detail['today'][number] => [
      printable(names[i] ?? `today, ${i + 1}`),
      texts.policy(documentJson(document)),
    ]),
  };
  return (page) => ({
    ...rest,
    states: page.runs(states),
    changes: changes
      .slice(0, mostChanges)
      .map(([mark, action, ...others]): Change => [mark, page.placed(action), ...others]),
  });
}

/** A policy made from some days and tried on the days that follow: what it would have broken, and what it grants for nothing. */
const backtestSection = (rows: readonly BacktestRow[]): ShownSection[] =>
  rows.length === 0
    ? []
    : [
        {
          title: `Backtest: ${counted(rows[0]?.trials ?? 0, 'trial')} on later days`,
          rows: rows.map((row) => [
            row.strategy,
            '',
            `${grouped(row.denied)} of ${counted(row.uses, 'later use')} denied; ${grouped(Math.round(row.unused))} of ${counted(Math.round(row.actions), 'action')} not used later, ` +
              `${grouped(Math.round(row.unusedWrite + row.unusedManagement))} of them can write`,
          ]),
          more: 0,
        },
      ];

function verdictOf(p: Proposal): readonly string[] {
  const { all, used, held, unseen, unseenWrites } = p.counts;
  const [judged, open] = proofTexts(p.proof, 'the proposal');
  const days = p.window.until - p.window.since + 1;
  const missing = gapDays(p);
  const parts = [
    `${grouped(used)} used`,
    ...(held > 0 ? [`${grouped(held)} that calls may have needed`] : []),
    ...(unseen > 0 ? [`${grouped(unseen)} kept unseen (${grouped(unseenWrites)} can write)`] : []),
  ];
  return [
    p.diff
      ? `Of ${counted(p.actionsBefore, 'action')} ${grouped(all)} stay: ${parts.join(', ')}; ${breadth(p.diff, (text) => text)}.`
      : `${counted(all, 'action')} used; today’s policies were not given, so that nothing can be compared: give --current.`,
    [`Replay: ${judged}`, agreementText(p), open].filter(Boolean).join('; '),
    `${dayText(p.window.since)} to ${dayText(p.window.until)}, ${counted(days, 'day')}` +
      (missing > 0 ? `; nothing was delivered on ${grouped(missing)} of them` : '') +
      (p.excluded > 0 ? `; ${counted(p.excluded, 'kind')} of call left out by --exclude` : ''),
  ];
}

/** What a reviewer must see first, on one line each. */
const attentionOf = (p: Proposal): Detail['attention'] =>
  attentionRows(p).map((row) => [row.mark, ...shownRow(row)]);

/** Distinct uses on each day of the window; -1 on days of gaps. */
function activityOf({ window, gaps, verdicts, unmapped }: Proposal): readonly number[] {
  const counts = Array.from({ length: window.until - window.since + 1 }, () => 0);
  for (const { days } of [...verdicts.map(({ use }) => use), ...unmapped])
    for (const day of days) counts[day - window.since] = (counts[day - window.since] ?? 0) + 1;
  for (const { since, until } of gaps)
    for (let day = since; day <= until; day++) counts[day - window.since] = -1;
  return counts;
}
