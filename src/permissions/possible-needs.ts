import type { ObservedCall } from '../cloudtrail/call.ts';
import { mentionsOf } from './mentions.ts';
import type { Permission } from './mapping.ts';
import { mayNeed } from './may-need.ts';
import { unversioned } from './operation.ts';

/** A permission that a call may have needed: its event does not say whether. */
export interface PossibleNeed {
  readonly action: string;
  /** The pattern of what it can have been needed on; `*` where the event tells nothing of it. */
  readonly resource: string;
  /** All services that the role can have been passed to; empty where they are not all known, and for other actions. */
  readonly passedTo: readonly string[];
}

/** What a call may have needed beside what it is known to have needed. */
export function possibleNeeds(
  call: ObservedCall,
  permissions: readonly Permission[],
): readonly PossibleNeed[] {
  const { eventSource, eventName } = call.operation;
  const rows = [...new Set([eventName, unversioned(eventName)])].flatMap((name) =>
    mayNeed(eventSource, name),
  );
  if (rows.length === 0) return [];
  const { present } = mentionsOf(call);
  const isPresent = (member: string): boolean => present.has(member);
  return rows
    .filter(({ when, unless }) => (when.length === 0 || when.some(isPresent)) && !unless.some(isPresent))
    .flatMap(({ action, resource, passedTo, complete }) => {
      const resources =
        resource.kind === 'companion'
          ? [resource.arn.replace(/\$\{[^}]*\}/g, '*')]
          : resource.kind === 'same'
            ? permissions.filter(({ reason }) => reason === 'operation').flatMap((one) => one.resources)
            : ['*'];
      return resources.map((one) => ({
        action,
        resource: one,
        passedTo: complete ? passedTo : [],
      }));
    });
}
