import type { Call } from '../cloudtrail/call.ts';
import { nothingKnown, type Mapping } from '../permissions/mapping.ts';
import { outcomeOf, type CallOutcome } from '../permissions/outcome.ts';
import { permissionsOf } from '../permissions/permissions.ts';

/** One event, read: who called, how it ended, which permissions it needed. */
export interface Explanation {
  readonly call: Call;
  readonly outcome: CallOutcome;
  readonly mapping: Mapping;
}

export const explain = (call: Call): Explanation => ({
  call,
  outcome: outcomeOf(call),
  mapping: permissionsOf(call, nothingKnown),
});
