import { actionInfo, expandActions, type AccessLevel } from '../catalogue.ts';
import { claimOf, implies, type Claim } from './claim.ts';
import { appliesTo, compileStatements, type CompiledStatement } from '../decide/compiled.ts';
import { includesPolicy } from './inclusion.ts';
import { includes, overlaps } from '../pattern/language.ts';
import { byCodeUnit, sortedUnique } from '../order.ts';
import { actionPattern, type Pattern } from '../pattern/pattern.ts';
import { type Condition, isAllow, type PolicyDocument } from '../policy/policy.ts';
import { isPrivilegeEscalation } from '../privilege-escalation.ts';

export interface DiffItem {
  readonly kind: 'removed' | 'narrowed' | 'kept' | 'added';
  /** As in the catalogue, or as written where the catalogue does not know it. */
  readonly action: string;
  /** What is granted now (kept, added, narrowed) or was granted (removed): a Resource pattern, `!a !b` for NotResource. */
  readonly resource: string;
  /** Of the same grant. Absent: none. */
  readonly condition?: readonly Condition[];
  /** With `narrowed`: the resource before and after. */
  readonly from?: string;
  readonly to?: string;
  /** The item is about a Deny: `added` where a Deny was lifted, `narrowed` where one was put. */
  readonly isDeny?: true;
  readonly accessLevel: AccessLevel | undefined;
  readonly privilegeEscalation: boolean;
}

export interface PolicyDiff {
  /** Sorted by action, resource, kind. */
  readonly items: readonly DiffItem[];
  /** Whether `after` allows something `before` does not, or may: what cannot be told counts as broadened. */
  readonly broadened: boolean;
}

/** What is known of actions; the built-in catalogue unless something else is given. */
export interface DiffOptions {
  /** The catalogue's actions that match a pattern, in canonical case. */
  readonly expandActions: (pattern: string) => readonly string[];
  readonly accessLevelOf: (action: string) => AccessLevel | undefined;
}

const catalogue: DiffOptions = {
  expandActions,
  accessLevelOf: (action) => actionInfo(action)?.accessLevel,
};

/** What one statement says of one action: one resource pattern (or all but some) under its conditions. */
interface Clause {
  /** The same for grants that say the same. */
  readonly id: string;
  readonly resource: string;
  readonly pattern: Pattern | undefined;
  readonly conditions: readonly Condition[];
  readonly claims: readonly Claim[];
}

interface Clauses {
  readonly allow: readonly Clause[];
  readonly deny: readonly Clause[];
}

type Change = Pick<DiffItem, 'kind' | 'resource' | 'condition' | 'from' | 'to' | 'isDeny'>;

/** What changes, action by action, when `after` replaces `before`. */
export function diffPolicies(
  before: readonly PolicyDocument[],
  after: readonly PolicyDocument[],
  options: DiffOptions = catalogue,
): PolicyDiff {
  const sides = [before, after].map((documents) => ({ documents, statements: compileStatements(documents) }));
  const memo = new Map<string, readonly Change[]>();
  const items: DiffItem[] = [];
  for (const action of actionsOf(before, after, options)) {
    const applicable = sides.map(({ statements }) => statements.filter((s) => isAbout(s, action)));
    const key = applicable
      .map((list) => list.map(({ ref }) => `${ref.policy}.${ref.statement}`).join())
      .join('|');
    const changes =
      memo.get(key) ?? changesOf(grantsOf(applicable[0] ?? [], before), grantsOf(applicable[1] ?? [], after));
    memo.set(key, changes);
    const accessLevel = options.accessLevelOf(action);
    const privilegeEscalation = isPrivilegeEscalation(action);
    for (const change of changes) items.push({ ...change, action, accessLevel, privilegeEscalation });
  }
  return { items, broadened: includesPolicy(before, after).included !== 'yes' };
}

/** Every action either side allows, wildcards by the catalogue; `NotAction` names all of them. */
function actionsOf(
  before: readonly PolicyDocument[],
  after: readonly PolicyDocument[],
  options: DiffOptions,
): string[] {
  const sets = [...before, ...after].flatMap(({ statements }) =>
    statements.filter(isAllow).map(({ actions }) => actions),
  );
  const written = new Set(sets.flatMap(({ kind, patterns }) => (kind === 'only' ? patterns : ['*'])));
  const canonical = new Map<string, string>();
  for (const pattern of sortedUnique(written)) {
    const known = options.expandActions(pattern);
    for (const action of known.length === 0 ? [pattern] : known) {
      const lower = action.toLowerCase();
      if (!canonical.has(lower)) canonical.set(lower, action);
    }
  }
  return [...canonical.values()].sort(byCodeUnit);
}

