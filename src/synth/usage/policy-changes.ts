import type { Identity } from '../../cloudtrail/identity.ts';
import type { ChangeRow } from '../../store/reader.ts';

/** How what a principal holds can be named by a call that changes it. */
export interface HeldNames {
  readonly boundaryArn?: string;
  readonly holdings?: readonly { readonly arn?: string; readonly group?: string }[];
}

/**
 * The last day of a call that changed what a principal holds, as far as the index shows: its own policies and boundary, the groups it
 * is in or was put into, and versions of the policies it holds today. Undefined where it shows none.
 */
export function lastPolicyChange(
  rows: readonly ChangeRow[],
  { kind, name, accounts }: Pick<Identity, 'kind' | 'name' | 'accounts'>,
  { boundaryArn, holdings = [] }: HeldNames,
): number | undefined {
  const policies = new Set([boundaryArn, ...holdings.map(({ arn }) => arn)]);
  const groups = new Set(holdings.map(({ group }) => group));
  const isOurs = ({ account, target: { request } }: ChangeRow): boolean => {
    const { roleName, userName, groupName, policyArn } = request;
    if (typeof policyArn === 'string' && policies.has(policyArn)) return true;
    if (!accounts.includes(account)) return false;
    if (kind === 'role') return roleName === name;
    if (kind === 'user')
      return (
        userName === name ||
        (userName === undefined && typeof groupName === 'string' && groups.has(groupName))
      );
    // The role that a permission set has in an account is AWSReservedSSO_NAME_HASH
    // (https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html).
    return (
      kind === 'permission-set' &&
      typeof roleName === 'string' &&
      roleName.replace(/_[0-9a-f]{16}$/, '') === `AWSReservedSSO_${name}`
    );
  };
  const days = rows.filter(isOurs).flatMap((row) => row.days);
  return days.length > 0 ? Math.max(...days) : undefined;
}
