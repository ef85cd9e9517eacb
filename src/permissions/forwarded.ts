import { readData } from '../iam/catalogue.ts';
import { words } from '../iam/json.ts';
import { once } from '../iam/memo.ts';
import type { Condition } from '../iam/policy/policy.ts';
import type { Sighting } from './mentions.ts';

/** Services that AWS lists for `aws:CalledVia`. */
const calledVia = once(() => new Set(words(readData('overrides/called-via.json')['services'])));

/**
 * The condition on every permission of a call that its `invokedBy` gives, with a note; undefined where it is not certain that the key
 * is set. A service that calls with a user's own credentials forwards them, and `aws:CalledVia`
 * names it. A role may as well have been assumed by the service, where the key is absent: no condition then
 * (IAM User Guide, access_forward_access_sessions.html). `AWS Internal` names no service.
 */
export function forwarded({ call, notes }: Sighting): Condition | undefined {
  const { context, operation, principal } = call;
  const { invokedBy } = context;
  // The console signs in the person; it forwards nothing.
  if (invokedBy === '' || invokedBy === 'signin.amazonaws.com') return undefined;
  const isInternal = invokedBy === 'AWS Internal';
  const isCertain = principal.kind === 'user' || principal.kind === 'permission-set';
  notes.add(
    isInternal
      ? `${operation.eventSource} ${operation.eventName}: called by AWS on behalf of the principal; which service is not recorded, so no condition names it`
      : isCertain
        ? `called by ${invokedBy} with the principal's own credentials`
        : `called by ${invokedBy}; whether it forwarded the principal's own session is not recorded`,
  );
  return !isInternal && isCertain && calledVia().has(invokedBy.replace(/\.amazonaws\.com$/, ''))
    ? { operator: 'ForAnyValue:StringEquals', key: 'aws:CalledVia', values: [invokedBy] }
    : undefined;
}
