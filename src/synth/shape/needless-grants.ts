import { ExtentIndex, type Extent } from '../../iam/compare/containment.ts';
import { Budget } from '../../iam/pattern/language.ts';
import { groupBy } from '../../iam/order.ts';
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
    const usedLeft = withoutNarrower(used);
    const given = usedLeft.length > 0 ? new ExtentIndex(usedLeft.map(extentOf)) : undefined;
    return [...usedLeft, ...withoutNarrower(kept).flatMap((grant) => beyond(grant, given))];
  });
}

/** Grants without what others give under fewer conditions. */
function withoutNarrower(grants: readonly OriginatedGrant[]): readonly OriginatedGrant[] {
  const sizes = new Set(grants.map(({ conditions }) => conditions.length));
  if (sizes.size < 2) return grants;
  const wider = new Map(
    Array.from(sizes, (size) => [
      size,
      new ExtentIndex(grants.filter(({ conditions }) => conditions.length < size).map(extentOf)),
    ]),
  );
  return grants.flatMap((grant) => beyond(grant, wider.get(grant.conditions.length)));
}

/** What of a grant others do not give. */
function beyond(grant: OriginatedGrant, given: ExtentIndex<Extent> | undefined): readonly OriginatedGrant[] {
  if (given === undefined) return [grant];
  const { kind, patterns } = grant.resources;
  const left = given.left(extentOf(grant), new Budget());
  if (left.length === patterns.length) return [grant];
  return left.length === 0 ? [] : [{ ...grant, resources: { kind, patterns: left.map(({ text }) => text) } }];
}
