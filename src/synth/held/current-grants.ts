/** Room `held`: what a principal holds today, and which of it grants a use. */
import { includes, overlaps } from '../../iam/pattern/language.ts';
import { withoutIncluded } from '../../iam/pattern/pattern-index.ts';
import { intersect } from '../../iam/pattern/intersection.ts';
import { type Pattern, isPlain, matches, resourcePattern } from '../../iam/pattern/pattern.ts';
import { type AccessRequest, type CompiledPolicies, compile, decide } from '../../iam/decide/evaluate.ts';
import { canBeOn } from '../../iam/catalogue.ts';
import { type CompiledStatement, appliesTo, compileStatement } from '../../iam/decide/compiled.ts';
import { conditionHolds } from '../../iam/decide/condition.ts';
import { byCodeUnit, groupBy, sortedUnique } from '../../iam/order.ts';
import {
  latest,
  type Condition,
  type PatternSet,
  type PolicyDocument,
  type Statement,
  byOperatorAndKey,
  isAllow,
  isDeny,
} from '../../iam/policy/policy.ts';
import type { Use } from '../usage/use.ts';
import type { Grant } from './grant.ts';

/** What of a use decides whether it is granted. */
export type Wanted = Pick<Use, 'action' | 'resource' | 'condition' | 'context' | 'star'>;

/** Everything a principal holds today, ready for questions. */
export interface Held {
  readonly documents: readonly PolicyDocument[];
  readonly allows: readonly CompiledStatement[];
  readonly denies: readonly Statement[];
  readonly boundary: PolicyDocument | undefined;
  /** Denies of policies and boundary. */
  readonly refusals: readonly CompiledStatement[];
  /** What the boundary allows; undefined without a boundary. */
  readonly limits: readonly CompiledStatement[] | undefined;
  readonly compiled: CompiledPolicies;
  /** The last day, since 1970, on which any of this is known to have changed. */
  readonly changed: number;
  /** What `grantedBy` has found: each use is asked about several times. */
  readonly granted: WeakMap<Wanted, readonly Grant[]>;
}

/** A statement of version 2012-10-17 with its patterns parsed. */
export const ready = (statement: Statement): CompiledStatement =>
  compileStatement(statement, true, { policy: 0, statement: 0, sid: statement.sid });

/** What the identity policies and the boundary of a principal say. @param changed the last day on which any is known to have changed */
export function held(
  identity: readonly PolicyDocument[],
  boundary: PolicyDocument | undefined,
  changed = -Infinity,
): Held {
  const documents = identity.map(latest);
  const outer = boundary && latest(boundary);
  const statements = documents.flatMap((d) => d.statements);
  const denies = statements.filter(isDeny);
  return {
    documents,
    allows: statements.filter(isAllow).map(ready),
    denies,
    boundary: outer,
    refusals: [...denies, ...(outer?.statements.filter(isDeny) ?? [])].map(ready),
    limits: outer?.statements.filter(isAllow).map(ready),
    compiled: compile({ identity: documents, ...(outer ? { boundary: [outer] } : {}) }),
    changed,
    granted: new WeakMap(),
  };
}

/** The request that a use stands for; a resource that is always `*` is the literal `*`. */
export function requestOf(use: Wanted): AccessRequest {
  return {
    action: use.action,
    resource:
      use.star === 'action-takes-no-resource'
        ? '*'
        : isPlain(use.resource)
          ? use.resource
          : resourcePattern(use.resource, true),
    context: use.context,
    contextIsComplete: false,
  };
}

/**
 * A statement's conditions with those of a use, sorted. One operator and key stand once in a statement: where both have
 * them, the use's values if they are among the statement's (narrower, and they held), else the statement's.
 */
function joined(held: readonly Condition[], used: readonly Condition[]): readonly Condition[] {
  const taken = new Set(held.map(conditionId));
  const both = held.map((condition) => {
    const own = used.find((c) => conditionId(c) === conditionId(condition));
    return own?.values.every((value) => condition.values.includes(value))
      ? { ...condition, values: own.values }
      : condition;
  });
  return [...both, ...used.filter((c) => !taken.has(conditionId(c)))].sort(byOperatorAndKey);
}

