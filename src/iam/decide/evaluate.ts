/** Room `decide`: whether policies allow one request: conditions, evaluation. */
import { StatementIndex, type CompiledStatement, type StatementRef } from './compiled.ts';
import {
  conditionHolds,
  every,
  isValued,
  resolvePattern,
  resourcesHold,
  type Context,
  type Truth,
} from './condition.ts';
import { Budget, outside, type Outside } from '../pattern/language.ts';
import { sortedUnique } from '../order.ts';
import { absorbs, isVariable, type Pattern } from '../pattern/pattern.ts';
import type { PolicyDocument } from '../policy/policy.ts';

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

function decideOne(policies: CompiledPolicies, action: string, context: Context, literal: string): Decision {
  const applies = (statement: CompiledStatement, unknown?: Set<string>): Truth => {
    if (statement.isUnconditional) return true;
    const inResources = resourcesHold(statement.resources, literal, context, unknown);
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
/** What is known of a statement and the resources a pattern names. */
interface Reach {
  readonly statement: CompiledStatement;
  /** Whether its conditions hold and what its resources hang on is known. */
  readonly isSure: boolean;
  /** What a resource must be in for it to apply; undefined: any is. */
  readonly only: readonly (readonly number[])[] | undefined;
  /** What it must not be in. */
  readonly except: readonly (readonly number[])[];
}

/**
 * Every resource a pattern names at once: some that a Deny surely applies to, else some that a layer does not allow, else
 * some that hangs on an unknown key.
 */
function decideAll(
  policies: CompiledPolicies,
  request: AccessRequest,
  context: Context,
  resource: Pattern,
): Decision {
  const budget = new Budget();
  const exact = resolvePattern(resource, context);
  const named = exact === undefined || exact === 'unknown' ? resource : exact;
  const isNamed = (reach: Reach): Outside =>
    reach.only === undefined && reach.except.length === 0
      ? { word: '', isComplete: true }
      : outside(named.atoms, reach.except, budget, reach.only && [reach.only]);
  const open: CompiledStatement[] = [];
  let isSpent = false;
  for (const { name, index } of policies.layers) {
    for (const statement of index.candidates(request.action).deny) {
      for (const reach of reachesOf(statement, named, context)) {
        const { word, isComplete } = isNamed(reach);
        if (word !== undefined && reach.isSure)
          return {
            decision: 'explicit-deny',
            statement: { ...statement.ref, layer: name },
            unknownKeys: NONE,
          };
        isSpent ||= !isComplete;
        if (word !== undefined) open.push(statement);
      }
    }
  }
  let granting: Decision['statement'];
  for (const { name, index } of policies.layers) {
    const reaches = index
      .candidates(request.action)
      .allow.flatMap((statement) => reachesOf(statement, named, context));
    const sure = reaches.filter(({ isSure }) => isSure);
    const beyondSure = beyond(named, sure, budget);
    if (name === 'identity' && sure[0]) granting = { ...sure[0].statement.ref, layer: name };
    isSpent ||= !beyondSure.isComplete;
    if (beyondSure.word === undefined) continue;
    const beyondAll = sure.length === reaches.length ? beyondSure : beyond(named, reaches, budget);
    if (beyondAll.word !== undefined) return { decision: 'implicit-deny', unknownKeys: NONE };
    isSpent ||= !beyondAll.isComplete;
    for (const { statement, isSure } of reaches) if (!isSure) open.push(statement);
  }
  if (open.length === 0 && !isSpent)
    return { decision: 'allowed', ...(granting ? { statement: granting } : {}), unknownKeys: NONE };
  const unknown = new Set<string>();
  for (const { conditions, resources } of open) {
    for (const condition of conditions) conditionHolds(condition, context, unknown);
    for (const pattern of resources.patterns) resolvePattern(pattern, context, unknown);
  }
  return { decision: 'undetermined', unknownKeys: sortedUnique(unknown) };
}

/** What is named beyond what some statements reach. */
function beyond(named: Pattern, reaches: readonly Reach[], budget: Budget): Outside {
  if (reaches.some(({ only, except }) => only === undefined && except.length === 0))
    return { word: undefined, isComplete: true };
  const unions = reaches.filter(({ only }) => only === undefined).map(({ except }) => except);
  return outside(
    named.atoms,
    reaches.flatMap(({ only }) => only ?? []),
    budget,
    unions,
  );
}

/** A statement's share of what a pattern names, what surely is and what may be apart; none where it does not apply. */
function reachesOf(statement: CompiledStatement, named: Pattern, context: Context): readonly Reach[] {
  const { resources, conditions } = statement;
  const holds = every(conditions, (condition) => conditionHolds(condition, context));
  if (holds === false) return [];
  const [sure, maybe]: [number[][], number[][]] = [[], []];
  let isAll = false;
  for (const pattern of resources.meeting(named)) {
    const exact = resolvePattern(pattern, context);
    if (exact === undefined) continue;
    const { atoms } = exact === 'unknown' ? pattern : exact;
    // A variable that is not known matches for sure only itself, where the request's pattern has it too.
    if (atoms.every((atom) => !isVariable(atom) || named.atoms.includes(atom))) {
      sure.push([...atoms]);
      isAll ||= absorbs(atoms, named.atoms);
    }
    if (exact === 'unknown') maybe.push([...pattern.loose]);
  }
  const reach = (isSure: boolean, only: Reach['only'], except: Reach['except'] = []): Reach => ({
    statement,
    isSure: isSure && holds === true,
    only,
    except,
  });
  if (resources.kind === 'only') {
    if (isAll) return [reach(true, undefined)];
    return [
      ...(sure.length > 0 ? [reach(true, sure)] : []),
      ...(maybe.length > 0 ? [reach(false, maybe)] : []),
    ];
  }
  const valued = isValued(resources, context);
  if (valued === false || isAll) return [];
  // What is in a pattern that is not known may be excepted.
  return [
    reach(valued === true, undefined, [...sure, ...maybe]),
    ...(maybe.length > 0 ? [reach(false, undefined, sure)] : []),
  ];
}
