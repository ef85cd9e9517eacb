import type { DiffItem } from '../../iam/compare/diff.ts';
import { groupBy } from '../../iam/order.ts';
import type { Fold } from '../../synth/shape/fold.ts';
import type { Proposal } from '../../synth/proposal.ts';
import type { Unseen, UnseenReason } from '../../synth/keep/unseen-grants.ts';
import type { Use } from '../../synth/usage/use.ts';
import { serviceOf } from '../../iam/catalogue.ts';
import { grouped } from './words.ts';

/** What is known of the changes of a proposal. */
export interface Reasons {
  /** By action in lower case. */
  readonly uses: ReadonlyMap<string, readonly Use[]>;
  /** Widenings, by `foldKey`. */
  readonly folds: ReadonlyMap<string, Fold>;
}

export const reasonsOf = ({ verdicts, folds }: Proposal): Reasons => ({
  uses: groupBy(
    verdicts.map(({ use }) => use),
    (use) => use.action.toLowerCase(),
  ),
  folds: new Map(folds.map((fold) => [foldKey(fold.action, fold.resource), fold])),
});

/** The changes worth a line: all but those of actions that stay for another reason than use, and are listed with it. */
export function reviewed(p: Proposal, { uses }: Reasons): readonly DiffItem[] {
  const items = p.diff?.items ?? [];
  const isUnchanged = items.every((item) => item.kind === 'kept');
  const unseen = new Set(
    [
      ...[...p.unseen, ...p.doubts].filter((u) => u.kept).map((u) => u.action),
      ...p.pins.flatMap((pin) => pin.actions),
    ].map((action) => action.toLowerCase()),
  );
  return items.filter(
    ({ kind, action }) =>
      uses.has(action.toLowerCase()) ||
      kind === 'removed' ||
      (!isUnchanged && !unseen.has(action.toLowerCase())),
  );
}

/** What the log adds to a change: why its resource is as wide as it is. */
export const remarksOn = (item: DiffItem, reasons: Reasons): readonly string[] =>
  sharedRemarks([item], reasons);

/** The same of one change made to several actions: of counts that differ, the largest. */
export function sharedRemarks(change: readonly DiffItem[], reasons: Reasons): readonly string[] {
  const found = change.flatMap(
    (item) => reasons.folds.get(foldKey(item.action, item.to ?? item.resource)) ?? [],
  );
  const remarks = [...groupBy(found, ({ rule }) => rule)].map(([rule, folds]) =>
    foldText({ rule, seen: Math.max(...folds.map(({ seen }) => seen)) }),
  );
  if (remarks.length > 0) return remarks;
  const isDaily = change.some((item) =>
    isDailyFold(item.to ?? item.resource, reasons.uses.get(item.action.toLowerCase())),
  );
  return isDaily ? ['more than 100 names in a day'] : [];
}

const foldKey = (action: string, resource: string): string => `${action.toLowerCase()} ${resource}`;

/** Why a resource reaches beyond the names seen. */
function foldText({ rule, seen }: Pick<Fold, 'rule' | 'seen'>): string {
  switch (rule) {
    case 'transient':
      return seen === 1 ? '1 seen, its id comes and goes' : `${grouped(seen)} seen, their ids come and go`;
    case 'machine-made':
      return `${grouped(seen)} seen, with dates, ids or counters in their names`;
    case 'many-ids':
      return `${grouped(seen)} ids seen`;
    case 'created':
      return seen === 1 ? '1 seen, which it made itself' : `${grouped(seen)} seen, and it makes them itself`;
    case 'siblings':
      return `${grouped(seen)} names seen in one folder`;
    case 'prefix':
      return `${grouped(seen)} names seen that begin alike`;
    case 'type':
      return `${grouped(seen)} seen; all of its type in the account and Region, or the policies do not fit`;
    case 'regions':
      return `seen in ${grouped(seen)} Regions or accounts`;
  }
}

/** Whether a resource is what many names of one day were folded to: objects of a bucket, streams of a log group. */
const isDailyFold = (resource: string, uses: readonly Use[] | undefined): boolean =>
  /^arn:[^:]*:(s3:::[^/]+\/|logs:.*:log-stream:).*\*$/.test(resource) &&
  uses?.some((use) => use.resource === resource) === true;

/** Why the log could not have shown a permission. */
const unseenReasons: Readonly<Record<UnseenReason, (unseen: Unseen) => string>> = {
  'data-events-off': ({ action, missing = 'data' }) =>
    `${serviceOf(action).toUpperCase()} ${missing} events are off, or not known to be on`,
  'never-logged': () => 'CloudTrail never shows it',
  'no-known-event': () => 'no event is known to show it',
  gap: () => 'nothing was delivered from its Region',
  'window-short': () => 'too few days are covered',
  'account-missing': () => 'the logs of an account it is in use in are missing',
  'too-young': () => 'its policy version is younger than --min-age',
  'used-before': () => 'last-accessed data show earlier use',
};

/** Why a permission stays although it was not seen, and in which Regions. */
export function unseenText(unseen: Unseen): string {
  const { reason, regions, except } = unseen;
  const where = regions
    ? `, in ${regions.join(', ')} only`
    : except
      ? `, but not in ${except.join(', ')}`
      : '';
  return `${unseenReasons[reason](unseen)}${where}`;
}
