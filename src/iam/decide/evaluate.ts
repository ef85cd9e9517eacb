/** Room `decide`: whether policies allow one request: conditions, evaluation. */
import { StatementIndex, type CompiledStatement, type StatementRef } from './compiled.ts';
import {
  conditionHolds,
  every,
  resolvePattern,
  resourcesHold,
  type Context,
  type Truth,
} from './condition.ts';
import { Budget, visitClasses } from '../pattern/language.ts';
import { spell } from '../pattern/machine.ts';
import { sortedUnique } from '../order.ts';
import { absorbs, resolved, type Pattern, type Variable } from '../pattern/pattern.ts';
import { isDeny, type PolicyDocument } from '../policy/policy.ts';

/** The policies of one principal. Without a boundary or service control policies these do not limit it. */
export interface PolicyLayers {
  readonly identity: readonly PolicyDocument[];
  readonly boundary?: readonly PolicyDocument[];
  /** One level of the organisation: what any of them allows. */
  readonly scps?: readonly PolicyDocument[];
}

export interface AccessRequest {
  /** `s3:GetObject`, any case. */
  readonly action: string;
  /** A literal ARN (or `*`, for actions without resources), or a pattern: every resource it names. */
  readonly resource: string | Pattern;
  /** Context keys, lower-cased. */
  readonly context: Context['values'];
  /** Whether a key not in `context` is absent from the request; otherwise it is unknown. */
  readonly contextIsComplete: boolean;
}

export interface Decision {
  readonly decision: 'allowed' | 'explicit-deny' | 'implicit-deny' | 'undetermined';
  /** Of the identity policies: what allowed it. Of the layer that denied: what denied it. */
  readonly statement?: StatementRef & { readonly layer: keyof PolicyLayers };
  /** Sorted: what would have to be known, when undetermined. */
  readonly unknownKeys: readonly string[];
}

/** Policies made ready for many decisions. */
export interface CompiledPolicies {
  readonly layers: readonly { readonly name: keyof PolicyLayers; readonly index: StatementIndex }[];
}

export function compile(policies: PolicyLayers): CompiledPolicies {
  const names = ['scps', 'identity', 'boundary'] as const;
  const layers = names.flatMap((name) => {
    const documents = policies[name];
    return documents === undefined ? [] : [{ name, index: new StatementIndex(documents) }];
  });
  return { layers };
}

/** Decides one request; for many, `compile` once and `decide` each. */
export const evaluate = (request: AccessRequest, policies: PolicyLayers): Decision =>
  decide(compile(policies), request);

/**
 * Explicit deny, then service control policies, identity policies and boundary, each of which must allow
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html). Resource and session
 * policies are not looked at.
 *
 * `undetermined`: whether a statement applies depends on an unknown key, and the outcome with it. A request that no
 * value of the unknown keys would allow is denied.
 *
 * For a pattern the answer is about every resource it names: `explicit-deny` if any of them is denied so, else
 * `implicit-deny` if any is not allowed, else `undetermined` if any is, else `allowed`.
 */
export function decide(policies: CompiledPolicies, request: AccessRequest): Decision {
  const context: Context = { values: request.context, isComplete: request.contextIsComplete };
  const { resource } = request;
  if (typeof resource !== 'string' && resource.shape !== 'literal')
    return decideAll(policies, request, context, resource);
  const literal = typeof resource === 'string' ? resource : resource.prefix;
  return decideOne(policies, request.action, context, literal);
}

