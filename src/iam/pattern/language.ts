import {
  ANY,
  COLON,
  FIELD,
  ONE,
  ONE_IN_FIELD,
  absorbs,
  isRun,
  isVariable,
  matches,
  variableOf,
  type Pattern,
} from './pattern.ts';

/** A letter no pattern at hand spells out. */
const OTHER = -1;

interface State {
  readonly positions: readonly number[];
  readonly parent: State | undefined;
  readonly letter: number;
}

/** Called once per reachable class of strings; returning true stops. `word` spells the shortest member found. */
export type ClassVisitor = (matched: readonly number[], word: () => readonly number[]) => boolean;

/**
 * Walks the deterministic automaton of several patterns at once and reports each distinct set of patterns (by index)
 * that some string matches exactly. Only strings that match at least one of the first `drivers` patterns are looked at.
 * A variable is a letter of its own: it is matched by itself and by `*`.
 * Returns false when the states met hold more than `limit` positions (so time and memory are bounded; nothing is known).
 */
export function visitClasses(
  atomsOf: readonly (readonly number[])[],
  drivers: number,
  limit: number,
  visit: ClassVisitor,
): boolean {
  const { atoms, owner, first, ends } = flattened(atomsOf);
  const mark = new Int32Array(atoms.length);
  let round = 0;
  const close = (from: readonly number[]): number[] => {
    round++;
    const set: number[] = [];
    for (let position of from) {
      while (mark[position] !== round) {
        mark[position] = round;
        set.push(position);
        if (!isRun(atoms[position] ?? 0)) break;
        position++;
      }
    }
    return withoutDominated(
      set.sort((a, b) => a - b),
      atoms,
      owner,
    );
  };
  const start: State = { positions: close(first), parent: undefined, letter: OTHER };
  const seenStates = new Set([start.positions.join()]);
  const seenClasses = new Set<string>();
  const queue = [start];
  let met = 0;
  for (let head = 0; head < queue.length; head++) {
    const state = queue[head] ?? start;
    const matched = state.positions.filter((p) => ends.has(p)).map((p) => owner[p] ?? 0);
    if ((matched[0] ?? drivers) < drivers && !seenClasses.has(matched.join())) {
      seenClasses.add(matched.join());
      if (visit(matched, () => wordOf(state))) return true;
    }
    for (const letter of lettersOf(state.positions, atoms)) {
      const positions = close(step(state.positions, atoms, letter));
      if (positions.length === 0 || (owner[positions[0] ?? 0] ?? drivers) >= drivers) continue;
      const key = positions.join();
      if (seenStates.has(key)) continue;
      seenStates.add(key);
      met += positions.length;
      if (met > limit) return false;
      queue.push({ positions, parent: state, letter });
    }
  }
  return true;
}

/** Every pattern's atoms end to end, each followed by an end mark (NaN takes no letter). */
function flattened(atomsOf: readonly (readonly number[])[]) {
  const atoms: number[] = [];
  const owner: number[] = [];
  const first: number[] = [];
  const ends = new Set<number>();
  for (const [index, list] of atomsOf.entries()) {
    first.push(atoms.length);
    for (const atom of list) {
      atoms.push(atom);
      owner.push(index);
    }
    ends.add(atoms.length);
    atoms.push(Number.NaN);
    owner.push(index);
  }
  return { atoms, owner, first, ends };
}

/** Within one pattern the last `ANY` reached accepts all that earlier positions do: they are dropped. */
function withoutDominated(
  set: readonly number[],
  atoms: readonly number[],
  owner: readonly number[],
): number[] {
  const kept: number[] = [];
  let blocked = -1;
  for (let k = set.length - 1; k >= 0; k--) {
    const position = set[k] ?? 0;
    if (owner[position] === blocked) continue;
    kept.push(position);
    if (atoms[position] === ANY) blocked = owner[position] ?? -1;
  }
  return kept.reverse();
}

function lettersOf(positions: readonly number[], atoms: readonly number[]): Set<number> {
  const letters = new Set<number>();
  for (const position of positions) {
    const atom = atoms[position] ?? Number.NaN;
    if (atom >= 0 || isVariable(atom)) letters.add(atom);
    else if (!Number.isNaN(atom)) {
      letters.add(OTHER);
      // Where one wildcard stops at a colon and another does not, the colon is a letter of its own.
      letters.add(COLON);
    }
  }
  return letters;
}

