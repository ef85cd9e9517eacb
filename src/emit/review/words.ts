import { dayText, type Window } from '../../iam/days.ts';
import type { PolicyDiff } from '../../iam/compare/diff.ts';
import { serviceOf } from '../../iam/catalogue.ts';
import { byCodeUnit, groupBy } from '../../iam/order.ts';
import { printable } from '../../iam/printable.ts';

/** `1,234`. */
export const grouped = (n: number): string => String(n).replace(/\B(?=(\d{3})+(?!\d))/g, ',');

/** `1 day`, `2 days`. */
export const counted = (n: number, noun: string): string => `${grouped(n)} ${noun}${n === 1 ? '' : 's'}`;

/** `2026-03-02..2026-03-05`, or one day. */
export const spanText = ({ since, until }: Window): string =>
  since === until ? dayText(since) : `${dayText(since)}..${dayText(until)}`;

/** A window in machine output. */
export const windowJson = ({ since, until }: Window) => ({ since: dayText(since), until: dayText(until) });

/** ` and 3 more`; '' for none. */
export const andMore = (n: number, noun?: string): string =>
  n <= 0 ? '' : ` and ${noun === undefined ? `${grouped(n)} more` : counted(n, `more ${noun}`)}`;

/** The first of a list, and how many follow: `a, b and 3 more`. */
export const someOf = (texts: readonly string[], most: number, noun?: string): string =>
  texts.slice(0, most).join(', ') + andMore(texts.length - most, noun);

/** The text that occurs most often, the first of several; undefined of none. */
export const commonest = (texts: readonly string[]): string | undefined =>
  [...groupBy(texts, (text) => text).values()].sort((a, b) => b.length - a.length)[0]?.[0];

/** How many actions of each service, most first: `s3 135, logs 86 and 3 more services`. */
export function servicesText(actions: Iterable<string>, most: number): string {
  const services = [...groupBy(new Set(actions), serviceOf)].sort(
    ([a, some], [b, others]) => others.length - some.length || byCodeUnit(a, b),
  );
  return someOf(
    services.map(([service, own]) => `${service} ${grouped(own.length)}`),
    most,
    'service',
  );
}

/** The columns of a table by title, each with what it shows of one row. */
export type Columns<T> = Readonly<Record<string, (row: T) => string | number>>;

/** The cells of rows, the titles first. */
export const cellsOf = <T>(columns: Columns<T>, rows: readonly T[]): readonly Cells[] => [
  Object.keys(columns),
  ...rows.map((row) => Object.values(columns).map((of) => of(row))),
];

const shown = (cell: string | number): string => (typeof cell === 'number' ? grouped(cell) : printable(cell));

type Cells = readonly (string | number)[];

/** Rows as columns two spaces apart; numbers to the right. */
export const table = (rows: readonly Cells[]): string => [...tableLines(rows)].join('');

/** The same line by line. @param rows looked at twice */
export function* tableLines(rows: Iterable<Cells>): Generator<string> {
  const widths: number[] = [];
  for (const row of rows)
    row.forEach((cell, i) => (widths[i] = Math.max(widths[i] ?? 0, shown(cell).length)));
  const padded = (cell: string | number, i: number): string =>
    typeof cell === 'number' ? shown(cell).padStart(widths[i] ?? 0) : shown(cell).padEnd(widths[i] ?? 0);
  for (const row of rows) yield `${row.map(padded).join('  ').trimEnd()}\n`;
}

type Emphasis = (text: string) => string;

/** Whether more is allowed than before, as the answer to that question. */
export const answer = (broadened: PolicyDiff['broadened'], loud: Emphasis): string =>
  broadened === false ? 'no' : loud(broadened ? 'yes' : 'cannot tell');

/** The same as words of a headline. */
export const breadth = ({ broadened }: PolicyDiff, loud: Emphasis): string =>
  broadened === false ? 'not broadened' : loud(broadened ? 'BROADENED' : 'CANNOT TELL WHETHER BROADENED');

/** The statements for which that cannot be told, a line each. */
export const undecidedLines = ({ undecided }: PolicyDiff): readonly string[] =>
  undecided.map(
    ({ policy, statement, sid }) =>
      `  cannot tell whether statement ${statement + 1}${sid === undefined ? '' : ` (${printable(sid)})`} of policy ${policy + 1} allows more\n`,
  );
