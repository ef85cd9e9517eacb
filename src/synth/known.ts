import { groupBy } from '../iam/order.ts';
import type { KnownEntities } from '../permissions/mapping.ts';
import type { Principal } from '../cloudtrail/principal.ts';

/** Paths of roles, from today's policies where they say, else from the identities in the index. */
export function knownEntities(
  rows: readonly Principal[],
  today:
    | {
        rolePath(account: string, name: string): string | undefined;
        rolesOfInstanceProfile(arn: string): readonly string[];
      }
    | undefined,
): KnownEntities {
  const paths = new Map<string, string>();
  for (const [key, group] of groupBy(rows, ({ account, name }) => `${account}/${name}`)) {
    for (const { arn } of group) {
      const path = /^arn:[^:]+:iam::\d*:role(\/.+\/)[^/]+$/.exec(arn)?.[1];
      // A record without the role's own ARN shows none of its path, so only a path that is there counts.
      if (path !== undefined) paths.set(key, path);
    }
  }
  return {
    rolePath: (account, name) => today?.rolePath(account, name) ?? paths.get(`${account}/${name}`),
    rolesOfInstanceProfile: (account, profileName) => {
      const roles =
        today?.rolesOfInstanceProfile(`arn:aws:iam::${account}:instance-profile/${profileName}`) ?? [];
      return roles.length > 0 ? roles : undefined;
    },
  };
}
