import { expandActions, reads, serviceInfo, serviceOf, servicePrefixes } from '../../iam/catalogue.ts';
import { once } from '../../iam/memo.ts';
import { byCodeUnit, groupBy, sortedUnique } from '../../iam/order.ts';
import { type Held, allHeld, grantedBy, isDenied } from '../held/current-grants.ts';
import type { Grant } from '../held/grant.ts';
import type { Observed, SeenCall, UnknownCall, Use } from '../usage/use.ts';
import type { Condition } from '../../iam/policy/policy.ts';
import type { PossibleNeed } from '../../permissions/may-need.ts';
import { observabilityOf } from '../../permissions/observability.ts';
import { nounOf, unversioned } from '../../permissions/operation.ts';

/** Why evidence of calls speaks against giving something up. */
export type DoubtReason = 'contradicted' | 'may-need' | 'unmapped-call';

/** An action that calls may have needed although they do not show it. */
export interface Doubt {
  readonly action: string;
  readonly reason: DoubtReason;
  /** What of it stays, as patterns; `*` for all but some. */
  readonly resources: readonly string[];
  readonly calls: readonly SeenCall[];
  /** False: nothing of it is held, so nothing stays. */
  readonly kept: boolean;
}

/**
 * What of today's policies stays because calls may have needed it, under today's conditions; sorted by reason and action.
 * @param contradicted uses that nothing but an identity policy can allow, and today's do not
 */
export function doubts(
  held: Held,
  { unmapped, possible }: Pick<Observed, 'unmapped' | 'possible'>,
  contradicted: readonly Use[],
): { readonly grants: readonly Grant[]; readonly list: readonly Doubt[] } {
  const grants: Grant[] = [];
  const list: Doubt[] = [];
  const add = (
    reason: DoubtReason,
    action: string,
    calls: readonly SeenCall[],
    own: readonly Grant[],
  ): void => {
    grants.push(...own);
    list.push({ action, reason, resources: resourcesOf(own), calls, kept: own.length > 0 });
  };
  const unread: Unread[] = [...unmapped];
  for (const [action, uses] of groupBy(contradicted, (use) => use.action)) {
    const own = allHeld(action, held);
    if (own.length > 0) add('contradicted', action, uses, own);
    else {
      const own = { readOnly: reads(action), services: [serviceOf(action)] };
      unread.push(...uses.map(({ kind, resource: _resource, ...seen }) => ({ ...kind, ...seen, ...own })));
    }
  }
  for (const [action, uses] of groupBy(possible, (use) => use.action)) {
    const own = withAllReceivers(uses.flatMap((use) => heldOfPossible(use, held)));
    if (own.length > 0 || uses.some(({ isAlways }) => !isAlways)) add('may-need', action, uses, own);
  }
  const perhaps = new Map<string, SeenCall[]>();
  const alike = groupBy(unread, (call) => JSON.stringify([call.eventSource, call.eventName, call.readOnly]));
  for (const calls of alike.values())
    for (const action of perhapsNeeded(calls[0], held))
      perhaps.set(action, [...(perhaps.get(action) ?? []), ...calls]);
  for (const [action, calls] of perhaps) {
    const own = allHeld(action, held);
    if (own.length > 0) add('unmapped-call', action, calls, own);
  }
  return { grants, list: list.sort((a, b) => byCodeUnit(orderKey(a), orderKey(b))) };
}

const resourcesOf = (grants: readonly Grant[]): readonly string[] =>
  sortedUnique(grants.flatMap(({ resources: { kind, patterns } }) => (kind === 'only' ? patterns : ['*'])));

const orderKey = ({ reason, action }: Doubt): string => `${reason} ${action}`;

/** Why a use can have succeeded that today's policies do not grant. `contradicted`: the reading is wrong, or these are not all it held. */
export type NotHeldReason = 'granted-elsewhere' | 'contradicted' | 'changed-since';

