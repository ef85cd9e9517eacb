import { dataRows, readData, stringsOf } from '../iam/catalogue.ts';
import { mapOf, words } from '../iam/json.ts';
import { once } from '../iam/memo.ts';
import type { ObservedCall } from '../cloudtrail/call.ts';
import { groupBy, sortedUnique } from '../iam/order.ts';
import { sourceStem } from './event-source.ts';
import { parseArn } from './arn-format.ts';
import { nothingKnown, rolesOfProfile, type KnownEntities, type Permission } from './mapping.ts';
import { Sighting, type Mentions } from './mentions.ts';
import { escapeText } from './text.ts';

/** A permission that a call can have needed beside what its event proves. */
interface MayNeed {
  /** '': the call's own. */
  readonly action: string;
  /**
   * On what: `unknown-role`, which nothing in the call names; `same`, what the call was made on; `any`; `any-account`, what the call
   * was made on, which may be another account's than the caller's; or the pattern of an ARN with the variables of the catalogue
   * (`arn:${Partition}:dynamodb:…/index/*`), at the place of the call.
   */
  readonly resource: string;
  /** Request members, any of which decides it: what the mapping made of them is all. */
  readonly unless: readonly string[];
  /** Request members of which one must be there, `imageid=resolve:` with a text that starts so; empty for none. */
  readonly when: readonly string[];
  /** Of `iam:PassRole`: the service principals that receive the role. */
  readonly passedTo: readonly string[];
  /** Whether `passedTo` names every receiver. */
  readonly complete: boolean;
  /** A call that succeeded without it did not need it: `always` says so of what stands on an ARN, or under `when` beside other ways. */
  readonly isAlways?: true;
}

/** `data/may-need.json` by `stem/operation`; each of its rows names its page. */
const table = once(() =>
  groupBy(
    dataRows('may-need.json').flatMap((row) =>
      stringsOf(row['calls']).flatMap((call) =>
        (row['resource'] === 'any-account' ? [''] : stringsOf(row['actions'])).map((action) => {
          const [unless = [], when = [], passedTo = []] = ['unless', 'when', 'passedTo'].map((name) =>
            stringsOf(row[name]),
          );
          const resource = String(row['resource']);
          const isAlways = row['always'] === true || (resource === 'any' && when.length === 0);
          return {
            call,
            need: {
              action,
              resource,
              unless,
              when,
              passedTo,
              complete: row['complete'] === true,
              ...(isAlways ? { isAlways } : {}),
            },
          };
        }),
      ),
    ),
    ({ call }) => call,
  ),
);

/** Of an operation, whatever the request shows. */
const rowsOf = ({ call, operation }: Sighting): readonly MayNeed[] =>
  (table().get(`${sourceStem(call.operation.eventSource)}/${operation}`) ?? []).map(({ need }) => need);

/** Whether what the call was made on may be another account's than the caller's. */
const isOthers = ({ resource }: MayNeed): boolean => resource === 'any-account';

/** What a call may have needed more, by what its request shows; what CloudTrail cut from the request decides nothing. */
export function mayNeedOf(
  call: ObservedCall,
  sighting = new Sighting(call, nothingKnown),
): readonly MayNeed[] {
  const needs = rowsOf(sighting);
  if (needs.length === 0) return [];
  const { mentions } = sighting;
  const { present, omitted } = mentions;
  const shows = (condition: string): boolean => {
    const [name = '', start] = condition.split('=');
    if (start === undefined) return present.has(name);
    return mentions.all(name).some(({ text }) => text.startsWith(start));
  };
  return needs.filter(
    ({ when, unless }) => omitted || ((when.length === 0 || when.some(shows)) && !unless.some(shows)),
  );
}

/**
 * By action: the actions that AWS's reference says it depends on (Actions, resources, and condition keys for AWS services, "Dependent
 * actions"). It does not say when, and some are only asked for, so that no event of their own shows them.
 */
const dependents = once(() => {
  const needs = new Map<string, string[]>();
  for (const [service, rows] of mapOf(readData('dependents.json')['services'], (row) => mapOf(row, words)))
    for (const [need, operations] of rows)
      for (const operation of operations) {
        const action = `${service}:${operation}`;
        needs.set(action, [...(needs.get(action) ?? []), need]);
      }
  return needs;
});

/** A permission that a call may have needed: its event does not say whether. */
export interface PossibleNeed {
  readonly action: string;
  /** The pattern of what it can have been needed on; `*` where the event tells nothing of it. */
  readonly resource: string;
  /** All services that the role can have been passed to; empty where they are not all known, and for other actions. */
  readonly passedTo: readonly string[];
  /** AWS's pages name it for the operation, whatever the request is: a call that succeeded without it did not need it. */
  readonly isAlways?: true;
}

