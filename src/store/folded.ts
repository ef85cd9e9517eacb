import { foldFacts, Interned, type Batch, type Covered, type PendingFacets } from './batch.ts';

/** The facts of a batch as they cross between threads: rows of numbers, and what the numbers stand for. */
export interface FoldedFacts {
  readonly principals: readonly string[];
  readonly operations: readonly string[];
  readonly contexts: readonly string[];
  readonly targets: readonly string[];
  /** A row: principal, operation, context, target, period, days, calls, time of the sample. */
  readonly facts: Float64Array;
  /** Of each row of facts. */
  readonly names: readonly string[];
  readonly sampleEvents: readonly string[];
  /** A row: principal, event source, month, facet, days; texts by their numbers in `texts`. */
  readonly facets: Float64Array;
  readonly texts: readonly string[];
  readonly coverage: readonly (Covered & { readonly month: number; readonly days: number })[];
}

/** Numbers in a row of facts. */
const factColumns = 8;

/** What a batch of calls of one object came to. */
export function folded(batch: Batch): FoldedFacts {
  const rows = foldFacts(batch.facts);
  const facts = new Float64Array(factColumns * rows.length);
  const names: string[] = [];
  const sampleEvents: string[] = [];
  let i = 0;
  for (const fact of rows) {
    facts[i++] = fact.principal;
    facts[i++] = fact.operation;
    facts[i++] = fact.context;
    facts[i++] = fact.target;
    facts[i++] = fact.period;
    facts[i++] = fact.days;
    facts[i++] = fact.calls;
    facts[i++] = fact.sampleTime;
    names.push(fact.names);
    sampleEvents.push(fact.sampleEvent);
  }
  const texts = new Interned();
  const facets: number[] = [];
  for (const { principal, source, month, days } of batch.facets.values())
    for (const [facet, bits] of days) facets.push(principal, texts.id(source), month, texts.id(facet), bits);
  return {
    principals: batch.principals.texts,
    operations: batch.operations.texts,
    contexts: batch.contexts.texts,
    targets: batch.targets.texts,
    facts,
    names,
    sampleEvents,
    facets: Float64Array.from(facets),
    texts: texts.texts,
    coverage: [...batch.coverage.values()],
  };
}

/** Adds to a batch what calls of the object came to that is its `source`. */
export function merge(batch: Batch, sent: FoldedFacts, source: number): void {
  const principals = numbersIn(batch.principals, sent.principals);
  const operations = numbersIn(batch.operations, sent.operations);
  const contexts = numbersIn(batch.contexts, sent.contexts);
  const targets = numbersIn(batch.targets, sent.targets);
  const { facts } = sent;
  const at = (column: number): number => facts[column] ?? 0;
  for (let n = 0, i = 0; i < facts.length; n++, i += factColumns)
    batch.facts.push({
      principal: principals[at(i)] ?? 0,
      operation: operations[at(i + 1)] ?? 0,
      context: contexts[at(i + 2)] ?? 0,
      target: targets[at(i + 3)] ?? 0,
      period: at(i + 4),
      days: at(i + 5),
      names: sent.names[n] ?? '',
      calls: at(i + 6),
      sampleTime: at(i + 7),
      sampleEvent: sent.sampleEvents[n] ?? '',
      sampleObject: source,
    });
  const { facets, texts } = sent;
  const of = (i: number): number => facets[i] ?? 0;
  let known: PendingFacets | undefined;
  for (let i = 0; i < facets.length; i += 5) {
    // Those of one principal, source and month stand together.
    if (!known || [0, 1, 2].some((column) => facets[i + column] !== facets[i - 5 + column]))
      known = batch.facetsOf(principals[of(i)] ?? 0, texts[of(i + 1)] ?? '', of(i + 2));
    batch.addFacet(known, texts[of(i + 3)] ?? '', of(i + 4));
  }
  for (const { month, days, ...what } of sent.coverage) batch.cover(what, month, days);
}

const numbersIn = (interned: Interned, texts: readonly string[]): number[] =>
  texts.map((text) => interned.id(text));
