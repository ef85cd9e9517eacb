import type { Permission } from '../mapping.ts';
import type { Sighting } from '../sighting.ts';

const tagging = new Set(['AssumeRole', 'GetFederationToken']);

/**
 * Setting a source identity and session tags are permissions beside the session's own, on the same resource. A chained
 * session inherits its source identity and sets it again without the request showing it
 * (IAM User Guide, id_credentials_temp_control-access_monitor.html and id_session-tags.html).
 */
export function sessionExtras({ call }: Sighting, permissions: readonly Permission[]): readonly Permission[] {
  const { eventName } = call.operation;
  const { request } = call.target;
  const session = permissions.find(({ reason }) => reason === 'operation');
  if (session === undefined) return [];
  const extras: string[] = [];
  if (
    eventName === 'AssumeRole' &&
    (request['sourceIdentity'] !== undefined || call.context.sourceIdentity !== '')
  ) {
    extras.push('sts:SetSourceIdentity');
  }
  if (tagging.has(eventName) && request['tags'] !== undefined) extras.push('sts:TagSession');
  return extras.map((action) => ({ ...session, action, reason: 'session' as const }));
}
