import { covers, uncovered } from '../compare/containment.ts';
import { implies } from '../compare/implication.ts';
import { includesPolicy } from '../compare/inclusion.ts';
import { compileStatements, type CompiledStatement as Rule } from '../decide/compiled.ts';
import { found, type Finding } from './finding.ts';
import { Budget } from '../pattern/language.ts';
import type { PolicyDocument, Statement } from '../policy/policy.ts';

/** Statements that say nothing another statement of the document does not say. */
export function redundantStatements(document: PolicyDocument): Finding[] {
  const findings: Finding[] = [];
  const isGone = new Set<number>();
  const rules = compileStatements([document]);
  const includes = inclusionIn(document);
  for (const [index, rule] of rules.entries()) {
    for (const [other, candidate] of rules.entries()) {
      if (other === index || isGone.has(other) || candidate.effect !== rule.effect) continue;
      if (!includes(candidate, rule)) continue;
      const isSame = includes(rule, candidate);
      // Of two equal statements the later one goes.
      if (isSame && other > index) continue;
      isGone.add(index);
      const name = candidate.source.sid || `Statement[${other}]`;
      findings.push(
        found(isSame ? 'duplicate-statement' : 'shadowed-statement', `Statement[${index}]`, [name]),
      );
      break;
    }
  }
  return findings;
}

/** Of the searches that a document asks for, all together. */
const SEARCH_STEPS = 3_000_000;

/**
 * Whether one statement includes another, both as Allows: what an Allow and a Deny apply to is compared alike. Actions,
 * resources and conditions are three questions, unless a variable in a resource ties it to the conditions; only what is
 * left open by looking patterns up is searched for. A statement that never applies is in every other.
 */
function inclusionIn({ version }: PolicyDocument): (outer: Rule, inner: Rule) => boolean {
  const budget = new Budget(SEARCH_STEPS);
  const search = (outer: readonly Statement[], inner: Statement): boolean => {
    return includesPolicy(alone(version, outer), alone(version, [inner]), budget).included === 'yes';
  };
  const neverApplies = new Map<Rule, boolean>();
  const isVoid = (rule: Rule): boolean => {
    const isOdd = [rule.actions, rule.resources].some(
      ({ kind, hasVariables }) => kind === 'except' || hasVariables,
    );
    const whole = isOdd ? rule.source : conditionsOf(rule);
    const known = neverApplies.get(rule) ?? ((isOdd || doesRepeatKey(rule)) && search([], whole));
    neverApplies.set(rule, known);
    return known;
  };
  const isWithin = (outer: Rule, inner: Rule, part: 'actions' | 'resources'): boolean => {
    const extent = (rule: Rule) => ({ resources: rule[part], conditions: [] });
    return uncovered([extent(outer)], extent(inner), budget).length === 0;
  };
  return (outer, inner) => {
    const sets = [outer.actions, inner.actions, outer.resources, inner.resources];
    const isPlain = sets.every(({ kind, hasVariables }) => kind === 'only' && !hasVariables);
    if (!isWithin(outer, inner, 'actions')) return isVoid(inner);
    if (!isPlain && (covers(outer, inner) || inner.resources.kind === 'only'))
      return search([outer.source], inner.source);
    if (!isWithin(outer, inner, 'resources')) return isVoid(inner);
    const isImplied = outer.conditions.every((claim) => inner.conditions.some((own) => implies(own, claim)));
    return isImplied || (doesRepeatKey(inner) && search([conditionsOf(outer)], conditionsOf(inner)));
  };
}

const alone = (version: PolicyDocument['version'], statements: readonly Statement[]): PolicyDocument[] => [
  { version, statements: statements.map((each) => ({ ...each, effect: 'Allow' })) },
];

/** Only what is said of one key twice can say more together, or contradict itself. */
const doesRepeatKey = ({ conditions }: Rule): boolean =>
  new Set(conditions.map(({ key }) => key)).size < conditions.length;

/** A statement with nothing but the conditions. */
const conditionsOf = ({ source }: Rule): Statement => ({
  ...source,
  actions: { kind: 'only', patterns: ['*'] },
  resources: { kind: 'only', patterns: ['*'] },
});
