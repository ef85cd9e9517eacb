import { readData, stringsOf } from '../iam/catalogue.ts';
import { isObject, type JsonObject } from '../iam/json.ts';
import type { ObservedCall } from '../cloudtrail/call.ts';
import { sourceStem } from './event-source.ts';
import { mentionsOf } from './mentions.ts';

/** What a permission that a call may have needed would have been on. */
export type MayNeedResource =
  /** A role that nothing in the call names. */
  | { readonly kind: 'unknown-role' }
  /** What the call was made on. */
  | { readonly kind: 'same' }
  | { readonly kind: 'any' }
  /** Another thing, by the pattern of its ARN with the variables of the catalogue (`arn:${Partition}:dynamodb:…/index/*`). */
  | { readonly kind: 'companion'; readonly arn: string };

/** A permission that a call can have needed beside what its event proves. */
export interface MayNeed {
  readonly action: string;
  readonly resource: MayNeedResource;
  /** Request members, any of which decides it: what the mapping made of them is all. */
  readonly unless: readonly string[];
  /** Request members of which one must be there; empty for none. */
  readonly when: readonly string[];
  /** Of `iam:PassRole`: the service principals that receive the role. */
  readonly passedTo: readonly string[];
  /** Whether `passedTo` names every receiver. */
  readonly complete: boolean;
  /** AWS's page. */
  readonly source: string;
}

/** `data/may-need.json` by `stem/eventName`. */
function load(): ReadonlyMap<string, readonly MayNeed[]> {
  const found = new Map<string, MayNeed[]>();
  const rows = readData('may-need.json')['rows'];
  for (const row of Array.isArray(rows) ? rows : []) {
    if (!isObject(row)) continue;
    const needs = stringsOf(row['actions']).map((action) => needOf(action, row));
    for (const call of stringsOf(row['calls'])) found.set(call, [...(found.get(call) ?? []), ...needs]);
  }
  return found;
}

function needOf(action: string, row: JsonObject): MayNeed {
  const resource = String(row['resource']);
  return {
    action,
    resource: resource.startsWith('arn:')
      ? { kind: 'companion', arn: resource }
      : { kind: (['unknown-role', 'same'] as const).find((kind) => kind === resource) ?? 'any' },
    unless: stringsOf(row['unless']),
    when: stringsOf(row['when']),
    passedTo: stringsOf(row['passedTo']),
    complete: row['complete'] === true,
    source: String(row['source']),
  };
}

let table: ReadonlyMap<string, readonly MayNeed[]> | undefined;
const none: readonly MayNeed[] = [];

/** What a call may have needed more, by what its request shows; what CloudTrail cut from the request decides nothing. */
export function mayNeedOf(call: ObservedCall): readonly MayNeed[] {
  const needs = mayNeed(call.operation.eventSource, call.operation.eventName);
  if (needs.length === 0) return needs;
  const { present, omitted } = mentionsOf(call);
  const shows = (name: string): boolean => present.has(name);
  return needs.filter(
    ({ when, unless }) => omitted || ((when.length === 0 || when.some(shows)) && !unless.some(shows)),
  );
}

/** What a call may have needed more, by the source and the name that CloudTrail logged; empty where nothing is known. */
export function mayNeed(eventSource: string, eventName: string): readonly MayNeed[] {
  table ??= load();
  return table.get(`${sourceStem(eventSource)}/${eventName}`) ?? none;
}
