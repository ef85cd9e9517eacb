/** Room `compare`: two sets of policies: whether one is in the other, what both allow, what changes. */
import { claimOf, contradict, implies, negation, type Claim } from './claim.ts';
import { compileStatements, type CompiledSet, type CompiledStatement } from '../decide/compiled.ts';
import { includes, overlaps, spell, POSITION_LIMIT, visitClasses } from '../pattern/language.ts';
import { ANY, isVariable, type Pattern } from '../pattern/pattern.ts';
import type { PolicyDocument } from '../policy/policy.ts';
import { WitnessSearch, type RequestWitness } from './witness.ts';

export interface Inclusion {
  readonly included: 'yes' | 'no' | 'cannot-tell';
  /** With `no`: a request `inner` allows and `outer` does not. */
  readonly witness?: RequestWitness;
}

/** A statement with its conditions as claims. */
interface Rule {
  readonly statement: CompiledStatement;
  readonly claims: readonly Claim[];
}

/** The rules on one side that apply to a class of requests. */
interface Rules {
  readonly allow: readonly Rule[];
  readonly deny: readonly Rule[];
}

/**
 * Whether every request that `inner` allows is allowed by `outer`: Allow minus Deny on both sides, over all actions, all
 * resources and all contexts. Actions and resources are split into classes that no pattern of either side tells apart
 * (exactly); conditions are compared by what they claim of one key (equal, value lists, patterns, ranges, contradictions).
 * What that does not decide is `cannot-tell`, never `yes`; a `no` carries a request that was evaluated to prove it.
 *
 * INVARIANT: `yes` holds for every request. "Never wider" is said on this alone.
 * Held by test/iam/inclusion.test.ts, "a yes survives every request, a no has a request that proves it".
 */
export function includesPolicy(
  outer: readonly PolicyDocument[],
  inner: readonly PolicyDocument[],
): Inclusion {
  const [innerRules, outerRules] = [rulesOf(inner), rulesOf(outer)];
  const search = new WitnessSearch(outer, inner);
  // A Deny that the inner side has too takes nothing more away. This also settles equal Denies with variables.
  const outerDeny = outerRules.deny.filter((rule) => !innerRules.deny.some((own) => covers(own, rule)));
  const outerSide = { allow: outerRules.allow, deny: outerDeny };
  const covering = new Map(
    innerRules.allow.map((rule) => [rule, new Set(outerRules.allow.filter((other) => covers(other, rule)))]),
  );
  const isCovered = [...covering.values()].every((rules) => rules.size > 0);
  if (isCovered && outerDeny.length === 0) return { included: 'yes' };
  const actions = classesOf(innerRules, outerSide, (rule) => rule.statement.actions);
  const resources = classesOf(innerRules, outerSide, (rule) => rule.statement.resources);
  if (actions === undefined || resources === undefined) return { included: 'cannot-tell' };
  const verdicts = new Map<string, boolean>();
  let isOpen = false;
  for (const action of actions) {
    for (const resource of resources) {
      const innerHere = restricted(innerRules, action, resource);
      if (innerHere.allow.length === 0) continue;
      const outerHere = restricted(outerSide, action, resource);
      const key = [innerHere, outerHere].map(({ allow, deny }) => numbersOf([...allow, ...deny])).join('|');
      if (verdicts.has(key)) continue;
      const isIncluded = innerHere.allow.every((rule) =>
        isAllowedBeyond(rule, innerHere, outerHere, covering),
      );
      verdicts.set(key, isIncluded);
      if (isIncluded) continue;
      const claims = [innerHere, outerHere].flatMap(({ allow, deny }) =>
        [...allow, ...deny].map((rule) => rule.claims),
      );
      const witness = search.find(action.word, resource.word, claims);
      if (witness !== undefined) return { included: 'no', witness };
      isOpen = true;
    }
  }
  return { included: isOpen ? 'cannot-tell' : 'yes' };
}

const ruleNumbers = new WeakMap<Rule, number>();
let nextRule = 0;
const numbersOf = (rules: readonly Rule[]): string => rules.map((rule) => ruleNumbers.get(rule)).join();

function rulesOf(documents: readonly PolicyDocument[]): Rules {
  const rules = compileStatements(documents).map((statement): Rule => {
    const hasVariables = documents[statement.ref.policy]?.version === '2012-10-17';
    const rule = {
      statement,
      claims: statement.source.conditions.map((condition) => claimOf(condition, hasVariables)),
    };
    ruleNumbers.set(rule, nextRule++);
    return rule;
  });
  return {
    allow: rules.filter((rule) => rule.statement.effect === 'Allow'),
    deny: rules.filter((rule) => rule.statement.effect === 'Deny'),
  };
}

/** Whether a rule applies to all that another applies to, whatever its variables hold. */
function covers(outer: Rule, inner: Rule): boolean {
  return (
    isSubset(inner.statement.actions, outer.statement.actions) &&
    isSubset(inner.statement.resources, outer.statement.resources) &&
    outer.claims.every((claim) => inner.claims.some((own) => implies(own, claim)))
  );
}

const isEverything = (pattern: Pattern): boolean => pattern.atoms.length === 1 && pattern.atoms[0] === ANY;

