import { hasValue, type Claim } from '../decide/claim.ts';
import type { CompiledStatement } from '../decide/compiled.ts';
import { memo } from '../memo.ts';
import { contradict, implies, negated } from './implication.ts';
import type { Budget } from '../pattern/language.ts';
import { absorbs, type Pattern } from '../pattern/pattern.ts';
import { excludes, keysOf, type RequestClass } from './request-classes.ts';

/** The statements that meet an inner Allow. */
export interface Rules {
  readonly outerAllow: readonly CompiledStatement[];
  readonly outerDeny: readonly CompiledStatement[];
  readonly innerDeny: readonly CompiledStatement[];
}

/** The same kinds of rules, each list made anew. */
export const mapped = (
  rules: Rules,
  make: (list: readonly CompiledStatement[]) => readonly CompiledStatement[],
): Rules => ({
  outerAllow: make(rules.outerAllow),
  outerDeny: make(rules.outerDeny),
  innerDeny: make(rules.innerDeny),
});

/** The rules of all kinds. */
export const allOf = ({ outerAllow, outerDeny, innerDeny }: Rules): readonly CompiledStatement[] => [
  ...outerAllow,
  ...outerDeny,
  ...innerDeny,
];

/** Circumstances in which an inner Allow grants what the outer side does not, as far as pairs of claims tell. */
export interface Refutation {
  readonly claims: readonly Claim[];
  /** The patterns that match; each with the values of its variables. */
  readonly matching: readonly Pattern[];
}

const MOST_MAYBE = 8;
const MOST_KEYS = 3;

/**
 * The circumstances that refute the inclusion of an inner Allow for a class of resources; undefined: one that was not
 * looked into, for it is too much. None: it is included.
 * @param settled what was found to be included before, of the same inner Allow; more is added
 */
export function* refutations(
  rule: CompiledStatement,
  rules: Rules,
  resource: RequestClass,
  settled: Set<string>,
  budget: Budget,
): Generator<Refutation | undefined> {
  const given = keysOf(resource.driver);
  // First as if each pattern with a variable matched wherever that is worse: mostly that is included too.
  const worst: Rules = {
    outerAllow: rules.outerAllow.filter((each) => isSure(each, resource, given)),
    outerDeny: rules.outerDeny.filter((each) => mayApply(each, resource)),
    innerDeny: rules.innerDeny.filter((each) => isSure(each, resource, given)),
  };
  if (!mayApply(rule, resource)) return;
  const start = [...rule.conditions, ...given.map(hasValueOf)];
  if (isIncluded(start, worst, given, settled, budget)) return;
  const exceptKeys = [rule, ...allOf(rules)].flatMap(({ resources }) =>
    resources.kind === 'except' ? resources.patterns.flatMap(keysOf) : [],
  );
  const open = [...new Set(exceptKeys)].filter((key) => !given.includes(key));
  if (resource.maybe.length > MOST_MAYBE || open.length > MOST_KEYS) yield undefined;
  else {
    for (const matching of combinations(resource.maybe)) {
      const needed = new Set([...given, ...matching.flatMap(keysOf)]);
      for (const valued of subsets(open.filter((key) => !needed.has(key)))) {
        const keys = new Set([...needed, ...valued]);
        const isHere = (each: CompiledStatement): boolean => appliesWith(each, resource, matching, keys);
        if (!isHere(rule)) continue;
        const here = mapped(rules, (list) => list.filter(isHere));
        const absent = open.filter((key) => !keys.has(key)).map((key) => negated(hasValueOf(key)));
        const known = [...rule.conditions, ...[...keys].map(hasValueOf), ...absent];
        if (isIncluded(known, here, [...keys, '-', ...open], settled, budget)) continue;
        if (isConsistent(known))
          for (const claims of leaves(known, here, budget))
            yield claims && { claims, matching: [resource.driver, ...matching] };
      }
    }
  }
}

