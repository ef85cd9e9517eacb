import type { ObservedCall } from '../cloudtrail/call.ts';
import { byCodeUnit } from '../iam/order.ts';
import type { Condition } from '../iam/policy.ts';
import type { KnownEntities, Permission, PermissionReason, StarReason } from '../permissions/mapping.ts';
import { outcomeOf, type CallOutcome } from '../permissions/outcome.ts';
import { permissionsOf } from '../permissions/permissions.ts';
import type { ObservedFact, Sample } from '../store/reader.ts';
import { daysLeft, type Exclusion } from './exclusion.ts';

/** When something was seen, how often, and one event to look at. */
export interface Evidence {
  /** Days since 1970. */
  readonly days: Set<number>;
  /** As delivered. */
  calls: number;
  /** The earliest. */
  sample: Sample;
  /** Event sources of the calls; '' among them where a service made one with the principal's credentials. */
  readonly sources: Set<string>;
}

/** One permission that was needed: a distinct (action, resource, context). */
export interface Use extends Evidence {
  readonly action: string;
  /** An IAM resource pattern; a literal ARN has its `*`, `?` and `$` escaped. */
  readonly resource: string;
  readonly reason: PermissionReason;
  /** Conditions under which the permission was needed, and that it is granted with. */
  readonly condition: readonly Condition[];
  /** Context keys the log shows, lower-cased. */
  readonly context: ReadonlyMap<string, readonly string[]>;
  readonly star: StarReason | undefined;
  /** Uses that are readings of one need (the paths a bare role name may have) share the role's ARN without path; '' for all others. */
  readonly oneOf: string;
  readonly eventSource: string;
  readonly eventName: string;
  /** The raw error code, for calls that did not succeed. */
  readonly errorCode: string;
}

/** A call whose permission is not known. */
export interface UnknownCall extends Evidence {
  readonly eventSource: string;
  readonly eventName: string;
  readonly reason: string;
}

/** What a principal's facts say. */
export interface Observed {
  /** From calls that succeeded, or failed after authorization; sorted by action, resource, context. */
  readonly uses: readonly Use[];
  /** From calls whose errors prove nothing. */
  readonly inconclusive: readonly Use[];
  /** From calls that were refused. */
  readonly denied: readonly Use[];
  readonly unmapped: readonly UnknownCall[];
  /** Distinct calls that need no permission. */
  readonly noPermission: number;
  readonly callsAsDelivered: number;
  readonly services: ReadonlySet<string>;
  /** Distinct facts that exclusions left out in full or in part. */
  readonly excluded: number;
  /** What could not be said for sure, each once. */
  readonly notes: readonly string[];
}

/** Whether nothing at all was seen. */
export const isSilent = ({ uses, unmapped, noPermission, denied, inconclusive }: Observed): boolean =>
  uses.length + unmapped.length + noPermission + denied.length + inconclusive.length === 0;

/** Turns a principal's facts into uses. */
export function observe(
  facts: Iterable<ObservedFact>,
  known: KnownEntities,
  exclusions: readonly Exclusion[],
): Observed {
  const byOutcome: Record<CallOutcome, Map<string, Use>> = {
    allowed: new Map(),
    failed: new Map(),
    inconclusive: new Map(),
    denied: new Map(),
  };
  byOutcome.failed = byOutcome.allowed;
  const unmapped = new Map<string, UnknownCall>();
  const noPermission = new Set<string>();
  const services = new Set<string>();
  const notes = new Set<string>();
  let callsAsDelivered = 0;
  let excluded = 0;
  for (const fact of facts) {
    const days = daysLeft(fact.call, fact.days, exclusions);
    if (days.length < fact.days.length) excluded++;
    if (days.length === 0) continue;
    const { call } = fact;
    const { eventSource, eventName } = call.operation;
    const outcome = outcomeOf(call);
    const mapping = permissionsOf(call, known);
    if (mapping.kind === 'not-a-call') continue;
    callsAsDelivered += fact.calls;
    if (mapping.kind === 'mapped') {
      for (const note of mapping.notes) notes.add(note);
      for (const permission of mapping.permissions) {
        services.add(permission.action.split(':')[0] ?? '');
        for (const resource of permission.resources)
          add(byOutcome[outcome], useOf(call, permission, resource), fact, days);
      }
    } else if (outcome === 'allowed' || outcome === 'failed') {
      const key = `${eventSource} ${eventName} ${JSON.stringify(call.target)} ${call.context.region}`;
      if (mapping.kind === 'no-permission') noPermission.add(key);
      else add(unmapped, { key, value: { eventSource, eventName, reason: mapping.reason } }, fact, days);
    }
  }
  return {
    uses: sorted(byOutcome.allowed),
    // A call that was throttled once and went through another time proves itself.
    inconclusive: sorted(new Map([...byOutcome.inconclusive].filter(([key]) => !byOutcome.allowed.has(key)))),
    denied: sorted(byOutcome.denied),
    unmapped: sorted(unmapped),
    noPermission: noPermission.size,
    callsAsDelivered,
    services,
    excluded,
    notes: [...notes].sort(byCodeUnit),
  };
}

