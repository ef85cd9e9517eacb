/**
 * Why a resource was widened. Each rule is a closure: more evidence never reaches less.
 * - `transient`: a type whose things come and go under ids AWS makes (instances, tasks, executions, streams, stacks)
 * - `machine-made`: an object key, stream or parameter with a date, UUID or hash in its path, or names that differ in counters
 * - `many-ids`: at least three ids of one shape and type were used
 * - `created`: the principal makes things of this type or of such names itself
 * - `siblings`: more than five names in one folder
 * - `prefix`: more than five names that begin with the same words
 * - `regions`: the same thing in more than three Regions or accounts
 * - `type`: all of a type in its account and Region, because nothing else fits
 */
export type Rule =
  'transient' | 'machine-made' | 'many-ids' | 'created' | 'siblings' | 'prefix' | 'regions' | 'type';

/** A widening, with what it stands for. */
export interface Fold {
  readonly rule: Rule;
  readonly action: string;
  readonly resource: string;
  /** Distinct resources seen that it replaces. */
  readonly seen: number;
}

/** How much evidence a rule needs. */
export interface Widening {
  /** Ids of one shape from which on they are a kind. */
  readonly manyIds: number;
  /** Names in one folder, or with the same first words, above which they are the folder or what begins so. */
  readonly siblings: number;
  /** Regions or accounts above which they are any. */
  readonly regions: number;
  /** Types of which all is meant: the last resort. */
  readonly types?: ReadonlySet<string>;
}

/** The usual evidence; then, only where a policy does not fit, less and less, cheapest reach first. */
export const widening: readonly Widening[] = [
  { manyIds: 3, siblings: 5, regions: 3 },
  { manyIds: 2, siblings: 2, regions: 3 },
  { manyIds: 2, siblings: 1, regions: 2 },
];
