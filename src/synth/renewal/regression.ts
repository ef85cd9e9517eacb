/** Room `renewal`: a principal since its last proposals, what it lost and what is new. */
import { includesPolicy } from '../../iam/compare/inclusion.ts';
import { groupBy, inKeyOrder } from '../../iam/order.ts';
import type { PolicyDocument, Statement } from '../../iam/policy/policy.ts';
import type { Window } from '../../iam/days.ts';
import { isRefusedByOthers } from '../../permissions/refused-call.ts';
import { grantedBy, held } from '../held/current-grants.ts';
import type { Grant } from '../held/grant.ts';
import type { Today } from '../held/today.ts';
import type { Pin } from '../keep/pins.ts';
import { Replay } from '../proof/replay.ts';
import { statementsOf } from '../shape/statements.ts';
import type { Use } from '../usage/use.ts';

/** Policies that a principal held, or was to hold, and the last covered day when that was written down. */
export interface Recorded {
  /** Days since 1970. */
  readonly day: number;
  readonly documents: readonly PolicyDocument[];
}

/** Something given back on a day because it was missed. */
export interface Restored {
  readonly action: string;
  readonly resource: string;
  /** Days since 1970. */
  readonly day: number;
}

/** What earlier proposals left of a principal. */
export interface History {
  /** None of which allows all that another does. */
  readonly recorded: readonly Recorded[];
  /** The policies of the last proposal. */
  readonly last: readonly PolicyDocument[];
  /** Whether every regression is to be given back; otherwise a pin has to name it. */
  readonly restore: boolean;
}

/** A refused call whose permission earlier policies granted, and today's do not. */
export interface Regression {
  readonly action: string;
  readonly resource: string;
  /** The refused calls. */
  readonly uses: readonly Use[];
  /** Whether the log says on what it was refused; without that, giving it back would give more than was missed. */
  readonly isNamed: boolean;
  /** What would allow them again: the share of the earlier policies, under their conditions. */
  readonly grants: readonly Grant[];
  /** The same as statements. */
  readonly statements: readonly Statement[];
  /** The day for which it is on record that it was granted. */
  readonly recorded: number;
  /** Whether the proposal gives it back. */
  readonly restored: boolean;
}

/**
 * The refused calls that something taken away explains: allowed by policies on record, refused on the day of the record or
 * later and never before, not allowed by today's policies, and not refused by a Deny or boundary of today, nor in AWS's words by
 * another policy than these. Other refusals say nothing. Sorted by action and resource.
 */
export function regressionsOf(
  denied: readonly Use[],
  { recorded, restore }: Pick<History, 'recorded' | 'restore'>,
  now: Pick<Today, 'identity' | 'boundary'>,
  isPinned: (what: { readonly action: string; readonly resource: string }) => boolean,
): readonly Regression[] {
  const denies = held(now.identity, undefined).denies;
  const earlier = recorded.map(({ day, documents }) => ({
    day,
    held: held([...documents, { version: '2012-10-17', statements: denies }], now.boundary),
  }));
  const replays = new Map(earlier.map((record) => [record, new Replay(now.identity, record.held)]));
  const byOurs = denied.filter(
    ({ kind: { refusedBy } }) => refusedBy === undefined || !isRefusedByOthers(refusedBy),
  );
  const asked = groupBy(byOurs, ({ action, resource }) => JSON.stringify([action, resource]));
  return inKeyOrder(asked).flatMap((calls) => {
    const [{ action, resource }] = calls;
    const firstDay = Math.min(...calls.flatMap(({ days }) => [...days]));
    // What was refused while it was still held is refused for another reason.
    const lost = earlier
      .filter(({ day }) => firstDay >= day)
      .flatMap((record) => {
        const uses = calls.filter((use) => isLost(replays.get(record), use));
        return uses.map((use) => ({ use, day: record.day, grants: grantedBy(use, record.held) }));
      });
    if (lost.length === 0) return [];
    const uses = [...new Set(lost.map(({ use }) => use))];
    const isNamed = !uses.some(isPlaceholder);
    const grants = distinct(lost.flatMap((one) => one.grants));
    return [
      {
        action,
        resource,
        uses,
        isNamed,
        grants,
        statements: statementsOf(grants),
        recorded: Math.max(...lost.map(({ day }) => day)),
        restored: isNamed && (restore || isPinned({ action, resource })),
      },
    ];
  });
}

/** Whether the resource of a use stands for all of its type (`role/*`), because the event names none. */
function isPlaceholder({ star, resource }: Use): boolean {
  if (star !== undefined) return star !== 'action-takes-no-resource';
  const [, , service, , , ...rest] = resource.split(':');
  const parts = rest.join(':').replace(/^\//, '').split(/[:/]/);
  // A bucket's ARN has no word for the type before the name, nor has that of a topic or queue.
  const names = parts.length === 1 || service === 's3' ? parts : parts.slice(1);
  return names[0] === '*' && names.at(-1) === '*';
}

function isLost(replay: Replay | undefined, use: Use): boolean {
  const kind = replay?.verdict(use).kind;
  return kind === 'denied' || kind === 'undetermined';
}

const distinct = (grants: readonly Grant[]): readonly Grant[] => [
  ...new Map(grants.map((grant) => [JSON.stringify(grant), grant])).values(),
];

/** The policies on record that allow something no other does. The same again change nothing, unless something is taken from them today. */
export function remembered(
  before: readonly Recorded[],
  now: readonly Recorded[],
  isTakenAway: boolean,
): readonly Recorded[] {
  let list = before;
  for (const next of now) {
    const same = list.find((other) => isWithin(next, other));
    if (same && !(isTakenAway && isWithin(same, next))) continue;
    list = [...list.filter((other) => !isWithin(other, next)), next];
  }
  return list;
}

const isWithin = (inner: Recorded, outer: Recorded): boolean =>
  inner.documents.every(({ statements }) => statements.length === 0) ||
  JSON.stringify(inner.documents) === JSON.stringify(outer.documents) ||
  includesPolicy(outer.documents, inner.documents).included === 'yes';

/** What was given back stays, used or not, for as long as a window is. */
export const pinsOf = (restored: readonly Restored[], { since, until }: Window): readonly Pin[] =>
  restored.map(({ action, resource, day }) => ({
    action,
    resource,
    owner: 'retighten',
    reason: 'given back after a refusal',
    expires: day + until - since,
  }));
