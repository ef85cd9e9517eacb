import type { AwsAccess } from '../aws/access.ts';
import type { Identity } from '../cloudtrail/identity.ts';
import { dayIn } from '../permissions/last-accessed.ts';
import type { Current } from '../current/current.ts';
import type { Today } from '../synth/held/today.ts';

/** Today's policies of one principal. While there are faults nothing may be decided from them. */
export interface FoundToday extends Today {
  readonly faults: readonly string[];
  /** ARN with its path, where the input shows it. */
  readonly arn?: string;
  /**
   * Whether the input names the principal; if not, whether it lists all principals of the account, so that this one was deleted.
   * Of one that is not named there are faults.
   */
  readonly standing: 'named' | 'deleted' | 'not-known';
}

/** What everybody holds today, as `--current` names it; undefined without it. @throws InputError when it cannot be read */
export const readToday = async (
  source: string | undefined,
  access: AwsAccess,
): Promise<Current | undefined> =>
  source === undefined ? undefined : (await import('../current/current.ts')).readCurrent(source, access);

/** @param alone whether only this principal is asked about: then policies that name nobody are its own */
export function todayOf(
  current: Current,
  { kind, name, arn, accounts }: Pick<Identity, 'kind' | 'name' | 'arn' | 'accounts'>,
  alone: boolean,
): FoundToday {
  const [account = ''] = accounts;
  const holder = current.forPrincipal({ kind, name, arn, account, uniqueId: '' });
  if (holder) {
    return {
      identity: holder.policies.map((p) => p.document),
      boundary: holder.boundary?.document,
      ...(holder.boundary?.arn === undefined ? {} : { boundaryArn: holder.boundary.arn }),
      made: holder.policies.map(({ createDate = '' }) => dayIn(createDate)),
      holdings: holder.policies,
      arn: holder.arn,
      ...(holder.trust === undefined ? {} : { trust: holder.trust }),
      faults: holder.faults,
      standing: 'named',
    };
  }
  if (alone && current.unnamed.length > 0) {
    const identity = current.unnamed.map((p) => p.document);
    return { identity, boundary: undefined, holdings: current.unnamed, faults: [], standing: 'named' };
  }
  const isDeleted = accounts.length > 0 && accounts.every((one) => current.lists(kind, one));
  return {
    identity: [],
    boundary: undefined,
    holdings: [],
    faults: [
      isDeleted
        ? `deleted: --current lists ${accounts.join(', ')} without it`
        : `not known to --current; give the policies of ${accounts.join(', ')} (--profile)`,
    ],
    standing: isDeleted ? 'deleted' : 'not-known',
  };
}
