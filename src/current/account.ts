import { InputError } from '../iam/input-error.ts';
import { memo } from '../iam/memo.ts';
import { byCodeUnit, groupBy, sortedUnique } from '../iam/order.ts';
import { parsePolicy } from '../iam/policy/policy.ts';
import { documentText, type DetailsPage, type Entity, type ManagedPolicy } from './authorization-details.ts';
import { trustOf } from './trust.ts';
import { printableShort } from '../iam/printable.ts';
import type { HeldPolicy, Holder, PolicySource, Resolved } from './holder.ts';

/**
 * Puts pages together: a role on one page may hold a policy whose document is on another.
 * Service-linked roles are no holders, because nobody can edit their policies:
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_create-service-linked-role.html
 */
export function accountsOf(pages: readonly DetailsPage[]) {
  const known = new KnownPolicies(pages);
  const roles = pages.flatMap((page) => page.roles);
  const profiles = new Map<string, readonly string[]>();
  for (const role of roles) {
    for (const profile of role.instanceProfiles) {
      // Names of instance profiles are unique in an account, whatever their path:
      // https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateInstanceProfile.html
      const key = `${role.account}/${profile.arn.slice(profile.arn.lastIndexOf('/') + 1)}`;
      profiles.set(key, sortedUnique([...(profiles.get(key) ?? []), ...profile.roles, role.arn]));
    }
  }
  return {
    holders: [
      ...roles
        .filter((role) => !role.path.startsWith('/aws-service-role/'))
        .map((role) => holderOf(role, 'role', known)),
      ...pages.flatMap((page) => page.users).map((user) => holderOf(user, 'user', known)),
    ],
    /** `account/name`, service-linked roles too. */
    rolePaths: new Map(roles.map((role) => [inAccount(role), role.path])),
    /** `account/name` of an instance profile, whatever its path and partition -> role ARNs. */
    instanceProfiles: profiles,
    /** `role account` and `user account` where the pages list all of them. */
    listed: listedIn(pages),
  };
}

/** Whose lists are whole. Every account has roles (service-linked ones); one without users is told from `--filter Role` by its policies. */
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

const inAccount = (entity: { account: string; name: string }): string => `${entity.account}/${entity.name}`;

/** Managed policies and groups of all pages, and whom they apply to. */
class KnownPolicies {
  readonly groups: ReadonlyMap<string, Entity>;
  readonly managed = new Map<string, ManagedPolicy>();
  /** Managed policy ARN or group ARN -> ARNs of the roles and users it applies to. */
  private readonly appliesTo: ReadonlyMap<string, readonly string[]>;

  constructor(pages: readonly DetailsPage[]) {
    this.groups = new Map(pages.flatMap((page) => page.groups).map((group) => [inAccount(group), group]));
    for (const policy of pages.flatMap((page) => page.policies)) {
      // Of a policy that several pages show, the default version made last: an AWS managed policy is the same everywhere.
      const other = this.managed.get(policy.arn);
      const isLater = policy.document !== undefined && policy.createDate > (other?.createDate ?? '');
      if (other?.document === undefined || isLater) this.managed.set(policy.arn, policy);
    }
    const held = pages
      .flatMap((page) => [...page.roles, ...page.users])
      .flatMap((entity) => {
        const groups = entity.groups.flatMap((name) => this.group(entity, name) ?? []);
        const policies = [entity, ...groups].flatMap(({ attached }) => attached);
        const arns = [...policies, ...groups].map(({ arn }) => arn).concat(entity.boundary ?? []);
        return arns.map((arn) => ({ arn, holder: entity.arn }));
      });
    const holders = groupBy(held, ({ arn }) => arn);
    this.appliesTo = new Map(
      [...holders].map(([arn, list]) => [arn, sortedUnique(list.map((one) => one.holder))]),
    );
  }

  group({ account }: Entity, name: string): Entity | undefined {
    return this.groups.get(inAccount({ account, name }));
  }

  /** ARNs of the other roles and users that what has this ARN applies to, sorted. */
  others(arn: string, self: string): readonly string[] {
    return (this.appliesTo.get(arn) ?? []).filter((other) => other !== self);
  }

