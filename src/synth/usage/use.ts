/** Room `usage`: the facts of the index become uses, permissions that were needed, with their evidence. */
import type { ObservedCall } from '../../cloudtrail/call.ts';
import { byCodeUnit, sortedUnique } from '../../iam/order.ts';
import type { Condition } from '../../iam/policy/policy.ts';
import type { KnownEntities, Permission, PermissionReason, StarReason } from '../../permissions/mapping.ts';
import { mayBeElsewhere } from '../../permissions/elsewhere.ts';
import { servicesOfSource } from '../../permissions/event-source.ts';
import { possibleNeeds, type PossibleNeed } from '../../permissions/possible-needs.ts';
import { outcomeOf, type CallOutcome } from '../../permissions/outcome.ts';
import { permissionsOf } from '../../permissions/permissions.ts';
import type { ObservedFact, Sample } from '../../store/reader.ts';
import { serviceOf } from '../../iam/catalogue.ts';
import { daysLeft, type Exclusion } from './exclusion.ts';

/** When something was seen, how often, and one event to look at. */
export interface Evidence {
  /** Days since 1970. */
  days: ReadonlySet<number>;
  /** As delivered. */
  calls: number;
  /** The earliest. */
  sample: Sample;
  /** Event sources of the calls; '' among them where a service made one with the principal's credentials. */
  sources: ReadonlySet<string>;
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
  /** Whether something else than an identity policy can have allowed it. */
  readonly mayBeElsewhere: boolean;
}

/** A call whose permission is not known, and that was not refused. */
export interface UnknownCall extends Evidence {
  readonly eventSource: string;
  readonly eventName: string;
  readonly readOnly: boolean | undefined;
  readonly reason: string;
  /** IAM prefixes it can belong to; empty when no table knows its source. */
  readonly services: readonly string[];
}

/** What a call may have needed beside its uses. */
export interface PossibleUse extends PossibleNeed, Evidence {
  readonly eventSource: string;
  readonly eventName: string;
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
  /** Of calls that were not refused; sorted by action. */
  readonly possible: readonly PossibleUse[];
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
  const days = new Shared<number>();
  const sources = new Shared<string>();
  const proven = new Gathered<Use>(days, sources);
  const byOutcome: Record<CallOutcome, Gathered<Use>> = {
    allowed: proven,
    failed: proven,
    inconclusive: new Gathered(days, sources),
    denied: new Gathered(days, sources),
  };
  const unmapped = new Gathered<UnknownCall>(days, sources);
  const possible = new Gathered<PossibleUse>(days, sources);
  const circumstances = new Map<string, Circumstances>();
  const noPermission = new Set<string>();
  const services = new Set<string>();
  const notes = new Set<string>();
  let callsAsDelivered = 0;
  let excluded = 0;
  for (const fact of facts) {
    const left = daysLeft(fact.call, fact.days, exclusions);
    if (left.length < fact.days.length) excluded++;
    if (left.length === 0) continue;
    const { call } = fact;
    const { eventSource, eventName } = call.operation;
    const seen = (): Evidence => ({
      days: days.of(left),
      calls: fact.calls,
      sample: fact.sample,
      sources: sources.of([call.context.invokedBy === '' ? eventSource : '']),
    });
    const outcome = outcomeOf(call);
    const mapping = permissionsOf(call, known);
    if (mapping.kind === 'not-a-call') continue;
    callsAsDelivered += fact.calls;
    if (mapping.kind === 'mapped') {
      for (const note of mapping.notes) notes.add(note);
      for (const permission of mapping.permissions) {
        services.add(serviceOf(permission.action));
        const needed = circumstancesOf(call, permission, circumstances);
        for (const resource of permission.resources)
          byOutcome[outcome].add(
            [permission.action, resource, needed.key],
            (evidence) => useOf(call, permission, resource, needed, evidence),
            seen(),
          );
      }
      if (outcome !== 'denied')
        for (const need of possibleNeeds(call, mapping.permissions))
          possible.add(
            [need.action, need.resource, `${need.passedTo.join()} ${eventSource} ${eventName}`],
            (evidence) => ({ ...evidence, ...need, eventSource, eventName }),
            seen(),
          );
    } else if (outcome !== 'denied') {
      const key = `${eventSource} ${eventName} ${JSON.stringify(call.target)} ${call.context.region}`;
      if (mapping.kind === 'unmapped') {
        const { reason } = mapping;
        const { readOnly } = call.operation;
        const own = servicesOfSource(eventSource);
        const described = { eventSource, eventName, readOnly, reason, services: own };
        unmapped.add([key, '', ''], (evidence) => ({ ...evidence, ...described }), seen());
        for (const service of own) services.add(service);
      } else if (outcome !== 'inconclusive') noPermission.add(key);
    }
  }
  return {
    uses: proven.sorted(),
    // A call that was throttled once and went through another time proves itself.
    inconclusive: byOutcome.inconclusive.sorted(proven),
    denied: byOutcome.denied.sorted(),
    unmapped: unmapped.sorted(),
    possible: possible.sorted(),
    noPermission: noPermission.size,
    callsAsDelivered,
    services,
    excluded,
    notes: [...notes].sort(byCodeUnit),
  };
}