const sorted = <T>(map: ReadonlyMap<string, T>): T[] =>
  [...map].sort(([a], [b]) => byCodeUnit(a, b)).map(([, value]) => value);

function add<T extends Evidence>(
  map: Map<string, T>,
  { key, value }: { key: string; value: Omit<T, keyof Evidence> },
  fact: ObservedFact,
  days: readonly number[],
): void;
function add(
  map: Map<string, Evidence>,
  { key, value }: { key: string; value: object },
  fact: ObservedFact,
  days: readonly number[],
): void {
  const known = map.get(key);
  const { operation, context } = fact.call;
  const source = context.invokedBy === '' ? operation.eventSource : '';
  if (!known) {
    map.set(key, {
      ...value,
      days: new Set(days),
      calls: fact.calls,
      sample: fact.sample,
      sources: new Set([source]),
    });
    return;
  }
  known.sources.add(source);
  // Of the calls that needed it, which one is named must not hang on the order in which they were read.
  if (byCodeUnit(JSON.stringify(value), JSON.stringify(descriptionOf(known))) < 0)
    Object.assign(known, value);
  for (const day of days) known.days.add(day);
  known.calls += fact.calls;
  const { time, eventID } = fact.sample;
  if (time < known.sample.time || (time === known.sample.time && eventID < known.sample.eventID))
    known.sample = fact.sample;
}

const descriptionOf = ({
  days: _days,
  calls: _calls,
  sample: _sample,
  sources: _sources,
  ...description
}: Evidence): object => description;

/**
 * What the readings of a bare role name have in common: the role's ARN without its path. A call that passes several
 * roles needs each of them, so only ARNs of one name belong together.
 */
function readingOf(resource: string, all: readonly string[]): string {
  const [, start, name] = /^(arn:[^:]*:iam::[^:]*:role)\/(?:\*\/)?([^/]+)$/.exec(resource) ?? [];
  const plain = `${start}/${name}`;
  return all.includes(plain) && all.includes(`${start}/*/${name}`) ? plain : '';
}

function useOf(
  call: ObservedCall,
  permission: Permission,
  resource: string,
): { key: string; value: Omit<Use, keyof Evidence> } {
  const { operation, context } = call;
  const condition = permission.condition ?? [];
  const keys = new Map<string, readonly string[]>();
  // A call is made in the Region of its endpoint, which is what aws:RequestedRegion holds
  // (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-requestedregion).
  if (context.region !== '') keys.set('aws:requestedregion', [context.region]);
  for (const { operator, key, values } of condition) {
    if (/^(ForAnyValue:)?String(Equals|Like)$/.test(operator)) keys.set(key.toLowerCase(), values);
  }
  return {
    key: [permission.action, resource, JSON.stringify([...keys]), JSON.stringify(condition)].join('\u0000'),
    value: {
      action: permission.action,
      resource,
      reason: permission.reason,
      condition,
      context: keys,
      star: permission.star,
      oneOf: readingOf(resource, permission.resources),
      eventSource: operation.eventSource,
      eventName: operation.eventName,
      errorCode: context.errorCode,
    },
  };
}
