import { createHash } from 'node:crypto';
import type { Principal } from '../cloudtrail/principal.ts';
import { groupBy, inKeyOrder, sortedUnique } from '../iam/order.ts';
import { printableShort } from '../iam/printable.ts';
import { type Holder } from './holder.ts';

/**
 * The holders in order of account, kind and name, each once. Two descriptions of one principal must say the same: which
 * of them holds today cannot be told, so a difference becomes a fault of both. A folder without accounts speaks of every
 * account, and a permission set has the same policies in all accounts:
 * https://docs.aws.amazon.com/singlesignon/latest/userguide/permissionsetsconcept.html
 */
export function withoutContradiction(holders: readonly Holder[]): readonly Holder[] {
  const namesakes = groupBy(holders, (holder) => JSON.stringify([holder.kind, holder.name]));
  const result = new Map<string, Holder>();
  for (const group of namesakes.values()) {
    const contents = group.length === 1 ? [] : group.map(contentOf);
    for (const [index, holder] of group.entries()) {
      const rival = group.find(
        (other, at) => describeTheSame(holder, other) && contents[at] !== contents[index],
      );
      const key = keyOf(holder.kind, holder.account, holder.name);
      if (!result.has(key)) result.set(key, rival === undefined ? holder : contradicted(holder, rival));
    }
  }
  return inKeyOrder(result);
}

/** Finds the holder behind an observed principal, as `Current.forPrincipal` promises. */
export function holderLookup(holders: readonly Holder[]): (principal: Principal) => Holder | undefined {
  const byKey = new Map<string, Holder>();
  for (const holder of holders) {
    byKey.set(keyOf(holder.kind, holder.account, holder.name), holder);
    const anywhere = keyOf(holder.kind, '*', holder.name);
    if (holder.kind === 'permission-set' && !byKey.has(anywhere)) byKey.set(anywhere, holder);
  }
  return ({ kind, account, name }) =>
    byKey.get(keyOf(kind, account, name)) ??
    byKey.get(keyOf(kind, '', name)) ??
    byKey.get(keyOf(kind, '*', name));
}

const keyOf = (kind: string, account: string, name: string): string => JSON.stringify([account, kind, name]);

function describeTheSame(a: Holder, b: Holder): boolean {
  return a.kind === 'permission-set' || a.account === b.account || a.account === '' || b.account === '';
}

function contradicted(holder: Holder, rival: Holder): Holder {
  const where = rival.arn !== '' ? rival.arn : (rival.policies[0]?.name ?? `${rival.kind}/${rival.name}`);
  const fault = `described differently by "${printableShort(where)}"; keep the one that holds today`;
  return { ...holder, faults: [...holder.faults, fault] };
}

/** A digest of what the holder may do, whatever its policies are called. */
function contentOf(holder: Holder): string {
  const documents = sortedUnique(holder.policies.map((policy) => JSON.stringify(policy.document)));
  const content = [documents, holder.boundary?.document ?? null, holder.faults.length > 0];
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}
