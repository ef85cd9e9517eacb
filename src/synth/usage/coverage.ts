import { daysOf, type Window } from '../../iam/days.ts';
import { InputError } from '../../iam/input-error.ts';
import { partialCategory } from '../../store/batch.ts';
import type { CoverageRow } from '../../store/reader.ts';

const always: Window = { since: -Infinity, until: Infinity };

/** The days on which anything of some accounts was delivered (all accounts when none is given), ascending. */
export const coveredDaysOf = (
  rows: readonly CoverageRow[],
  accounts?: readonly string[],
): readonly number[] => knownDaysOf(rows.filter(delivered), accounts);

/** Whether silence on the days of a row says anything: event history shows only some kinds of events. */
export const delivered = ({ category }: CoverageRow): boolean => category !== partialCategory;

/** Days of which the index holds anything of some accounts, delivered logs or event history, ascending. */
export function knownDaysOf(rows: readonly CoverageRow[], accounts?: readonly string[]): readonly number[] {
  const days = new Set<number>();
  const months = new Map<number, number>();
  for (const row of rows) {
    if (accounts && !accounts.includes(row.account)) continue;
    months.set(row.month, (months.get(row.month) ?? 0) | row.days);
  }
  for (const [month, bits] of months) for (const day of daysOf(month, bits, always)) days.add(day);
  return [...days].sort((a, b) => a - b);
}

/**
 * First and last day of which the index holds anything, delivered logs or event history.
 * @throws InputError when nothing has been ingested
 */
export function knownDays(rows: readonly CoverageRow[], accounts?: readonly string[]): Window {
  const days = knownDaysOf(rows, accounts);
  const [since] = days;
  const until = days.at(-1);
  if (since === undefined || until === undefined) {
    throw new InputError('the index holds no events yet; load some with: iam-minimize ingest SOURCE');
  }
  return { since, until };
}

/** Days of a window without any delivery, as runs of days. */
export function gapsIn(days: readonly number[], window: Window): readonly Window[] {
  const gaps: { since: number; until: number }[] = [];
  let expected = window.since;
  for (const day of days) {
    if (day < window.since || day > window.until) continue;
    if (day > expected) gaps.push({ since: expected, until: day - 1 });
    expected = day + 1;
  }
  if (expected <= window.until) gaps.push({ since: expected, until: window.until });
  return gaps;
}
