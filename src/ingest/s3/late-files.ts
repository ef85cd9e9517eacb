import { dayText, firstDayOf } from '../../iam/days.ts';

/** How far the logs of an account and a Region have been read: all between, as paths below the Region. */
interface ReadRange {
  /** '' for the beginning, else the path of a day. */
  readonly from: string;
  /** The last key. */
  readonly to: string;
}

export function parseReadRange(text: string | undefined): ReadRange | undefined {
  const [from, to] = text?.split('\n') ?? [];
  return from === undefined || to === undefined ? undefined : { from, to };
}

export const readRangeText = ({ from, to }: ReadRange): string => `${from}\n${to}`;

/** What to list of the logs of an account and a Region. */
export interface TrailRange {
  readonly prefix: string;
  readonly startAfter: string;
  /** Keys of the root that sort after it are too late. */
  readonly end: string;
  /** From where on all will have been read. */
  readonly from: string;
  /** How far it was read before. */
  readonly to: string;
}

/**
 * Keys are listed from a day on, in one sweep: as few requests as can be, because S3 charges by the request.
 * What an earlier run read is not listed again, but for the last `lookback` days: CloudTrail delivers late.
 */
export function trailRange(
  { root, first, last }: { readonly root: string; readonly first: number; readonly last: number },
  read: ReadRange | undefined,
  lookback: number,
): TrailRange {
  const start = first === -Infinity ? '' : pathOf(first);
  const joins = read !== undefined && read.from <= start && start <= read.to;
  const again = joins ? lookedBack(read.to, lookback) : '';
  const end = last === Infinity ? '\uffff' : `${pathOf(last)}\uffff`;
  return {
    prefix: root + commonPath(start, last === Infinity ? '' : pathOf(last)),
    startAfter: root + (joins && again > start ? again : start),
    end: root + end,
    from: joins ? read.from : start,
    to: joins ? read.to : '',
  };
}

const pathOf = (day: number): string => `${dayText(day).replaceAll('-', '/')}/`;

/** Where to begin so that the days before the one of this key are listed again; the key itself for none. */
function lookedBack(key: string, days: number): string {
  const [, year, month, day] = /^(\d{4})\/(\d\d)\/(\d\d)\//.exec(key) ?? [];
  if (days === 0) return key;
  if (day === undefined) return '';
  return pathOf(firstDayOf(Number(year) * 12 + Number(month) - 1) + Number(day) - 1 - days);
}

/** The folders that two paths share. */
function commonPath(a: string, b: string): string {
  const names = a.split('/').slice(0, -1);
  const others = b.split('/');
  const differs = names.findIndex((name, i) => name !== others[i]);
  return names
    .slice(0, differs === -1 ? undefined : differs)
    .map((name) => `${name}/`)
    .join('');
}
