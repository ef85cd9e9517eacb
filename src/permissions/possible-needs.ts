import type { ObservedCall } from '../cloudtrail/call.ts';
import type { Permission } from './mapping.ts';
import { mayNeedOf } from './may-need.ts';

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
  return mayNeedOf(call).flatMap(({ action, resource, passedTo, complete }) => {
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
