/** Layer `iam`: the policy language and what AWS says of its actions; pure. */
import { memo, once } from './memo.ts';
import { actionPattern, matches } from './pattern/pattern.ts';
import { readFileSync } from 'node:fs';
import { entriesOf, isObject, mapOf, objectsOf, type JsonObject } from './json.ts';
import { nearest } from './nearest.ts';
import { sortedUnique } from './order.ts';

/** AWS's own grouping of actions. */
export type AccessLevel = 'List' | 'Read' | 'Write' | 'Permissions management' | 'Tagging';

/** A type of resource an action accepts. `required`: a policy for the action must name one, or `*`. */
interface ActionResourceType {
  readonly name: string;
  readonly required: boolean;
}

export interface ActionInfo {
  /** Canonical spelling: `s3:GetObject`. */
  readonly name: string;
  readonly accessLevel: AccessLevel;
  /** Empty when the action accepts only `*`. */
  readonly resourceTypes: readonly ActionResourceType[];
  /** Global and service keys that AWS documents for the action or for its resource types. */
  readonly conditionKeys: readonly string[];
}

export interface ResourceType {
  readonly name: string;
  /** ARN formats with variables: `arn:${Partition}:sqs:${Region}:${Account}:${QueueName}`. */
  readonly arns: readonly string[];
}

export interface ServiceInfo {
  /** IAM prefix: `lambda`. */
  readonly prefix: string;
  /** `AWS Lambda` */
  readonly name: string;
  /** By lower-cased action name, without the prefix. */
  readonly actions: ReadonlyMap<string, ActionInfo>;
  readonly resourceTypes: ReadonlyMap<string, ResourceType>;
  readonly conditionKeys: readonly string[];
  /** AWS's types of those that are no `String`, by the key as in `conditionKeys`: `ARN`, `Bool`, `ArrayOfString`, ... */
  readonly keyTypes: ReadonlyMap<string, string>;
}

/** A package that reference data was made from, and what it gave. */
interface SourcePackage {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly url: string;
  readonly gives: string;
}

/** Where the reference data came from: `data/manifest.json`. */
export interface CatalogueVersion {
  readonly version: string;
  readonly packages: readonly SourcePackage[];
  readonly services: number;
  readonly actions: number;
}

const dataFolder = new URL('../../data/', import.meta.url);

/** A file of `data/`, parsed: `readData('manifest.json')`. Throws when the file is not a JSON object: a broken installation. */
export function readData(file: string): JsonObject {
  const parsed: unknown = JSON.parse(readFileSync(new URL(file, dataFolder), 'utf8'));
  if (!isObject(parsed)) throw new Error(`data/${file}: not a JSON object`);
  return parsed;
}

/** The objects in the `rows` of a file of `data/`. */
export const dataRows = (file: string): readonly JsonObject[] => objectsOf(readData(file)['rows']);

/** The strings of a JSON array; anything else in it is left out. */
export const stringsOf = (value: unknown): string[] =>
  Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];

const levels: readonly AccessLevel[] = ['List', 'Read', 'Write', 'Permissions management', 'Tagging'];

function parseAction(prefix: string, name: string, value: unknown, keys: readonly string[]): ActionInfo {
  const fields: readonly unknown[] = Array.isArray(value) ? value : [];
  const [level, types, numbers] = fields;
  const accessLevel = levels.find((known) => known === level);
  if (accessLevel === undefined || typeof types !== 'string' || !Array.isArray(numbers)) {
    throw new Error(`data/services/${prefix}.json: ${name} is malformed`);
  }
  return {
    name: `${prefix}:${name}`,
    accessLevel,
    resourceTypes: types
      .split(' | ')
      .filter((type) => type !== '')
      .map((type) => ({ name: type.replace(/\*$/, ''), required: type.endsWith('*') })),
    conditionKeys: numbers.map((number) => keys[Number(number)] ?? '').filter((key) => key !== ''),
  };
}

function parseService(prefix: string): ServiceInfo {
  const raw = readData(`services/${prefix}.json`);
  const conditionKeys = stringsOf(raw['conditionKeys']);
  const actions = mapOf(raw['actions'], (value, name) => parseAction(prefix, name, value, conditionKeys));
  return {
    prefix,
    name: typeof raw['name'] === 'string' ? raw['name'] : prefix,
    actions: new Map([...actions].map(([name, action]) => [name.toLowerCase(), action])),
    resourceTypes: mapOf(raw['resourceTypes'], (arns, name) => ({ name, arns: stringsOf(arns) })),
    conditionKeys,
    keyTypes: new Map(
      entriesOf(raw['keyTypes']).flatMap(([type, numbers]) =>
        (Array.isArray(numbers) ? numbers : []).map((number) => [conditionKeys[Number(number)] ?? '', type]),
      ),
    ),
  };
}

