import { among, ExtentIndex, type ConditionRule, type Extent } from '../../iam/compare/containment.ts';
import { Budget } from '../../iam/pattern/language.ts';
import { groupBy } from '../../iam/order.ts';
import type { Condition } from '../../iam/policy/policy.ts';
import { extentOf, type OriginatedGrant } from '../held/grant.ts';

/**
 * Grants without what others give anyway, under the same or fewer conditions: what is kept unseen and was used in a wider
 * sense is used; what was used needs nothing of what is kept unseen. Neither more nor less is allowed.
 */
export function withoutNeedless(grants: readonly OriginatedGrant[]): readonly OriginatedGrant[] {
  return [...groupBy(grants, ({ action }) => action).values()].flatMap((ofAction) => {
    if (ofAction.length === 1) return ofAction;
    const [used = [], kept = []] = (['used', 'kept'] as const).map((origin) =>
      ofAction.filter((g) => g.origin === origin),
    );
    const usedLeft = leftOf(used, used, fewer);
    return [...usedLeft, ...leftOf(leftOf(kept, kept, fewer), usedLeft, among)];
  });
}

const fewer: ConditionRule<Condition> = (outer, inner) => outer.length < inner.length && among(outer, inner);

function leftOf(
  grants: readonly OriginatedGrant[],
  others: readonly OriginatedGrant[],
  rule: ConditionRule<Condition>,
): readonly OriginatedGrant[] {
  if (
    others.length === 0 ||
    (rule === fewer && new Set(others.map(({ conditions }) => conditions.length)).size === 1)
  )
    return grants;
  const index = new ExtentIndex<Condition, Extent<Condition>>(others.map(extentOf));
  return grants.flatMap((grant) => {
    const { kind, patterns } = grant.resources;
    const left = index.left(extentOf(grant), rule, new Budget());
    if (left.length === patterns.length) return [grant];
    return left.length === 0
      ? []
      : [{ ...grant, resources: { kind, patterns: left.map(({ text }) => text) } }];
  });
}
