import { InputError } from '../iam/input-error.ts';
import { byCodeUnit, sortedUnique } from '../iam/order.ts';
import { parsePolicy } from '../iam/policy/policy.ts';
import { documentText, type DetailsPage, type Entity, type ManagedPolicy } from './authorization-details.ts';
import { trustOf } from './trust.ts';
import { printableShort } from '../iam/printable.ts';
import { type HeldPolicy, type Holder, type PolicySource, type Resolved } from './holder.ts';

/** Everything the pages of authorization details say, of one account or several. */
export interface Accounts {
  readonly holders: readonly Holder[];
  /** `account/name` of a role -> its path. Service-linked roles too. */
  readonly rolePaths: ReadonlyMap<string, string>;
  /** `account/name` of an instance profile, whatever its path and partition -> role ARNs. */
  readonly instanceProfiles: ReadonlyMap<string, readonly string[]>;
  /** `role account` and `user account` where the pages list all of them. */
  readonly listed: ReadonlySet<string>;
}

/**
 * Puts pages together: a role on one page may hold a policy whose document is on another.
 * Service-linked roles are no holders, because nobody can edit their policies:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html
 */
export function accountsOf(pages: readonly DetailsPage[]): Accounts {
  const roles = pages.flatMap((page) => page.roles);
  const users = pages.flatMap((page) => page.users);
  const groups = new Map(pages.flatMap((page) => page.groups).map((group) => [inAccount(group), group]));
  const resolution: Resolution = {
    groups,
    managed: managedByArn(pages.flatMap((page) => page.policies)),
    appliesTo: appliesTo([...roles, ...users], groups),
    documents: new Map(),
  };
  const profiles = new Map<string, string[]>();
  for (const role of roles) {
    for (const profile of role.instanceProfiles) {
      // Names of instance profiles are unique in an account, whatever their path:
      // https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateInstanceProfile.html
      const key = inAccount({ account: role.account, name: nameOfArn(profile.arn) });
      profiles.set(key, sortedUnique([...(profiles.get(key) ?? []), ...profile.roles, role.arn]));
    }
  }
  return {
    holders: [
      ...roles
        .filter((role) => !role.path.startsWith('/aws-service-role/'))
        .map((role) => holderOf(role, 'role', resolution)),
      ...users.map((user) => holderOf(user, 'user', resolution)),
    ],
    rolePaths: new Map(roles.map((role) => [inAccount(role), role.path])),
    instanceProfiles: profiles,
    listed: listedIn(pages),
  };
}

/**
 * Whose lists are whole. Every account has roles (service-linked ones); one without users is told from `--filter Role` by the
 * managed policies beside them.
 */
function listedIn(pages: readonly DetailsPage[]): ReadonlySet<string> {
  const roles = pages.flatMap((page) => page.roles);
  const users = pages.flatMap((page) => page.users);
  const hasPolicies = pages.some(({ policies }) => policies.length > 0);
  const withUsers = users.length === 0 && hasPolicies ? roles : users;
  return new Set([
    ...roles.map(({ account }) => `role ${account}`),
    ...withUsers.map(({ account }) => `user ${account}`),
  ]);
}

interface Resolution {
  readonly groups: ReadonlyMap<string, Entity>;
  readonly managed: ReadonlyMap<string, ManagedPolicy>;
  /** Managed policy ARN or group ARN -> ARNs of the roles and users it applies to, sorted. */
  readonly appliesTo: ReadonlyMap<string, readonly string[]>;
  /** Documents of managed policies, each parsed once. */
  readonly documents: Map<string, Resolved>;
}

const inAccount = (entity: { account: string; name: string }): string => `${entity.account}/${entity.name}`;

const nameOfArn = (arn: string): string => arn.slice(arn.lastIndexOf('/') + 1);

/** Of a policy that several pages show, the default version made last: an AWS managed policy is the same everywhere. */
function managedByArn(policies: readonly ManagedPolicy[]): ReadonlyMap<string, ManagedPolicy> {
  const managed = new Map<string, ManagedPolicy>();
  for (const policy of policies) {
    const known = managed.get(policy.arn);
    if (
      known?.document === undefined ||
      (policy.document !== undefined && policy.createDate > known.createDate)
    ) {
      managed.set(policy.arn, policy);
    }
  }
  return managed;
}

function appliesTo(
  entities: readonly Entity[],
  groups: ReadonlyMap<string, Entity>,
): ReadonlyMap<string, readonly string[]> {
  const result = new Map<string, Set<string>>();
  const add = (held: string, holder: string): void => {
    const holders = result.get(held) ?? new Set();
    result.set(held, holders.add(holder));
  };
  for (const entity of entities) {
    if (entity.boundary !== undefined) add(entity.boundary, entity.arn);
    for (const policy of entity.attached) add(policy.arn, entity.arn);
    for (const name of entity.groups) {
      const group = groups.get(inAccount({ account: entity.account, name }));
      if (group === undefined) continue;
      add(group.arn, entity.arn);
      for (const policy of group.attached) add(policy.arn, entity.arn);
    }
  }
  return new Map([...result].map(([held, holders]) => [held, sortedUnique(holders)]));
}

