/** Room `decide`: whether policies allow one request: conditions, evaluation. */
import { StatementIndex, type CompiledSet, type CompiledStatement, type StatementRef } from './compiled.ts';
import {
  conditionHolds,
  every,
  patternHolds,
  resolvePattern,
  resourcesHold,
  type Context,
  type Truth,
} from './condition.ts';
import { POSITION_LIMIT, visitClasses } from '../pattern/language.ts';
import { sortedUnique } from '../order.ts';
import { isVariable, type Pattern } from '../pattern/pattern.ts';
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
  return decideOne(policies, request.action, context, (set, unknown) => {
    const matched = (pattern: Pattern): Truth => patternHolds(pattern, literal, context, unknown);
    return resourcesHold(set, context, matched, unknown);
  });
}

/** Whether a statement's resources contain the one in question. */
type ResourceTest = (set: CompiledSet, unknown?: Set<string>) => Truth;

function decideOne(
  policies: CompiledPolicies,
  action: string,
  context: Context,
  holds: ResourceTest,
): Decision {
  const applies = (statement: CompiledStatement, unknown?: Set<string>): Truth => {
    if (statement.isUnconditional) return true;
    const inResources = holds(statement.resources, unknown);
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
    for (const statement of index.candidates(action).deny) {
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
    for (const statement of index.candidates(action).allow) {
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
const SEVERITY = ['allowed', 'undetermined', 'implicit-deny', 'explicit-deny'] as const;

/** Splits the resources of a pattern into classes no statement tells apart, and decides each. */
function decideAll(
  policies: CompiledPolicies,
  request: AccessRequest,
  context: Context,
  resource: Pattern,
): Decision {
  const exactResource = resolvePattern(resource, context);
  const named =
    exactResource === undefined || exactResource === 'unknown' ? resource.atoms : exactResource.atoms;
  const lists: (readonly number[])[] = [named];
  const places = new Map<Pattern, { sure: number | undefined; maybe: number | undefined }>();
  const unknown = new Set<string>();
  for (const { index } of policies.layers) {
    const { allow, deny } = index.candidates(request.action);
    for (const pattern of [...allow, ...deny].flatMap((statement) => statement.resources.patterns)) {
      const exact = resolvePattern(pattern, context, unknown);
      if (exact === undefined) continue;
      const atoms = exact === 'unknown' ? pattern.atoms : exact.atoms;
      // A variable that is not known matches for sure only itself, where the request's pattern has it too.
      const isSure = atoms.every((atom) => !isVariable(atom) || named.includes(atom));
      places.set(pattern, {
        sure: isSure ? lists.push(atoms) - 1 : undefined,
        maybe: exact === 'unknown' ? lists.push(pattern.loose) - 1 : undefined,
      });
    }
  }
  let worst: Decision | undefined;
  const complete = visitClasses(lists, 1, POSITION_LIMIT, (matched) => {
    const decision = decideOne(policies, request.action, context, (set, keys) => {
      const isMatched = (pattern: Pattern): Truth => {
        const place = places.get(pattern);
        if (place === undefined) return false;
        if (place.sure !== undefined && matched.includes(place.sure)) return true;
        if (place.maybe === undefined || !matched.includes(place.maybe)) return false;
        for (const key of unknown) keys?.add(key);
        return 'unknown';
      };
      return resourcesHold(set, context, isMatched, keys);
    });
    const isWorse =
      worst === undefined || SEVERITY.indexOf(decision.decision) > SEVERITY.indexOf(worst.decision);
    if (isWorse) worst = decision;
    return decision.decision === 'explicit-deny';
  });
  return complete && worst !== undefined
    ? worst
    : { decision: 'undetermined', unknownKeys: sortedUnique(unknown) };
}