  /** The document of a managed policy. */
  readonly document = memo((arn: string): Resolved => {
    const named = `policy "${printableShort(arn)}"`;
    const document = this.managed.get(arn)?.document;
    const fault = `${named}: its document is not in the authorization details; ask for them without --filter`;
    return document === undefined ? { fault } : resolve(document, arn, named);
  });
}

function holderOf(entity: Entity, kind: 'role' | 'user', known: KnownPolicies): Holder {
  const faults = [...entity.faults];
  /** @param shared the ARN of what others may hold too */
  const held = (
    resolved: Resolved,
    policy: Omit<HeldPolicy, 'document' | 'sharedWith'>,
    shared = '',
    part = '',
  ): HeldPolicy[] => {
    if ('fault' in resolved) {
      faults.push(`${part}${resolved.fault}`);
      return [];
    }
    return [
      {
        ...policy,
        ...resolved,
        // The others are listed when asked for: thousands may hold one policy, and a list for each would not fit in memory.
        get sharedWith() {
          return known.others(shared, entity.arn);
        },
      },
    ];
  };
  const managed = (arn: string, name = '', source: PolicySource = 'managed', through = {}, part = '') => {
    const createDate = known.managed.get(arn)?.createDate ?? '';
    const policy = { source, name: name === '' ? arn : name, arn, ...through };
    return held(known.document(arn), createDate === '' ? policy : { ...policy, createDate }, arn, part);
  };
  const all = (holder: Entity, sources: readonly [PolicySource, PolicySource], group?: string) => {
    const through = group === undefined ? {} : { group };
    return [
      ...holder.attached.flatMap(({ arn, name }) => managed(arn, name, sources[0], through)),
      ...holder.inline.flatMap(({ name, document }) => {
        const source = `inline policy "${printableShort(name)}" of "${printableShort(holder.arn)}"`;
        const policy = { source: sources[1], name, ...through };
        return held(resolve(document, name, source), policy, group === undefined ? '' : holder.arn);
      }),
    ];
  };
  const policies = all(entity, ['managed', 'inline']);
  for (const name of [...entity.groups].sort(byCodeUnit)) {
    const group = known.group(entity, name);
    faults.push(
      ...(group?.faults ?? [
        `group "${printableShort(name)}": not in the authorization details; ask for them without --filter`,
      ]),
    );
    if (group !== undefined) policies.push(...all(group, ['group-managed', 'group-inline'], name));
  }
  const { arn, account, uniqueId, path, boundary: edge = '' } = entity;
  const [boundary] =
    edge === '' ? [] : managed(edge, known.managed.get(edge)?.name, 'managed', {}, 'permissions boundary: ');
  const reserved = kind === 'role' ? permissionSetName(entity) : undefined;
  const trust = kind === 'role' ? trustOf(entity.trust) : undefined;
  return {
    kind: reserved === undefined ? kind : 'permission-set',
    account,
    name: reserved ?? entity.name,
    arn,
    uniqueId,
    path,
    policies,
    ...(boundary === undefined ? {} : { boundary }),
    ...(trust === undefined ? {} : { trust }),
    faults,
    instanceProfiles: sortedUnique(entity.instanceProfiles.map((profile) => profile.arn)),
  };
}

/** A document as AWS gave it, read as a policy. */
export function resolve(document: unknown, name: string, source: string): Resolved {
  const read = documentText(document, name);
  return 'fault' in read ? read : parseDocument(read.text, source);
}

/** A policy text as a document, or the parser's complaint: it stops the principal that holds it, not the run. */
export function parseDocument(text: string, source: string): Resolved {
  try {
    return { document: parsePolicy(text, source) };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { fault: error.message };
  }
}

/**
 * The permission set behind a role that Identity Center made: `AWSReservedSSO_<name>_<16 hex digits>` under a path of its own.
 * https://docs.aws.amazon.com/singlesignon/latest/userguide/referencingpermissionsets.html
 */
function permissionSetName(role: Entity): string | undefined {
  if (!role.path.startsWith('/aws-reserved/sso.amazonaws.com/')) return undefined;
  return /^AWSReservedSSO_(.+)_[0-9a-f]{16}$/.exec(role.name)?.[1];
}
