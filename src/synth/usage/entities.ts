import { groupBy, sortedUnique } from '../../iam/order.ts';
import type { Target } from '../../cloudtrail/call.ts';
import type { Members } from '../../cloudtrail/members.ts';
import type { KnownEntities } from '../../permissions/mapping.ts';
import { leavesOf } from '../../permissions/member-path.ts';

/** What today's policies say of identities. */
export interface KnownToday {
  rolePath(account: string, name: string): string | undefined;
  rolesOfInstanceProfile(account: string, name: string): readonly string[];
}

/** A call that made a role, put one into an instance profile or took it out, or named some in a task definition or launch template. */
export interface RoleCall {
  readonly eventName: string;
  readonly account: string;
  readonly target: Target;
}

const roleArn = /^arn:[^:]+:iam::(\d+):role(\/(?:.+\/)?)([^/]+)$/;

/**
 * Where roles lie and which instance profile holds them (one at a time), by today's policies, else by identities and calls of anybody
 * in the index; a role seen in two places is not known. @param seen the ARNs of identities
 */
export function knownEntities(
  seen: Iterable<string>,
  calls: readonly RoleCall[],
  today: KnownToday | undefined,
): KnownEntities {
  const arns = new Map<string, Set<string>>();
  const see = (arn: string): void => {
    const [, account, , name] = roleArn.exec(arn) ?? [];
    if (account === undefined || name === undefined) return;
    const key = `${account}/${name}`;
    arns.set(key, (arns.get(key) ?? new Set()).add(arn));
  };
  // A record without the role's own ARN shows none of its path, so only a path that is there counts.
  for (const arn of seen) if ((roleArn.exec(arn)?.[2] ?? '/') !== '/') see(arn);
  for (const { eventName, target } of calls)
    if (eventName === 'CreateRole') for (const arn of arnsIn(target.response)) see(arn);
  const only = (account: string, name: string): string | undefined => {
    const found = arns.get(`${account}/${name}`);
    return found?.size === 1 ? [...found][0] : undefined;
  };
  const profiles = groupBy(
    calls.filter(({ eventName }) => eventName.endsWith('InstanceProfile')),
    ({ account, target }) => `${account}/${nameIn(target, 'instanceProfileName')}`,
  );
  const definitions = taskDefinitions(calls);
  const templates = launchTemplates(calls);
  return {
    rolePath: (account, name) =>
      today?.rolePath(account, name) ?? roleArn.exec(only(account, name) ?? '')?.[2],
    rolesOfInstanceProfile: (account, profileName) => {
      const held = today?.rolesOfInstanceProfile(account, profileName) ?? [];
      if (held.length > 0) return held;
      const moved = profiles.get(`${account}/${profileName}`) ?? [];
      const names = sortedUnique(moved.map(({ target }) => nameIn(target, 'roleName')));
      // Where no policies of today cut a proposal to what is held, a role that was swapped in must be given to nobody.
      if (names.length === 0 || names.includes('') || (names.length > 1 && !today)) return undefined;
      return names.map((name) => only(account, name) ?? name);
    },
    rolesOfTaskDefinition: (arn) => definitions.get(arn),
    profilesOfFirstVersion: (id) => templates.get(id),
  };
}

/**
 * The roles of task definitions by the ARN of their revision, which never changes
 * (https://docs.aws.amazon.com/AmazonECS/latest/developerguide/task_definitions.html). A role that is named without its ARN leaves
 * the revision out.
 */
function taskDefinitions(calls: readonly RoleCall[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const { eventName, target } of calls) {
    const { taskRoleArn, executionRoleArn, omitted } = target.request;
    const roles = [taskRoleArn, executionRoleArn].filter((role) => role !== undefined);
    const texts = roles.filter((role) => typeof role === 'string').filter((role) => roleArn.test(role));
    if (eventName !== 'RegisterTaskDefinition' || omitted === true || texts.length < roles.length) continue;
    for (const arn of arnsIn(target.response)) if (revision.test(arn)) found.set(arn, texts);
  }
  return found;
}

/** The instance profiles of launch templates as they were made, by their ids: version 1 of one never changes. */
function launchTemplates(calls: readonly RoleCall[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  for (const { eventName, target } of calls) {
    if (eventName !== 'CreateLaunchTemplate' || target.request['omitted'] === true) continue;
    const profiles = textsAt(target.request, 'iaminstanceprofile').map((text) =>
      text.slice(text.lastIndexOf('/') + 1),
    );
    for (const id of textsAt(target.response, 'launchtemplateid')) found.set(id, profiles);
  }
  return found;
}

/** Texts of the members of a name (lower case), and of all inside them, anywhere in a request or an answer; of all without a name. */
const textsAt = (members: Members, name?: string): readonly string[] =>
  [...leavesOf(members, '')].flatMap(({ value, at }) =>
    typeof value === 'string' && (!name || at.toLowerCase().split('.').includes(name)) ? [value] : [],
  );

const revision = /^arn:[^:]+:ecs:[^:]+:\d+:task-definition\/[^/:]+:\d+$/;

function nameIn({ request }: Target, member: string): string {
  const value = request[member];
  return typeof value === 'string' ? value : '';
}

/** ARNs anywhere in an answer. */
const arnsIn = (answer: Members): readonly string[] =>
  textsAt(answer).filter((text) => text.startsWith('arn:'));