/** @param onResources what is known of the variables of resources */
function decideOne(
  policies: CompiledPolicies,
  action: string,
  context: Context,
  literal: string,
  onResources = context,
): Decision {
  const applies = (statement: CompiledStatement, unknown?: Set<string>): Truth => {
    if (statement.isUnconditional) return true;
    const inResources = resourcesHold(statement.resources, literal, onResources, unknown);
    if (inResources === false || statement.conditions.length === 0) return inResources;
    const conditions = every(statement.conditions, (condition) =>
      conditionHolds(condition, context, unknown),
    );
    return conditions === true ? inResources : conditions;
  };
  const open: CompiledStatement[] = [];
  let isDenied = false;
  let granting: Decision['statement'];
  for (const { name, index } of policies.layers) {
    for (const statement of index.near(action, literal).deny) {
      const truth = applies(statement);
      if (truth === true) {
        return { decision: 'explicit-deny', statement: { ...statement.ref, layer: name }, unknownKeys: NONE };
      }
      if (truth === 'unknown') open.push(statement);
    }
  }
  for (const { name, index } of policies.layers) {
    const maybe: CompiledStatement[] = [];
    let allowing: CompiledStatement | undefined;
    for (const statement of index.near(action, literal).allow) {
      const truth = applies(statement);
      if (truth === true) {
        allowing = statement;
        break;
      }
      if (truth === 'unknown') maybe.push(statement);
    }
    if (allowing === undefined) {
      if (maybe.length === 0) isDenied = true;
      open.push(...maybe);
    } else if (name === 'identity') granting = { ...allowing.ref, layer: name };
  }
  if (isDenied) return { decision: 'implicit-deny', unknownKeys: NONE };
  if (open.length === 0) {
    return {
      decision: 'allowed',
      ...(granting === undefined ? {} : { statement: granting }),
      unknownKeys: NONE,
    };
  }
  const unknown = new Set<string>();
  for (const statement of open) applies(statement, unknown);
  return { decision: 'undetermined', unknownKeys: sortedUnique(unknown) };
}

const NONE: readonly string[] = [];

const RANK = ['allowed', 'undetermined', 'implicit-deny', 'explicit-deny'] as const;

/** The worst decision on what a pattern names: one for each class of resources that no statement at hand tells apart. */
function decideAll(
  policies: CompiledPolicies,
  request: AccessRequest,
  context: Context,
  resource: Pattern,
): Decision {
  const exact = resolvePattern(resource, context);
  const written = exact === undefined || exact === 'unknown' ? resource : exact;
  // A variable whose value is not known has the same one wherever it stands: its text stands for it.
  const values = new Map(context.values);
  const valueOf = ({ key, fallback, text }: Variable): string => {
    if (fallback === undefined) values.set(key, [text]);
    return text;
  };
  const named = resolved(written, valueOf) ?? written;
  const onResources = { ...context, values };
  const dividing = new Map<string, readonly number[]>();
  let hasDeny = false;
  for (const { index } of policies.layers) {
    const { allow, deny } = index.candidates(request.action);
    const isWhole = allow.some((each) => isAllOf(each, named, context, onResources));
    for (const statement of isWhole ? deny : [...deny, ...allow]) {
      if (every(statement.conditions, (claim) => conditionHolds(claim, context)) === false) continue;
      for (const pattern of statement.resources.meeting(named)) {
        const atoms = atomsUnder(pattern, onResources);
        if (atoms === undefined || absorbs(atoms, named.atoms)) continue;
        hasDeny ||= isDeny(statement);
        dividing.set(atoms.join(), atoms);
      }
    }
  }
  const patterns = [named.atoms, ...dividing.values()];
  let worst: Decision | undefined;
  const unknown = new Set<string>();
  const isComplete = visitClasses(patterns, new Budget(), (_, word) => {
    const found = decideOne(policies, request.action, context, spell(word(), patterns), onResources);
    for (const key of found.unknownKeys) unknown.add(key);
    if (!worst || RANK.indexOf(found.decision) > RANK.indexOf(worst.decision)) worst = found;
    return RANK.indexOf(found.decision) >= (hasDeny ? 3 : 2);
  });
  if (!worst || (!isComplete && worst.decision === 'allowed'))
    return { decision: 'undetermined', unknownKeys: NONE };
  return worst.decision === 'undetermined' ? { ...worst, unknownKeys: sortedUnique(unknown) } : worst;
}

/** What a pattern may match; undefined: nothing, for a variable of it has no value. */
function atomsUnder(pattern: Pattern, context: Context): readonly number[] | undefined {
  const exact = resolvePattern(pattern, context);
  return exact === 'unknown' ? pattern.loose : exact?.atoms;
}

/** Whether a statement surely applies to all that a pattern names. */
const isAllOf = (
  { resources, conditions }: CompiledStatement,
  named: Pattern,
  context: Context,
  onResources: Context,
): boolean =>
  resources.kind === 'only' &&
  every(conditions, (claim) => conditionHolds(claim, context)) === true &&
  resources.meeting(named).some((pattern) => {
    const exact = resolvePattern(pattern, onResources);
    return exact !== undefined && exact !== 'unknown' && absorbs(exact.atoms, named.atoms);
  });
