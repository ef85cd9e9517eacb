import { actionInfo, canBeOn, expandActions, serviceOf, stringsOf, type AccessLevel } from '../catalogue.ts';
import {
  StatementIndex,
  type Candidates,
  type CompiledStatement,
  type StatementRef,
} from '../decide/compiled.ts';
import { CompiledSet } from '../decide/compiled-set.ts';
import { ExtentIndex, type Extent } from './containment.ts';
import { includesPolicy } from './inclusion.ts';
import { memo } from '../memo.ts';
import { byCodeUnit, groupBy, inKeyOrder, sortedUnique } from '../order.ts';
import { actionPattern, type Pattern } from '../pattern/pattern.ts';
import { type Condition, isAllow, type PolicyDocument } from '../policy/policy.ts';
import { isPrivilegeEscalation } from '../decide/escalation.ts';

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
  /** Whether `after` allows something `before` does not; null when it cannot be told. */
  readonly broadened: boolean | null;
  /** The statements of `after` for which it cannot be told; empty unless `broadened` is null. */
  readonly undecided: readonly StatementRef[];
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
interface Clause extends Extent {
  readonly resource: string;
  readonly source: readonly Condition[];
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
  const [old, now] = [new StatementIndex(before), new StatementIndex(after)];
  const changesOfService = memo((service: string) =>
    memo((was: Candidates) => {
      const clauses = grantsOf(was, service);
      return memo((is: Candidates) => changesOf(clauses, grantsOf(is, service)));
    }),
  );
  const items = servicesOf([...before, ...after], options).map(({ service, actions, every }) => {
    const changesFrom = changesOfService(service);
    const [was, is] = [old.alike(every), now.alike(every)];
    if (was && is) return itemsOf(actions, changesFrom(was)(is));
    return actions.flatMap((one) =>
      changesFrom(was ?? statementsAbout(old, one.action))(is ?? statementsAbout(now, one.action)).map(
        (change) => ({ ...change, ...one }),
      ),
    );
  });
  const { included, undecided = [] } = includesPolicy(before, after);
  return { items: items.flat(), broadened: included === 'cannot-tell' ? null : included === 'no', undecided };
}

/** Actions of one service, sorted; what is no action of one, by itself. */
interface ServiceActions {
  readonly service: string;
  readonly actions: readonly Known[];
  /** All that there may be of them. */
  readonly every: Pattern;
}

type Known = Pick<DiffItem, 'action' | 'accessLevel' | 'privilegeEscalation'>;

/** Every action either side allows, service by service, wildcards by the catalogue; `NotAction` names all of them. */
function servicesOf(documents: readonly PolicyDocument[], options: DiffOptions): readonly ServiceActions[] {
  const sets = documents.flatMap(({ statements }) =>
    statements.filter(isAllow).map(({ actions }) => actions),
  );
  const written = sets.flatMap(({ kind, patterns }) => (kind === 'only' ? patterns : ['*']));
  return expandedBy(options)(JSON.stringify(sortedUnique(written)));
}

/** Remembered, for many principals hold the same; in both cases of an action the first. */
const expandedBy = memo(({ expandActions: expand, accessLevelOf }: DiffOptions) =>
  memo((written: string): readonly ServiceActions[] => {
    const canonical = new Map<string, string>();
    for (const pattern of stringsOf(JSON.parse(written))) {
      const known = expand(pattern);
      for (const action of known.length === 0 ? [pattern] : known) {
        const lower = action.toLowerCase();
        if (!canonical.has(lower)) canonical.set(lower, action);
      }
    }
    const all = [...canonical.values()].sort(byCodeUnit).map((action): Known => ({
      action,
      accessLevel: accessLevelOf(action),
      privilegeEscalation: isPrivilegeEscalation(action),
    }));
    // `s3:*`; what has no service is by itself.
    const groups = groupBy(all, ({ action }) => action.replace(/(?<=:).*/s, '*'));
    return [...groups].map(([every, actions]) => ({
      service: serviceOf(every),
      actions,
      every: actionPattern(every),
    }));
  }, 50),
);

