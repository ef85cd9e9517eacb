import type { CallContext, Operation } from '../cloudtrail/call.ts';
import type { Principal } from '../cloudtrail/principal.ts';
import type { Batch, Covered, Interned, PendingFacets } from './batch.ts';

type Values<T> = Pick<Interned<T>, 'keys' | 'values'>;

/** The facts of a batch as they cross between threads: rows of numbers, and what the numbers stand for. */
export interface FoldedFacts {
  readonly principals: Values<Principal>;
  readonly operations: Values<Operation>;
  readonly contexts: Values<CallContext>;
  readonly targets: Values<string>;
  /** A row: principal, operation, context, target, period, days, calls, time of the sample. */
  readonly facts: Float64Array;
  /** Of each row of facts. */
  readonly names: readonly string[];
  readonly sampleEvents: readonly string[];
  readonly facets: readonly PendingFacets[];
  readonly coverage: readonly (Covered & { readonly month: number; readonly days: number })[];
}

/** Numbers in a row of facts. */
const factColumns = 8;

/** What a batch of calls of one object came to. */
export function folded(batch: Batch): FoldedFacts {
  const facts = new Float64Array(factColumns * batch.facts.size);
  const names: string[] = [];
  const sampleEvents: string[] = [];
  let i = 0;
  for (const fact of batch.facts.values()) {
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
  return {
    principals: plain(batch.principals),
    operations: plain(batch.operations),
    contexts: plain(batch.contexts),
    targets: plain(batch.targets),
    facts,
    names,
    sampleEvents,
    facets: [...batch.facets.values()],
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
    batch.addFact({
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
  for (const { principal, source: from, month, days } of sent.facets) {
    const known = batch.facetsOf(principals[principal] ?? 0, from, month);
    for (const [facet, bits] of days) batch.addFacet(known, facet, bits);
  }
  for (const { month, days, ...what } of sent.coverage) batch.cover(what, month, days);
}

const plain = <T>({ keys, values }: Interned<T>): Values<T> => ({ keys, values });

const numbersIn = <T>(interned: Interned<T>, { keys, values }: Values<T>): number[] =>
  values.map((value, n) => interned.id(keys[n] ?? '', () => value));
