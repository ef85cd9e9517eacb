/** Room `keep`: what of today stays although no use speaks for it, and why. */
import { actionInfo, expandActions, serviceOf } from '../../iam/catalogue.ts';
import { actionPattern, matches } from '../../iam/pattern/pattern.ts';
import type { Statement } from '../../iam/policy/policy.ts';
import { visibilityOf } from '../../permissions/observability.ts';
import { logsData, logsManagement, type TrailConfig } from '../../permissions/selectors.ts';
import type { CompiledStatement } from '../../iam/decide/compiled.ts';
import type { Held } from '../held/current-grants.ts';
import type { OriginatedGrant } from '../held/grant.ts';

/** Why the log could not have shown an action. */
export type UnseenReason =
  'data-events-off' | 'never-logged' | 'gap' | 'window-short' | 'account-missing' | 'too-young';

/** A permission held today of which silence says nothing. */
export interface Unseen {
  readonly action: string;
  readonly resource: string;
  readonly reason: UnseenReason;
  /** False: given up all the same, because only `Action: "*"` reaches it and nothing of its service was used. */
  readonly kept: boolean;
}

export interface KeepOptions {
  /** `drop`: a person has decided that unseen is unused. */
  readonly unobservable: 'keep' | 'drop';
  /** What the trails log; without it no data event is taken for granted. */
  readonly trails: TrailConfig | undefined;
  /** IAM prefixes of the services that the principal used. */
  readonly services: ReadonlySet<string>;
  /** Regions of the principal's accounts from which something was delivered. */
  readonly regions: ReadonlySet<string>;
}

/**
 * What must stay because the log could not have shown it: at today's resources and conditions, if its statement names
 * the service, or for a service in use; what only `Action: "*"` reaches beyond that is listed as given up.
 */
export function unseen(
  held: Held,
  options: KeepOptions,
): { readonly grants: readonly OriginatedGrant[]; readonly list: readonly Unseen[] } {
  const grants: OriginatedGrant[] = [];
  const list: Unseen[] = [];
  for (const { source: statement } of held.allows) {
    for (const [action, named] of actionsOf(statement)) {
      const byReason = new Map<string, UnseenReason>();
      for (const resource of resourceTexts(statement)) {
        const reason = unseenReason(action, resource, options);
        if (reason) byReason.set(resource, reason);
      }
      if (byReason.size === 0) continue;
      const kept = options.unobservable === 'keep' && (named || options.services.has(serviceOf(action)));
      for (const [resource, reason] of byReason) list.push({ action, resource, reason, kept });
      if (!kept) continue;
      const resources =
        statement.resources.kind === 'except'
          ? statement.resources
          : { kind: 'only' as const, patterns: [...byReason.keys()] };
      grants.push({ action, resources, conditions: statement.conditions, origin: 'kept' });
    }
  }
  return { grants, list: deduplicated(list) };
}

/** What some statements held today allow, as written: all of it stays for one reason. */
export const asWritten = (
  statements: readonly CompiledStatement[],
  reason: Extract<UnseenReason, 'window-short' | 'account-missing' | 'too-young'>,
): readonly Unseen[] =>
  deduplicated(
    statements.flatMap(({ source: statement }) =>
      (statement.actions.kind === 'only' ? statement.actions.patterns : ['*']).flatMap((action) =>
        resourceTexts(statement).map((resource): Unseen => ({ action, resource, reason, kept: true })),
      ),
    ),
  );

const resourceTexts = ({ resources }: Statement): readonly string[] =>
  resources.kind === 'only' ? resources.patterns : ['*'];

/** The actions a statement allows, and whether it names their service. */
function actionsOf({ actions }: Statement): ReadonlyMap<string, boolean> {
  const found = new Map<string, boolean>();
  if (actions.kind === 'except') {
    const excepted = actions.patterns.map(actionPattern);
    for (const action of expandActions('*'))
      if (!excepted.some((p) => matches(p, action.toLowerCase()))) found.set(action, false);
    return found;
  }
  for (const pattern of actions.patterns) {
    const named = /^[a-z0-9-]+:/i.test(pattern);
    const known = expandActions(pattern);
    for (const action of known) found.set(action, named || found.get(action) === true);
    // An action newer than the catalogue: which event would show it is not known.
    if (known.length === 0 && !/[*?]/.test(pattern)) found.set(pattern, true);
  }
  return found;
}

function unseenReason(
  action: string,
  resource: string,
  { trails, regions }: KeepOptions,
): UnseenReason | undefined {
  const level = actionInfo(action)?.accessLevel;
  const visibility = level === undefined ? ({ category: 'never' } as const) : visibilityOf(action);
  const access = level === 'Read' || level === 'List' ? 'read' : 'write';
  const region = /^arn:[^:]*:[^:]*:([a-z0-9-]+):/.exec(resource)?.[1];
  switch (visibility.category) {
    case 'never':
      return 'never-logged';
    case 'network':
      return 'data-events-off';
    case 'data':
      if (!trails || !logsData(trails, visibility.resourceType, access, resource)) return 'data-events-off';
      break;
    case 'management':
      if (trails && !logsManagement(trails, `${serviceOf(action)}.amazonaws.com`, access))
        return 'data-events-off';
      break;
  }
  return region !== undefined && !regions.has(region) ? 'gap' : undefined;
}

function deduplicated(list: readonly Unseen[]): readonly Unseen[] {
  const byKey = new Map<string, Unseen>();
  for (const item of list) {
    const key = `${item.action} ${item.resource}`;
    const known = byKey.get(key);
    if (!known || (item.kept && !known.kept)) byKey.set(key, item);
  }
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
}
