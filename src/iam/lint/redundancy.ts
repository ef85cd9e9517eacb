import { areImplied, covers, isWithin } from '../compare/containment.ts';
import { includesPolicy } from '../compare/inclusion.ts';
import type { CompiledSet } from '../decide/compiled-set.ts';
import { compileStatements, type CompiledStatement } from '../decide/compiled.ts';
import { fewQuoted, found, type Finding } from './finding.ts';
import { Budget } from '../pattern/language.ts';
import { absorbs } from '../pattern/pattern.ts';
import type { PolicyDocument } from '../policy/policy.ts';

/** Statements that say nothing another statement of the document does not say. */
export function redundantStatements(
  document: PolicyDocument,
  statements: readonly CompiledStatement[] = compileStatements([document]),
): Finding[] {
  const findings: Finding[] = [];
  const isGone = new Set<number>();
  const includes = inclusionIn(document);
  for (const [index, statement] of statements.entries()) {
    for (const [other, candidate] of statements.entries()) {
      if (other === index || isGone.has(other) || candidate.effect !== statement.effect) continue;
      if (!includes(candidate, statement)) continue;
      const isSame = includes(statement, candidate);
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

/** Entries of a list of actions or resources that another entry of it holds by itself. */
export function redundantEntries({ actions, resources }: CompiledStatement, path: string): Finding[] {
  return [
    { set: actions, name: 'Action' },
    { set: resources, name: 'Resource' },
  ].flatMap(({ set, name }) => {
    const held = set.patterns.filter((inner, at) =>
      set
        .meeting(inner)
        .some(
          (outer) =>
            outer !== inner &&
            absorbs(outer.atoms, inner.atoms) &&
            (set.patterns.indexOf(outer) < at || !absorbs(inner.atoms, outer.atoms)),
        ),
    );
    const own = `${path}.${set.kind === 'only' ? '' : 'Not'}${name}`;
    return held.length === 0
      ? []
      : [found('redundant-entry', own, [fewQuoted(held.map(({ text }) => text))])];
  });
}

/** Of the searches that a document asks for, all together. */
const SEARCH_STEPS = 3_000_000;

/** Whether one statement includes another, both as Allows. Searched for is only what looking patterns up leaves open. */
function inclusionIn({
  version,
}: PolicyDocument): (outer: CompiledStatement, inner: CompiledStatement) => boolean {
  const budget = new Budget(SEARCH_STEPS);
  const alone = (statements: readonly CompiledStatement[]): PolicyDocument[] => [
    { version, statements: statements.map(({ source }) => ({ ...source, effect: 'Allow' })) },
  ];
  const search = (outer: readonly CompiledStatement[], inner: CompiledStatement): boolean =>
    includesPolicy(alone(outer), alone([inner]), budget).included === 'yes';
  const never = new Map<CompiledStatement, boolean>();
  const isVoid = (statement: CompiledStatement): boolean => {
    const mayBe = doesRepeatKey(statement) || !isPlain(statement.actions) || !isPlain(statement.resources);
    const known = never.get(statement) ?? (mayBe && search([], statement));
    never.set(statement, known);
    return known;
  };
  // Looking up has not settled it where a variable ties resources to conditions, or two conditions on one key say more together.
  const isOpen = (outer: CompiledStatement, inner: CompiledStatement): boolean => {
    const isTied = !isPlain(outer.resources) || !isPlain(inner.resources);
    if (isPlain(outer.actions) && isPlain(inner.actions) && !isWithin(inner.actions, outer.actions, budget))
      return false;
    if (!isTied && !isWithin(inner.resources, outer.resources, budget)) return false;
    return isTied || areImplied(outer.conditions, inner.conditions) || doesRepeatKey(inner);
  };
  return (outer, inner) =>
    covers(outer, inner) || isVoid(inner) || (isOpen(outer, inner) && search([outer], inner));
}

/** Only what is said of one key twice can say more together, or contradict itself. */
const doesRepeatKey = ({ conditions }: CompiledStatement): boolean =>
  new Set(conditions.map(({ key }) => key)).size < conditions.length;

const isPlain = ({ kind, hasVariables }: CompiledSet): boolean => kind === 'only' && !hasVariables;
