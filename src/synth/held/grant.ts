import type { Extent } from '../../iam/compare/containment.ts';
import { claimOf } from '../../iam/decide/claim.ts';
import { memo } from '../../iam/memo.ts';
import { CompiledSet } from '../../iam/decide/compiled-set.ts';
import { actionPattern, resourcePattern } from '../../iam/pattern/pattern.ts';
import type { Condition, PatternSet } from '../../iam/policy/policy.ts';

/** A piece of what a principal may do: one action on some resources under some conditions. */
export interface Grant {
  readonly action: string;
  readonly resources: PatternSet;
  readonly conditions: readonly Condition[];
}

/** Used (or held by evidence or a person), or kept because silence about it proves nothing. Statements never mix the two. */
type Origin = 'used' | 'kept';

export interface OriginatedGrant extends Grant {
  readonly origin: Origin;
}

/** What a grant applies to. */
export const extentOf = ({ action, resources, conditions }: Grant): Extent => ({
  actions: new CompiledSet('only', [actionPattern(action)]),
  resources: new CompiledSet(
    resources.kind,
    resources.patterns.map((text) => resourcePattern(text, true)),
  ),
  conditions: claimsOf(conditions),
});

/** Very many grants share their conditions. */
const claimsOf = memo((conditions: readonly Condition[]) =>
  conditions.map((condition) => claimOf(condition, true)),
);

/** The same text for the same conditions. */
export const conditionsText = memo((conditions: readonly Condition[]) => JSON.stringify(conditions));
