import { counted, grouped } from '../review/words.ts';
import type { OverviewRow } from './overview.ts';

/** The numbers of the whole, for a first look: who is not needed, who rules, what stays dangerous, what would break. */
export function tiles(rows: readonly OverviewRow[]): string {
  const unused = rows.filter(({ isUnused }) => isUnused);
  const open = rows.filter(({ ways = 0 }) => ways > 0);
  const ways = sum(rows, (row) => row.ways);
  const isCompared = rows.some(({ before }) => before !== undefined);
  const after = rows.filter(({ rules: [, after] }) => after).length;
  const denied = sum(rows, (row) => row.denied);
  const contradicted = sum(rows, (row) => row.contradicted);
  const unknown = rows.filter(({ risk }) => risk === 'unknown').length;
  const held = sum(unused, ({ before }) => before);
  return (
    '<dl class="tiles">' +
    tile(
      'Unused principals',
      `${grouped(unused.length)} of ${grouped(rows.length)}`,
      unused.length === 0
        ? 'everybody was seen in the log'
        : `never seen in the log; they hold ${counted(held, 'action')}`,
    ) +
    tile(
      'Administrators by effect',
      isCompared ? change(rows.filter(({ rules: [today] }) => today).length, after) : grouped(after),
      `may do everything, or can give themselves more${isCompared ? ': today, proposed' : ''}`,
    ) +
    tile(
      'Escalation left',
      grouped(ways),
      (open.length === 0
        ? 'no way to more rights stays'
        : `${ways === 1 ? 'way' : 'ways'} to more rights that stay, of ${counted(open.length, 'principal')}`) +
        (unknown > 0 ? `; not known of ${grouped(unknown)}` : ''),
      open.length > 0,
    ) +
    tile(
      'Uses not allowed',
      grouped(denied + contradicted),
      `of ${counted(
        sum(rows, ({ uses }) => uses),
        'observed use',
      )}; ${contradicted > 0 ? `${grouped(contradicted)} that today's policies do not allow either; ` : ''}${grouped(sum(rows, ({ elsewhere }) => elsewhere))} more by something else than these policies`,
      denied + contradicted > 0,
    ) +
    '</dl>'
  );
}

/** Actions of all who have a proposal, today and proposed. */
export function totals(rows: readonly OverviewRow[]): string {
  const proposed = rows.filter(({ after }) => after !== undefined);
  const after = sum(proposed, (row) => row.after);
  return proposed.some(({ before }) => before !== undefined)
    ? `${change(
        sum(proposed, (row) => row.before),
        after,
      )} actions of those who were seen`
    : `${grouped(after)} actions used by all principals`;
}

const sum = (list: readonly OverviewRow[], value: (row: OverviewRow) => number | undefined): number =>
  list.reduce((total, row) => total + (value(row) ?? 0), 0);

const tile = (label: string, value: string, note: string, isBad = false): string =>
  `<div${isBad ? ' class="bad"' : ''}><dt>${label}</dt><dd><strong>${value}</strong><span>${note}</span></dd></div>`;

const change = (before: number, now: number): string =>
  `${grouped(before)} <span class="to">→</span> ${grouped(now)}`;