/** Whether nothing refutes it; remembered. */
function isIncluded(
  known: readonly Claim[],
  rules: Rules,
  keys: readonly string[],
  settled: Set<string>,
  budget: Budget,
): boolean {
  const identity = [
    ...[rules.outerAllow, rules.outerDeny, rules.innerDeny].map((list) =>
      list.map(({ ref }) => `${ref.policy}.${ref.statement}`),
    ),
    keys,
  ].join('|');
  if (settled.has(identity)) return true;
  const isSettled = !isConsistent(known) || leaves(known, rules, budget).next().done === true;
  if (isSettled) settled.add(identity);
  return isSettled;
}

const mayApply = (each: CompiledStatement, { sure, maybeOf }: RequestClass): boolean =>
  each.resources.kind === 'only' ? sure.has(each) || maybeOf.has(each) : !sure.has(each);

const isSure = (each: CompiledStatement, resource: RequestClass, keys: readonly string[]): boolean =>
  appliesWith(
    each,
    resource,
    resource.maybeOf.get(each) && each.resources.kind === 'except' ? resource.maybe : [],
    new Set(keys),
  );

/** Whether a rule applies where these patterns match, of those that may, and these keys have a value. */
function appliesWith(
  each: CompiledStatement,
  { sure, maybeOf }: RequestClass,
  matching: readonly Pattern[],
  keys: ReadonlySet<string>,
): boolean {
  const isMatched = sure.has(each) || (maybeOf.get(each) ?? []).some((pattern) => matching.includes(pattern));
  if (each.resources.kind === 'only') return isMatched;
  // A NotResource whose variable has no value applies to nothing.
  return (
    !isMatched && each.resources.patterns.every((pattern) => keysOf(pattern).every((key) => keys.has(key)))
  );
}

/** Which of some patterns with variables may match together while the others do not. */
function* combinations(maybe: readonly Pattern[]): Generator<readonly Pattern[]> {
  for (const chosen of subsets(maybe)) {
    const isPossible = chosen.every((pattern, at) =>
      maybe.every((other) =>
        chosen.includes(other)
          ? chosen.indexOf(other) <= at || !excludes(pattern, other)
          : !absorbs(other.atoms, pattern.atoms),
      ),
    );
    if (isPossible) yield chosen;
  }
}

function* subsets<T>(list: readonly T[]): Generator<readonly T[]> {
  for (let bits = 0; bits < 2 ** list.length; bits++) yield list.filter((_, at) => (bits >> at) & 1);
}

/** Every way for the claims that matter to hold or not by which the inner side alone allows; undefined where the budget is spent. */
function* leaves(
  known: readonly Claim[],
  rules: Rules,
  budget: Budget,
): Generator<readonly Claim[] | undefined> {
  if (!budget.spend(1 + known.length)) {
    yield undefined;
    return;
  }
  const [own, denies, allows] = [rules.innerDeny, rules.outerDeny, rules.outerAllow].map((list) =>
    standing(list, known),
  );
  if (own?.holds || (allows?.holds && !denies?.holds && !denies?.open)) return;
  const isRefuted = denies?.holds || (!allows?.holds && !allows?.open);
  const claim = own?.open ?? (isRefuted ? undefined : allows?.holds ? denies?.open : allows?.open);
  if (claim === undefined) yield known;
  else
    for (const side of [negated(claim), claim])
      if (known.every((fact) => !contradict(fact, side))) yield* leaves([...known, side], rules, budget);
}

/** Whether one of some rules holds under what is known, and else a claim that would have to be known. */
function standing(
  rules: readonly CompiledStatement[],
  known: readonly Claim[],
): { holds: boolean; open: Claim | undefined } {
  let open: Claim | undefined;
  for (const { conditions } of rules) {
    const unknown = conditions.filter((claim) => !known.some((fact) => implies(fact, claim)));
    if (unknown.length === 0) return { holds: true, open: undefined };
    if (!unknown.some((claim) => known.some((fact) => contradict(fact, claim)))) open ??= unknown[0];
  }
  return { holds: false, open };
}

const isConsistent = (known: readonly Claim[]): boolean =>
  known.every((claim, at) => known.every((other, k) => k <= at || !contradict(claim, other)));

const hasValueOf = memo(hasValue);
