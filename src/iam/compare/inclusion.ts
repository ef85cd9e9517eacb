/** Room `compare`: two sets of policies: whether one is in the other, what both allow, what changes. */
import { covers, ExtentIndex } from './containment.ts';
import { compileStatements, type CompiledStatement, type StatementRef } from '../decide/compiled.ts';
import { Budget } from '../pattern/language.ts';
import { isAllow, isDeny, type PolicyDocument } from '../policy/policy.ts';
import { allOf, mapped, refutations, type Rules } from './refutation.ts';
import { applies, classesOf, driversOf, type RequestClass } from './request-classes.ts';
import { WitnessSearch, type RequestWitness } from './witness.ts';

export interface Inclusion {
  readonly included: 'yes' | 'no' | 'cannot-tell';
  /** With `no`: a request `inner` allows and `outer` does not. */
  readonly witness?: RequestWitness;
  /** With `cannot-tell`: the statements of `inner` that are not decided. */
  readonly undecided?: readonly StatementRef[];
}

/**
 * Whether every request that `inner` allows is allowed by `outer`: Allow minus Deny on both sides, over all actions, all
 * resources, all contexts and all values of policy variables. For each inner Allow the actions and resources are split
 * into classes that no pattern that meets it tells apart; whether a pattern with a variable matches is tried both ways,
 * but for what cannot be (`request-classes`); conditions are compared by what they claim of one key (`refutation`).
 * What that does not decide is `cannot-tell`, never `yes`; a `no` carries a request that was evaluated to prove it.
 *
 * INVARIANT: `yes` holds for every request. "Never wider" is said on this alone.
 * Held by test/iam/inclusion.test.ts, "a yes survives every request, a no has a request that proves it", and test/differential.
 */
export function includesPolicy(
  outer: readonly PolicyDocument[],
  inner: readonly PolicyDocument[],
  budget: Budget = new Budget(),
): Inclusion {
  const [own, other] = [compileStatements(inner), compileStatements(outer)];
  const ownDeny = new ExtentIndex(own.filter(isDeny));
  // A Deny that the inner side has too takes nothing more away.
  const otherDeny = new ExtentIndex(
    other.filter((rule) => isDeny(rule) && ownDeny.covering(rule).length === 0),
  );
  const otherAllow = new ExtentIndex(other.filter(isAllow));
  const search = new WitnessSearch(outer, inner);
  const undecided: StatementRef[] = [];
  for (const rule of own.filter(isAllow)) {
    const rules = {
      outerAllow: otherAllow.meeting(rule),
      outerDeny: otherDeny.meeting(rule),
      innerDeny: ownDeny.meeting(rule),
    };
    if (rules.outerDeny.length === 0 && rules.outerAllow.some((allow) => covers(allow, rule))) continue;
    const found = refuted(rule, rules, search, budget);
    if (found === 'cannot-tell') undecided.push(rule.ref);
    else if (found !== undefined) return { included: 'no', witness: found };
  }
  return undecided.length === 0 ? { included: 'yes' } : { included: 'cannot-tell', undecided };
}

const MOST_TRIED = 6;

/** A request that an inner Allow allows and the outer side does not; undefined: there is none. */
function refuted(
  rule: CompiledStatement,
  rules: Rules,
  search: WitnessSearch,
  budget: Budget,
): RequestWitness | 'cannot-tell' | undefined {
  const settled = new Set<string>();
  let isOpen = false;
  for (const action of actionClasses(rule, rules, budget)) {
    if (action === undefined) return 'cannot-tell';
    const here = mapped(rules, (list) => list.filter((each) => applies(each, each.actions, action)));
    const sets = [rule, ...allOf(here)];
    for (const driver of driversOf(rule.resources)) {
      const classes = classesOf(driver, sets, ({ resources }) => resources, budget);
      if (classes === undefined) return 'cannot-tell';
      for (const resource of classes) {
        let tried = 0;
        for (const found of refutations(rule, here, resource, settled, budget)) {
          const witness = found && search.find(action.word(), resource, found);
          if (witness !== undefined) return witness;
          isOpen = true;
          if (++tried > MOST_TRIED) break;
        }
        if (budget.isSpent) return 'cannot-tell';
      }
    }
  }
  return isOpen ? 'cannot-tell' : undefined;
}

/** The classes of actions that an inner Allow is about, those that the same rules apply to once; undefined: too many. */
function* actionClasses(
  rule: CompiledStatement,
  rules: Rules,
  budget: Budget,
): Generator<RequestClass | undefined> {
  const all = [rule, ...allOf(rules)];
  const seen = new Set<string>();
  for (const driver of driversOf(rule.actions)) {
    const classes = classesOf(driver, all, ({ actions }) => actions, budget);
    if (classes === undefined) yield undefined;
    for (const action of classes ?? []) {
      if (!applies(rule, rule.actions, action)) continue;
      const key = all.map((each) => (applies(each, each.actions, action) ? '1' : '0')).join('');
      if (seen.has(key)) continue;
      seen.add(key);
      yield action;
    }
  }
}
