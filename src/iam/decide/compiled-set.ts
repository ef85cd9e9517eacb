import { overlaps } from '../pattern/language.ts';
import { absorbs, matches, type Pattern } from '../pattern/pattern.ts';
import { PatternIndex } from '../pattern/pattern-index.ts';
import type { PatternSet } from '../policy/policy.ts';

/** Fewer patterns than this are searched as fast as they are looked up. */
const FEW = 12;

/** An `Action`, `NotAction`, `Resource` or `NotResource` element with its patterns parsed. */
export class CompiledSet {
  readonly kind: PatternSet['kind'];
  readonly patterns: readonly Pattern[];
  readonly hasVariables: boolean;
  #index: PatternIndex<undefined> | undefined;

  constructor(kind: PatternSet['kind'], patterns: readonly Pattern[]) {
    this.kind = kind;
    this.patterns = patterns;
    this.hasVariables = patterns.some((pattern) => pattern.hasVariables);
  }

  /** The patterns that a literal may be in, and maybe others. */
  near(literal: string): readonly Pattern[] {
    if (this.patterns.length < FEW) return this.patterns;
    return Array.from(this.#indexed().matching(literal), ({ pattern }) => pattern);
  }

  /** The patterns that may share a string with one. */
  meeting(pattern: Pattern): readonly Pattern[] {
    if (this.patterns.length < FEW) return this.patterns.filter((own) => overlaps(own, pattern));
    return Array.from(this.#indexed().meeting(pattern), (entry) => entry.pattern);
  }

  /** Whether one of the patterns holds all of one, whatever the variables hold. */
  holds(pattern: Pattern): boolean {
    if (this.patterns.length < FEW)
      return this.patterns.some(
        (own) =>
          (own.shape !== 'literal' || pattern.shape === 'literal') && absorbs(own.atoms, pattern.atoms),
      );
    return this.#indexed().holding(pattern).next().done !== true;
  }

  #indexed(): PatternIndex<undefined> {
    this.#index ??= new PatternIndex(this.patterns.map((pattern) => ({ pattern, value: undefined })));
    return this.#index;
  }

  /** Whether a literal is in the set; of patterns without variables. */
  has(literal: string): boolean {
    return this.near(literal).some((pattern) => matches(pattern, literal)) === (this.kind === 'only');
  }
}
