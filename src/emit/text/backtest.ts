import { dayText } from '../../iam/days.ts';
import type { BacktestRow, Trial } from '../../synth/backtest.ts';
import { table } from '../review/words.ts';

const percent = (part: number, whole: number): string =>
  whole === 0 ? '-' : `${((100 * part) / whole).toFixed(2)}%`;

/** One line per strategy. */
export function backtestTable(rows: readonly BacktestRow[]): string {
  return table([
    [
      'STRATEGY',
      'TRIALS',
      'LATER USES',
      'DENIED',
      'BY USE-DAY',
      'PRINCIPALS',
      'BROKEN',
      'ACTIONS',
      'REDUCTION',
      'CHARACTERS',
    ],
    ...rows.map((r) => [
      r.strategy,
      r.trials,
      r.uses,
      percent(r.denied, r.uses),
      percent(r.deniedUseDays, r.useDays),
      r.principals,
      r.broken,
      Math.round(r.actions),
      r.reduction === undefined ? '-' : `${(100 * r.reduction).toFixed(1)}%`,
      Math.round(r.bytes),
    ]),
  ]);
}

/** One line of `backtest --json`: a trial. */
export function trialJson(t: Trial): object {
  const { kind, arn, account, name } = t.identity;
  return {
    principal: { kind, arn, account, name },
    strategy: t.strategy,
    train: { since: dayText(t.train.since), until: dayText(t.train.until) },
    test: { since: dayText(t.test.since), until: dayText(t.test.until) },
    uses: t.uses,
    denied: t.denied,
    useDays: t.useDays,
    deniedUseDays: t.deniedUseDays,
    actions: t.actions,
    actionsToday: t.actionsToday ?? null,
    bytes: t.bytes,
  };
}

/** A cell of CSV (RFC 4180); a leading `=`, `+`, `-` or `@` is kept from being a formula. */
const cell = (value: string | number): string => {
  const text = typeof value === 'string' && /^[=+\-@\t\r]/.test(value) ? `'${value}` : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
};

/** All trials as CSV with a header. */
export function trialsCsv(trials: readonly Trial[]): string {
  const header = [
    'kind',
    'account',
    'name',
    'strategy',
    'train_since',
    'train_until',
    'test_since',
    'test_until',
    'uses',
    'denied',
    'use_days',
    'denied_use_days',
    'actions',
    'actions_today',
    'characters',
  ];
  const rows = trials.map((t) => [
    t.identity.kind,
    t.identity.account,
    t.identity.name,
    t.strategy,
    dayText(t.train.since),
    dayText(t.train.until),
    dayText(t.test.since),
    dayText(t.test.until),
    t.uses,
    t.denied,
    t.useDays,
    t.deniedUseDays,
    t.actions,
    t.actionsToday ?? '',
    t.bytes,
  ]);
  return [header, ...rows].map((row) => `${row.map(cell).join(',')}\n`).join('');
}
