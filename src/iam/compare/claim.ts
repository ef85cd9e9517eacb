import {
  addressRange,
  containsRange,
  dateOf,
  numberOf,
  type AddressRange,
} from '../decide/condition-value.ts';
import { isOrdered } from '../decide/condition.ts';
import { includes, overlaps, witness } from '../pattern/language.ts';
import { parseOperator, type Operator } from '../policy/operator.ts';
import { matches, parsePattern, type Pattern } from '../pattern/pattern.ts';
import type { Condition } from '../policy/policy.ts';

/**
 * A condition as a claim about the values of one key: some (or all) of them lie in a set or outside it, and what holds
 * when the key is absent. Closed under negation, which conditions are not.
 */
export interface Claim {
  /** Lower-cased. */
  readonly key: string;
  readonly quantifier: 'some' | 'all';
  readonly isComplement: boolean;
  readonly holdsIfAbsent: boolean;
  /** Of an operator without set qualifier: those are for keys that have one value at most. */
  readonly isSingle: boolean;
  /** What is said of an empty string, whatever the set; undefined: the set tells. */
  readonly forEmpty: boolean | undefined;
  readonly set: ValueSet;
}

type Order = Operator['order'];

/** The values a condition lists, as sets that can be compared. */
type ValueSet =
  | { readonly kind: 'patterns'; readonly patterns: readonly Pattern[] }
  | {
      readonly kind: 'words' | 'ignore-case' | 'bool';
      readonly words: ReadonlySet<string>;
      readonly hasVariables: boolean;
    }
  | { readonly kind: 'number' | 'date'; readonly order: Order; readonly bounds: readonly number[] }
  | { readonly kind: 'ip'; readonly ranges: readonly AddressRange[] }
  | { readonly kind: 'none' };

/** What a condition claims; the operator text has been checked when the policy was parsed. */
export function claimOf(condition: Condition, hasVariables: boolean): Claim {
  const operator = parseOperator(condition.operator);
  if (operator === undefined) throw new Error(`not a condition operator: ${condition.operator}`);
  const key = condition.key.toLowerCase();
  if (operator.comparison === 'null') return nullClaim(key, condition.values);
  const { qualifier, negated, ifExists } = operator;
  const isAll = qualifier === 'ForAllValues' || (qualifier === undefined && negated);
  return {
    key,
    quantifier: isAll ? 'all' : 'some',
    isComplement: negated,
    holdsIfAbsent: isAll || (ifExists && qualifier === undefined),
    isSingle: qualifier === undefined,
    forEmpty: qualifier === 'ForAllValues' ? true : undefined,
    set: setOf(operator, condition.values, hasVariables),
  };
}

/** `Null` true: absent. `Null` false: present with any value. */
function nullClaim(key: string, values: readonly string[]): Claim {
  const listed = new Set(values.map((value) => value.toLowerCase()));
  const isTrue = listed.has('true');
  const isFalse = listed.has('false');
  return {
    key,
    quantifier: 'some',
    isComplement: isFalse,
    holdsIfAbsent: isTrue,
    isSingle: false,
    forEmpty: undefined,
    set: { kind: 'none' },
  };
}

/** The claim that a key has a value. */
export const hasValue = (key: string): Claim => nullClaim(key, ['false']);

function setOf(operator: Operator, values: readonly string[], hasVariables: boolean): ValueSet {
  const { comparison, order } = operator;
  switch (comparison) {
    case 'equals':
    case 'like':
      return patternSet(values, (text) =>
        parsePattern(text, { variables: hasVariables, wildcards: comparison === 'like' }),
      );
    case 'arn':
      return patternSet(values, (text) => parsePattern(text, { variables: hasVariables, arn: 'condition' }));
    case 'ignore-case': {
      const withVariables = hasVariables && values.some((value) => value.includes('${'));
      return {
        kind: 'ignore-case',
        words: new Set(values.map((v) => v.toLowerCase())),
        hasVariables: withVariables,
      };
    }
    case 'bool':
    case 'null':
      return {
        kind: 'bool',
        words: new Set(values.map((value) => value.toLowerCase())),
        hasVariables: false,
      };
    case 'binary':
      return { kind: 'words', words: new Set(values), hasVariables: false };
    case 'number':
      return { kind: 'number', order, bounds: values.map(numberOf).filter((bound) => bound !== undefined) };
    case 'date':
      return { kind: 'date', order, bounds: values.map(dateOf).filter((bound) => bound !== undefined) };
    case 'ip':
      return { kind: 'ip', ranges: values.map(addressRange).filter((range) => range !== undefined) };
  }
}

