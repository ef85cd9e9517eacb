import type { Call } from '../cloudtrail/call.ts';
import { nothingKnown, type Mapping, type Permission } from '../permissions/mapping.ts';
import { whoseverItIs } from '../permissions/may-need.ts';
import { withNames } from '../permissions/named-by.ts';
import { outcomeOf, type CallOutcome } from '../permissions/outcome.ts';
import { permissionsOf } from '../permissions/permissions.ts';

/** One event, read: who called, how it ended, which permissions it needed. */
export interface Explanation {
  readonly call: Call;
  readonly outcome: CallOutcome;
  readonly mapping: Mapping;
}

export function explain(call: Call): Explanation {
  const mapping = permissionsOf(call, nothingKnown);
  const owned = whoseverItIs(call);
  const isOthers = ({ reason, resources }: Permission): boolean =>
    reason === 'operation' && resources.some((resource) => owned(resource) !== resource);
  return {
    call,
    outcome: outcomeOf(call),
    mapping:
      mapping.kind === 'mapped'
        ? {
            ...mapping,
            permissions: mapping.permissions.map((permission) => withNames(permission, call)),
            notes: mapping.permissions.some(isOthers)
              ? [
                  ...mapping.notes,
                  'if a delegated administrator called, the account is the management account’s',
                ]
              : mapping.notes,
          }
        : mapping,
  };
}
