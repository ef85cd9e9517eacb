import { addressRange, containsRange, dateOf, numberOf } from './condition-value.ts';
import { parseOperator, type Operator } from '../policy/operator.ts';
import { matches, parsePattern, resolved, type Pattern, type Variable } from '../pattern/pattern.ts';
import type { CompiledSet } from './compiled-set.ts';
import type { Condition } from '../policy/policy.ts';

/** What is known of a request's context keys. Keys lower-cased; an empty list is an absent key. */
export interface Context {
  readonly values: ReadonlyMap<string, readonly string[] | 'unknown'>;
  /** Whether a key not in `values` is absent from the request; otherwise it is unknown. */
  readonly isComplete: boolean;
}

/** The address a request came from. A range (`192.0.2.0/24`) stands for one unknown address in it, several for one in any of them. */
export const sourceAddressKey = 'aws:sourceip';

const isRanges = (key: string, values: readonly string[] | 'unknown' | undefined): boolean =>
  key === sourceAddressKey &&
  values !== undefined &&
  values !== 'unknown' &&
  values.some((value) => value.includes('/'));

/** `unknown`: it depends on a key whose value is not known. */
export type Truth = boolean | 'unknown';

/** A condition made ready to be evaluated many times. */
export interface CompiledCondition {
  readonly operator: Operator;
  /** Lower-cased. */
  readonly key: string;
  /** Whether one context value satisfies one of the policy's values, before negation. */
  readonly test: (value: string, context: Context, unknown?: Set<string>) => Truth;
}

/** Statements are compiled once; the operator text has been checked when the policy was parsed. */
export function compileCondition(condition: Condition, hasVariables: boolean): CompiledCondition {
  const operator = parseOperator(condition.operator);
  if (operator === undefined) throw new Error(`not a condition operator: ${condition.operator}`);
  return {
    operator,
    key: condition.key.toLowerCase(),
    test: testOf(operator, condition.values, hasVariables),
  };
}

/** The values of a key, undefined when it is absent. */
function contextValues(
  context: Context,
  key: string,
  comparison?: Operator['comparison'],
): readonly string[] | 'unknown' | undefined {
  const values = context.values.get(key);
  // The text of an address in a range is not known.
  if (comparison !== 'ip' && comparison !== 'null' && isRanges(key, values)) return 'unknown';
  if (values === undefined) return context.isComplete ? undefined : 'unknown';
  return values.length === 0 ? undefined : values;
}

/**
 * Whether a condition holds. Keys whose value would have been needed are added to `unknown`. A missing key: positive
 * operators false, negated ones and `IfExists` true
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html);
 * `ForAllValues` true, an empty string being no value; `ForAnyValue` false
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html),
 * with `IfExists` too, as a person has measured
 * (https://repost.aws/questions/QU9HFmDzP0QGuU-fd7rS6B7w/foranyvalue-stringequalsifexists-behaving-unexpectedly).
 * `Null` is the same with a set qualifier as without.
 * A key with several values and no set qualifier, which AWS leaves open, is taken as `ForAnyValue`, then negated.
 */
export function conditionHolds(condition: CompiledCondition, context: Context, unknown?: Set<string>): Truth {
  const { operator, key, test } = condition;
  const values = contextValues(context, key, operator.comparison);
  if (values === 'unknown') {
    unknown?.add(key);
    return 'unknown';
  }
  if (operator.comparison === 'null') return test(values === undefined ? 'true' : 'false', context, unknown);
  if (values === undefined) {
    if (operator.qualifier !== undefined) return operator.qualifier === 'ForAllValues';
    return operator.ifExists || operator.negated;
  }
  const one = (value: string): Truth => {
    const truth = test(value, context, unknown);
    return operator.negated ? not(truth) : truth;
  };
  if (isRanges(key, values)) {
    const [truth = 'unknown', ...others] = new Set(values.map(one));
    if (truth !== 'unknown' && others.length === 0) return truth;
    unknown?.add(key);
    return 'unknown';
  }
  // Without a qualifier a negated operator must hold for every value, as its positive twin must for none.
  const all = operator.qualifier === 'ForAllValues' || (operator.qualifier === undefined && operator.negated);
  const counted = operator.qualifier === 'ForAllValues' ? values.filter((value) => value !== '') : values;
  return all ? every(counted, one) : some(counted, one);
}

export const not = (truth: Truth): Truth => (truth === 'unknown' ? truth : !truth);

/** Three-valued or. */
export function some<T>(list: readonly T[], holds: (item: T) => Truth): Truth {
  let result: Truth = false;
  for (const item of list) {
    const truth = holds(item);
    if (truth === true) return true;
    if (truth === 'unknown') result = 'unknown';
  }
  return result;
}

/** Three-valued and. */
export const every = <T>(list: readonly T[], holds: (item: T) => Truth): Truth =>
  not(some(list, (item) => not(holds(item))));

