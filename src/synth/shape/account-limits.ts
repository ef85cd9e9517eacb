import { byCodeUnit, groupBy, sortedUnique } from '../../iam/order.ts';
import type { PolicyDocument } from '../../iam/policy/policy.ts';
import type { OriginatedGrant } from '../held/grant.ts';
import { isLimit } from '../held/merged-policies.ts';

const contentOf = ({ action, resources, conditions }: OriginatedGrant): string =>
  JSON.stringify([action, resources, conditions.filter((one) => !isLimit(one))]);

/**
 * Grants with one in the place of those that together give the same in every account: where the policies are for these
 * accounts alone, they grant the same.
 */
export function inAll(
  grants: readonly OriginatedGrant[],
  accounts: readonly string[],
): readonly OriginatedGrant[] {
  return [...groupBy(grants, contentOf).values()].flatMap((alike) => {
    const [first] = alike;
    const own = new Set(alike.flatMap(({ conditions }) => conditions.find(isLimit)?.values ?? []));
    if (!first || !accounts.every((account) => own.has(account))) return alike;
    const origin = alike.some((grant) => grant.origin === 'used') ? 'used' : 'kept';
    return [{ ...first, origin, conditions: first.conditions.filter((one) => !isLimit(one)) }];
  });
}

/** What policies grant or deny in some accounts only, a line for each such set of accounts. */
export function exceptions(documents: readonly PolicyDocument[]): readonly string[] {
  const limits = documents
    .flatMap(({ statements }) => statements)
    .flatMap(({ effect, actions, conditions }) => {
      const values = conditions.find(isLimit)?.values;
      return values ? [{ effect, actions, own: values }] : [];
    });
  return [
    ...groupBy(limits, ({ effect, own }) => `${effect === 'Deny' ? 'denied ' : ''}only in ${own.join(', ')}`),
  ]
    .sort(([a], [b]) => byCodeUnit(a, b))
    .map(([where, list]) => {
      const named = list.flatMap(({ actions: { kind, patterns } }) =>
        kind === 'only' ? patterns : [`all but ${patterns.join(', ')}`],
      );
      return `${where}, because today's policies of the other accounts do not say the same: ${sortedUnique(named).join(', ')}`;
    });
}