function isSubset(inner: CompiledSet, outer: CompiledSet): boolean {
  if (outer.kind === 'only') {
    if (inner.kind === 'except') return outer.patterns.some(isEverything);
    return inner.patterns.every((pattern) => includes(outer.patterns, pattern));
  }
  const needed = outer.patterns.flatMap(({ atoms }) => atoms.filter(isVariable));
  if (inner.kind === 'only') {
    return (
      needed.length === 0 && !inner.patterns.some((p) => outer.patterns.some((other) => overlaps(p, other)))
    );
  }
  const given = new Set(inner.patterns.flatMap(({ atoms }) => atoms));
  // Where a variable has no value the outer statement applies to nothing; then the inner one must not apply either.
  return needed.every((atom) => given.has(atom)) && outer.patterns.every((p) => includes(inner.patterns, p));
}

/** A set of actions (or resources) that no pattern tells apart: a member, and the rules that apply to it. */
interface RequestClass {
  readonly word: string;
  readonly rules: ReadonlySet<Rule>;
}

/** The classes that some Allow of the inner side applies to; undefined when there are too many to look at. */
function classesOf(
  inner: Rules,
  outer: Rules,
  setOf: (rule: Rule) => CompiledSet,
): RequestClass[] | undefined {
  const lists: (readonly number[])[] = [];
  const places = new Map<string, number>();
  const placeOf = (atoms: readonly number[]): number => {
    const key = atoms.join();
    const known = places.get(key);
    if (known !== undefined) return known;
    places.set(key, lists.length);
    return lists.push(atoms) - 1;
  };
  // The classes of interest are those the inner Allows name; a NotAction or NotResource names all.
  for (const rule of inner.allow) {
    const set = setOf(rule);
    if (set.kind === 'except') placeOf([ANY]);
    else for (const pattern of set.patterns) placeOf(pattern.atoms);
  }
  const drivers = lists.length;
  const members = [...inner.allow, ...inner.deny, ...outer.allow, ...outer.deny].map((rule) => {
    const set = setOf(rule);
    const isOuter = outer.allow.includes(rule) || outer.deny.includes(rule);
    const isDeny = rule.statement.effect === 'Deny';
    // For a yes to be safe, what the outer side denies must be taken for more than it is (a variable is any string), and
    // all else for less (a variable is a letter of its own).
    const isLoose = isOuter && isDeny && set.kind === 'only';
    const isIgnored = isOuter !== isDeny && isUncertain(set);
    const numbers = set.patterns.map((pattern) => placeOf(isLoose ? pattern.loose : pattern.atoms));
    return { rule, numbers, kind: set.kind, isIgnored };
  });
  const classes = new Map<string, RequestClass>();
  const complete = visitClasses(lists, drivers, POSITION_LIMIT, (matched, word) => {
    const here = new Set(matched);
    const rules = members
      .filter(
        ({ numbers, kind, isIgnored }) =>
          !isIgnored && numbers.some((number) => here.has(number)) === (kind === 'only'),
      )
      .map(({ rule }) => rule);
    const key = numbersOf(rules);
    if (!classes.has(key)) classes.set(key, { word: spell(word(), lists), rules: new Set(rules) });
    return false;
  });
  return complete ? [...classes.values()] : undefined;
}

/** A NotResource with a variable applies to nothing where the variable has no value: nothing may be built on it. */
const isUncertain = ({ kind, patterns }: CompiledSet): boolean =>
  kind === 'except' && patterns.some((pattern) => pattern.hasVariables);

function restricted(rules: Rules, action: RequestClass, resource: RequestClass): Rules {
  const applies = (rule: Rule): boolean => action.rules.has(rule) && resource.rules.has(rule);
  const deny = rules.deny.filter(applies);
  const allow = rules.allow.filter(applies);
  return { allow, deny };
}

/** Whether given claims imply others. */
const holds = (claims: readonly Claim[], given: readonly Claim[]): boolean =>
  claims.every((claim) => given.some((fact) => implies(fact, claim)));

/** Whether what one inner Allow grants here, less the inner Denies, is allowed by the outer side. */
function isAllowedBeyond(
  rule: Rule,
  inner: Rules,
  outer: Rules,
  covering: ReadonlyMap<Rule, ReadonlySet<Rule>>,
): boolean {
  if (inner.deny.some((deny) => deny.claims.length === 0)) return true;
  // Where an inner Deny has one condition, its negation holds of all that is left.
  const left = inner.deny.flatMap(({ claims }) => (claims.length === 1 ? claims.map(negation) : []));
  const known = [...rule.claims, ...left];
  if (known.some((a, k) => known.slice(k + 1).some((b) => contradict(a, b) || contradict(b, a)))) return true;
  const isGranted =
    outer.allow.some((allow) => holds(allow.claims, known)) || [...(covering.get(rule) ?? [])].length > 0;
  if (!isGranted) return false;
  return outer.deny.every(
    (deny) =>
      deny.claims.some((claim) => known.some((fact) => contradict(fact, claim))) ||
      inner.deny.some((own) => holds(own.claims, [...known, ...deny.claims])),
  );
}
