import { firstDayOf } from '../../iam/days.ts';

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
