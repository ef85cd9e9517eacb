import type { Claim } from '../decide/claim.ts';
import { conditionHolds } from '../decide/condition.ts';
import { compile, decide, type CompiledPolicies } from '../decide/evaluate.ts';
import { samples } from './implication.ts';
import { canHold, isRun, resolved, takesCode, variableOf, type Pattern } from '../pattern/pattern.ts';
import { witness } from '../pattern/language.ts';
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
type Context = ReadonlyMap<string, readonly string[]>;

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
    const asked = keysIn([...matching, ...maybe]);
    const keys = [...new Set([...asked, ...claims.flatMap(variablesOf), ...claims.map(({ key }) => key)])];
    const [driver] = matching;
    // The values that make the resource what it is; else the values that the claims ask for, and the resource they make.
    const found = captured(matching, resource);
    for (const values of found?.size === 0 ? [found] : [found, new Map<string, string>()]) {
      let tries = 0;
      if (values === undefined) continue;
      for (const context of contextsOf(keys, claims, values, new Map())) {
        if (++tries > MOST_TRIES) break;
        const made = values.size > 0 || driver?.hasVariables !== true ? resource : memberOf(driver, context);
        if (made === undefined) continue;
        const request = { action, resource: made, context, contextIsComplete: true };
        if (decide(this.#inner, request).decision !== 'allowed') continue;
        if (decide(this.#outer, request).decision === 'allowed') continue;
        return { action, resource: made, ...(context.size === 0 ? {} : { context }) };
      }
    }
    return undefined;
  }
}

const keysIn = (patterns: readonly Pattern[]): readonly string[] =>
  patterns.flatMap(({ atoms }) => atoms.flatMap((atom) => variableOf(atom)?.key ?? []));

const variablesOf = ({ set }: Claim): readonly string[] =>
  set.kind === 'patterns' ? keysIn(set.patterns) : [];

/** A member of a pattern with these values of its variables. */
function memberOf(pattern: Pattern, context: Context): string | undefined {
  const exact = resolved(pattern, ({ key, fallback }) => context.get(key)?.[0] ?? fallback);
  return exact && witness(exact, []);
}

/** The values of a key worth trying, absent among them, by which all that is claimed of it may hold. */
function choicesOf(key: string, claims: readonly Claim[], chosen: Context): readonly (readonly string[])[] {
  const own = claims.filter((claim) => claim.key === key);
  const texts = own
    .flatMap(samples)
    .map((text) =>
      text.replace(VARIABLE, (whole, name: string) => chosen.get(name.toLowerCase())?.[0] ?? whole),
    );
  const values = [...new Set([...texts, 'x-value'])];
  const [first] = values;
  const pairs = first === undefined ? [] : values.slice(1).map((second) => [first, second]);
  return [[], ...values.map((one) => [one]), ...pairs]
    .filter((list) => own.every((claim) => mayHold(claim, list)))
    .slice(0, 6);
}

/** Whether a claim may hold of the values of its key; none: the key is absent. */
const mayHold = (claim: Claim, values: readonly string[]): boolean =>
  conditionHolds(claim, { values: new Map([[claim.key, values]]), isComplete: false }) !== false;

const VARIABLE = /\$\{([\w:./+=@-]+)(?:, '[^']*')?\}/g;

function* contextsOf(
  [key, ...rest]: readonly string[],
  claims: readonly Claim[],
  fixed: Values,
  chosen: Context,
): Generator<Context> {
  if (key === undefined) {
    yield chosen;
    return;
  }
  const value = fixed.get(key);
  for (const values of value === undefined ? choicesOf(key, claims, chosen) : [[value]])
    yield* contextsOf(
      rest,
      claims,
      fixed,
      values.length === 0 ? chosen : new Map([...chosen, [key, values]]),
    );
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
