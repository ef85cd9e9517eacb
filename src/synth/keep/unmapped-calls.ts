import { actionInfo, expandActions, serviceInfo, serviceOf, servicePrefixes } from '../../iam/catalogue.ts';
import { observabilityOf } from '../../permissions/observability.ts';
import { nounOf, unversioned } from '../../permissions/operation.ts';
import type { Held } from '../held/current-grants.ts';

/** A call of which nobody knows what it needed. */
export interface Unread {
  readonly eventSource: string;
  readonly eventName: string;
  /** Undefined where the event does not say. */
  readonly readOnly: boolean | undefined;
  readonly services: readonly string[];
}

/**
 * The actions that a call can have needed, held or not: in the services that its source can belong to those of its name, and those
 * of the same noun and access. Of a source that no table knows: actions of its name that no known event shows, and all of
 * the services that are held by name and have no known source.
 */
export function perhapsNeeded(call: Unread, held: Held): readonly string[] {
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

/** Whether an action only reads. */
export function reads(action: string): boolean {
  const level = actionInfo(action)?.accessLevel;
  return level === 'Read' || level === 'List';
}

const hasNoEvent = (action: string): boolean => observabilityOf(action).category === 'no-known-event';

let silent: ReadonlySet<string> | undefined;

/** Services held by name of which no event is known at all. */
function silentServices({ allows }: Held): readonly string[] {
  silent ??= new Set(servicePrefixes().filter((service) => expandActions(`${service}:*`).every(hasNoEvent)));
  const named = allows.flatMap(({ source: { actions } }) =>
    actions.kind === 'only' ? actions.patterns.map((pattern) => serviceOf(pattern).toLowerCase()) : [],
  );
  return [...new Set(named)].filter((service) => silent?.has(service));
}
