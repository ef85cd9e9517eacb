import type { Condition } from '../iam/policy/policy.ts';
import type { Place } from './arn-format.ts';
import { escapeText } from './text.ts';

/** Why a call needs a permission. */
export const permissionReasons = [
  'operation',
  'dependent',
  'pass-role',
  'tag-on-create',
  'acl',
  'version',
  'object-lock',
  'kms',
  'service-linked-role',
  'session',
  'list-on-missing',
] as const;
export type PermissionReason = (typeof permissionReasons)[number];

/** Why a resource is `*`: the action accepts nothing else; the call named no resource; it hid or lost what it named. */
export type StarReason = 'action-takes-no-resource' | 'none-named' | 'request-omitted';

export interface Permission {
  /** Canonical spelling: `s3:GetObject`. */
  readonly action: string;
  /** IAM resource patterns, at least one, sorted and unique; `*`, `?` and `$` of observed names are `${*}`, `${?}`, `${$}`. */
  readonly resources: readonly string[];
  readonly reason: PermissionReason;
  /** All must hold. Absent: unconditional. */
  readonly condition?: readonly Condition[];
  /** Present exactly when `resources` is `['*']`. */
  readonly star?: StarReason;
  /** By resource, the member that named it: `requestParameters.loadBalancerArn`, `resources[]`; only of those that one did. */
  readonly from?: ReadonlyMap<string, string>;
}

/** What a call needed of its caller's policies. */
export type Mapping =
  | {
      readonly kind: 'mapped';
      /** Sorted by action, then reason. */
      readonly permissions: readonly Permission[];
      readonly notes: readonly string[];
    }
  | { readonly kind: 'no-permission'; readonly note: string }
  | { readonly kind: 'unmapped'; readonly reason: string }
  | { readonly kind: 'not-a-call'; readonly reason: string };

/** What the caller knows of identities that a call names without their ARN. */
export interface KnownEntities {
  /** Path of a role (`/`, `/service/`); undefined when unknown. */
  rolePath(account: string, roleName: string): string | undefined;
  /** The roles of an instance profile: ARNs, or names of which the path is not known; undefined when unknown. */
  rolesOfInstanceProfile?(account: string, profileName: string): readonly string[] | undefined;
  /** ARNs of the roles that a revision of a task definition names, by the revision's ARN; undefined when its registration is not known. */
  rolesOfTaskDefinition?(arn: string): readonly string[] | undefined;
  /** Names of the instance profiles in the first version of a launch template, by its id; undefined when nobody was seen making it. */
  profilesOfFirstVersion?(id: string): readonly string[] | undefined;
}

/** Nothing is known: a bare role name stands for that name in any path. */
export const nothingKnown: KnownEntities = { rolePath: () => undefined };

/** Patterns of the roles that an instance profile holds; undefined when unknown. */
export const rolesOfProfile = (
  place: Place,
  name: string,
  known: KnownEntities,
): readonly string[] | undefined =>
  known
    .rolesOfInstanceProfile?.(place.account, name)
    ?.flatMap((role) => (role.startsWith('arn:') ? [escapeText(role)] : roleArns(place, role, known)));

/**
 * ARNs of a role that a request names without its path. A role's name is unique in its account whatever the path
 * (IAM User Guide, reference_identifiers.html), so the name in any path stands for that role alone.
 */
export function roleArns(place: Place, name: string, known: KnownEntities): readonly string[] {
  const bare = name.slice(name.lastIndexOf('/') + 1);
  const given = name.includes('/')
    ? `/${name.slice(0, name.lastIndexOf('/') + 1)}`.replace('//', '/')
    : undefined;
  const path = given ?? known.rolePath(place.account, bare);
  const arn = (inPath: string): string =>
    `arn:${place.partition}:iam::${place.account || '*'}:role${inPath}${escapeText(bare)}`;
  return path === undefined ? [arn('/'), arn('/*/')] : [arn(escapeText(path))];
}
