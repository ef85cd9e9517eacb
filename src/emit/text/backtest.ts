import type { BacktestRow } from '../../synth/backtest.ts';
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
