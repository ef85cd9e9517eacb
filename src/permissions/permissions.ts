import type { ObservedCall } from '../cloudtrail/call.ts';
import { byCodeUnit } from '../iam/order.ts';
import { evidenceOf } from './evidence.ts';
import type { KnownEntities, Mapping, Permission } from './mapping.ts';
import { actionsOf } from './operation.ts';
import { resourcesOf, type Sighting } from './resources.ts';

/** Event types that record something other than a request of a principal (CloudTrail User Guide, record contents, eventType). */
function notACall(call: ObservedCall): string | undefined {
  const { eventType } = call.operation;
  if (eventType === 'AwsServiceEvent') return 'an event of the service itself';
  if (eventType === 'AwsCloudTrailInsight') return 'an insight';
  if (call.principal.kind === 'service') return 'an AWS service acting for itself';
  return undefined;
}

/** What a call needed of its caller's policies. Pure; never throws on what a log may hold. */
export function permissionsOf(call: ObservedCall, known: KnownEntities): Mapping {
  const other = notACall(call);
  if (other !== undefined) return { kind: 'not-a-call', reason: other };
  const { eventSource, eventName, eventType } = call.operation;
  if (eventType === 'AwsConsoleSignIn') return { kind: 'no-permission', note: 'signing in to the console' };
  const operation = actionsOf(eventSource, eventName);
  if (operation.kind !== 'actions') return operation;
  const sighting: Sighting = { call, evidence: evidenceOf(call), known };
  const permissions: Permission[] = operation.actions.map((action) => ({
    action: action.name,
    ...resourcesOf(action, sighting, undefined),
    reason: 'operation',
  }));
  return {
    kind: 'mapped',
    permissions: permissions.sort((a, b) => byCodeUnit(a.action, b.action)),
    notes: [],
  };
}