type Test = CompiledCondition['test'];

function testOf(operator: Operator, values: readonly string[], hasVariables: boolean): Test {
  switch (operator.comparison) {
    case 'equals':
    case 'like':
      return patternTest(values, (text) =>
        parsePattern(text, { variables: hasVariables, wildcards: operator.comparison === 'like' }),
      );
    case 'arn':
      return patternTest(values, (text) => parsePattern(text, { variables: hasVariables, arn: 'condition' }));
    case 'ignore-case':
      return ignoreCaseTest(values, hasVariables);
    case 'number':
      return orderTest(values, numberOf, operator.order);
    case 'date':
      return orderTest(values, dateOf, operator.order);
    case 'ip': {
      const ranges = values.map(addressRange).filter((range) => range !== undefined);
      return (value) => {
        const address = addressRange(value);
        if (address === undefined) return false;
        if (ranges.some((range) => containsRange(range, address))) return true;
        return ranges.some((range) => containsRange(address, range)) ? 'unknown' : false;
      };
    }
    case 'bool':
    case 'null': {
      const lower = new Set(values.map((value) => value.toLowerCase()));
      return (value) => lower.has(value.toLowerCase());
    }
    case 'binary':
      return (value) => values.includes(value);
  }
}

/**
 * A pattern with its variables replaced by their values. Undefined when one has no value: such a pattern matches
 * nothing (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html, "Policy variables with no
 * value"). 'unknown' when one is not known; its keys are added to `unknown`.
 */
export function resolvePattern(
  pattern: Pattern,
  context: Context,
  unknown?: Set<string>,
): Pattern | 'unknown' | undefined {
  if (!pattern.hasVariables) return pattern;
  let isUnknown = false;
  const valueOf = (variable: Variable): string | undefined => {
    const values = contextValues(context, variable.key);
    if (values === 'unknown') {
      isUnknown = true;
      unknown?.add(variable.key);
      return '';
    }
    // Only single-valued keys can be variables (same page, "Request information that you can use").
    return values?.length === 1 ? values[0] : variable.fallback;
  };
  const result = resolved(pattern, valueOf);
  return isUnknown && result !== undefined ? 'unknown' : result;
}

/**
 * Whether a Resource or NotResource element holds. A NotResource with a
 * variable that has no value does not hold: AWS then takes the statement for invalid
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html, the note).
 */
export function resourcesHold(
  set: CompiledSet,
  literal: string,
  context: Context,
  unknown?: Set<string>,
): Truth {
  const found = some(set.near(literal), (pattern) => patternHolds(pattern, literal, context, unknown));
  if (set.kind === 'only') return found;
  return found === true ? false : every([not(found), isValued(set, context, unknown)], (truth) => truth);
}

/** Whether all variables of a set have a value. */
export const isValued = (set: CompiledSet, context: Context, unknown?: Set<string>): Truth =>
  !set.hasVariables ||
  every(set.patterns, (pattern) => {
    const exact = resolvePattern(pattern, context, unknown);
    return exact === 'unknown' ? exact : exact !== undefined;
  });

/** Whether a literal matches a pattern under a context. */
export function patternHolds(
  pattern: Pattern,
  literal: string,
  context: Context,
  unknown?: Set<string>,
): Truth {
  if (!matches(pattern, literal)) return false;
  if (!pattern.hasVariables) return true;
  const exact = resolvePattern(pattern, context, unknown);
  if (exact === undefined || exact === 'unknown') return exact ?? false;
  return matches(exact, literal);
}

function patternTest(values: readonly string[], parse: (text: string) => Pattern): Test {
  const patterns = values.map(parse);
  return (value, context, unknown) =>
    some(patterns, (pattern) => patternHolds(pattern, value, context, unknown));
}

function ignoreCaseTest(values: readonly string[], hasVariables: boolean): Test {
  const patterns = values.map((text) =>
    parsePattern(text.toLowerCase(), { variables: hasVariables, wildcards: false }),
  );
  return (value, context, unknown) =>
    some(patterns, (pattern) => {
      const exact = resolvePattern(pattern, context, unknown);
      return exact === undefined || exact === 'unknown'
        ? (exact ?? false)
        : exact.prefix.toLowerCase() === value.toLowerCase();
    });
}

function orderTest(
  values: readonly string[],
  read: (text: string) => number | undefined,
  order: Operator['order'],
): Test {
  const bounds = values.map(read).filter((bound) => bound !== undefined);
  return (value) => {
    const own = read(value);
    return own !== undefined && bounds.some((bound) => isOrdered(own, order, bound));
  };
}

/** Whether `a` stands in an order to `b`. */
export function isOrdered(a: number, order: Operator['order'], b: number): boolean {
  switch (order) {
    case '=':
      return a === b;
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
  }
}
