import type { Claim } from '../decide/claim.ts';
import { addressText, contains, doMeet, type ValueRange } from '../decide/condition-value.ts';
import { saysOf } from '../decide/condition.ts';
import { includes, overlaps, witness } from '../pattern/language.ts';

const known = new WeakMap<Claim, WeakMap<Claim, boolean>>();

/** Whether the first claim implies the second in every context; remembered. False also when it cannot be told. */
export function implies(a: Claim, b: Claim): boolean {
  if (a === b) return true;
  if (a.key !== b.key) return false;
  const ofA = known.get(a) ?? new WeakMap<Claim, boolean>();
  const found = ofA.get(b) ?? (impliesInSets(a, b) || impliesInSets(negated(b), negated(a)));
  known.set(a, ofA.set(b, found));
  return found;
}

/** Whether both claims can never hold in one context. False also when it cannot be told. */
export const contradict = (a: Claim, b: Claim): boolean => implies(a, negated(b));

const negations = new WeakMap<Claim, Claim>();

/** The claim that holds exactly where the given one does not; always the same of the same. */
export function negated(claim: Claim): Claim {
  const known = negations.get(claim);
  if (known) return known;
  const made: Claim = {
    ...claim,
    quantifier: claim.quantifier === 'some' ? 'all' : 'some',
    isComplement: !claim.isComplement,
    holdsIfAbsent: !claim.holdsIfAbsent,
    forEmpty: claim.forEmpty === undefined ? undefined : !claim.forEmpty,
  };
  negations.set(claim, made).set(made, claim);
  return made;
}

const NOTHING = { values: new Map<string, never>(), isComplete: false };

function impliesInSets(a: Claim, b: Claim): boolean {
  if (a.holdsIfAbsent && !b.holdsIfAbsent) return false;
  if ((isEverything(b) && b.forEmpty !== false) || (isNothing(a) && a.forEmpty !== true)) return true;
  const isOfAll = a.quantifier === 'all' || b.quantifier === 'some' || (a.isSingle && b.isSingle);
  if (!isOfAll || !isWithin(a, b)) return false;
  if (a.forEmpty === undefined && b.forEmpty === undefined) return true;
  return saysOf(a, '', NOTHING) === false || saysOf(b, '', NOTHING) === true;
}

type ValueSet = Claim['set'];

/** What a set lists. */
const listed = (set: ValueSet): readonly unknown[] =>
  set.kind === 'patterns' ? set.patterns : set.kind === 'none' ? [] : set.ranges;
const isEmpty = (set: ValueSet): boolean => listed(set).length === 0;
const isFull = (set: ValueSet): boolean =>
  set.kind === 'patterns' && set.patterns.some(({ shape, prefix }) => shape === 'prefix' && prefix === '');
const isEverything = ({ set, isComplement }: Claim): boolean => (isComplement ? isEmpty : isFull)(set);
const isNothing = ({ set, isComplement }: Claim): boolean => (isComplement ? isFull : isEmpty)(set);

function isWithin(a: Claim, b: Claim): boolean {
  if (a.isComplement) return b.isComplement && isSubset(b.set, a.set);
  return b.isComplement ? areDisjoint(a.set, b.set) : isSubset(a.set, b.set);
}

function isSubset(a: ValueSet, b: ValueSet): boolean {
  if (isEmpty(a)) return true;
  if (a.kind === 'patterns' && b.kind === 'patterns') {
    if (a.ignoresCase === b.ignoresCase) return a.patterns.every((p) => includes(b.patterns, p));
    const words = new Set(b.patterns.map(({ prefix, shape }) => (shape === 'literal' ? prefix : undefined)));
    return (
      b.ignoresCase &&
      a.patterns.every(({ shape, prefix }) => shape === 'literal' && words.has(prefix.toLowerCase()))
    );
  }
  return (
    'ranges' in a &&
    'ranges' in b &&
    a.kind === b.kind &&
    a.ranges.every((x) => b.ranges.some((y) => contains(y, x)))
  );
}

const noneOf = <T>(x: readonly T[], y: readonly T[], meet: (x: T, y: T) => boolean): boolean =>
  !x.some((one) => y.some((other) => meet(one, other)));

function areDisjoint(a: ValueSet, b: ValueSet): boolean {
  if (isEmpty(a) || isEmpty(b)) return true;
  if (a.kind === 'patterns' && b.kind === 'patterns')
    return a.ignoresCase === b.ignoresCase && noneOf(a.patterns, b.patterns, overlaps);
  return 'ranges' in a && 'ranges' in b && a.kind === b.kind && noneOf(a.ranges, b.ranges, doMeet);
}

/** Values worth trying for a key: members of the set, and something beside it. */
export function samples({ set }: Claim): readonly string[] {
  if (set.kind === 'none') return ['x'];
  if (set.kind === 'patterns')
    return [...set.patterns.map((pattern) => witness(pattern, []) ?? ''), 'x-other'];
  const ends = endsOf(set.ranges);
  if (set.kind === 'ip') return [...ends.map((end) => addressText(BigInt(end))), '192.0.2.1'];
  const step = set.kind === 'number' ? 1 : 1000;
  return ends
    .flatMap((end) => [0, -step, step].map((more) => Number(end) + more))
    .map((value) => (set.kind === 'number' ? String(value) : new Date(value).toISOString()));
}

/** The values that ranges begin and end at. */
const endsOf = (ranges: readonly ValueRange[]): readonly (number | bigint)[] => {
  const ends = ranges.flatMap(({ first, last }) => [first[0], last[0]]);
  return [...new Set(ends)].filter((end) => Math.abs(Number(end)) < Infinity);
};
