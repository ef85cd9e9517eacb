import { absorbs, isRun, matches, takesCode, type Pattern } from './pattern.ts';
import { Machine, spell, type State } from './machine.ts';

/**
 * The steps that a question may still take (positions of patterns looked at, never time): when they are spent the answer
 * is "cannot tell". Two policies of full size need some ten thousand.
 */
export class Budget {
  #left: number;
  constructor(steps: number = 1_000_000) {
    this.#left = steps;
  }
  get isSpent(): boolean {
    return this.#left <= 0;
  }
  /** Takes steps; false when there are none left. */
  spend(steps: number): boolean {
    this.#left -= steps;
    return this.#left > 0;
  }
}

/** Called once per reachable class of strings; returning true stops. `word` spells the shortest member found. */
export type ClassVisitor = (matched: readonly number[], word: () => readonly number[]) => boolean;

/**
 * Walks the deterministic automaton of several patterns at once and reports each distinct set of patterns (by index)
 * that some string of the first one matches exactly. A variable is a letter of its own: it is matched by itself and by
 * `*`. Returns false when the budget was spent: nothing is known then.
 */
export function visitClasses(
  patterns: readonly (readonly number[])[],
  budget: Budget,
  visit: ClassVisitor,
): boolean {
  const machine = new Machine(patterns);
  const seenStates = new Set([machine.start.positions.join()]);
  const seenClasses = new Set<string>();
  const queue = [machine.start];
  for (const state of queue) {
    const matched = machine.matched(state);
    const identity = matched.join();
    if (matched[0] === 0 && !seenClasses.has(identity)) {
      seenClasses.add(identity);
      if (visit(matched, () => machine.word(state))) return true;
    }
    for (const next of machine.next(state)) {
      const key = next.positions.join();
      if (seenStates.has(key)) continue;
      if (!budget.spend(next.positions.length)) return false;
      seenStates.add(key);
      queue.push(next);
    }
  }
  return true;
}

/** The answer of a search for a string outside some patterns. */
export interface Outside {
  /** Undefined: there is none, or none was found before the budget was spent. */
  readonly word: string | undefined;
  readonly isComplete: boolean;
}

/**
 * The shortest word of `inner` that is in none of `outers`. States are not followed where an outer pattern takes whatever
 * comes, nor where another one reached fewer outer positions.
 */
export function outside(
  inner: readonly number[],
  outers: readonly (readonly number[])[],
  budget: Budget,
): Outside {
  const patterns = [inner, ...outers];
  const machine = new Machine(patterns);
  const seen = new Map<string, (readonly number[])[]>();
  const queue: State[] = [machine.start];
  for (const state of queue) {
    if (machine.matched(state).join() === '0')
      return { word: spell(machine.word(state), patterns), isComplete: true };
    for (const next of machine.next(state)) {
      if (machine.isTakenForGood(next)) continue;
      const [own, others] = machine.split(next);
      const known = seen.get(own.join());
      if (!budget.spend(next.positions.length + (known?.length ?? 0)))
        return { word: undefined, isComplete: false };
      if (known === undefined) seen.set(own.join(), [others]);
      else if (known.some((fewer) => isPart(fewer, others))) continue;
      else known.push(others);
      queue.push(next);
    }
  }
  return { word: undefined, isComplete: true };
}

/** Whether a sorted list is part of another. */
function isPart(some: readonly number[], all: readonly number[]): boolean {
  let at = 0;
  for (const item of some) {
    while ((all[at] ?? Infinity) < item) at++;
    if (all[at] !== item) return false;
  }
  return true;
}

/**
 * Whether every string of `inner` is in one of `outers`. Exact without variables (with them: a yes holds whatever they
 * contain). What would take more than the budget is answered false.
 */
export function includes(outers: readonly Pattern[], inner: Pattern, budget?: Budget): boolean {
  if (outers.some((outer) => absorbs(outer.atoms, inner.atoms))) return true;
  if (inner.shape === 'literal') return false;
  return includesTogether(
    outers.filter((outer) => overlaps(outer, inner)),
    inner,
    budget,
  );
}

/** `includes`, of patterns that all overlap `inner`, none of which has all of it by itself. */
export function includesTogether(near: readonly Pattern[], inner: Pattern, budget?: Budget): boolean {
  // A pattern with a wildcard has more strings than any list of literals.
  if (near.every(({ shape }) => shape === 'literal')) return false;
  const atoms = near.map((outer) => outer.atoms);
  const { word, isComplete } = outside(inner.atoms, atoms, budget ?? new Budget());
  return isComplete && word === undefined;
}

/** A literal in `inner` and in none of `outers`; undefined when there is none, or none was found in bounded time. */
export const witness = (inner: Pattern, outers: readonly Pattern[]): string | undefined =>
  outside(
    inner.atoms,
    outers.filter((outer) => overlaps(outer, inner)).map(({ atoms }) => atoms),
    new Budget(),
  ).word;

const isCompatible = (a: number, b: number): boolean => {
  if (a >= 0 && b >= 0) return a === b;
  if (a >= 0) return takesCode(b, a);
  // Any two wildcards take a letter of a name.
  return b < 0 || takesCode(a, b);
};

/** Whether some string is in both languages, for some values of the variables. */
export function overlaps(a: Pattern, b: Pattern): boolean {
  if (!a.prefix.startsWith(b.prefix) && !b.prefix.startsWith(a.prefix)) return false;
  if (!a.suffix.endsWith(b.suffix) && !b.suffix.endsWith(a.suffix)) return false;
  if (a.shape === 'literal' && !b.hasVariables) return matches(b, a.prefix);
  if (b.shape === 'literal' && !a.hasVariables) return matches(a, b.prefix);
  if (a.shape === 'prefix' && b.shape === 'prefix') return true;
  return doMeet(a.range, b.range);
}

/** Whether some string is in both lists of atoms; a variable, where one stands, is in none. */
export function doMeet(x: readonly number[], y: readonly number[]): boolean {
  let row = new Uint8Array(y.length + 1);
  row[0] = 1;
  for (let i = 0; i <= x.length; i++) {
    const next = new Uint8Array(y.length + 1);
    const atomX = x[i];
    for (let j = 0; j <= y.length; j++) {
      if (row[j] === 0) continue;
      const atomY = y[j];
      if (atomX !== undefined && isRun(atomX)) next[j] = 1;
      if (atomY !== undefined && isRun(atomY)) row[j + 1] = 1;
      if (atomX === undefined || atomY === undefined || !isCompatible(atomX, atomY)) continue;
      if (isRun(atomX)) row[j + 1] = 1;
      else if (isRun(atomY)) next[j] = 1;
      else next[j + 1] = 1;
    }
    if (i === x.length) return row[y.length] === 1;
    row = next;
  }
  return false;
}
