import { readData } from '../iam/catalogue.ts';
import { words } from '../iam/json.ts';
import { once } from '../iam/memo.ts';
import type { ObservedCall } from '../cloudtrail/call.ts';
import type { Condition } from '../iam/policy/policy.ts';

/** Services that AWS lists for `aws:CalledVia`. */
const calledVia = once(() => new Set(words(readData('overrides/called-via.json')['services'])));

/** What `invokedBy` adds to a call. */
interface Forwarding {
  /** '' for nothing to say. */
  readonly note: string;
  /** On every permission of the call; absent where it is not certain that the key is set. */
  readonly condition?: Condition;
}

/**
 * What `invokedBy` says of a call. A service that calls with a user's own credentials forwards them, and `aws:CalledVia`
 * names it. A role may as well have been assumed by the service, where the key is absent: no condition then
 * (IAM User Guide, access_forward_access_sessions.html). `AWS Internal` names no service.
 */
export function forwardedBy({ context, operation, principal }: ObservedCall): Forwarding {
  const { invokedBy } = context;
  // The console signs in the person; it forwards nothing.
  if (invokedBy === '' || invokedBy === 'signin.amazonaws.com') return { note: '' };
  if (invokedBy === 'AWS Internal')
    return {
      note: `${operation.eventSource} ${operation.eventName}: called by AWS on behalf of the principal; which service is not recorded, so no condition names it`,
    };
  if (principal.kind !== 'user' && principal.kind !== 'permission-set')
    return {
      note: `called by ${invokedBy}; whether it forwarded the principal's own session is not recorded`,
    };
  const note = `called by ${invokedBy} with the principal's own credentials`;
  return calledVia().has(invokedBy.replace(/\.amazonaws\.com$/, ''))
    ? { note, condition: { operator: 'ForAnyValue:StringEquals', key: 'aws:CalledVia', values: [invokedBy] } }
    : { note };
}
