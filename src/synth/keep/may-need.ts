import { groupBy, sortedUnique } from '../../iam/order.ts';
import type { Condition } from '../../iam/policy/policy.ts';
import type { PossibleNeed } from '../../permissions/may-need.ts';
import { grantedBy, type Held } from '../held/current-grants.ts';
import type { Grant } from '../held/grant.ts';

const key = 'iam:PassedToService';

/**
 * What is held of something that a call may have needed. A role for services that are all known stays for these alone, all else
 * under today's own conditions.
 */
export function heldOfPossible({ action, resource, passedTo }: PossibleNeed, held: Held): readonly Grant[] {
  const wanted = { action, resource, star: undefined };
  if (passedTo.length === 0) return grantedBy({ ...wanted, condition: [], context: new Map() }, held);
  return passedTo.flatMap((service) =>
    grantedBy(
      {
        ...wanted,
        condition: [{ operator: 'StringEquals', key, values: [service] }],
        context: new Map([[key.toLowerCase(), [service]]]),
      },
      held,
    ),
  );
}

const isReceiver = (condition: Condition): boolean =>
  condition.operator === 'StringEquals' && condition.key.toLowerCase() === key.toLowerCase();

/** Grants that differ only in the service a role is passed to, as one for all of these. */
export function withAllReceivers(grants: readonly Grant[]): readonly Grant[] {
  const alike = groupBy(grants, ({ action, resources, conditions }) =>
    JSON.stringify([action, resources, conditions.map((one) => (isReceiver(one) ? key : one))]),
  );
  return [...alike.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const values = sortedUnique(
      group.flatMap(({ conditions }) => conditions.filter(isReceiver).flatMap((one) => one.values)),
    );
    return [
      { ...first, conditions: first.conditions.map((one) => (isReceiver(one) ? { ...one, values } : one)) },
    ];
  });
}
