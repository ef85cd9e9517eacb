import { dayText } from '../../iam/days.ts';
import { documentJson } from '../../iam/policy/policy-json.ts';
import { printable } from '../../iam/printable.ts';
import { policySize } from '../../iam/policy/quota.ts';
import type { BacktestRow } from '../../synth/backtest.ts';
import type { Proposal } from '../../synth/proposal.ts';
import { actionCounts, isManagement } from '../review/change-lines.ts';
import { agreementText, proofTexts } from '../review/proof.ts';
import { answer, counted, grouped, undecidedLines } from '../review/words.ts';
import { segment } from '../review/principal-folder.ts';
import type { ActionTable, PageActions } from './actions.ts';
import { changesOf } from './changes.ts';
import type { BacktestBar, Change, Detail } from './page/shape.ts';
import { sectionsOf, unseenRows } from './sections.ts';
import type { Texts } from './texts.ts';

/** Changes of one principal on the page; more are counted. */
const mostChanges = 1000;

/** The address of a principal's view, behind `#`; names are untrusted, and each gives its own. */
export const fragmentOf = ({ kind, account, name }: Proposal['identity']): string =>
  [kind, account === '' ? 'unknown-account' : account, name].map((part) => segment(part)).join('/');

/**
 * What the view of one principal shows; done once every action of the page has been named.
 * @param states of all actions, packed
 */
export function detailOf(
  p: Proposal,
  states: Uint8Array,
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
    facts: factsOf(p),
    warnings: warningsOf(p).map(printable),
    since: p.window.since,
    activity: activityOf(p),
    moreChanges: Math.max(0, changes.length - mostChanges),
    unseen: unseenRows(p, texts),
    sections: sectionsOf(p),
    documents: p.documents.map((document, i) => ({
      name: p.files[i] ?? '',
      document: documentJson(document),
      characters: policySize(document),
    })),
    backtest: backtest.map((row): BacktestBar => [
      row.strategy,
      row.trials,
      row.uses,
      row.denied,
      Math.round(row.actions),
      Math.round(row.unused),
      Math.round(row.unusedWrite + row.unusedManagement),
      row.reduction ?? null,
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

function factsOf(p: Proposal): readonly (readonly [string, string])[] {
  const [judged, open] = proofTexts(p.proof, 'the proposal');
  const days = p.window.until - p.window.since + 1;
  const before = p.diff ? `${grouped(p.actionsBefore)} → ` : '';
  const management = actionCounts(p.diff?.items ?? [], isManagement);
  return [
    ['Window', `${dayText(p.window.since)} to ${dayText(p.window.until)}, ${counted(days, 'day')}`],
    ['Actions', `${before}${grouped(p.actionsAfter)}`],
    ...(p.diff
      ? [
          ['Permissions management', `${grouped(management.before)} → ${grouped(management.after)}`] as const,
          ['Wider than today', answer(p.diff.broadened, (text) => text)] as const,
        ]
      : []),
    ['Replay', [judged, agreementText(p)].filter(Boolean).join('; ')],
    ['Open', open],
    ...(p.excluded > 0 ? [['Left out by --exclude', counted(p.excluded, 'kind') + ' of call'] as const] : []),
  ];
}

function warningsOf(p: Proposal): readonly string[] {
  const missing = p.gaps.reduce((sum, gap) => sum + gap.until - gap.since + 1, 0);
  return [
    ...(p.proof.denied > 0
      ? [`${counted(p.proof.denied, 'use')} would be denied by the proposed policies.`]
      : []),
    ...(p.diff?.broadened ? ['The proposed policies allow something that today’s do not.'] : []),
    ...(p.diff?.broadened === null
      ? ['Whether the proposed policies allow something that today’s do not cannot be told.']
      : []),
    ...(p.diff ? undecidedLines(p.diff).map((line) => line.trim()) : []),
    ...(p.diff ? [] : ['Today’s policies were not given, so nothing can be compared.']),
    ...p.blocks,
    ...(missing > 0 ? [`Nothing was delivered on ${counted(missing, 'day')} of the window.`] : []),
  ];
}

/** Distinct uses on each day of the window; -1 on days of gaps. */
function activityOf({ window, gaps, verdicts, unmapped }: Proposal): readonly number[] {
  const counts = Array.from({ length: window.until - window.since + 1 }, () => 0);
  for (const { days } of [...verdicts.map(({ use }) => use), ...unmapped])
    for (const day of days) counts[day - window.since] = (counts[day - window.since] ?? 0) + 1;
  for (const { since, until } of gaps)
    for (let day = since; day <= until; day++) counts[day - window.since] = -1;
  return counts;
}