/** What tells one thing from another, in the order things are sorted by. */
type Key = readonly [string, string, string];

/** Things that facts speak for, each once, with the evidence of all its facts. */
class Gathered<T extends Evidence> {
  /** By the last part of their identities, of which there are few, then by the rest. */
  private readonly known = new Map<string, Map<string, T>>();
  private readonly days: Shared<number>;
  private readonly sources: Shared<string>;

  constructor(days: Shared<number>, sources: Shared<string>) {
    this.days = days;
    this.sources = sources;
  }

  add([first, second, last]: Key, describe: (evidence: Evidence) => T, seen: Evidence): void {
    const group = this.known.get(last) ?? new Map<string, T>();
    this.known.set(last, group);
    const key = `${first}\u0000${second}`;
    const known = group.get(key);
    if (!known) {
      group.set(key, describe(seen));
      return;
    }
    const joined = describe(this.join(known, seen));
    // Of the calls that needed it, which one is named must not hang on the order in which they were read.
    if (byCodeUnit(JSON.stringify(descriptionOf(joined)), JSON.stringify(descriptionOf(known))) < 0)
      group.set(key, joined);
    else {
      known.days = joined.days;
      known.calls = joined.calls;
      known.sample = joined.sample;
      known.sources = joined.sources;
    }
  }

  /** In the order of their identities, without those that others have too. */
  sorted(others?: Gathered<T>): T[] {
    return [...this.known]
      .flatMap(([last, group]) =>
        [...group].flatMap(([key, value]) =>
          others?.known.get(last)?.has(key) ? [] : [{ key, last, value }],
        ),
      )
      .sort((a, b) => byCodeUnit(a.key, b.key) || byCodeUnit(a.last, b.last))
      .map(({ value }) => value);
  }

  private join(a: Evidence, b: Evidence): Evidence {
    const isEarlier = a.sample.time - b.sample.time || byCodeUnit(a.sample.eventID, b.sample.eventID);
    return {
      days: this.days.union(a.days, b.days),
      calls: a.calls + b.calls,
      sample: isEarlier <= 0 ? a.sample : b.sample,
      sources: this.sources.union(a.sources, b.sources),
    };
  }
}

/** Sets that repeat from use to use, each held once: the same few days and sources stand behind very many. */
class Shared<T extends number | string> {
  private readonly known = new Map<string, ReadonlySet<T>>();

  of(values: readonly T[]): ReadonlySet<T> {
    const key = sortedUnique(values.map(String)).join();
    const set = this.known.get(key) ?? new Set(values);
    this.known.set(key, set);
    return set;
  }

  union(a: ReadonlySet<T>, b: ReadonlySet<T>): ReadonlySet<T> {
    return a === b || [...b].every((value) => a.has(value)) ? a : this.of([...a, ...b]);
  }
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
  if (all.length < 2) return '';
  const [, start, name] = /^(arn:[^:]*:iam::[^:]*:role)\/(?:\*\/)?([^/]+)$/.exec(resource) ?? [];
  const plain = `${start}/${name}`;
  return all.includes(plain) && all.includes(`${start}/*/${name}`) ? plain : '';
}

/** What the uses of many calls have in common. */
interface Circumstances {
  readonly key: string;
  readonly context: Use['context'];
  readonly condition: Use['condition'];
}

function circumstancesOf(
  { context: { region } }: ObservedCall,
  { condition = [] }: Permission,
  known: Map<string, Circumstances>,
): Circumstances {
  const id = condition.length === 0 ? region : `${region} ${JSON.stringify(condition)}`;
  const found = known.get(id);
  if (found) return found;
  const context = new Map<string, readonly string[]>();
  // A call is made in the Region of its endpoint, which is what aws:RequestedRegion holds
  // (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-requestedregion).
  if (region !== '') context.set('aws:requestedregion', [region]);
  for (const { operator, key, values } of condition) {
    if (/^(ForAnyValue:)?String(Equals|Like)$/.test(operator)) context.set(key.toLowerCase(), values);
  }
  const key = `${JSON.stringify([...context])}\u0000${JSON.stringify(condition)}`;
  const circumstances = { key, context, condition };
  known.set(id, circumstances);
  return circumstances;
}

const useOf = (
  call: ObservedCall,
  { action, reason, star, resources }: Permission,
  resource: string,
  { condition, context }: Circumstances,
  { days, calls, sample, sources }: Evidence,
): Use => ({
  // Spelled out: spreading the evidence costs more than all the rest of a use.
  days,
  calls,
  sample,
  sources,
  action,
  resource,
  reason,
  condition,
  context,
  star,
  oneOf: readingOf(resource, resources),
  eventSource: call.operation.eventSource,
  eventName: call.operation.eventName,
  errorCode: call.context.errorCode,
  mayBeElsewhere: mayBeElsewhere(action, resource, call),
});