/** Of a use that `grantedBy` finds no grant for. */
export function whyNotHeld(use: Use, held: Held): NotHeldReason {
  // On the day of a change nobody can tell which policies a call met.
  if (Math.max(...use.days) <= held.changed) return 'changed-since';
  // What a Deny of the identity policies refuses, no other policy allows
  // (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html).
  return use.kind.mayBeElsewhere && !isDenied(use, held) ? 'granted-elsewhere' : 'contradicted';
}

const key = 'iam:PassedToService';

/** What is held of something that a call may have needed: for the services that a role can have gone to, where all are known. */
function heldOfPossible({ action, resource, passedTo }: PossibleNeed, held: Held): readonly Grant[] {
  if (passedTo.length === 0) return allHeld(action, held, resource);
  return passedTo.flatMap((service) => {
    const condition = [{ operator: 'StringEquals', key, values: [service] }];
    const context = new Map([[key.toLowerCase(), [service]]]);
    return grantedBy({ action, resource, condition, context, star: undefined }, held);
  });
}

const isReceiver = (condition: Condition): boolean =>
  condition.operator === 'StringEquals' && condition.key.toLowerCase() === key.toLowerCase();

/** Grants that differ only in the service a role is passed to, as one for all of these. */
function withAllReceivers(grants: readonly Grant[]): readonly Grant[] {
  const alike = groupBy(grants, ({ action, resources, conditions }) =>
    JSON.stringify([action, resources, conditions.map((one) => (isReceiver(one) ? key : one))]),
  );
  return [...alike.values()].map((group) => {
    const values = sortedUnique(
      group.flatMap(({ conditions }) => conditions.filter(isReceiver).flatMap((one) => one.values)),
    );
    const conditions = group[0].conditions.map((one) => (isReceiver(one) ? { ...one, values } : one));
    return { ...group[0], conditions };
  });
}

/** A call of which nobody knows what it needed. */
type Unread = Omit<UnknownCall, 'reason'>;

/**
 * The actions that a call can have needed, held or not: in the services that its source can belong to those of its name, and those
 * of the same noun and access. Of a source that no table knows: actions of its name that no known event shows, and all of
 * the services that are held by name and have no known source.
 */
function perhapsNeeded(call: Unread, held: Held): readonly string[] {
  const name = unversioned(call.eventName);
  const { services } = call;
  return services.length > 0
    ? services.flatMap((service) => inService(service, name, call.readOnly))
    : [
        ...expandActions(`*:${name}`).filter(hasNoEvent),
        ...silentServices(held).flatMap((service) => [
          ...expandActions(`${service}:*`),
          `${service}:${name}`,
        ]),
      ];
}

/** An action of the call's name that is newer than the catalogue is among them. */
function inService(service: string, eventName: string, readOnly: boolean | undefined): readonly string[] {
  const name = eventName.toLowerCase();
  const noun = nounOf(upperFirst(eventName));
  const actions = serviceInfo(service)?.actions;
  const kin = [...(actions?.values() ?? [])].filter((action) => {
    const own = action.name.slice(service.length + 1);
    return (
      unversioned(own).toLowerCase() === name ||
      (noun !== '' && nounOf(own) === noun && (readOnly === undefined || readOnly === reads(action.name)))
    );
  });
  return [...kin.map((action) => action.name), ...(actions?.has(name) ? [] : [`${service}:${eventName}`])];
}

const upperFirst = (name: string): string => name.charAt(0).toUpperCase() + name.slice(1);

const hasNoEvent = (action: string): boolean => observabilityOf(action).category === 'no-known-event';

const silent = once(
  () => new Set(servicePrefixes().filter((service) => expandActions(`${service}:*`).every(hasNoEvent))),
);

/** Services held by name of which no event is known at all. */
function silentServices({ allows }: Held): readonly string[] {
  const named = allows.flatMap(({ source: { actions } }) =>
    actions.kind === 'only' ? actions.patterns.map((pattern) => serviceOf(pattern).toLowerCase()) : [],
  );
  return [...new Set(named)].filter((service) => silent().has(service));
}
