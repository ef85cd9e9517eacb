import type { Identity } from '../../cloudtrail/identity.ts';
import type { Use } from '../../synth/usage/use.ts';
import { evidenceJson } from '../review/evidence.ts';

/** One line of `why --json`. */
export function whyJson({ kind, arn, account, name }: Identity, use: Use, object: string): object {
  const { action, resource, reason, eventSource, eventName } = use;
  return {
    principal: { kind, arn, account, name },
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
