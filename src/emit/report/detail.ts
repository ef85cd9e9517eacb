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
import { changesOf, statesOf } from './changes.ts';
import type { Lists } from './lists.ts';
import type { Detail, ShownSection } from './page/shape.ts';
import { gapDays, otherSections, stepSections } from '../review/review.ts';
import type { Row } from '../review/section.ts';

/** Changes of one principal on the page; more are counted. */
const mostChanges = 1000;

/** The address of a principal's view, behind `#`; names are untrusted, and each gives its own. */
export const fragmentOf = ({ kind, account, name }: Proposal['identity']): string =>
  [kind, account === '' ? 'unknown-account' : account, name].map((part) => segment(part)).join('/');

/** What the view of one principal shows. @param names of the policies held today */
export function detailOf(
  p: Proposal,
  names: readonly string[],
  backtest: readonly BacktestRow[],
  lists: Lists,
): Detail {
  const { kind, account, name, arn } = p.identity;
  const changes = changesOf(p, lists);
  return {
    id: fragmentOf(p.identity),
    kind,
    account: printable(account),
    name: printable(name),
    arn: printable(arn),
    compared: p.diff !== undefined,
    verdict: verdictOf(p),
    warnings: [...(p.diff ? undecidedLines(p.diff) : []), ...p.blocks].map((line) => printable(line.trim())),
    attention: attentionRows(p).map((row) => [row.mark, ...shownRow(row)]),
    states: lists.runs(statesOf(p)),
    since: p.window.since,
    activity: activityOf(p),
    changes: changes.slice(0, mostChanges),
    moreChanges: Math.max(0, changes.length - mostChanges),
    sections: [...sectionsOf(p), ...backtestSection(backtest)],
    documents: p.documents.map((document, i) => ({
      name: p.files[i] ?? '',
      document: documentJson(document),
      characters: policySize(document),
    })),
    today: (p.today ?? []).map((document, i) => [
      printable(names[i] ?? `today, ${i + 1}`),
      lists.policy(documentJson(document)),
    ]),
  };
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

/** Distinct uses on each day of the window; -1 on days of gaps. */
function activityOf({ window, gaps, verdicts, unmapped }: Proposal): readonly number[] {
  const counts = Array.from({ length: window.until - window.since + 1 }, () => 0);
  for (const { days } of [...verdicts.uses, ...unmapped])
    for (const day of days) counts[day - window.since] = (counts[day - window.since] ?? 0) + 1;
  for (const { since, until } of gaps)
    for (let day = since; day <= until; day++) counts[day - window.since] = -1;
  return counts;
}

/** Rows of a section on the page; more are counted. */
const mostRows = 200;

/** A row of the review as the page shows it: what, where, why and how often. */
function shownRow({ what, where = '', why = '', seen }: Row): ShownSection['rows'][number] {
  const times = seen
    ? `${counted(seen.callsAsDelivered, 'call')} on ${counted(seen.days, 'day')}, last ${seen.lastDay}`
    : '';
  return [printable(what), printable(where), printable([why, times].filter(Boolean).join(': '))];
}

/** The other lists of the review, those that have anything to say. */
function sectionsOf(p: Proposal): ShownSection[] {
  return [...otherSections(p), ...stepSections(p)].map(({ title, about, rows }) => ({
    title: about === undefined ? title : `${title}: ${about}`,
    rows: rows.slice(0, mostRows).map(shownRow),
    more: Math.max(0, rows.length - mostRows),
  }));
}
