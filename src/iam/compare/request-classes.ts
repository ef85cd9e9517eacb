import { EVERYTHING } from './containment.ts';
import type { CompiledSet } from '../decide/compiled-set.ts';
import { doMeet, outside, visitClasses, type Budget } from '../pattern/language.ts';
import { spell } from '../pattern/machine.ts';
import { absorbs, isRun, patternOf, variableOf, type Pattern } from '../pattern/pattern.ts';
import type { CompiledStatement } from '../decide/compiled.ts';

/** Actions, or resources, of one pattern that the rules at hand do not tell apart, but for what variables hold. */
export interface RequestClass {
  /** What all of them match. */
  readonly driver: Pattern;
  /** A member. */
  readonly word: () => string;
  /** The rules of which a pattern matches, whatever the variables hold. */
  readonly sure: ReadonlySet<CompiledStatement>;
  /** The patterns that match for some values of their variables, each once, and of each rule. */
  readonly maybe: readonly Pattern[];
  readonly maybeOf: ReadonlyMap<CompiledStatement, readonly Pattern[]>;
}

/** More literals than this are classes of their own, beside those of the other patterns. */
const MOST_LITERALS = 64;

/** The patterns whose classes are looked at for a set. */
export const driversOf = ({ kind, patterns }: CompiledSet): readonly Pattern[] =>
  kind === 'only' ? patterns : [EVERYTHING];

/** Whether a rule applies to a class of actions, which have no variables. */
export const applies = (rule: CompiledStatement, { kind }: CompiledSet, { sure }: RequestClass): boolean =>
  sure.has(rule) === (kind === 'only');

/** A pattern that tells members of the driver apart. */
interface Divide {
  readonly pattern: Pattern;
  readonly rules: CompiledStatement[];
}

/** The classes of one pattern; undefined when the budget is spent before they are known. */
export function classesOf(
  driver: Pattern,
  rules: readonly CompiledStatement[],
  setOf: (rule: CompiledStatement) => CompiledSet,
  budget: Budget,
): readonly RequestClass[] | undefined {
  const always = new Set<CompiledStatement>();
  const divides = new Map<string, Divide>();
  for (const rule of rules) {
    for (const pattern of setOf(rule).meeting(driver)) {
      if (absorbs(pattern.atoms, driver.atoms)) always.add(rule);
      else if (!excludes(pattern, driver)) {
        const known = divides.get(identityOf(pattern));
        if (known) known.rules.push(rule);
        else divides.set(identityOf(pattern), { pattern, rules: [rule] });
      }
    }
  }
  // What matches anyway says nothing more.
  const open = [...divides.values()].filter(({ rules: of }) => of.some((rule) => !always.has(rule)));
  const make = (word: () => string, matched: readonly Divide[]): RequestClass =>
    classOf(driver, word, always, matched);
  if (driver.shape === 'literal') return [make(() => driver.prefix, open)];
  const isSingle = ({ pattern }: Divide): boolean => pattern.shape === 'literal';
  const singles = open.filter(isSingle);
  const isMany = singles.length > MOST_LITERALS;
  const walked = isMany ? open.filter((divide) => !isSingle(divide)) : open;
  const patterns = [driver.range, ...walked.map(({ pattern }) => pattern.range)];
  if (walked.length === 0 && !isMany) return [make(() => outside(driver.range, [], budget).word ?? '', [])];
  const classes: RequestClass[] = [];
  const isComplete = visitClasses(patterns, budget, (matched, word) => {
    const found = matched.slice(1).flatMap((index) => walked[index - 1] ?? []);
    const letters = word();
    classes.push(make(() => spell(letters, patterns), found));
    return false;
  });
  if (!isComplete) return undefined;
  for (const single of isMany ? singles : []) {
    const { prefix } = single.pattern;
    if (!budget.spend(walked.length + 1)) return undefined;
    const others = walked.filter(({ pattern }) => doMeet(pattern.range, single.pattern.range));
    classes.push(make(() => prefix, [single, ...others]));
  }
  return classes;
}

function classOf(
  driver: Pattern,
  word: () => string,
  always: ReadonlySet<CompiledStatement>,
  matched: readonly Divide[],
): RequestClass {
  const sure = new Set(always);
  const maybeOf = new Map<CompiledStatement, Pattern[]>();
  const maybe: Pattern[] = [];
  for (const { pattern, rules } of matched) {
    if (pattern.hasVariables) maybe.push(pattern);
    for (const rule of rules) {
      if (!pattern.hasVariables) sure.add(rule);
      else if (maybeOf.get(rule)?.push(pattern) === undefined) maybeOf.set(rule, [pattern]);
    }
  }
  return { driver, word, sure, maybe, maybeOf };
}

/** The same for patterns that match the same. */
export const identityOf = ({ atoms }: Pattern): string => atoms.join();

/** The keys without which a pattern matches nothing. */
export const keysOf = ({ atoms }: Pattern): readonly string[] =>
  atoms.flatMap((atom) => {
    const variable = variableOf(atom);
    return variable && variable.fallback === undefined ? [variable.key] : [];
  });

/** Whether no string is in both patterns with the same values of their variables: what they begin or end with alike is taken off. */
export function excludes(a: Pattern, b: Pattern): boolean {
  if (!a.hasVariables || !b.hasVariables) return false;
  let head = 0;
  while (a.atoms[head] !== undefined && a.atoms[head] === b.atoms[head] && !isRun(a.atoms[head] ?? 0)) head++;
  let tail = 0;
  for (;;) {
    const atom = a.atoms[a.atoms.length - 1 - tail];
    const isLeft = Math.min(a.atoms.length, b.atoms.length) - tail > head;
    if (!isLeft || atom !== b.atoms[b.atoms.length - 1 - tail] || isRun(atom ?? 0)) break;
    tail++;
  }
  const rest = ({ atoms }: Pattern): readonly number[] =>
    patternOf(undefined, atoms.slice(head, atoms.length - tail)).range;
  return !doMeet(rest(a), rest(b));
}
