import type { ObservedCall } from '../cloudtrail/call.ts';
import type { KnownEntities, Permission } from './mapping.ts';
import { mentionsOf } from './mentions.ts';
import { escapeText } from './text.ts';
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
  known: KnownEntities,
): readonly PossibleNeed[] {
  return mayNeedOf(call).flatMap(({ action, resource, passedTo, complete }) => {
    const resources =
      resource.kind === 'companion'
        ? [resource.arn.replace(/\$\{[^}]*\}/g, '*')]
        : resource.kind === 'same'
          ? permissions.filter(({ reason }) => reason === 'operation').flatMap((one) => one.resources)
          : (rolesOf(passedTo, call, known) ?? ['*']);
    return resources.map((one) => ({
      action,
      resource: one,
      passedTo: complete ? passedTo : [],
    }));
  });
}

/**
 * The roles that a call hands to tasks, where it names a revision of a task definition that was seen when it was registered; other
 * names may mean another definition by the time of the call. Undefined where they are not known.
 */
function rolesOf(
  passedTo: readonly string[],
  call: ObservedCall,
  known: KnownEntities,
): readonly string[] | undefined {
  const { taskDefinition } = call.target.request;
  if (!passedTo.includes(tasks) || typeof taskDefinition !== 'string') return undefined;
  const { partition, region, account } = mentionsOf(call).place;
  const arn = taskDefinition.startsWith('arn:')
    ? taskDefinition
    : `arn:${partition}:ecs:${region}:${account}:task-definition/${taskDefinition}`;
  return known.rolesOfTaskDefinition?.(arn)?.map(escapeText);
}

const tasks = 'ecs-tasks.amazonaws.com';
