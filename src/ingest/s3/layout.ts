import { dayText, firstDayOf } from '../../iam/days.ts';

/**
 * Where a prefix stands in the layout of
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html:
 * `[prefix/]AWSLogs/[o-ORG/]ACCOUNT/CloudTrail/REGION/YYYY/MM/DD/`. `account` is '' where the prefix does not say.
 */
export type LayoutPlace =
  /** The logs of an account and a Region; `root` is the prefix up to the Region, `first` and `last` the days it may hold. */
  | {
      readonly kind: 'trail';
      readonly root: string;
      readonly account: string;
      readonly region: string;
      readonly first: number;
      readonly last: number;
    }
  /** An account below AWSLogs: of what lies there only `CloudTrail/` are logs of calls. */
  | { readonly kind: 'account'; readonly account: string }
  /** A level that holds nothing but such levels: `AWSLogs/`, an organization, `ACCOUNT/CloudTrail/`. */
  | { readonly kind: 'level'; readonly account: string }
  /** Digests, Insights and aggregated events, and logs of other services. */
  | { readonly kind: 'other' }
  /** Anything: the layout may begin below. */
  | { readonly kind: 'folder' };

const account = /^\d{12}$/;
const organization = /^o-[a-z0-9]{10,32}$/;
const region = /^[a-z]{2,}(?:-[a-z]+)+-\d+$/;

/** @param prefix a folder: '' or ending in a slash */
export function placeOf(prefix: string): LayoutPlace {
  const names = prefix.split('/').slice(0, -1);
  const trail = trailOf(names);
  if (trail) return trail;
  const [last = '', above = '', higher = ''] = names.toReversed();
  if (last === 'CloudTrail') return { kind: 'level', account: account.test(above) ? above : '' };
  if (isBeside(prefix)) return { kind: 'other' };
  if (account.test(above) && (higher === 'AWSLogs' || organization.test(higher))) return { kind: 'other' };
  if (account.test(last)) {
    return above === 'AWSLogs' || organization.test(above)
      ? { kind: 'account', account: last }
      : { kind: 'folder' };
  }
  return last === 'AWSLogs' || organization.test(last) ? { kind: 'level', account: '' } : { kind: 'folder' };
}

/** Whether a key or prefix lies beside the logs of calls: `ACCOUNT/CloudTrail-Digest/`, `-Insight/`, `-Aggregated/`, … */
export const isBeside = (key: string): boolean => /(?:^|\/)\d{12}\/CloudTrail-[^/]+\//.test(key);

function trailOf(names: readonly string[]): LayoutPlace | undefined {
  const at = names.lastIndexOf('CloudTrail');
  const [name = '', ...dates] = at === -1 ? [] : names.slice(at + 1);
  const above = names[at - 1] ?? '';
  if (!region.test(name) || !/^(?:\d{4}(?:,\d\d){0,2})?$/.test(dates.join(','))) return undefined;
  const [year, month, day] = dates.map(Number);
  const root = `${names.slice(0, at + 2).join('/')}/`;
  const found = { kind: 'trail', root, account: account.test(above) ? above : '', region: name } as const;
  if (year === undefined) return { ...found, first: -Infinity, last: Infinity };
  const begin = year * 12 + (month ?? 1) - 1;
  const first = firstDayOf(begin) + (day ?? 1) - 1;
  return {
    ...found,
    first,
    last: day === undefined ? firstDayOf(month === undefined ? begin + 12 : begin + 1) - 1 : first,
  };
}

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
interface TrailRange {
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
