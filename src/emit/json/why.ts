import type { Identity } from '../../cloudtrail/identity.ts';
import type { Use } from '../../synth/usage/use.ts';
import { principalJson } from './changes.ts';
import { evidenceJson } from '../review/evidence.ts';

/** One line of `why --json`. */
export function whyJson(identity: Identity, use: Use, object: string): object {
  const { action, resource, reason, eventSource, eventName } = use;
  return {
    principal: principalJson(identity),
    action,
    resource,
    reason,
    eventSource,
    eventName,
    ...(use.refusedBy === undefined ? {} : { refusedBy: use.refusedBy }),
    ...evidenceJson(use),
    sampleObject: object,
  };
}