const patternSet = (values: readonly string[], parse: (text: string) => Pattern): ValueSet => ({
  kind: 'patterns',
  patterns: values.map(parse),
});

/** The claim that holds exactly where the given one does not. */
export const negation = (claim: Claim): Claim => ({
  ...claim,
  quantifier: claim.quantifier === 'some' ? 'all' : 'some',
  isComplement: !claim.isComplement,
  holdsIfAbsent: !claim.holdsIfAbsent,
  forEmpty: claim.forEmpty === undefined ? undefined : !claim.forEmpty,
});

/** Whether the first claim implies the second in every context. False also when it cannot be told. */
export function implies(a: Claim, b: Claim): boolean {
  if (a === b) return true;
  if (a.key !== b.key || (a.holdsIfAbsent && !b.holdsIfAbsent)) return false;
  if ((isEverything(b) && b.forEmpty !== false) || (isNothing(a) && a.forEmpty !== true)) return true;
  const isOfAll = a.quantifier === 'all' || b.quantifier === 'some' || (a.isSingle && b.isSingle);
  if (!isOfAll || !isWithin(a, b)) return false;
  if (a.forEmpty === undefined && b.forEmpty === undefined) return true;
  return saysOf(a, '') === false || saysOf(b, '') === true;
}

/** What a claim says of one value; undefined where a variable decides. */
function saysOf({ set, isComplement, forEmpty }: Claim, value: string): boolean | undefined {
  if (value === '' && forEmpty !== undefined) return forEmpty;
  const found = contains(set, value);
  return found === undefined ? undefined : found !== isComplement;
}

/** Whether a claim may hold of the values of its key; none: the key is absent. */
export function mayHold(claim: Claim, values: readonly string[]): boolean {
  if (values.length === 0) return claim.holdsIfAbsent;
  return claim.quantifier === 'all'
    ? values.every((value) => saysOf(claim, value) !== false)
    : values.some((value) => saysOf(claim, value) !== false);
}

function contains(set: ValueSet, value: string): boolean | undefined {
  switch (set.kind) {
    case 'none':
      return false;
    case 'patterns': {
      const found = set.patterns.filter((pattern) => matches(pattern, value));
      if (found.some(({ hasVariables }) => !hasVariables)) return true;
      return found.length > 0 ? undefined : false;
    }
    case 'ignore-case':
      return set.words.has(value.toLowerCase()) || (set.hasVariables ? undefined : false);
    case 'bool':
      return set.words.has(value.toLowerCase());
    case 'words':
      return set.words.has(value);
    case 'number':
    case 'date': {
      const own = set.kind === 'number' ? numberOf(value) : dateOf(value);
      return own !== undefined && set.bounds.some((bound) => isOrdered(own, set.order, bound));
    }
    case 'ip': {
      const own = addressRange(value);
      return own !== undefined && set.ranges.some((range) => containsRange(range, own));
    }
  }
}

/** Whether both claims can never hold in one context. False also when it cannot be told. */
export const contradict = (a: Claim, b: Claim): boolean => implies(a, negation(b));

const isEmpty = (set: ValueSet): boolean => {
  switch (set.kind) {
    case 'none':
      return true;
    case 'patterns':
      return set.patterns.length === 0;
    case 'words':
    case 'ignore-case':
    case 'bool':
      return set.words.size === 0;
    case 'number':
    case 'date':
      return set.bounds.length === 0;
    case 'ip':
      return set.ranges.length === 0;
  }
};
const isFull = (set: ValueSet): boolean =>
  set.kind === 'patterns' &&
  set.patterns.some((pattern) => pattern.shape === 'prefix' && pattern.prefix === '');
const isEverything = (claim: Claim): boolean => (claim.isComplement ? isEmpty(claim.set) : isFull(claim.set));
const isNothing = (claim: Claim): boolean => (claim.isComplement ? isFull(claim.set) : isEmpty(claim.set));

function isWithin(a: Claim, b: Claim): boolean {
  if (a.isComplement) return b.isComplement && isSubset(b.set, a.set);
  return b.isComplement ? areDisjoint(a.set, b.set) : isSubset(a.set, b.set);
}

