import type { ObservedCall } from '../../cloudtrail/call.ts';
import type { KnownEntities } from '../../permissions/mapping.ts';
import { permissionsOf } from '../../permissions/permissions.ts';
import { namedRefusal } from '../../permissions/refused-call.ts';
import { Gathered, type Shared } from './gathering.ts';
import { Use } from './use.ts';

/** By kind of call and action: the type of what such calls are on, where AWS refused one on another thing than read. */
export type Misread = ReadonlyMap<string, string>;

export const kindOf = (
  { eventSource, eventName }: { readonly eventSource: string; readonly eventName: string },
  action: string,
): string => `${eventSource} ${eventName} ${action}`;

/** By account: what the refusals of at least two of its principals show. One alone may have met a peculiar policy. */
export function misreadByTwo(
  refused: readonly ObservedCall[],
  entities: KnownEntities,
): ReadonlyMap<string, Misread> {
  const seen = new Map<string, Map<string, { readonly type: string; readonly by: Set<string> }>>();
  for (const call of refused) {
    const mapping = permissionsOf(call, entities);
    const named = mapping.kind === 'mapped' ? namedRefusal(call, mapping.permissions) : undefined;
    if (named?.type === undefined) continue;
    const { kind, account, name } = call.principal;
    const kinds = seen.get(account) ?? new Map<string, { readonly type: string; readonly by: Set<string> }>();
    const key = kindOf(call.operation, named.action);
    const known = kinds.get(key) ?? { type: named.type, by: new Set() };
    known.by.add(`${kind} ${name}`);
    seen.set(account, kinds.set(key, known));
  }
  return new Map(
    [...seen].map(([account, kinds]) => [
      account,
      new Map([...kinds].filter(([, { by }]) => by.size > 1).map(([key, { type }]) => [key, type])),
    ]),
  );
}

/** Uses of calls that are read wrongly as uses of all of the true type too. */
export function widened(
  uses: Use[],
  misread: Misread,
  days: Shared<number>,
  sources: Shared<string>,
): readonly Use[] {
  if (misread.size === 0) return uses;
  const all = new Gathered<Use>(days, sources);
  for (const use of uses) {
    const { action, resource, context, condition } = use;
    const circumstance = JSON.stringify([[...context], condition]);
    const type = misread.get(kindOf(use, action));
    for (const one of new Set([resource, ...(type === undefined ? [] : [placedAs(type, resource)])])) {
      const kind = one === resource ? use.kind : { ...use.kind, star: undefined, mayBeElsewhere: false };
      all.add([action, one, circumstance], (evidence) => new Use(kind, one, evidence), use);
    }
  }
  return all.sorted();
}

/** The pattern of a type in the Region and account of an ARN. */
function placedAs(type: string, resource: string): string {
  const place = resource.split(':').slice(3, 5);
  return place.length < 2
    ? type
    : type
        .split(':')
        .toSpliced(3, 2, ...place)
        .join(':');
}

/** What a person is told of uses that are read wrongly, each kind of call once. */
export const misreadNotes = (uses: readonly Use[], misread: Misread): readonly string[] =>
  uses.flatMap((use) => {
    const type = misread.get(kindOf(use, use.action));
    return type === undefined
      ? []
      : [`AWS refused ${use.eventName} on another thing than read: all it was used on is any of ${type}`];
  });
