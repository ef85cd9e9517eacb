import { principalJson } from '../json/changes.ts';
import { cellsOf, counted, grouped, someOf, table, windowJson, type Columns } from '../review/words.ts';
import { dayText } from '../../iam/days.ts';
import { groupBy } from '../../iam/order.ts';
import { printable } from '../../iam/printable.ts';
import type { BacktestRow, Broken, Slide, Trial } from '../../synth/backtest.ts';

/** Principals that were broken, and their actions, that are named; more are counted. */
const namedPrincipals = 10;
const namedActions = 3;
/** From this width of the interval on the trials say little. */
const tooWide = 0.25;

const percent = (share: number): string => `${Math.round(100 * share)}%`;
const expected = ({ expected: [low, high] }: Broken): string => `${percent(low)} to ${percent(high)}`;

/** `30 days of training would have broken 1 of 6 principals in the 7 days after (...)`. */
export function backtestVerdict(found: Broken, made: string, later: string): string {
  const { broken, principals, trials, expected: interval } = found;
  const few = interval[1] - interval[0] > tooWide;
  return (
    `${made} would have broken ${broken === 0 ? 'none' : broken} of ${counted(principals, 'principal')} in ${later} (95% interval ${expected(found)})` +
    (few ? `; ${counted(trials, 'trial')} ${trials === 1 ? 'is' : 'are'} too few to say more` : '')
  );
}

/** One line per strategy, and what it comes to for the one that `generate` uses. */
export function backtestText(
  all: readonly Trial[],
  rows: readonly BacktestRow[],
  { train, test }: Slide,
): string {
  const own = all.filter(({ strategy }) => strategy === 'balanced');
  const broken = [
    ...groupBy(
      own.filter(({ denied }) => denied > 0),
      ({ identity: { kind, account, name } }) => `${kind}/${name}  ${account}`,
    ),
  ].map(
    ([name, trials]) =>
      `  ${name}  ${someOf([...new Set(trials.flatMap(({ broke }) => broke))], namedActions)}`,
  );
  const more = broken.length - namedPrincipals;
  return [
    table(cellsOf(strategies, rows)),
    '\nBROKEN: principals of which any later use was denied, with the 95% interval of the share. UNUSED: actions allowed\n',
    'and not used later, mean of all trials; of them those that write, manage permissions, can escalate privileges\n',
    ...(rows.some(({ undetermined }) => undetermined > 0)
      ? ['unclear: what the log does not show decides whether they are allowed\n']
      : []),
    '\n',
    ...rows
      .filter(({ strategy }) => strategy === 'balanced')
      .map((row) =>
        backtestVerdict(row, `${counted(train, 'day')} of training`, `the ${counted(test, 'day')} after`),
      ),
    '\n',
    ...foreseenLines(rows),
    ...broken.slice(0, namedPrincipals).map((line) => `${printable(line)}\n`),
    ...(more > 0 ? [`  and ${counted(more, 'more principal')}: --csv has all\n`] : []),
  ].join('');
}

/** What needs foreseen spare and cost, beside the same policies without them. */
function foreseenLines(rows: readonly BacktestRow[]): readonly string[] {
  const [without, pinned] = ['balanced', 'foreseen'].map((name) => rows.find((row) => row.strategy === name));
  if (!without || !pinned) return [];
  const [spared, more] = [without.denied - pinned.denied, pinned.actions - without.actions];
  return [
    `needs foreseen, as pins, would have spared ${grouped(spared)} of ${counted(without.denied, 'later denial')} and kept ${more.toFixed(1)} more actions (mean), ${(pinned.unused - without.unused).toFixed(1)} of them not used\n`,
  ];
}

const strategies: Columns<BacktestRow> = {
  STRATEGY: (row) => row.strategy,
  TRIALS: (row) => row.trials,
  BROKEN: (row) => `${row.broken} of ${row.principals}, ${expected(row)}`,
  'DENIED LATER': ({ denied, uses, undetermined }) =>
    `${denied} of ${uses}${undetermined > 0 ? `, ${undetermined} unclear` : ''}`,
  ACTIONS: (row) => Math.round(row.actions),
  UNUSED: (row) => Math.round(row.unused),
  WRITE: (row) => Math.round(row.unusedWrite),
  MANAGE: (row) => Math.round(row.unusedManagement),
  ESCALATE: (row) => Math.round(row.unusedEscalation),
  REDUCTION: ({ reduction }) => (reduction === undefined ? '-' : `${(100 * reduction).toFixed(1)}%`),
};

/** A cell of CSV (RFC 4180); a leading `=`, `+`, `-` or `@` is kept from being a formula. */
const cell = (value: string | number): string => {
  const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

const columns: Columns<Trial> = {
  kind: (t) => t.identity.kind,
  account: (t) => t.identity.account,
  name: (t) => t.identity.name,
  strategy: (t) => t.strategy,
  train_since: (t) => dayText(t.train.since),
  train_until: (t) => dayText(t.train.until),
  test_since: (t) => dayText(t.test.since),
  test_until: (t) => dayText(t.test.until),
  uses: (t) => t.uses,
  denied: (t) => t.denied,
  undetermined: (t) => t.undetermined,
  use_days: (t) => t.useDays,
  denied_use_days: (t) => t.deniedUseDays,
  actions: (t) => t.actions,
  actions_today: (t) => t.actionsToday ?? '',
  characters: (t) => t.bytes,
  unused_write: (t) => t.unused.Write,
  unused_management: (t) => t.unused['Permissions management'],
  unused_escalation: (t) => t.unused.escalation,
  broke: (t) => t.broke.join(' '),
};

/** All trials as CSV with a header. */
export const trialsCsv = (trials: readonly Trial[]): string =>
  cellsOf(columns, trials)
    .map((row) => `${row.map(cell).join(',')}\n`)
    .join('');

/** One line of `backtest --json`: a trial. */
export function trialJson(t: Trial): object {
  const { identity, strategy, train, test, actionsToday = null, ...found } = t;
  return {
    principal: principalJson(identity),
    strategy,
    train: windowJson(train),
    test: windowJson(test),
    ...found,
    actionsToday,
  };
}
