import { memo, once } from '../iam/memo.ts';
import { byCodeUnit } from '../iam/order.ts';
import {
  actionInfo,
  catalogueVersion,
  readData,
  serviceInfo,
  stringsOf,
  type ActionInfo,
} from '../iam/catalogue.ts';
import { entriesOf, objectsOf, words } from '../iam/json.ts';
import { normalName, plainName } from '../cloudtrail/kept-members.ts';
import { isUnsigned, prefixesOf, sourceStem } from './event-source.ts';
import type { Mapping } from './mapping.ts';
import { singularName } from './mentions.ts';
import { requiredAction, type ServiceReference } from './service-reference.ts';

/** What an operation is authorised as, whatever its request. */
type OperationActions =
  | { readonly kind: 'actions'; readonly actions: readonly ActionInfo[] }
  | Extract<Mapping, { readonly kind: 'no-permission' | 'unmapped' }>;

type Override = { readonly actions: readonly string[] } | { readonly permissionless: string };

/** `data/overrides/operations.json` by `stem/operation`; `stem/*` is every other name of the source. */
const overrides = once(() => {
  const found = new Map<string, Override>();
  for (const group of objectsOf(readData('overrides/operations.json')['groups'])) {
    const permissionless =
      typeof group['note'] === 'string' ? group['note'] : 'AWS asks no permission for this call';
    for (const stem of stringsOf(group['events'])) {
      for (const [name, actions] of entriesOf(group['operations']))
        found.set(`${stem}/${name}`, { actions: words(actions) });
      for (const name of stringsOf(group['permissionless'])) found.set(`${stem}/${name}`, { permissionless });
    }
  }
  return found;
});

/** The name of an operation without its version: `UpdateFunctionCode20150331v2` -> `UpdateFunctionCode`, `GetFindingV2` -> `GetFinding`. */
export const unversioned = (name: string): string => plainName(name).replace(/V\d+$/, '');

const actionIn = (prefixes: readonly string[], name: string): ActionInfo | undefined => {
  const lower = name.toLowerCase();
  for (const prefix of prefixes) {
    const action = serviceInfo(prefix)?.actions.get(lower);
    if (action !== undefined) return action;
  }
  return undefined;
};

const singular = (name: string): string =>
  name.endsWith('ies') ? `${name.slice(0, -3)}y` : name.replace(/s$/, '');

/**
 * Names under which AWS authorises an operation that has no action of its own: a new version of an operation keeps
 * the action (`GetFindingV2` -> `GetFinding`), a batch is authorised as its items (`SendMessageBatch` -> `SendMessage`,
 * `BatchDescribeEntities` -> `DescribeEntity`), and so are many at once (`CancelJobs` -> `CancelJob`).
 */
function kinNames(name: string): readonly string[] {
  const plain = unversioned(name);
  const single = plain.replace(/^Batch(?=[A-Z])|Batch$/, '');
  return [...new Set([plain, single, singular(single)])].filter((kin) => kin !== name);
}

function answerOf(override: Override | undefined): OperationActions | undefined {
  if (override === undefined) return undefined;
  if ('permissionless' in override) return { kind: 'no-permission', note: override.permissionless };
  const actions = override.actions
    .map((action) => actionInfo(action))
    .filter((action) => action !== undefined);
  // '': what its request carries decides alone (`implied.json`).
  return actions.length > 0 || override.actions.length === 0 ? { kind: 'actions', actions } : undefined;
}

let reference: ServiceReference | undefined;

/**
 * From now on AWS's service reference is asked first which action an operation requires. Set once, before the first
 * mapping: what was mapped is the same afterwards only with the same reference.
 */
export function useServiceReference(given: ServiceReference | undefined): void {
  reference = given;
  ofSource = remembering();
}

/** How many operations of a reference, by IAM prefix, the built-in data know no action of; services that lack none are left out. */
export function unknownOperations(
  operationsOf: Iterable<readonly [prefix: string, operations: Iterable<string>]>,
): Record<string, number> {
  const own = reference;
  useServiceReference(undefined);
  const counts = [...operationsOf].map(([prefix, names]) => {
    const unknown = [...names].filter((name) => actionsOf(prefix, name).kind === 'unmapped');
    return [prefix, unknown.length] as const;
  });
  useServiceReference(own);
  return Object.fromEntries(counts.filter(([, count]) => count > 0).sort(([a], [b]) => byCodeUnit(a, b)));
}

/** The data that decides: the built-in version, and the day of the service reference where one is in use. */
export function dataVersion(): string {
  const { version } = catalogueVersion();
  return reference === undefined ? version : `${version}+service-reference.${reference.day}`;
}

function find(stem: string, name: string): OperationActions | undefined {
  const overridden = answerOf(overrides().get(`${stem}/${name}`));
  const prefixes = reference === undefined ? [] : prefixesOf(stem);
  // Every action that AWS says some request of the operation may need.
  const authorized =
    prefixes
      .map((prefix) => reference?.operations(prefix)?.get(name))
      .find((actions) => actions !== undefined) ?? [];
  const referred = actionInfo(requiredAction(authorized, name, prefixes) ?? '');
  // What was looked up by hand says more than the list (several actions, none of the operation's name), unless they disagree.
  const disagrees =
    referred !== undefined &&
    overridden?.kind === 'actions' &&
    !overridden.actions.every((action) => authorized.includes(action.name));
  if (overridden !== undefined && !disagrees) return overridden;
  if (referred !== undefined && !isUnsigned(stem, name)) return { kind: 'actions', actions: [referred] };
  if (isUnsigned(stem, name)) {
    return { kind: 'no-permission', note: 'the request is not signed with IAM credentials' };
  }
  const action = actionIn(prefixesOf(stem), name);
  if (action !== undefined) return { kind: 'actions', actions: [action] };
  // `*_GET` and `*` in an override stand for every name that ends so and has no entry or action of its own.
  const ending = name.slice(name.lastIndexOf('_') + 1);
  return answerOf(overrides().get(`${stem}/*_${ending}`) ?? overrides().get(`${stem}/*`));
}

const remembering = (): ((eventSource: string) => (eventName: string) => OperationActions) =>
  memo((eventSource) => memo((eventName: string) => resolve(sourceStem(eventSource), eventName), 1000), 1000);
let ofSource = remembering();

/** The actions of an operation, by the source and the name that CloudTrail logged. */
export function actionsOf(eventSource: string, eventName: string): OperationActions {
  return ofSource(eventSource)(eventName);
}

function resolve(stem: string, eventName: string): OperationActions {
  const plain = plainName(eventName);
  const direct = find(stem, eventName) ?? (plain === eventName ? undefined : find(stem, plain));
  if (direct !== undefined) return direct;
  for (const kin of kinNames(plain)) {
    const action = actionIn(prefixesOf(stem), kin);
    if (action !== undefined) return { kind: 'actions', actions: [action] };
  }
  return {
    kind: 'unmapped',
    reason: prefixesOf(stem).length === 0 ? 'unknown event source' : 'no IAM action of this name',
  };
}

const verbs = /^(Batch)?[A-Z][a-z]+/;

/** What an operation is about, normalised: `BatchGetJobs` -> `job`. */
export const nounOf = memo((eventName: string) =>
  singularName(normalName(eventName.slice(0, 256).replace(verbs, ''))),
);
