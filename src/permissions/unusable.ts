import { dataRows, serviceOf, stringsOf } from '../iam/catalogue.ts';
import { once } from '../iam/memo.ts';

/** Who may assume a role, as far as its trust policy allows anybody at all: conditions and denies are left out. */
export interface Trust {
  /** Service principals (`ec2.amazonaws.com`), in the form without the partition's `.cn`; sorted. */
  readonly services: readonly string[];
  /** Whether anything but AWS services may: an account, a user, a provider of identities. */
  readonly others: boolean;
}

/** `data/overrides/unusable.json`: every service principal that may use an action which only services can. */
const table = once(
  () =>
    new Map(
      dataRows('overrides/unusable.json').flatMap((row) =>
        stringsOf(row['actions']).map(
          (action) => [action.toLowerCase(), stringsOf(row['services'])] as const,
        ),
      ),
    ),
);

/**
 * Whether nobody who may assume a role can use an action: it takes a service (`s3.amazonaws.com` for `s3:ReplicateObject`),
 * and the trust policy lets none of those in. Not decided, so false, of a role that anything but services may assume, of a
 * user, and where the trust policy is not known.
 */
export function cannotUse(action: string, trust: Trust | undefined): boolean {
  const lower = action.toLowerCase();
  const users = table().get(lower) ?? table().get(`${serviceOf(lower)}:*`);
  return (
    users !== undefined &&
    trust !== undefined &&
    !trust.others &&
    trust.services.length > 0 &&
    !users.some((service) => trust.services.includes(service))
  );
}