function step(positions: readonly number[], atoms: readonly number[], letter: number): number[] {
  const next: number[] = [];
  const isCharacter = !isVariable(letter);
  for (const position of positions) {
    const atom = atoms[position] ?? Number.NaN;
    if (atom === ANY) next.push(position);
    else if (atom === FIELD) {
      if (isCharacter && letter !== COLON) next.push(position);
    } else if (
      (letter !== OTHER && atom === letter) ||
      (atom === ONE && isCharacter) ||
      (atom === ONE_IN_FIELD && isCharacter && letter !== COLON)
    ) {
      next.push(position + 1);
    }
  }
  return next;
}

function wordOf(state: State): number[] {
  const word: number[] = [];
  for (let at = state; at.parent !== undefined; at = at.parent) word.push(at.letter);
  return word.reverse();
}

/** Spells a word; a letter that stands for any other becomes a character none of the atoms spell; variables stay as text. */
export function spell(word: readonly number[], atomsOf: readonly (readonly number[])[]): string {
  const used = new Set(atomsOf.flat());
  let other = 0x78;
  while (used.has(other)) other++;
  return word
    .map((letter) => variableOf(letter)?.text ?? String.fromCharCode(letter === OTHER ? other : letter))
    .join('');
}

/** Positions met before a question is given up; two policies of full size need a few hundred thousand at most. */
export const POSITION_LIMIT = 3_000_000;

/** The first string of `inner` outside `outers`; `complete` is false when the search was given up. */
function uncovered(
  outers: readonly Pattern[],
  inner: Pattern,
): { found: string | undefined; complete: boolean } {
  const all = [inner, ...outers.filter((outer) => overlaps(outer, inner))].map((pattern) => pattern.atoms);
  let found: string | undefined;
  const complete = visitClasses(all, 1, POSITION_LIMIT, (matched, word) => {
    if (matched.length > 1) return false;
    found = spell(word(), all);
    return true;
  });
  return { found, complete };
}

/**
 * Whether every string of `inner` is in one of `outers`. Exact without variables (with them: a yes holds whatever they
 * contain). Hostile unions of patterns that meet more than `POSITION_LIMIT` positions are answered false.
 */
export function includes(outers: readonly Pattern[], inner: Pattern): boolean {
  if (outers.some((outer) => absorbs(outer.atoms, inner.atoms))) return true;
  if (inner.shape === 'literal') return false;
  // A pattern with a wildcard has more strings than any list of literals.
  if (!outers.some((outer) => outer.shape !== 'literal' && overlaps(outer, inner))) return false;
  const { found, complete } = uncovered(outers, inner);
  return complete && found === undefined;
}

/** A literal in `inner` and in none of `outers`; undefined when there is none, or none was found in bounded time. */
export const witness = (inner: Pattern, outers: readonly Pattern[]): string | undefined =>
  uncovered(outers, inner).found;

const isCompatible = (a: number, b: number): boolean => {
  if (a >= 0 && b >= 0) return a === b;
  if (a === COLON) return b === ANY || b === ONE;
  if (b === COLON) return a === ANY || a === ONE;
  return true;
};

/** Whether some string is in both languages, for some values of the variables. */
export function overlaps(a: Pattern, b: Pattern): boolean {
  if (!a.prefix.startsWith(b.prefix) && !b.prefix.startsWith(a.prefix)) return false;
  if (a.shape === 'literal') return matches(b, a.prefix);
  if (b.shape === 'literal') return matches(a, b.prefix);
  if (a.shape === 'prefix' && b.shape === 'prefix') return true;
  const [x, y] = [a.loose, b.loose];
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

/** The given patterns without those that the others include; sorted by text elsewhere, order kept here. */
export function withoutIncluded(patterns: readonly Pattern[]): Pattern[] {
  const kept = [...patterns];
  for (let k = kept.length - 1; k >= 0; k--) {
    const pattern = kept[k];
    if (pattern !== undefined && includes(kept.toSpliced(k, 1), pattern)) kept.splice(k, 1);
  }
  return kept;
}
