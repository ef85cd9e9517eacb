import { samples, type Claim } from './claim.ts';
import { compile, decide, type CompiledPolicies } from '../decide/evaluate.ts';
import type { PolicyDocument } from '../policy/policy.ts';

/** A request: `context` holds the keys that matter, every other key absent. */
export interface RequestWitness {
  readonly action: string;
  readonly resource: string;
  readonly context?: ReadonlyMap<string, readonly string[]>;
}

const MOST_TRIES = 400;
const MOST_SEARCHES = 60;

/** Looks for a request that one set of policies allows and another does not, by evaluating likely ones. */
export class WitnessSearch {
  readonly #outer: CompiledPolicies;
  readonly #inner: CompiledPolicies;
  #searches = 0;

  constructor(outer: readonly PolicyDocument[], inner: readonly PolicyDocument[]) {
    this.#outer = compile({ identity: outer });
    this.#inner = compile({ identity: inner });
  }

  /** `claims`: the conditions of the statements involved; their keys and values are what is tried. */
  find(action: string, resource: string, claims: readonly (readonly Claim[])[]): RequestWitness | undefined {
    if (++this.#searches > MOST_SEARCHES) return undefined;
    const candidates = new Map<string, Set<string>>();
    for (const claim of claims.flat()) {
      const values = candidates.get(claim.key) ?? new Set();
      for (const value of samples(claim)) values.add(value);
      candidates.set(claim.key, values);
    }
    const variables = [...resource.matchAll(/\$\{([\w:./+=@-]+)(?:, '[^']*')?\}/g)];
    for (const [, key = ''] of variables) {
      const values = candidates.get(key.toLowerCase()) ?? new Set();
      candidates.set(key.toLowerCase(), values.add('x-value'));
    }
    let tries = 0;
    for (const context of contextsOf([...candidates].map(([key, values]) => [key, [...values]]))) {
      if (++tries > MOST_TRIES) return undefined;
      let literal = resource;
      for (const [text, key = ''] of variables)
        literal = literal.replace(text, () => context.get(key.toLowerCase())?.[0] ?? text);
      const request = { action, resource: literal, context, contextIsComplete: true };
      if (decide(this.#inner, request).decision !== 'allowed') continue;
      if (decide(this.#outer, request).decision === 'allowed') continue;
      return { action, resource: literal, ...(context.size === 0 ? {} : { context }) };
    }
    return undefined;
  }
}

/** Contexts from few keys to many: none, each value of each key, then all combinations. */
function* contextsOf(
  candidates: readonly (readonly [string, readonly string[]])[],
): Generator<ReadonlyMap<string, readonly string[]>> {
  yield new Map();
  for (const [key, values] of candidates) for (const value of values) yield new Map([[key, [value]]]);
  yield* combinations(candidates, new Map());
}

function* combinations(
  candidates: readonly (readonly [string, readonly string[]])[],
  chosen: ReadonlyMap<string, readonly string[]>,
): Generator<ReadonlyMap<string, readonly string[]>> {
  const [first, ...rest] = candidates;
  if (first === undefined) {
    if (chosen.size > 1) yield chosen;
    return;
  }
  const [key, values] = first;
  for (const value of values) yield* combinations(rest, new Map([...chosen, [key, [value]]]));
  yield* combinations(rest, chosen);
}
