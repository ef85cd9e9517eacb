import { canHoldPolicies, type Identity } from '../../cloudtrail/identity.ts';
import { serviceOf } from '../../iam/catalogue.ts';
import type { Window } from '../../iam/days.ts';
import { byCodeUnit, groupBy, sortedUnique } from '../../iam/order.ts';
import type { IndexReader } from '../../store/reader.ts';
import { CallKinds } from './call-kinds.ts';

/** What a principal did, by the actions that its calls prove. */
export interface Duty {
  readonly identity: Identity;
  /** The days of each action, since 1970. */
  readonly used: ReadonlyMap<string, ReadonlySet<number>>;
}

/** From this share of what two did in common on, their duty is the same; with fewer actions a likeness says nothing. */
export const alikeFrom = 0.6;
const fewestActions = 3;

/** The duties in a window of all who can hold policies, in the order of the index. */
export function dutiesIn(
  index: IndexReader,
  identities: readonly Identity[],
  window: Window,
): readonly Duty[] {
  const duties = new Map<Identity, Map<string, Set<number>>>();
  for (const identity of identities) if (canHoldPolicies(identity.kind)) duties.set(identity, new Map());
  for (const { identity, reading, days } of new CallKinds(index, window).of([...duties.keys()])) {
    const used = duties.get(identity);
    for (const action of reading.actions) {
      const own = used?.get(action) ?? new Set();
      used?.set(action, own);
      for (const day of days) own.add(day);
    }
  }
  return [...duties].map(([identity, used]) => ({ identity, used }));
}

/** The same of some of its days. */
export const dutiesDuring = (duties: readonly Duty[], { since, until }: Window): readonly Duty[] =>
  duties.map(({ identity, used }) => ({
    identity,
    used: new Map([...used].filter(([, days]) => [...days].some((day) => day >= since && day <= until))),
  }));

/** Principals with the same duty, two or more. */
export interface Cluster {
  readonly members: readonly Duty[];
  /** What any of them did. */
  readonly actions: readonly string[];
  /** What those that are least alike have in common, `alikeFrom` to 1. */
  readonly likeness: number;
}

/** Distinct duties, and who has each. */
interface Group {
  readonly features: ReadonlySet<string>;
  readonly members: readonly Duty[];
  readonly key: string;
}

/**
 * Principals whose duty is the same, most first: of any two in a cluster the share of actions and services in common (Jaccard) is `alikeFrom` or
 * more (complete linkage). Those most alike are joined first; of equal pairs what they did decides, never in which order they come.
 */
export function clustersOf(duties: readonly Duty[]): readonly Cluster[] {
  const groups = [
    ...groupBy(
      duties.filter(({ used }) => used.size >= fewestActions),
      ({ used }) => sortedUnique(used.keys()).join(),
    ),
  ]
    .map(([key, members]): Group => {
      const actions = key.split(',');
      return { key, members, features: new Set([...actions, ...actions.map(serviceOf)]) };
    })
    .sort((a, b) => byCodeUnit(a.key, b.key));
  const likeness = new Map<Group, Map<Group, number>>(groups.map((group) => [group, new Map()]));
  const pairs: Pair[] = [];
  // The groups so far by what they did: most pairs have little in common, and are never looked at one by one.
  const having = new Map<string, Group[]>();
  for (const b of groups) {
    const common = new Map<Group, number>();
    for (const feature of b.features) {
      const before = having.get(feature) ?? [];
      for (const a of before) common.set(a, (common.get(a) ?? 0) + 1);
      having.set(feature, before);
      before.push(b);
    }
    for (const [a, both] of common) {
      const share = both / (a.features.size + b.features.size - both);
      if (share < alikeFrom) continue;
      likeness.get(a)?.set(b, share);
      likeness.get(b)?.set(a, share);
      pairs.push({ a, b, share });
    }
  }
  const clusterOf = new Map(groups.map((group) => [group, [group]]));
  for (const { a, b } of pairs.sort(mostAlike)) {
    const [left = [], right = []] = [clusterOf.get(a), clusterOf.get(b)];
    if (left === right || !left.every((x) => right.every((y) => likeness.get(x)?.has(y)))) continue;
    const whole = [...left, ...right];
    for (const group of whole) clusterOf.set(group, whole);
  }
  return [...new Set(clusterOf.values())]
    .map((whole) => ({
      members: whole.flatMap(({ members }) => members).sort((a, b) => byCodeUnit(nameOf(a), nameOf(b))),
      actions: sortedUnique(whole.flatMap(({ key }) => key.split(','))),
      likeness: whole.reduce(
        (least, x, i) =>
          whole.slice(i + 1).reduce((less, y) => Math.min(less, likeness.get(x)?.get(y) ?? 1), least),
        1,
      ),
    }))
    .filter(({ members }) => members.length > 1)
    .sort(
      (a, b) => b.members.length - a.members.length || byCodeUnit(nameOf(a.members[0]), nameOf(b.members[0])),
    );
}

const nameOf = (duty: Duty | undefined): string =>
  duty ? `${duty.identity.account} ${duty.identity.kind} ${duty.identity.name} ${duty.identity.arn}` : '';

interface Pair {
  readonly a: Group;
  readonly b: Group;
  readonly share: number;
}

/** Of equal pairs what they did decides. */
const mostAlike = (one: Pair, other: Pair): number =>
  other.share - one.share || byCodeUnit(one.a.key, other.a.key) || byCodeUnit(one.b.key, other.b.key);
