import type { CompiledSet } from '../decide/compiled-set.ts';
import { includes, type Budget } from '../pattern/language.ts';
import { ANY, isVariable, resourcePattern, type Pattern } from '../pattern/pattern.ts';
import { PatternIndex } from '../pattern/pattern-index.ts';
import type { Claim } from '../decide/claim.ts';
import { implies } from './implication.ts';

/** What a statement, or a piece of one, applies to. Without `actions`: to actions that are known to be the same. */
export interface Extent {
  readonly actions?: CompiledSet;
  readonly resources: CompiledSet;
  readonly conditions: readonly Claim[];
}

/**
 * The one relation of containment: the inner resources that no outer extent applies to wherever the inner one does,
 * whatever the variables hold. None left: the inner extent is covered. Of a NotResource all is left or nothing.
 * @param budget of a search for resources that several patterns hold together; without it each must be in one pattern
 */
export function uncovered(outers: readonly Extent[], inner: Extent, budget?: Budget): readonly Pattern[] {
  const able = outers
    .filter(
      ({ actions, conditions }) =>
        (!actions || !inner.actions || isWithin(inner.actions, actions)) &&
        areImplied(conditions, inner.conditions),
    )
    .map(({ resources }) => resources);
  return able.length === 0 ? inner.resources.patterns : left(inner.resources, able, budget);
}

/** Whether one extent applies wherever another does. */
export const covers = (outer: Extent, inner: Extent): boolean => uncovered([outer], inner).length === 0;

/** The same of one set in another. */
export const isWithin = (inner: CompiledSet, outer: CompiledSet, budget?: Budget): boolean =>
  left(inner, [outer], budget).length === 0;

/** Whether conditions hold wherever all of some others do, each by one of them. */
export const areImplied = (claims: readonly Claim[], by: readonly Claim[]): boolean =>
  claims.every((claim) => by.some((own) => implies(own, claim)));

/** The same of sets alone. */
function left(inner: CompiledSet, outers: readonly CompiledSet[], budget?: Budget): readonly Pattern[] {
  if (inner.kind === 'except') return outers.some((outer) => hasAllBut(outer, inner)) ? [] : inner.patterns;
  return inner.patterns.filter((pattern) => {
    if (outers.some((outer) => hasAllOf(outer, pattern))) return false;
    if (budget === undefined || pattern.shape === 'literal') return true;
    const near = outers.flatMap((outer) => (outer.kind === 'only' ? outer.meeting(pattern) : []));
    return !includes(near, pattern, budget);
  });
}

/** The pattern that every resource is in. */
export const EVERYTHING = resourcePattern('*', false);
const isEverything = ({ atoms }: Pattern): boolean => atoms.length === 1 && atoms[0] === ANY;

/** Where a variable has no value a NotResource applies to nothing: then it holds nothing for sure. */
const hasAllOf = (outer: CompiledSet, pattern: Pattern): boolean =>
  outer.kind === 'only' ? outer.holds(pattern) : !outer.hasVariables && outer.meeting(pattern).length === 0;

function hasAllBut(outer: CompiledSet, inner: CompiledSet): boolean {
  if (outer.kind === 'only') return outer.patterns.some(isEverything);
  const given = new Set(inner.patterns.flatMap(({ atoms }) => atoms));
  return outer.patterns.every(
    (pattern) => pattern.atoms.every((atom) => !isVariable(atom) || given.has(atom)) && inner.holds(pattern),
  );
}

/** Extents, each found by the resources of what it may cover. */
export class ExtentIndex<E extends Extent> {
  readonly #order = new Map<E, number>();
  readonly #except: E[] = [];
  readonly #index = new PatternIndex<E>();

  constructor(extents: readonly E[]) {
    for (const extent of extents) {
      this.#order.set(extent, this.#order.size);
      if (extent.resources.kind === 'except') this.#except.push(extent);
      else for (const pattern of extent.resources.patterns) this.#index.add({ pattern, value: extent });
    }
  }

  /** Those that cover one, in the order given. */
  covering(inner: Extent): readonly E[] {
    return this.#holding(inner).filter((outer) => covers(outer, inner));
  }

  /** What of one's resources none of them applies to: see `uncovered`. */
  left(inner: Extent, budget: Budget): readonly Pattern[] {
    const near = inner.resources.kind === 'only' ? this.meeting(inner) : this.#holding(inner);
    return uncovered(near, inner, budget);
  }

  /** Those that may apply to something that one applies to. */
  meeting({ actions, resources }: Extent): readonly E[] {
    if (resources.kind === 'except')
      return [...this.#order.keys()].filter((e) => doActionsMeet(e.actions, actions));
    const found = new Set(this.#except);
    for (const pattern of resources.patterns)
      for (const { value } of this.#index.meeting(pattern)) found.add(value);
    return this.#sorted(found).filter((e) => doActionsMeet(e.actions, actions));
  }

  #holding({ resources: { kind, patterns } }: Extent): readonly E[] {
    const found = new Set(this.#except);
    // What holds all of it holds its first pattern too; of a NotResource everything.
    const [first] = kind === 'only' ? patterns : [EVERYTHING];
    if (first) for (const { value } of this.#index.holding(first)) found.add(value);
    return this.#sorted(found);
  }

  #sorted = (found: Iterable<E>): E[] =>
    [...found].sort((a, b) => (this.#order.get(a) ?? 0) - (this.#order.get(b) ?? 0));
}

/** Whether something may be in both sets. */
function doActionsMeet(a: CompiledSet | undefined, b: CompiledSet | undefined): boolean {
  if (!a || !b || a.kind === 'except' || b.kind === 'except') return true;
  const [few, many] = a.patterns.length < b.patterns.length ? [a, b] : [b, a];
  return few.patterns.some((pattern) => many.meeting(pattern).length > 0);
}
