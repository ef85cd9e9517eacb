import { memo } from '../../iam/memo.ts';
import { byCodeUnit, sortedUnique } from '../../iam/order.ts';
import { inContext, type Observed, Use } from './use.ts';

/**
 * The key that tells the accounts of one policy apart: it is in every request
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-principalaccount).
 * As a variable in an ARN it could not stand before the fifth colon, where the account is
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-wheretouse).
 */
export const principalAccount = 'aws:PrincipalAccount';
/** The same as contexts spell it. */
export const principalAccountKey = principalAccount.toLowerCase();

/** Something of the role of one account. */
export interface OfAccount<T> {
  readonly account: string;
  readonly of: T;
}

/** What roles of one name did, each use with the account it was seen in as context, so that it is judged by that account's policies. */
export function observedAcross(parts: readonly OfAccount<Observed>[]): Observed {
  const all = (list: (observed: Observed) => readonly Use[]): readonly Use[] =>
    parts
      .flatMap(({ account, of }) => {
        return list(of).map(inContext(memo((one) => new Map([...one, [principalAccountKey, [account]]]))));
      })
      .sort((a, b) => byCodeUnit(a.action, b.action) || byCodeUnit(a.resource, b.resource));
  const sum = (count: (observed: Observed) => number): number =>
    parts.reduce((total, { of }) => total + count(of), 0);
  return {
    uses: all(({ uses }) => uses),
    inconclusive: all(({ inconclusive }) => inconclusive),
    denied: all(({ denied }) => denied),
    unmapped: parts.flatMap(({ of }) => of.unmapped),
    possible: parts.flatMap(({ of }) => of.possible),
    noPermission: sum(({ noPermission }) => noPermission),
    callsAsDelivered: sum(({ callsAsDelivered }) => callsAsDelivered),
    callsAtMost: parts.some(({ of }) => of.callsAtMost === true),
    services: new Set(parts.flatMap(({ of }) => [...of.services])),
    shown: new Set(parts.flatMap(({ of }) => [...(of.shown ?? [])])),
    excluded: sum(({ excluded }) => excluded),
    refusals: { named: sum(({ refusals }) => refusals.named), agree: sum(({ refusals }) => refusals.agree) },
    notes: sortedUnique(parts.flatMap(({ of }) => of.notes)),
    widened: parts.flatMap(({ of }) => of.widened ?? []),
  };
}

/** Uses as evidence for every account that holds them, each once; those of a single account as they are. */
export function anywhere(uses: readonly Use[]): readonly Use[] {
  if (!uses.some(({ context }) => context.has(principalAccountKey))) return uses;
  const known = new Map<string, Use>();
  for (const use of uses) {
    const context = new Map([...use.context].filter(([name]) => name !== principalAccountKey));
    const id = JSON.stringify([use.action, use.resource, use.star ?? '', use.condition, [...context]]);
    if (!known.has(id)) known.set(id, new Use({ ...use.kind, context }, use.resource, use));
  }
  return [...known.values()];
}