const conditionId = ({ operator, key }: Condition): string => `${operator}\u0000${key.toLowerCase()}`;

/**
 * What of a use today's policies grant: a grant for each statement that allows it, cut to that statement and with its
 * conditions; a statement that grants all of it without conditions makes the others needless.
 * Empty when none does, when a Deny refuses the whole of it for sure, or when the boundary allows none of it.
 *
 * INVARIANT: a grant lies within the statement it is cut to, so a proposal made of grants is not wider than today.
 * Held by test/synth/laws.test.ts, "nothing is granted that is not granted today".
 */
export function grantedBy(use: Wanted, held: Held): readonly Grant[] {
  const known = held.granted.get(use);
  if (known) return known;
  const grants = isRefused(use, held) ? [] : allowedBy(use, held.allows);
  held.granted.set(use, grants);
  return grants;
}

/** All that is held of an action on what a pattern names, under whatever conditions. */
export const allHeld = (action: string, held: Held, resource = '*'): readonly Grant[] =>
  grantedBy({ action, resource, condition: [], context: new Map(), star: undefined }, held);

/** What of a use some Allow statements grant, Denies apart. */
export function allowedBy(use: Wanted, allows: readonly CompiledStatement[]): readonly Grant[] {
  const grants: Grant[] = [];
  let complete: Grant | undefined;
  for (const allow of allows) {
    if (!appliesTo(allow, use.action)) continue;
    const context = { values: use.context, isComplete: false };
    if (allow.conditions.some((c) => conditionHolds(c, context) === false)) continue;
    const resources = commonResources(use, allow);
    if (!resources) continue;
    const grant = {
      action: use.action,
      resources: resources.set,
      conditions: joined(allow.source.conditions, use.condition),
    };
    if (allow.source.conditions.length === 0 && resources.whole) complete = plainer(grant, complete);
    grants.push(grant);
  }
  return complete ? [complete] : grants;
}

/** Of two ways to say all of a use, the one without NotResource, else the first in order of content. */
const plainer = (a: Grant, b: Grant | undefined): Grant =>
  b === undefined || byCodeUnit(contentOf(a), contentOf(b)) <= 0 ? a : b;

const contentOf = ({ resources }: Grant): string =>
  `${resources.kind === 'only' ? 0 : 1}${JSON.stringify(resources)}`;

const hasVariables = (pattern: Pattern): boolean => pattern.hasVariables;

const only = (patterns: Iterable<string>): PatternSet => ({ kind: 'only', patterns: sortedUnique(patterns) });

/** The resources that a use and a statement share, as patterns that are in both. */
function commonResources(
  use: Wanted,
  { source: statement, resources: set }: CompiledStatement,
): { set: PatternSet; whole: boolean } | undefined {
  const { patterns: resources } = set;
  if (use.star === 'action-takes-no-resource') {
    const all = resources.filter((pattern) => matches(pattern, '*'));
    if (statement.resources.kind === 'only') {
      if (all.length > 0) return { set: only(all.map(({ text }) => text)), whole: true };
      // AWS matches many of these against an ARN all the same (`logs:DescribeLogGroups` on `log-group::log-stream:`, as its
      // refusals print), so a grant on ARNs may be the one that allowed the call.
      const own = resources.map(({ text }) => text).filter((text) => canBeOn(use.action, text));
      return own.length > 0 ? { set: only(own), whole: false } : undefined;
    }
    // What is excepted can only be an ARN: the action is held, and said in today's words so that it is surely not wider.
    return all.length > 0 ? undefined : { set: statement.resources, whole: !resources.some(hasVariables) };
  }
  const wanted = resourcePattern(use.resource, true);
  if (statement.resources.kind === 'except') {
    if (includes(resources, wanted)) return undefined;
    // Where its variable has no value a NotResource does not hold, so only its own words are surely not wider.
    if (!resources.some((pattern) => hasVariables(pattern) || overlaps(pattern, wanted)))
      return { set: only([use.resource]), whole: true };
    // Part of it is excepted: the statement's own NotResource is the narrowest that is surely not wider than today.
    return { set: statement.resources, whole: false };
  }
  const near = set.meeting(wanted);
  const certain = near.filter((pattern) => !hasVariables(pattern));
  if (includes(certain, wanted)) return { set: only([use.resource]), whole: true };
  const common: string[] = [];
  for (const pattern of near) {
    const both = intersect(pattern, inItsAccount(use, pattern), (text) => resourcePattern(text, true));
    // Where a variable decides, the statement's own pattern is as near as can be said.
    common.push(...(both === 'inexpressible' ? [pattern.text] : both));
  }
  if (common.length === 0) return undefined;
  const patterns = withoutIncluded(common.map((text) => resourcePattern(text, true)));
  return { set: only(patterns.map((p) => p.text)), whole: false };
}

