import { isDenied, type Held } from '../held/current-grants.ts';
import type { Use } from '../usage/use.ts';

/**
 * Why a use can have succeeded that today's policies do not grant. `contradicted`: nothing else can have allowed it, so either the
 * call is read wrongly or these policies are not all that was held.
 */
export type NotHeldReason = 'granted-elsewhere' | 'contradicted' | 'changed-since';

/** Of a use that `grantedBy` finds no grant for. */
export function whyNotHeld(use: Use, held: Held): NotHeldReason {
  // On the day of a change nobody can tell which policies a call met.
  if (Math.max(...use.days) <= held.changed) return 'changed-since';
  // What a Deny of the identity policies refuses, no other policy allows
  // (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html).
  return use.mayBeElsewhere && !isDenied(use, held) ? 'granted-elsewhere' : 'contradicted';
}