function isAbout(statement: CompiledStatement, action: string): boolean {
  if (!/[*?]/.test(action)) return appliesTo(statement, action.toLowerCase());
  // A pattern the catalogue does not know stays as written: a statement is about it if it holds all of it.
  const pattern = actionPattern(action);
  const { kind, patterns } = statement.actions;
  return kind === 'only' ? includes(patterns, pattern) : !patterns.some((other) => overlaps(other, pattern));
}

function grantsOf(statements: readonly CompiledStatement[], documents: readonly PolicyDocument[]): Clauses {
  const of = (effect: 'Allow' | 'Deny'): Clause[] => {
    const grants = new Map<string, Clause>();
    for (const statement of statements.filter((s) => s.effect === effect)) {
      const hasVariables = documents[statement.ref.policy]?.version === '2012-10-17';
      const { conditions } = statement.source;
      const claims = conditions.map((condition) => claimOf(condition, hasVariables));
      const { kind, patterns } = statement.resources;
      const resources =
        kind === 'only'
          ? patterns.map((pattern) => ({ resource: pattern.text, pattern }))
          : [{ resource: patterns.map((pattern) => `!${pattern.text}`).join(' '), pattern: undefined }];
      for (const resource of resources) {
        const id = identityOf({ ...resource, conditions });
        grants.set(id, { id, ...resource, conditions, claims });
      }
    }
    return [...grants].sort(([a], [b]) => byCodeUnit(a, b)).map(([, grant]) => grant);
  };
  const deny = of('Deny');
  return { allow: of('Allow').filter((grant) => !deny.some((other) => denies(other, grant))), deny };
}

/** Whether a Deny leaves nothing of a grant. */
const denies = (deny: Clause, grant: Clause): boolean =>
  deny.conditions.length === 0 && hasResources(deny, grant);

const identityOf = ({
  resource,
  pattern,
  conditions,
}: Pick<Clause, 'resource' | 'pattern' | 'conditions'>): string =>
  JSON.stringify([
    resource,
    pattern?.hasVariables,
    conditions.map((c) => ({ ...c, key: c.key.toLowerCase() })),
  ]);

/** Whether one grant holds all of another. */
function covers(outer: Clause, inner: Clause): boolean {
  if (outer.id === inner.id) return true;
  return (
    hasResources(outer, inner) &&
    outer.claims.every((claim) => inner.claims.some((own) => implies(own, claim)))
  );
}

function hasResources(outer: Clause, inner: Clause): boolean {
  if (outer.resource === inner.resource) return true;
  if (outer.pattern === undefined) return false;
  return inner.pattern === undefined ? outer.resource === '*' : includes([outer.pattern], inner.pattern);
}

function changesOf(before: Clauses, after: Clauses): Change[] {
  const changes: Change[] = [];
  const kept = new Set(before.allow.filter((grant) => after.allow.some((other) => covers(other, grant))));
  const narrowed: Clause[] = [];
  for (const grant of after.allow) {
    const wider = before.allow.filter((other) => covers(other, grant));
    const [from] = wider;
    if (from === undefined) changes.push(changeOf('added', grant));
    else if (!wider.some((grant) => kept.has(grant))) {
      narrowed.push(grant);
      changes.push({ ...changeOf('narrowed', grant), from: from.resource, to: grant.resource });
    }
  }
  for (const grant of before.allow) {
    if (kept.has(grant)) changes.push(changeOf('kept', grant));
    else if (!narrowed.some((other) => covers(grant, other))) changes.push(changeOf('removed', grant));
  }
  // A Deny of what is not granted anyway changes nothing.
  for (const deny of after.allow.length === 0 ? [] : before.deny) {
    if (!after.deny.some((other) => covers(other, deny)))
      changes.push({ ...changeOf('added', deny), isDeny: true });
  }
  for (const deny of before.allow.length === 0 ? [] : after.deny) {
    if (!before.deny.some((other) => covers(other, deny)))
      changes.push({ ...changeOf('narrowed', deny), isDeny: true });
  }
  return changes.sort((a, b) => byCodeUnit(a.resource, b.resource) || byCodeUnit(a.kind, b.kind));
}

const changeOf = (kind: Change['kind'], { resource, conditions }: Clause): Change => ({
  kind,
  resource,
  ...(conditions.length === 0 ? {} : { condition: conditions }),
});
