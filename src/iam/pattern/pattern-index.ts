import { includesTogether, overlaps } from './language.ts';
import { byCodeUnit, groupBy } from '../order.ts';
import { absorbs, matches, type Pattern } from './pattern.ts';

/** One pattern of an index, with what it was added for. */
export interface Entry<T> {
  readonly pattern: Pattern;
  readonly value: T;
}

/** Patterns looked up instead of searched: literals by hash, the others by the text before their first wildcard. */
export class PatternIndex<T> {
  readonly #literals = new Map<string, Entry<T>[]>();
  readonly #wild = new Map<string, Entry<T>[]>();
  /** The lengths of the prefixes, ascending, by how they begin. */
  #lengths: ReadonlyMap<string, readonly number[]> | undefined;
  #sorted: { readonly literals: readonly string[]; readonly prefixes: readonly string[] } | undefined;

  constructor(entries: Iterable<Entry<T>> = []) {
    for (const entry of entries) this.add(entry);
  }

  add(entry: Entry<T>): void {
    const map = entry.pattern.shape === 'literal' ? this.#literals : this.#wild;
    const known = map.get(entry.pattern.prefix);
    if (known) known.push(entry);
    else map.set(entry.pattern.prefix, [entry]);
    this.#lengths = this.#sorted = undefined;
  }

  /** What a literal may be in (surely, without variables). */
  *matching(literal: string): Generator<Entry<T>> {
    yield* this.#literals.get(literal) ?? [];
    for (const length of this.#prefixLengths(literal)) {
      if (length > literal.length) return;
      for (const entry of this.#wild.get(literal.slice(0, length)) ?? [])
        if (matches(entry.pattern, literal)) yield entry;
    }
  }

  /** What may share a string with a pattern. */
  *meeting(pattern: Pattern): Generator<Entry<T>> {
    const { prefix } = pattern;
    if (pattern.shape === 'literal') {
      yield* this.matching(prefix);
      return;
    }
    for (const length of this.#prefixLengths(prefix)) {
      if (length >= prefix.length) break;
      for (const entry of this.#wild.get(prefix.slice(0, length)) ?? [])
        if (overlaps(entry.pattern, pattern)) yield entry;
    }
    this.#sorted ??= {
      literals: [...this.#literals.keys()].sort(byCodeUnit),
      prefixes: [...this.#wild.keys()].sort(byCodeUnit),
    };
    for (const [texts, map] of [
      [this.#sorted.literals, this.#literals],
      [this.#sorted.prefixes, this.#wild],
    ] as const) {
      for (const text of startingWith(texts, prefix))
        for (const entry of map.get(text) ?? []) if (overlaps(entry.pattern, pattern)) yield entry;
    }
  }

  /** What surely holds all of a pattern, whatever its variables hold. */
  *holding(pattern: Pattern): Generator<Entry<T>> {
    if (pattern.shape === 'literal') yield* this.#literals.get(pattern.prefix) ?? [];
    for (const length of this.#prefixLengths(pattern.prefix)) {
      if (length > pattern.prefix.length) return;
      for (const entry of this.#wild.get(pattern.prefix.slice(0, length)) ?? [])
        if (pattern.suffix.endsWith(entry.pattern.suffix) && absorbs(entry.pattern.atoms, pattern.atoms))
          yield entry;
    }
  }

  /** Of the prefixes that a text may begin with. */
  #prefixLengths(text: string): readonly number[] {
    this.#lengths ??= lengthsOf([...this.#wild.keys()]);
    return this.#lengths.get(beginning(text)) ?? this.#lengths.get('') ?? [];
  }
}

/** `s3:` of an action; the most of patterns that begin otherwise need not be looked for. */
const beginning = (text: string): string => text.slice(0, text.indexOf(':') + 1);

function lengthsOf(prefixes: readonly string[]): ReadonlyMap<string, readonly number[]> {
  const groups = groupBy(prefixes, beginning);
  const anywhere = groups.get('') ?? [];
  return new Map(
    [...groups, ['', anywhere] as const].map(([start, own]) => [
      start,
      [...new Set([...anywhere, ...own].map(({ length }) => length))].sort((a, b) => a - b),
    ]),
  );
}

/** Of a list sorted by code unit, the texts that begin so. */
export function startingWith(sorted: readonly string[], start: string): readonly string[] {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sorted[middle] ?? '') < start) low = middle + 1;
    else high = middle;
  }
  while (sorted[high]?.startsWith(start) === true) high++;
  return sorted.slice(low, high);
}

/** The given patterns without those that the others include, in their order; of equal ones the first stays. */
export function withoutIncluded(patterns: readonly Pattern[]): readonly Pattern[] {
  if (patterns.length < 2) return patterns;
  const index = new PatternIndex(patterns.map((pattern, at) => ({ pattern, value: at })));
  const left = new Set(patterns.keys());
  const isIncluded = (pattern: Pattern, at: number): boolean => {
    const isOther = ({ value }: Entry<number>): boolean => value !== at && left.has(value);
    for (const entry of index.holding(pattern)) if (isOther(entry)) return true;
    if (pattern.shape === 'literal') return false;
    const near = [...index.meeting(pattern)].filter(isOther).sort((a, b) => a.value - b.value);
    return includesTogether(
      near.map((entry) => entry.pattern),
      pattern,
    );
  };
  for (const [at, pattern] of [...patterns.entries()].reverse()) if (isIncluded(pattern, at)) left.delete(at);
  return patterns.filter((_, at) => left.has(at));
}
