import type { ObservedCall } from '../../cloudtrail/call.ts';
import { once } from '../../iam/memo.ts';
import { sortedUnique } from '../../iam/order.ts';
import type { KnownEntities, Permission } from '../../permissions/mapping.ts';
import { mayBeElsewhere } from '../../permissions/elsewhere.ts';
import { servicesOfSource, sourceStem } from '../../permissions/event-source.ts';
import { namedRefusal, type NamedRefusal } from '../../permissions/refused-call.ts';
import { possibleNeeds, whoseverItIs } from '../../permissions/may-need.ts';
import { observabilityOf } from '../../permissions/observability.ts';
import { outcomeOf, provenBy, type CallOutcome } from '../../permissions/outcome.ts';
import { permissionsOf } from '../../permissions/permissions.ts';
import { wideningOf, type Widened } from '../../permissions/widened.ts';
import type { ObservedFact } from '../../store/reader.ts';
import { serviceOf } from '../../iam/catalogue.ts';
import { daysLeft, type Exclusion } from './exclusion.ts';
import { Gathered, Shared, type Evidence } from './gathering.ts';
import { kindOf, misreadNotes, widened, type Misread } from './misread.ts';
import { Use, type Observed, type PossibleUse, type UnknownCall, type UseKind } from './use.ts';

/**
 * Turns a principal's facts into uses.
 * @param others kinds of calls that other principals' refusals show to be read wrongly
 * @param matched gets the texts of the exclusions that left anything out
 */
export function observe(
  facts: Iterable<ObservedFact>,
  entities: KnownEntities,
  exclusions: readonly Exclusion[],
  others: Misread = new Map(),
  matched = new Set<string>(),
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
  const shown = new Set<string>();
  const notes = new Set<string>();
  const beyond = new Map<string, Widened>();
  const refusals = new Map<string, boolean>();
  const misread = new Map(others);
  let callsAsDelivered = 0;
  let callsAtMost = false;
  let excluded = 0;
  for (const fact of facts) {
    const left = daysLeft(fact.call, fact.days, exclusions, matched);
    if (left.length < fact.days.length) excluded++;
    if (left.length === 0) continue;
    const { call } = fact;
    const { eventSource, eventName } = call.operation;
    const seen = once((): Evidence => ({
      days: days.of(left),
      calls: fact.calls,
      sample: fact.sample,
      sources: sources.of([call.context.invokedBy === '' ? eventSource : '']),
    }));
    const outcome = outcomeOf(call);
    const mapping = permissionsOf(call, entities);
    if (mapping.kind === 'not-a-call') continue;
    callsAsDelivered += fact.calls;
    if (fact.isCut || left.length < fact.days.length) callsAtMost = true;
    const known = mapping.kind === 'mapped' ? mapping.permissions : [];
    const named = outcome === 'denied' ? namedRefusal(call, known) : undefined;
    if (named) {
      const kind = kindOf(call.operation, named.action);
      refusals.set(kind, named.agrees);
      if (named.type !== undefined) misread.set(kind, named.type);
    }
    const permissions =
      named && !known.some(({ action }) => action === named.action)
        ? [...known, refusedPermission(named)]
        : known;
    const owned = whoseverItIs(call);
    for (const permission of permissions) {
      services.add(serviceOf(permission.action));
      if (outcome === 'allowed' && permission.reason === 'operation' && isNews(permission.action, call))
        shown.add(`${permission.action.toLowerCase()} ${sourceStem(eventSource)}`);
      const needed = circumstancesOf(call, permission, circumstances);
      for (const named of permission.resources) {
        const resource = permission.reason === 'operation' ? owned(named) : named;
        const why =
          outcome === 'denied'
            ? undefined
            : resource === named
              ? wideningOf(call.target, resource, permission.star)
              : 'any-account';
        if (why) {
          const { action } = permission;
          beyond.set(`${action} ${resource} ${why}`, { action, resource, why });
        }
        const reading = readingOf(resource, permission.resources);
        const elsewhere = mayBeElsewhere(permission.action, resource, call);
        const kind = kindFor(call, permission, needed, [reading, elsewhere]);
        byOutcome[provenBy(outcome, permission)].add(
          [permission.action, resource, needed.key + (call.target.refusal?.by ?? '')],
          (evidence) => new Use(kind, resource, evidence),
          seen(),
        );
      }
    }
    if (mapping.kind === 'mapped') {
      for (const note of mapping.notes) notes.add(note);
      if (outcome !== 'denied')
        for (const need of possibleNeeds(call, mapping.permissions, entities))
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
  const uses = widened(proven.sorted(), misread, days, sources);
  return {
    uses,
    // A call that was throttled once and went through another time proves itself.
    inconclusive: widened(byOutcome.inconclusive.sorted(proven), misread, days, sources),
    denied: byOutcome.denied.sorted(),
    unmapped: unmapped.sorted(),
    possible: possible.sorted(),
    noPermission: noPermission.size,
    callsAsDelivered,
    callsAtMost,
    services,
    shown,
    excluded,
    notes: sortedUnique([...notes, ...misreadNotes(uses, misread)]),
    widened: [...beyond.values()],
    refusals: { named: refusals.size, agree: [...refusals.values()].filter(Boolean).length },
  };
}

/** Whether a call shows that trails log an action, of which no page says so: data events are logged only where a trail is told to. */
const isNews = (action: string, { operation: { category }, context: { invokedBy } }: ObservedCall): boolean =>
  category === 'management' && invokedBy === '' && observabilityOf(action).category === 'no-known-event';

/** The permission that AWS says was lacking, where the call is not read as needing it. */
const refusedPermission = ({ action, resource }: NamedRefusal): Permission => ({
  action,
  resources: [resource],
  reason: 'dependent',
  ...(resource === '*' ? { star: 'none-named' as const } : {}),
});

/** The role's ARN without its path, for the readings of a bare role name: of several roles that a call passes each is needed. */
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
  readonly kinds: Map<string, UseKind>;
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
  const circumstances = { key, context, condition, kinds: new Map() };
  known.set(id, circumstances);
  return circumstances;
}

/** What the uses of a permission of a call have in common. */
function kindFor(
  { operation: { eventSource, eventName }, context: { errorCode }, target: { refusal } }: ObservedCall,
  { action, reason, star }: Permission,
  { condition, context, kinds }: Circumstances,
  [oneOf, mayBeElsewhere]: readonly [string, boolean],
): UseKind {
  const texts = [action, reason, star, oneOf, eventSource, eventName, errorCode, mayBeElsewhere, refusal?.by];
  const id = texts.join('\u0000');
  const kind = kinds.get(id) ?? {
    action,
    reason,
    condition,
    context,
    star,
    oneOf,
    eventSource,
    eventName,
    errorCode,
    mayBeElsewhere,
    ...(refusal ? { refusedBy: refusal.by } : {}),
  };
  kinds.set(id, kind);
  return kind;
}
