import { mayHold, samples, type Claim } from './claim.ts';
import { compile, decide, type CompiledPolicies } from '../decide/evaluate.ts';
import { canHold, isRun, takesCode, variableOf, type Pattern } from '../pattern/pattern.ts';
import type { PolicyDocument } from '../policy/policy.ts';
import type { RequestClass } from './request-classes.ts';
import type { Refutation } from './refutation.ts';

/** A request: `context` holds the keys that matter, every other key absent. */
export interface RequestWitness {
  readonly action: string;
  readonly resource: string;
  readonly context?: ReadonlyMap<string, readonly string[]>;
}

type Values = ReadonlyMap<string, string>;

const MOST_TRIES = 200;
const MOST_SEARCHES = 60;
const MOST_STEPS = 20_000;

/** Looks for a request that one set of policies allows and another does not, by evaluating likely ones. */
export class WitnessSearch {
  readonly #outer: CompiledPolicies;
  readonly #inner: CompiledPolicies;
  #searches = 0;

  constructor(outer: readonly PolicyDocument[], inner: readonly PolicyDocument[]) {
    this.#outer = compile({ identity: outer });
    this.#inner = compile({ identity: inner });
  }

  /** A request of a class of actions and resources in which some claims hold and some patterns match. */
  find(
    action: string,
    { word, maybe }: RequestClass,
    { claims, matching }: Refutation,
  ): RequestWitness | undefined {
    if (++this.#searches > MOST_SEARCHES) return undefined;
    const resource = word();
    const ofVariables = captured(matching, resource);
    if (ofVariables === undefined) return undefined;
    const asked = [...matching, ...maybe].flatMap(({ atoms }) =>
      atoms.flatMap((atom) => variableOf(atom)?.key ?? []),
    );
    const keys = [...new Set([...claims.map(({ key }) => key), ...asked])];
    const choices = keys.map((key) => [key, choicesOf(key, claims, ofVariables.get(key))] as const);
    let tries = 0;
    for (const context of contextsOf(choices, new Map())) {
      if (++tries > MOST_TRIES) return undefined;
      const request = { action, resource, context, contextIsComplete: true };
      if (decide(this.#inner, request).decision !== 'allowed') continue;
      if (decide(this.#outer, request).decision === 'allowed') continue;
      return { action, resource, ...(context.size === 0 ? {} : { context }) };
    }
    return undefined;
  }
}

/** The values of a key worth trying, absent among them, by which all that is claimed of it may hold. */
function choicesOf(
  key: string,
  claims: readonly Claim[],
  value: string | undefined,
): readonly (readonly string[])[] {
  if (value !== undefined) return [[value]];
  const own = claims.filter((claim) => claim.key === key);
  const values = [...new Set([...own.flatMap(samples), 'x-value'])];
  const [first] = values;
  const pairs = first === undefined ? [] : values.slice(1).map((second) => [first, second]);
  return [[], ...values.map((one) => [one]), ...pairs]
    .filter((list) => own.every((claim) => mayHold(claim, list)))
    .slice(0, 6);
}

function* contextsOf(
  choices: readonly (readonly [string, readonly (readonly string[])[]])[],
  chosen: ReadonlyMap<string, readonly string[]>,
): Generator<ReadonlyMap<string, readonly string[]>> {
  const [first, ...rest] = choices;
  if (first === undefined) yield chosen;
  else
    for (const values of first[1])
      yield* contextsOf(rest, values.length === 0 ? chosen : new Map([...chosen, [first[0], values]]));
}

/** Values of the variables by which all patterns match a literal; undefined: none were found. */
function captured(patterns: readonly Pattern[], literal: string): Values | undefined {
  let steps = 0;
  const read = (which: number, atom: number, at: number, values: Values): Values | undefined => {
    if (++steps > MOST_STEPS) return undefined;
    const atoms = patterns[which]?.atoms;
    if (atoms === undefined) return values;
    const next = atoms[atom];
    if (next === undefined) return at === literal.length ? read(which + 1, 0, 0, values) : undefined;
    const variable = variableOf(next);
    if (variable === undefined) {
      const isTaken =
        at < literal.length &&
        (next >= 0 ? next === literal.charCodeAt(at) : takesCode(next, literal.charCodeAt(at)));
      if (!isRun(next)) return isTaken ? read(which, atom + 1, at + 1, values) : undefined;
      return read(which, atom + 1, at, values) ?? (isTaken ? read(which, atom, at + 1, values) : undefined);
    }
    const { key, fallback } = variable;
    const known = values.get(key);
    if (known !== undefined)
      return literal.startsWith(known, at) ? read(which, atom + 1, at + known.length, values) : undefined;
    for (let end = at; end <= literal.length; end++) {
      const value = literal.slice(at, end);
      if (!canHold(key, value)) continue;
      const found = read(which, atom + 1, end, new Map([...values, [key, value]]));
      if (found !== undefined) return found;
    }
    // Without a value of its own it takes its default.
    return fallback !== undefined && literal.startsWith(fallback, at)
      ? read(which, atom + 1, at + fallback.length, values)
      : undefined;
  };
  return read(0, 0, 0, new Map());
}