/**
 * What a call was made on as it can have been authorised: of what an organization has the management account is the owner, which the call
 * of a delegated administrator does not name. A resource itself where the caller is the owner, or the call shows who is.
 */
export function whoseverItIs(call: ObservedCall): (resource: string) => string {
  const sighting = new Sighting(call, nothingKnown);
  // Asked of every call: what a request shows is looked at only where it matters.
  if (!rowsOf(sighting).some(isOthers) || !mayNeedOf(call, sighting).some(isOthers)) return (it) => it;
  const { arns, place } = sighting.mentions;
  return (resource) => {
    const { service, account } = parseArn(resource) ?? {};
    const isTold = arns.some(({ arn }) => arn.service === service && arn.account !== '');
    return account === place.account && account !== '' && !isTold
      ? resource.replace(`:${account}:`, ':*:')
      : resource;
  };
}

/** What a call may have needed beside what it is known to have needed. */
export function possibleNeeds(
  call: ObservedCall,
  permissions: readonly Permission[],
  known: KnownEntities,
): readonly PossibleNeed[] {
  const sighting = new Sighting(call, known);
  const { partition, region, account } = sighting.mentions.place;
  const place = new Map([
    ['Partition', partition],
    ['Region', region],
    ['Account', account],
  ]);
  const own = permissions.filter(({ reason }) => reason === 'operation');
  const dependent = sortedUnique(own.flatMap(({ action }) => dependents().get(action) ?? []))
    .filter((action) => !permissions.some((one) => one.action === action))
    .map((action): PossibleNeed => ({ action, resource: '*', passedTo: [], isAlways: true }));
  const said = new Set(permissions.flatMap(({ action, reason }) => (reason === 'dependent' ? action : [])));
  // Of what the request itself carries it says on what (`data/overrides/implied.json`).
  const needs = mayNeedOf(call, sighting).filter(
    (need) => !isOthers(need) && !(need.resource === 'any' && said.has(need.action)),
  );
  const rows = needs.flatMap(
    ({ action, resource, passedTo, complete, isAlways }): readonly PossibleNeed[] => {
      const resources = resource.startsWith('arn:')
        ? [resource.replace(/\$\{([^}]*)\}/g, (_, name: string) => place.get(name) ?? '*')]
        : resource === 'same'
          ? own.flatMap((one) => one.resources)
          : ((resource === 'unknown-role' ? rolesOf(passedTo, sighting) : undefined) ?? ['*']);
      return resources.map((one) => ({
        action,
        resource: one,
        passedTo: complete ? passedTo : [],
        ...(isAlways && { isAlways }),
      }));
    },
  );
  return [...rows, ...dependent];
}

/**
 * The roles that a call hands over, where it names something that never changes and was seen when it was made (a revision of a task
 * definition, the first version of a launch template by its id), or its own answer says what the instances got; other names may mean
 * another thing by the time of the call. Undefined where they are not known.
 */
function rolesOf(
  passedTo: readonly string[],
  { call, known, mentions }: Sighting,
): readonly string[] | undefined {
  const { request } = call.target;
  const { partition, region, account } = mentions.place;
  if (passedTo.includes('ecs-tasks.amazonaws.com') && typeof request['taskDefinition'] === 'string') {
    const name = request['taskDefinition'];
    const arn = name.startsWith('arn:')
      ? name
      : `arn:${partition}:ecs:${region}:${account}:task-definition/${name}`;
    return known.rolesOfTaskDefinition?.(arn)?.map(escapeText);
  }
  if (!passedTo.includes('ec2.amazonaws.com')) return undefined;
  const profiles = profilesInAnswer(call, mentions) ?? profilesOfTemplate(mentions, known);
  const roles = profiles?.map((name) => rolesOfProfile(mentions.place, name, known));
  return roles?.every((one) => one !== undefined) ? roles.flat() : undefined;
}

/** The instance profiles that new instances got: their description names it if they have one (EC2 API Reference, Instance). */
function profilesInAnswer({ target }: ObservedCall, { arns }: Mentions): readonly string[] | undefined {
  if (typeof target.response['instancesSet'] !== 'object') return undefined;
  const profiles = arns.filter(
    ({ from, arn }) =>
      from === 'response' && arn.service === 'iam' && arn.resource.startsWith('instance-profile/'),
  );
  return sortedUnique(profiles.map(({ arn }) => arn.resource.slice(arn.resource.lastIndexOf('/') + 1)));
}

/** Those of the first version of a template: without a number it is the default version or the newest, which change. */
function profilesOfTemplate(mentions: Mentions, known: KnownEntities): readonly string[] | undefined {
  const [id, ...otherIds] = mentions.all('launchtemplateid');
  const [version, ...others] = mentions.all('launchtemplateversion');
  return id && otherIds.length === 0 && others.length === 0 && version?.text === '1'
    ? known.profilesOfFirstVersion?.(id.text)
    : undefined;
}
