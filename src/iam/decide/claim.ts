import { rangeOf, type ValueRange } from './condition-value.ts';
import { parsePattern, type Pattern, type PatternOptions } from '../pattern/pattern.ts';
import { parseOperator, type Operator } from '../policy/operator.ts';
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

/** The values a condition lists, as sets that can be compared. What a list cannot read matches nothing. */
type ValueSet =
  /** `ignoresCase`: the patterns are lower-cased, of single words. */
  | { readonly kind: 'patterns'; readonly patterns: readonly Pattern[]; readonly ignoresCase: boolean }
  | { readonly kind: 'number' | 'date' | 'ip'; readonly ranges: readonly ValueRange[] }
  | { readonly kind: 'none' };

/**
 * What a condition claims; its operator has been checked when the policy was parsed. A missing key: positive operators
 * false, negated ones and `IfExists` true
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html);
 * `ForAllValues` true, an empty string being no value; `ForAnyValue` false
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html),
 * with `IfExists` too, as a person has measured
 * (https://repost.aws/questions/QU9HFmDzP0QGuU-fd7rS6B7w/foranyvalue-stringequalsifexists-behaving-unexpectedly).
 * `Null` is the same with a set qualifier as without.
 * A key with several values and no set qualifier, which AWS leaves open, is taken as `ForAnyValue`, then negated.
 * @param hasVariables of a policy of version 2012-10-17
 */
export function claimOf({ operator: text, key, values }: Condition, hasVariables: boolean): Claim {
  const operator = parseOperator(text);
  if (operator === undefined) throw new Error(`not a condition operator: ${text}`);
  const { qualifier, negated, ifExists } = operator;
  if (operator.comparison === 'null') return nullClaim(key.toLowerCase(), values);
  const isAll = qualifier === 'ForAllValues' || (qualifier === undefined && negated);
  return {
    key: key.toLowerCase(),
    quantifier: isAll ? 'all' : 'some',
    isComplement: negated,
    holdsIfAbsent: isAll || (ifExists && qualifier === undefined),
    isSingle: qualifier === undefined,
    forEmpty: qualifier === 'ForAllValues' ? true : undefined,
    set: setOf(operator, values, hasVariables),
  };
}

/** `Null` true: absent. `Null` false: present with any value. */
function nullClaim(key: string, values: readonly string[]): Claim {
  const listed = new Set(values.map((value) => value.toLowerCase()));
  return {
    key,
    quantifier: 'some',
    isComplement: listed.has('false'),
    holdsIfAbsent: listed.has('true'),
    isSingle: false,
    forEmpty: undefined,
    set: { kind: 'none' },
  };
}

/** The claim that a key has a value. */
export const hasValue = (key: string): Claim => nullClaim(key, ['false']);

function setOf({ comparison, order }: Operator, values: readonly string[], variables: boolean): ValueSet {
  const patterns = (options: PatternOptions, ignoresCase = false): ValueSet => ({
    kind: 'patterns',
    patterns: values.map((text) => parsePattern(ignoresCase ? text.toLowerCase() : text, options)),
    ignoresCase,
  });
  switch (comparison) {
    case 'equals':
      return patterns({ variables, wildcards: false });
    case 'like':
      return patterns({ variables });
    case 'arn':
      return patterns({ variables, arn: 'condition' });
    case 'ignore-case':
      return patterns({ variables, wildcards: false }, true);
    case 'bool':
      return patterns({ variables: false, wildcards: false }, true);
    case 'binary':
      return patterns({ variables: false, wildcards: false });
    case 'number':
    case 'date':
    case 'ip':
      return { kind: comparison, ranges: values.flatMap((text) => rangeOf(comparison, text, order) ?? []) };
    case 'null':
      return { kind: 'none' };
  }
}