/** Whether a Deny takes an action away from everything. */
export const isTakenAway = (action: string, refusals: readonly CompiledStatement[]): boolean =>
  refusals.some((deny) => deny.isUnconditional && appliesTo(deny, action));

const isRefused = (use: Wanted, held: Held): boolean =>
  (held.limits !== undefined && allowedBy(use, held.limits).length === 0) || isDenied(use, held);

/** What was used, of an account that is not known, in the account that a statement names: no field of a real ARN goes on after a colon. */
function inItsAccount({ resource }: Wanted, { text }: Pattern): Pattern {
  const account = /^arn:(?:[^:]*:){3}(\d{12}|):/.exec(text)?.[1];
  const placed =
    account === undefined ? resource : resource.replace(/^(arn:(?:[^:]*:){3})\*:/, `$1${account}:`);
  return resourcePattern(placed, true);
}

/** Whether a Deny of today surely refuses all of a use. Of a pattern that is refused in part the rest is held. */
export function isDenied(use: Wanted, { compiled, refusals }: Held): boolean {
  const request = requestOf(use);
  if (typeof request.resource === 'string' || request.resource.shape === 'literal') {
    return decide(compiled, request).decision === 'explicit-deny';
  }
  const wanted = request.resource;
  const context = { values: use.context, isComplete: false };
  const certain = refusals.filter(
    (deny) =>
      appliesTo(deny, use.action) && deny.conditions.every((c) => conditionHolds(c, context) === true),
  );
  const [only, except] = (['only', 'except'] as const).map((kind) =>
    certain.filter((deny) => deny.source.resources.kind === kind),
  );
  const refused = (only ?? []).flatMap(({ resources }) =>
    resources.patterns.filter((pattern) => !hasVariables(pattern)),
  );
  return (
    includes(refused, wanted) ||
    (except ?? []).some(
      ({ resources: { patterns } }) =>
        !patterns.some((pattern) => hasVariables(pattern) || overlaps(pattern, wanted)),
    )
  );
}

/** What readings of one need share: the role they are of, the action, the circumstances. The reading without path may have been seen by itself too. */
const needOf = ({ action, kind, resource, condition, context }: Use): string =>
  JSON.stringify([action, kind.oneOf || resource, condition, [...context]]);

/** Of several readings of one need (the path of a bare role name), those that policies grant; where they grant none one stands for all. */
export function withoutOtherReadings(uses: readonly Use[], held: Held): readonly Use[] {
  if (uses.every(({ kind }) => kind.oneOf === '')) return uses;
  const dropped = new Set<Use>();
  for (const alike of groupBy(uses, needOf).values()) {
    const granted = alike.length > 1 ? alike.filter((use) => grantedBy(use, held).length > 0) : alike;
    const plain = alike.find(({ kind, resource }) => kind.oneOf === resource) ?? alike[0];
    const judged = granted.length > 0 ? granted : [plain];
    for (const use of alike) if (use.kind.oneOf !== '' && !judged.includes(use)) dropped.add(use);
  }
  return uses.filter((use) => !dropped.has(use));
}
