import { isOrdered, type Claim } from '../decide/claim.ts';
import { containsRange, type AddressRange } from '../decide/condition-value.ts';
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
  set.kind === 'patterns'
    ? set.patterns
    : set.kind === 'ip'
      ? set.ranges
      : set.kind === 'none'
        ? []
        : set.bounds;
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
  if ('bounds' in a && 'bounds' in b)
    return a.kind === b.kind && a.bounds.every((x) => isBoundWithin(x, a.order, b));
  if (a.kind === 'ip' && b.kind === 'ip')
    return a.ranges.every((x) => b.ranges.some((y) => containsRange(y, x)));
  return false;
}

type Bounds = Extract<ValueSet, { bounds: unknown }>;

/** Whether all that stands in an order to a bound is in a set. */
function isBoundWithin(bound: number, order: Bounds['order'], set: Bounds): boolean {
  if (order === '=') return set.bounds.some((other) => isOrdered(bound, set.order, other));
  if (set.order.charAt(0) !== order.charAt(0)) return false;
  // x < 5 is within x < 5 and x <= 5; x <= 5 is not within x < 5.
  const isStrict = set.order.length === 1 && order.length === 2;
  const needed = order.startsWith('<') ? (isStrict ? '<' : '<=') : isStrict ? '>' : '>=';
  return set.bounds.some((other) => isOrdered(bound, needed, other));
}

const doNotMeet = <T>(x: readonly T[], y: readonly T[], doMeet: (x: T, y: T) => boolean): boolean =>
  !x.some((one) => y.some((other) => doMeet(one, other)));

function areDisjoint(a: ValueSet, b: ValueSet): boolean {
  if (isEmpty(a) || isEmpty(b)) return true;
  if (a.kind === 'patterns' && b.kind === 'patterns')
    return a.ignoresCase === b.ignoresCase && doNotMeet(a.patterns, b.patterns, overlaps);
  if ('bounds' in a && 'bounds' in b)
    return a.kind === b.kind && doNotMeet(a.bounds, b.bounds, (x, y) => doOrdersMeet(x, a.order, y, b.order));
  return (
    a.kind === 'ip' &&
    b.kind === 'ip' &&
    doNotMeet(a.ranges, b.ranges, (x, y) => containsRange(x, y) || containsRange(y, x))
  );
}

/** Whether some number stands in one order to x and in another to y. */
function doOrdersMeet(x: number, orderX: Bounds['order'], y: number, orderY: Bounds['order']): boolean {
  if (orderX === '=') return isOrdered(x, orderY, y);
  if (orderY === '=') return isOrdered(y, orderX, x);
  if (orderX.charAt(0) === orderY.charAt(0)) return true;
  const [low, high] = orderX.startsWith('>') ? [x, y] : [y, x];
  return orderX.length === 2 && orderY.length === 2 ? low <= high : low < high;
}

/** Values worth trying for a key: members of the set, and something beside it. */
export function samples({ set }: Claim): readonly string[] {
  switch (set.kind) {
    case 'none':
      return ['x'];
    case 'patterns':
      return [...set.patterns.map((pattern) => witness(pattern, []) ?? ''), 'x-other'];
    case 'number':
      return set.bounds.flatMap((bound) => [bound, bound - 1, bound + 1]).map(String);
    case 'date':
      return set.bounds
        .flatMap((bound) => [bound, bound - 1000, bound + 1000])
        .map((ms) => new Date(ms).toISOString());
    case 'ip':
      return [...set.ranges.flatMap(endsOf), '192.0.2.1'];
  }
}

const endsOf = ({ bits, first, last }: AddressRange): string[] =>
  [first, last].map((address) => {
    const [digits, base, mark] = bits === 32 ? [8, 10, '.'] : [16, 16, ':'];
    const parts = Array.from(
      { length: bits / digits },
      (_, at) => (address >> BigInt(at * digits)) & ((1n << BigInt(digits)) - 1n),
    );
    return parts
      .reverse()
      .map((part) => part.toString(base))
      .join(mark);
  });