function isSubset(a: ValueSet, b: ValueSet): boolean {
  if (isEmpty(a)) return true;
  if (a.kind === 'patterns' && b.kind === 'patterns') return a.patterns.every((p) => includes(b.patterns, p));
  if (a.kind === 'patterns' && b.kind === 'ignore-case') {
    return (
      a.patterns.every((p) => p.shape === 'literal' && b.words.has(p.prefix.toLowerCase())) && !b.hasVariables
    );
  }
  if ('words' in a && 'words' in b) {
    return (
      a.kind === b.kind &&
      a.hasVariables === b.hasVariables &&
      [...a.words].every((word) => b.words.has(word))
    );
  }
  if ('bounds' in a && 'bounds' in b)
    return a.kind === b.kind && a.bounds.every((x) => isBoundWithin(x, a.order, b));
  if (a.kind === 'ip' && b.kind === 'ip')
    return a.ranges.every((x) => b.ranges.some((y) => containsRange(y, x)));
  return false;
}

/** Whether all that stands in an order to a bound is in a set. */
function isBoundWithin(
  bound: number,
  order: Order,
  set: { order: Order; bounds: readonly number[] },
): boolean {
  if (order === '=') return set.bounds.some((other) => isOrdered(bound, set.order, other));
  if (set.order.charAt(0) !== order.charAt(0)) return false;
  // x < 5 is within x < 5 and x <= 5; x <= 5 is not within x < 5.
  const isStrict = set.order.length === 1 && order.length === 2;
  const needed = order.startsWith('<') ? (isStrict ? '<' : '<=') : isStrict ? '>' : '>=';
  return set.bounds.some((other) => isOrdered(bound, needed, other));
}

function areDisjoint(a: ValueSet, b: ValueSet): boolean {
  if (isEmpty(a) || isEmpty(b)) return true;
  if (a.kind === 'patterns' && b.kind === 'patterns') {
    return !a.patterns.some((x) => b.patterns.some((y) => overlaps(x, y)));
  }
  if ('words' in a && 'words' in b) {
    return (
      a.kind === b.kind &&
      !a.hasVariables &&
      !b.hasVariables &&
      ![...a.words].some((word) => b.words.has(word))
    );
  }
  if ('bounds' in a && 'bounds' in b) {
    return (
      a.kind === b.kind && !a.bounds.some((x) => b.bounds.some((y) => doOrdersMeet(x, a.order, y, b.order)))
    );
  }
  if (a.kind === 'ip' && b.kind === 'ip') {
    return !a.ranges.some((x) =>
      b.ranges.some((y) => x.bits === y.bits && x.first <= y.last && y.first <= x.last),
    );
  }
  return false;
}

/** Whether some number stands in one order to x and in another to y. */
function doOrdersMeet(x: number, orderX: Order, y: number, orderY: Order): boolean {
  if (orderX === '=') return isOrdered(x, orderY, y);
  if (orderY === '=') return isOrdered(y, orderX, x);
  if (orderX.charAt(0) === orderY.charAt(0)) return true;
  const [low, high] = orderX.startsWith('>') ? [x, y] : [y, x];
  return orderX.length === 2 && orderY.length === 2 ? low <= high : low < high;
}

/** Values worth trying for a key: members of the set, and something beside it. */
export function samples(claim: Claim): readonly string[] {
  const { set } = claim;
  switch (set.kind) {
    case 'none':
      return ['x'];
    case 'patterns':
      return [...set.patterns.map((pattern) => witness(pattern, []) ?? ''), 'x-other'];
    case 'words':
    case 'ignore-case':
      return [...set.words, 'x-other'];
    case 'bool':
      return ['true', 'false'];
    case 'number':
      return set.bounds.flatMap((bound) => [bound, bound - 1, bound + 1]).map(String);
    case 'date':
      return set.bounds
        .flatMap((bound) => [bound, bound - 1000, bound + 1000])
        .map((ms) => new Date(ms).toISOString());
    case 'ip':
      return [
        ...set.ranges.flatMap(({ bits, first, last }) => [addressText(bits, first), addressText(bits, last)]),
        '192.0.2.1',
      ];
  }
}

function addressText(bits: 32 | 128, address: bigint): string {
  const width = bits === 32 ? 8n : 16n;
  const parts: bigint[] = [];
  for (let rest = BigInt(bits); rest > 0n; rest -= width)
    parts.push((address >> (rest - width)) & ((1n << width) - 1n));
  return parts.map((part) => part.toString(bits === 32 ? 10 : 16)).join(bits === 32 ? '.' : ':');
}
