import type { Condition, PatternSet } from '../../iam/policy/policy.ts';

/** A piece of what a principal may do: one action on some resources under some conditions. */
export interface Grant {
  readonly action: string;
  readonly resources: PatternSet;
  readonly conditions: readonly Condition[];
}

/** Why a grant is in a policy: it was used, or it could not have been seen. Statements never mix the two. */
export type Origin = 'used' | 'kept';

export interface OriginatedGrant extends Grant {
  readonly origin: Origin;
}
