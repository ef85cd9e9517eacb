import { readData, reads, serviceOf, type ActionInfo } from '../iam/catalogue.ts';
import { once } from '../iam/memo.ts';
import { isObject, mapOf, words } from '../iam/json.ts';
import { sortedUnique } from '../iam/order.ts';
import { normalName } from '../cloudtrail/kept-members.ts';
import { bindingsOf } from './binding.ts';
import { valuesAt } from './member-path.ts';
import type { Sighting } from './mentions.ts';
import { type Permission, roleArns, rolesOfProfile } from './mapping.ts';
import { patternOf, type Text } from './text.ts';

/** `data/overrides/pass-role.json`: which calls pass a role, to whom, and how their requests name it. */
const tables = once(() => {
  const data = mapOf(readData('overrides/pass-role.json'), (part) =>
    isObject(part) ? part['of'] : undefined,
  );
  const set = (name: string): ReadonlySet<string> => new Set(words(data.get(name)));
  return {
    /** The service that all roles of a service's requests go to. Absent: no condition. */
    passedTo: mapOf(data.get('passedTo'), String),
    /** Operations of those services whose roles go, or may go, to another. */
    otherReceiver: set('otherReceiver'),
    receiverOfMember: mapOf(data.get('receiverOfMember'), String),
    notPassing: set('notPassing'),
    passing: set('passing'),
    naming: set('naming'),
    bareNames: mapOf(data.get('bareNames'), words),
    profiles: set('profiles'),
    profileServices: set('profileServices'),
    gateway: set('gateway'),
  };
});

// A service-linked role is passed where the caller made it, with a suffix (EC2 Auto Scaling User Guide, security_iam_id-based-policy-examples.html).
const roleArn = /^arn:[a-z-]+:iam::[0-9]{12}:role\/(?!aws-service-role\/(?!.*_[^/_]+$))./;

function passes(action: ActionInfo, service: string): boolean {
  const { passing, notPassing, naming } = tables();
  if (passing.has(action.name)) return true;
  const isRead = reads(action.name, action.accessLevel) || /^[^:]*:Get/.test(action.name);
  return !isRead && !notPassing.has(service) && !naming.has(action.name);
}

/** A member that may name a role: its normalised name (under a structure of the role's the structure's), and what stands in it. */
interface RoleMember {
  readonly name: string;
  readonly value: Text;
}

/** The members of the call that name a role, as the table says; for operations that it lacks by their names. */
function roleMembers(service: string, sighting: Sighting): readonly RoleMember[] {
  const { call } = sighting;
  const rows = bindingsOf(service, sighting.operation);
  if (rows.length > 0 && service !== 'sns' && rows.every(({ roles }) => roles.length === 0)) return [];
  const { mentions } = sighting;
  const byName = (name: string): RoleMember[] => mentions.all(name).map((value) => ({ name, value }));
  // What is set by its name: a patch of API Gateway (`path: /cloudwatchRoleArn`), an attribute of SNS (`SQSSuccessFeedbackRoleArn`).
  const setAs = (name: string, value: string): RoleMember[] =>
    mentions.all(name).some(({ text }) => /role|credentials/i.test(text)) ? byName(value) : [];
  if (service === 'apigateway') return [...[...tables().gateway].flatMap(byName), ...setAs('path', 'value')];
  const bound = rows.flatMap(({ roles }) => roles.flatMap((path) => valuesAt(call.target.request, path)));
  const listed = bound.map(({ value, at }) => {
    const [last = '', before = ''] = at.split('.').reverse().map(normalName);
    return { name: /^(arn|name|id)$/.test(last) ? before + last : last, value };
  });
  const unlisted = rows.length > 0 ? [] : [...mentions.names()];
  return [
    ...listed,
    ...unlisted.filter((name) => /role/.test(name) || tables().profiles.has(name)).flatMap(byName),
    ...setAs('attributename', 'attributevalue'),
  ];
}

function rolesOfNamed(value: Text, sighting: Sighting): readonly string[] {
  const { mentions, known } = sighting;
  const { text } = value;
  const found = /^arn:[a-z-]+:iam::([0-9]{12}):instance-profile\/(?:.*\/)?([^/]+)$/s.exec(text);
  const place = { ...mentions.place, account: found?.[1] ?? mentions.place.account };
  const name = found?.[2] ?? text;
  const roles = rolesOfProfile(place, name, known);
  // The console and most tools give a profile and its role one name (IAM User Guide, id_roles_use_switch-role-ec2_instance-profiles.html).
  if (roles === undefined)
    sighting.notes.add(
      `which role instance profile ${name} holds is not known; it is taken to have the same name`,
    );
  return roles ?? roleArns(place, name, known);
}

/** The service that the roles in some members go to; undefined where it is not known of all. */
function receiverOf(service: string, action: string, members: readonly string[]): string | undefined {
  const { otherReceiver, passedTo, receiverOfMember } = tables();
  const [said, ...others] = new Set(members.map((name) => receiverOfMember.get(name)));
  const own = otherReceiver.has(action) ? undefined : passedTo.get(service);
  return (others.length === 0 ? said : undefined) ?? own;
}

/** `iam:PassRole` for the roles that a call hands to a service; none when it carries no role. */
export function passRole(action: ActionInfo, sighting: Sighting): readonly Permission[] {
  const service = serviceOf(action.name);
  if (!passes(action, service)) return [];
  const shown = roleMembers(service, sighting);
  if (shown.length === 0) return [];
  const { mentions, known } = sighting;
  const { bareNames, profiles, profileServices } = tables();
  const bare = bareNames.get(service) ?? [];
  const given = shown.filter(({ value }) => roleArn.test(value.text));
  const resources = sortedUnique(
    shown.flatMap(({ name, value }) => [
      ...(roleArn.test(value.text) ? [patternOf(value)] : []),
      ...(bare.includes(name) && /^[\w+=,.@/-]{1,577}$/.test(value.text) && !value.folded
        ? roleArns(mentions.place, value.text, known)
        : []),
      ...(profileServices.has(service) && profiles.has(name) ? rolesOfNamed(value, sighting) : []),
    ]),
  );
  if (resources.length === 0) return [];
  for (const resource of resources) {
    const [start, name] = resource.split('/*/');
    if (name !== undefined && resources.includes(`${start}/${name}`))
      sighting.notes.add(`the path of role ${name} is not known: either reading of its name may be meant`);
  }
  const members = given.map(({ name }) => name);
  const receiver = receiverOf(service, action.name, members);
  const values = [`${receiver}.amazonaws.com`];
  return [
    {
      action: 'iam:PassRole',
      resources,
      reason: 'pass-role',
      ...(receiver && { condition: [{ operator: 'StringEquals', key: 'iam:PassedToService', values }] }),
    },
  ];
}