const services = new Map<string, ServiceInfo>();

/** All IAM prefixes, sorted. */
export const servicePrefixes = once((): readonly string[] =>
  stringsOf(readData('manifest.json')['prefixes']),
);
const prefixSet = once(() => new Set(servicePrefixes()));

/** The service of an action: the prefix as it is written, `s3` of `s3:GetObject`. */
export function serviceOf(action: string): string {
  const colon = action.indexOf(':');
  return colon < 0 ? action : action.slice(0, colon);
}

/** What IAM knows of a service, by its prefix in any case; undefined when there is no such prefix. Read on first use. */
export function serviceInfo(prefix: string): ServiceInfo | undefined {
  const known = services.get(prefix);
  if (known !== undefined) return known;
  const lower = prefix.toLowerCase();
  if (!prefixSet().has(lower)) return undefined;
  const service = services.get(lower) ?? parseService(lower);
  services.set(lower, service);
  return service;
}

/** The condition keys of every service's requests and AWS's types of them: `aws:PrincipalTag/tag-key`, `String`. */
export const globalKeys = once(() => mapOf(readData('global-keys.json')['keys'], String));

/** What IAM knows of an action (`s3:getobject`, any case); undefined when there is none of that name. */
export function actionInfo(action: string): ActionInfo | undefined {
  const colon = action.indexOf(':');
  if (colon < 0) return undefined;
  return serviceInfo(action.slice(0, colon))?.actions.get(action.slice(colon + 1).toLowerCase());
}

/** Whether an action is known to do nothing but read. */
export const reads = (action: string, level = actionInfo(action)?.accessLevel): boolean =>
  level === 'Read' || level === 'List';

/** An action as the catalogue spells it; as it is where there is none of that name. */
export const spelled = (action: string): string => actionInfo(action)?.name ?? action;

/** Services that the ARNs of a service's resource types name, and its own. */
const arnServices = memo((prefix: string): ReadonlySet<string> => {
  const types = [...(serviceInfo(prefix)?.resourceTypes.values() ?? [])];
  return new Set([prefix, ...types.flatMap(({ arns }) => arns).map((arn) => arn.split(':')[2] ?? '')]);
});

/** Whether an action, or any of a service, can be asked of anything that an ARN pattern names; of another service's it grants nothing. */
export function canBeOn(action: string, resource: string): boolean {
  const service = resource.split(':')[2] ?? '';
  if (resource === '*' || !/^[a-z0-9-]+$/.test(service)) return true;
  const own = serviceOf(action);
  return serviceInfo(own) === undefined || arnServices(own).has(service);
}

/** The actions that an action pattern stands for today: canonical names, sorted; none for a literal that the catalogue lacks. */
export const expandActions = memo((pattern: string): readonly string[] => {
  const whole = pattern === '*' ? '*:*' : pattern;
  const colon = whole.indexOf(':');
  if (colon < 0 || whole.length > 512) return [];
  const services = actionPattern(whole.slice(0, colon));
  const names = actionPattern(whole.slice(colon + 1));
  const found: string[] = [];
  for (const prefix of servicePrefixes()) {
    if (!matches(services, prefix)) continue;
    for (const [name, info] of serviceInfo(prefix)?.actions ?? []) {
      if (matches(names, name)) found.push(info.name);
    }
  }
  return sortedUnique(found);
}, 5000);

/** The known action that a misspelt `service:Name` may mean; undefined when none is near, or it has no colon. */
export function nearestAction(written: string): string | undefined {
  const colon = written.indexOf(':');
  if (colon < 1) return undefined;
  const service = serviceInfo(written.slice(0, colon));
  const known = service
    ? [...service.actions.values()].map((info) => info.name)
    : expandActions(`*${written.slice(colon)}`);
  return nearest(written, known);
}

/** The version of the reference data, for `data info` and the outputs that name it. */
export function catalogueVersion(): CatalogueVersion {
  const manifest = readData('manifest.json');
  return {
    version: typeof manifest['version'] === 'string' ? manifest['version'] : '',
    packages: [manifest['packages']]
      .flat()
      .filter(isObject)
      .map((one) => {
        const text = (key: string): string => stringsOf([one[key]])[0] ?? '';
        return {
          name: text('name'),
          version: text('version'),
          license: text('license'),
          url: text('url'),
          gives: text('gives'),
        };
      }),
    services: servicePrefixes().length,
    actions: Number(manifest['actions']),
  };
}
