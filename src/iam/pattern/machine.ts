import { ANY, COLON, NAME, isNameCode, isRun, isVariable, takesCode, variableOf } from './pattern.ts';

/** A letter no pattern at hand spells out; a user name may hold it. */
const OTHER = -1;
const SLASH = 47;

/** Where the strings read so far have come to in each pattern. */
export interface State {
  /** Sorted; of one pattern only those that no other makes needless. */
  readonly positions: readonly number[];
  readonly parent: State | undefined;
  readonly letter: number;
}

/** The deterministic automaton of several patterns at once, made state by state; only strings of the first pattern are read. */
export class Machine {
  readonly start: State;
  /** All patterns end to end, each followed by an end mark (NaN takes no letter). */
  readonly #atoms: number[] = [];
  readonly #owner: number[] = [];
  readonly #hasNames: boolean;
  readonly #mark: Int32Array;
  #round = 0;

  /** @param patterns the atoms of each */
  constructor(patterns: readonly (readonly number[])[]) {
    const first: number[] = [];
    for (const [index, list] of patterns.entries()) {
      first.push(this.#atoms.length);
      for (const atom of list) this.#atoms.push(atom);
      this.#atoms.push(Number.NaN);
      while (this.#owner.length < this.#atoms.length) this.#owner.push(index);
    }
    this.#hasNames = this.#atoms.includes(NAME);
    this.#mark = new Int32Array(this.#atoms.length);
    this.start = { positions: this.#closed(first), parent: undefined, letter: OTHER };
  }

  /** The patterns (by index, sorted) that take exactly what was read. */
  matched({ positions }: State): number[] {
    return positions.filter((p) => Number.isNaN(this.#atoms[p])).map((p) => this.#owner[p] ?? 0);
  }

  /** What may follow, as the letters that tell strings apart; each with where it leads. */
  *next(state: State): Generator<State> {
    for (const letter of this.#letters(state.positions)) {
      const positions = this.#step(state.positions, letter);
      if (this.#owner[positions[0] ?? -1] === 0) yield { positions, parent: state, letter };
    }
  }

  /** Whether one of the other patterns takes whatever comes. */
  isTakenForGood({ positions }: State): boolean {
    return positions.some(
      (p) => this.#owner[p] !== 0 && this.#atoms[p] === ANY && Number.isNaN(this.#atoms[p + 1]),
    );
  }

  /** The positions in the first pattern, and those in the others. */
  split({ positions }: State): readonly [readonly number[], readonly number[]] {
    const at = positions.findIndex((p) => this.#owner[p] !== 0);
    return at < 0 ? [positions, []] : [positions.slice(0, at), positions.slice(at)];
  }

  /** The letters read, from the start. */
  word(state: State): number[] {
    const word: number[] = [];
    for (let at = state; at.parent !== undefined; at = at.parent) word.push(at.letter);
    return word.reverse();
  }

  #letters(positions: readonly number[]): Iterable<number> {
    const letters = new Set<number>();
    let isOpen = false;
    for (const position of positions) {
      // Where the first pattern spells what comes, nothing else is of interest.
      if ((this.#owner[position] ?? 0) > 0 && !isOpen) return letters;
      const atom = this.#atoms[position] ?? Number.NaN;
      if (atom >= 0 || isVariable(atom)) letters.add(atom);
      else if (!Number.isNaN(atom)) isOpen = true;
    }
    if (!isOpen) return letters;
    // Where one wildcard stops at a colon (or at what no name holds) and another does not, that is a letter of its own.
    letters.add(OTHER).add(COLON);
    return this.#hasNames ? letters.add(SLASH) : letters;
  }

  #step(positions: readonly number[], letter: number): number[] {
    const next: number[] = [];
    for (const position of positions) {
      const atom = this.#atoms[position] ?? Number.NaN;
      if (atom === letter && letter !== OTHER) next.push(position + 1);
      else if (atom < 0 && !isVariable(atom) && takes(atom, letter))
        next.push(isRun(atom) ? position : position + 1);
    }
    return this.#closed(next);
  }

  #closed(from: readonly number[]): number[] {
    this.#round++;
    const set: number[] = [];
    for (let position of from) {
      while (this.#mark[position] !== this.#round) {
        this.#mark[position] = this.#round;
        set.push(position);
        if (!isRun(this.#atoms[position] ?? 0)) break;
        position++;
      }
    }
    return this.#withoutNeedless(set.sort((a, b) => a - b));
  }

  /** Within one pattern the last `ANY` reached accepts all that earlier positions do: they are dropped. */
  #withoutNeedless(set: readonly number[]): number[] {
    const kept: number[] = [];
    let blocked = -1;
    for (let k = set.length - 1; k >= 0; k--) {
      const position = set[k] ?? 0;
      if (this.#owner[position] === blocked) continue;
      kept.push(position);
      if (this.#atoms[position] === ANY) blocked = this.#owner[position] ?? -1;
    }
    return kept.reverse();
  }
}

/** A variable, as a letter, is in `*` alone: what it holds is not known. */
function takes(wildcard: number, letter: number): boolean {
  if (letter === OTHER) return true;
  return isVariable(letter) ? wildcard === ANY : takesCode(wildcard, letter);
}

/** Spells a word; a letter that stands for any other becomes a character none of the patterns spell; variables stay as text. */
export function spell(word: readonly number[], patterns: readonly (readonly number[])[]): string {
  const used = new Set<number>();
  for (const atoms of patterns) for (const atom of atoms) used.add(atom);
  let other = 0x78;
  for (let tries = 0; used.has(other) || !isNameCode(other); tries++) {
    if (tries > 0x7f) break;
    other = other === 0x7e ? 0x2b : other + 1;
  }
  while (used.has(other)) other++;
  return word
    .map((letter) => variableOf(letter)?.text ?? String.fromCharCode(letter === OTHER ? other : letter))
    .join('');
}