/** Changes that are the same of some actions; one list for all who lose or keep a service alike. */
function itemsOf(actions: readonly Known[], changes: readonly Change[]): readonly DiffItem[] {
  const key = JSON.stringify(changes);
  const known = itemsBy(actions);
  const items = known.get(key) ?? actions.flatMap((one) => changes.map((change) => ({ ...change, ...one })));
  if (known.size >= 10) known.clear();
  known.set(key, items);
  return items;
}

const itemsBy = memo((_actions: readonly Known[]) => new Map<string, readonly DiffItem[]>());

/** Whether it is a pattern that the catalogue does not know, as written. */
export const isPattern = (action: string): boolean => /[*?]/.test(action);

/** Of a pattern a statement is about it if it holds all of it. */
const statementsAbout = (index: StatementIndex, action: string): Candidates =>
  isPattern(action) ? index.about(actionPattern(action)) : index.find(action);

/** @param service of the action in question: on what its ARNs do not name nothing is granted */
function grantsOf(about: Candidates, service: string): Clauses {
  const deny = clausesOf(about.deny, service);
  const denied = new ExtentIndex(deny);
  return {
    allow: clausesOf(about.allow, service).filter((grant) => denied.covering(grant).length === 0),
    deny,
  };
}

/** Each resource of each statement, or all but some; the same once. */
function clausesOf(statements: readonly CompiledStatement[], service: string): Clause[] {
  const clauses = new Map<string, Clause>();
  for (const { source, resources, conditions } of statements) {
    const written = source.conditions.map((c) => ({ ...c, key: c.key.toLowerCase() }));
    const parts =
      resources.kind === 'only'
        ? resources.patterns
            .filter(({ text }) => canBeOn(service, text))
            .map((pattern) => ({ resource: pattern.text, resources: new CompiledSet('only', [pattern]) }))
        : [{ resource: resources.patterns.map(({ text }) => `!${text}`).join(' '), resources }];
    for (const part of parts) {
      const id = JSON.stringify([part.resource, part.resources.hasVariables, written]);
      clauses.set(id, { ...part, conditions, source: source.conditions });
    }
  }
  return inKeyOrder(clauses);
}

function changesOf(before: Clauses, after: Clauses): Change[] {
  const changes: Change[] = [];
  const [was, is] = [new ExtentIndex(before.allow), new ExtentIndex(after.allow)];
  const kept = new Set(before.allow.filter((grant) => is.covering(grant).length > 0));
  const narrowed = new Set<Clause>();
  for (const grant of after.allow) {
    const wider = was.covering(grant);
    const [from] = wider;
    if (from === undefined) changes.push(changeOf('added', grant));
    else if (!wider.some((other) => kept.has(other))) {
      for (const other of wider) narrowed.add(other);
      changes.push({ ...changeOf('narrowed', grant), from: from.resource, to: grant.resource });
    }
  }
  for (const grant of before.allow) {
    if (kept.has(grant)) changes.push(changeOf('kept', grant));
    else if (!narrowed.has(grant)) changes.push(changeOf('removed', grant));
  }
  // A Deny of what is not granted anyway changes nothing.
  const denies = [
    { granted: after.allow, these: before.deny, those: after.deny, kind: 'added' },
    { granted: before.allow, these: after.deny, those: before.deny, kind: 'narrowed' },
  ] as const;
  for (const { granted, these, those, kind } of denies) {
    if (granted.length === 0) continue;
    const index = new ExtentIndex(those);
    for (const deny of these)
      if (index.covering(deny).length === 0) changes.push({ ...changeOf(kind, deny), isDeny: true });
  }
  return changes.sort((a, b) => byCodeUnit(a.resource, b.resource) || byCodeUnit(a.kind, b.kind));
}

const changeOf = (kind: Change['kind'], { resource, source }: Clause): Change => ({
  kind,
  resource,
  ...(source.length === 0 ? {} : { condition: source }),
});

/**
 * The distinct actions of a diff without the items of one kind: without `added` those that were allowed, without `removed` those that are.
 * A pattern that matches none is no action.
 */
export function actionsWithout(kind: 'added' | 'removed', items: readonly DiffItem[]): readonly string[] {
  const own = items.filter((item) => item.kind !== kind && !item.isDeny).map(({ action }) => action);
  // They are sorted by action.
  return own.filter((action, i) => action !== own[i - 1] && !isPattern(action));
}