function holderOf(entity: Entity, entityKind: 'role' | 'user', resolution: Resolution): Holder {
  const policies: HeldPolicy[] = [];
  const faults = [...entity.faults];
  const keep = (resolved: Resolved, policy: Described, applies: readonly string[]): void => {
    if (resolved.ok) policies.push(heldBy(entity, { ...policy, document: resolved.document }, applies));
    else faults.push(resolved.fault);
  };
  const take = (
    holder: Entity,
    source: { managed: PolicySource; inline: PolicySource },
    group?: Entity,
  ): void => {
    const through = group === undefined ? {} : { group: group.name };
    for (const { arn, name } of holder.attached) {
      const policy = { source: source.managed, name: name === '' ? arn : name, arn, ...through };
      const applies = resolution.appliesTo.get(arn) ?? [];
      keep(managedDocument(arn, resolution), { ...policy, ...createDateOf(arn, resolution) }, applies);
    }
    for (const { name, document } of holder.inline) {
      const resolved = resolve(
        document,
        name,
        `inline policy "${printableShort(name)}" of "${printableShort(holder.arn)}"`,
      );
      const applies = group === undefined ? [] : (resolution.appliesTo.get(group.arn) ?? []);
      keep(resolved, { source: source.inline, name, ...through }, applies);
    }
  };

  take(entity, { managed: 'managed', inline: 'inline' });
  for (const name of [...entity.groups].sort(byCodeUnit)) {
    const group = resolution.groups.get(inAccount({ account: entity.account, name }));
    if (group === undefined) {
      faults.push(
        `group "${printableShort(name)}": not in the authorization details; ask for them without --filter`,
      );
      continue;
    }
    faults.push(...group.faults);
    take(group, { managed: 'group-managed', inline: 'group-inline' }, group);
  }

  const boundary =
    entity.boundary === undefined ? undefined : boundaryOf(entity.boundary, entity, resolution);
  if (boundary?.ok === false) faults.push(boundary.fault);
  const reserved = entityKind === 'role' ? permissionSetName(entity) : undefined;
  const trust = entityKind === 'role' ? trustOf(entity.trust) : undefined;
  return {
    kind: reserved === undefined ? entityKind : 'permission-set',
    account: entity.account,
    name: reserved ?? entity.name,
    arn: entity.arn,
    uniqueId: entity.uniqueId,
    path: entity.path,
    policies,
    ...(boundary?.ok === true ? { boundary: boundary.policy } : {}),
    ...(trust === undefined ? {} : { trust }),
    faults,
    instanceProfiles: sortedUnique(entity.instanceProfiles.map((profile) => profile.arn)),
  };
}

type Boundary =
  { readonly ok: true; readonly policy: HeldPolicy } | { readonly ok: false; readonly fault: string };

function boundaryOf(arn: string, entity: Entity, resolution: Resolution): Boundary {
  const resolved = managedDocument(arn, resolution);
  if (!resolved.ok) return { ok: false, fault: `permissions boundary: ${resolved.fault}` };
  const name = resolution.managed.get(arn)?.name ?? '';
  const policy = {
    source: 'managed',
    name: name === '' ? arn : name,
    arn,
    document: resolved.document,
  } as const;
  const applies = resolution.appliesTo.get(arn) ?? [];
  return { ok: true, policy: heldBy(entity, { ...policy, ...createDateOf(arn, resolution) }, applies) };
}

function managedDocument(arn: string, resolution: Resolution): Resolved {
  const known = resolution.documents.get(arn);
  if (known !== undefined) return known;
  const policy = resolution.managed.get(arn);
  const resolved: Resolved =
    policy?.document === undefined
      ? {
          ok: false,
          fault: `policy "${printableShort(arn)}": its document is not in the authorization details; ask for them without --filter`,
        }
      : resolve(policy.document, arn, `policy "${printableShort(arn)}"`);
  resolution.documents.set(arn, resolved);
  return resolved;
}

function resolve(document: unknown, name: string, source: string): Resolved {
  const read = documentText(document, name);
  if ('fault' in read) return { ok: false, fault: read.fault };
  return parseDocument(read.text, source);
}

/** A policy text as a document, or the parser's complaint: it stops the principal that holds it, not the run. */
export function parseDocument(text: string, source: string): Resolved {
  try {
    return { ok: true, document: parsePolicy(text, source) };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { ok: false, fault: error.message };
  }
}

function createDateOf(arn: string, resolution: Resolution): { createDate?: string } {
  const createDate = resolution.managed.get(arn)?.createDate ?? '';
  return createDate === '' ? {} : { createDate };
}

type Described = Omit<HeldPolicy, 'document' | 'sharedWith'>;

/** The others are listed when asked for: thousands may hold one policy, and a list for each would not fit in memory. */
function heldBy(
  self: Entity,
  policy: Omit<HeldPolicy, 'sharedWith'>,
  applies: readonly string[],
): HeldPolicy {
  return {
    ...policy,
    get sharedWith() {
      return applies.filter((arn) => arn !== self.arn);
    },
  };
}

/**
 * The permission set behind a role that Identity Center made: `AWSReservedSSO_<name>_<16 hex digits>` under a path of its own.
 * https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html
 */
function permissionSetName(role: Entity): string | undefined {
  if (!role.path.startsWith('/aws-reserved/sso.amazonaws.com/')) return undefined;
  return /^AWSReservedSSO_(.+)_[0-9a-f]{16}$/.exec(role.name)?.[1];
}
