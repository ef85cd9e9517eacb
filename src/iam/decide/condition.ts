import { contains, rangeOf } from './condition-value.ts';
import type { Claim } from './claim.ts';
import { matches, resolved, type Pattern, type Variable } from '../pattern/pattern.ts';
import type { CompiledSet } from './compiled-set.ts';

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

/** The values of a key, undefined when it is absent. @param asText whether the text of an address is asked for */
function contextValues(
  { values: known, isComplete }: Context,
  key: string,
  asText: boolean,
): readonly string[] | 'unknown' | undefined {
  const values = known.get(key);
  // The text of an address in a range is not known.
  if (asText && isRanges(key, values)) return 'unknown';
  if (values === undefined) return isComplete ? undefined : 'unknown';
  return values.length === 0 ? undefined : values;
}

/** Whether a condition holds. Keys whose value would have been needed are added to `unknown`. */
export function conditionHolds(claim: Claim, context: Context, unknown?: Set<string>): Truth {
  const { key, quantifier, set } = claim;
  const values = contextValues(context, key, set.kind !== 'ip' && set.kind !== 'none');
  if (values === 'unknown') {
    unknown?.add(key);
    return 'unknown';
  }
  if (values === undefined) return claim.holdsIfAbsent;
  const one = (value: string): Truth => saysOf(claim, value, context, unknown);
  if (isRanges(key, values)) {
    const [truth = 'unknown', ...others] = new Set(values.map(one));
    if (truth !== 'unknown' && others.length === 0) return truth;
    unknown?.add(key);
    return 'unknown';
  }
  return quantifier === 'all' ? every(values, one) : some(values, one);
}

/** What a claim says of one value of its key. */
export function saysOf(claim: Claim, value: string, context: Context, unknown?: Set<string>): Truth {
  const { forEmpty, isComplement } = claim;
  if (value === '' && forEmpty !== undefined) return forEmpty;
  const truth = isIn(claim, value, context, unknown);
  return isComplement ? not(truth) : truth;
}

function isIn({ set }: Claim, value: string, context: Context, unknown?: Set<string>): Truth {
  if (set.kind === 'none') return false;
  if (set.kind === 'patterns') {
    const text = set.ignoresCase ? value.toLowerCase() : value;
    return some(set.patterns, (pattern) => patternHolds(pattern, text, context, unknown, set.ignoresCase));
  }
  const own = rangeOf(set.kind, value);
  if (own === undefined) return false;
  if (set.ranges.some((range) => contains(range, own))) return true;
  return set.ranges.some((range) => contains(own, range)) ? 'unknown' : false;
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
    const values = contextValues(context, variable.key, true);
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
 * Whether a Resource or NotResource element holds. A NotResource with a variable that has no value does not: AWS then takes the statement
 * for invalid (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html, the note).
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
const isValued = (set: CompiledSet, context: Context, unknown?: Set<string>): Truth =>
  !set.hasVariables ||
  every(set.patterns, (pattern) => {
    const exact = resolvePattern(pattern, context, unknown);
    return exact === 'unknown' ? exact : exact !== undefined;
  });

/** Whether a literal matches a pattern under a context. @param ignoresCase the literal is lower-cased, as values are */
function patternHolds(
  pattern: Pattern,
  literal: string,
  context: Context,
  unknown?: Set<string>,
  ignoresCase = false,
): Truth {
  if (!matches(pattern, literal)) return false;
  if (!pattern.hasVariables) return true;
  const exact = resolvePattern(pattern, context, unknown);
  if (exact === undefined || exact === 'unknown') return exact ?? false;
  return ignoresCase ? exact.prefix.toLowerCase() === literal : matches(exact, literal);
}
