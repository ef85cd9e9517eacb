import { dataRows, stringsOf } from '../iam/catalogue.ts';
import type { ObservedCall } from '../cloudtrail/call.ts';
import { sourceStem } from './event-source.ts';
import { mentionsOf } from './mentions.ts';

/** A permission that a call can have needed beside what its event proves. */
export interface MayNeed {
  readonly action: string;
  /**
   * On what: `unknown-role`, which nothing in the call names; `same`, what the call was made on; `any`; or the pattern of an ARN with the
   * variables of the catalogue (`arn:${Partition}:dynamodb:…/index/*`).
   */
  readonly resource: string;
  /** Request members, any of which decides it: what the mapping made of them is all. */
  readonly unless: readonly string[];
  /** Request members of which one must be there; empty for none. */
  readonly when: readonly string[];
  /** Of `iam:PassRole`: the service principals that receive the role. */
  readonly passedTo: readonly string[];
  /** Whether `passedTo` names every receiver. */
  readonly complete: boolean;
}

/** `data/may-need.json` by `stem/eventName`; each of its rows names its page. */
function load(): ReadonlyMap<string, readonly MayNeed[]> {
  const found = new Map<string, MayNeed[]>();
  for (const row of dataRows('may-need.json')) {
    const needs = stringsOf(row['actions']).map((action): MayNeed => ({
      action,
      resource: String(row['resource']),
      unless: stringsOf(row['unless']),
      when: stringsOf(row['when']),
      passedTo: stringsOf(row['passedTo']),
      complete: row['complete'] === true,
    }));
    for (const call of stringsOf(row['calls'])) found.set(call, [...(found.get(call) ?? []), ...needs]);
  }
  return found;
}

let table: ReadonlyMap<string, readonly MayNeed[]> | undefined;
const none: readonly MayNeed[] = [];

/** What a call may have needed more, by what its request shows; what CloudTrail cut from the request decides nothing. */
export function mayNeedOf(call: ObservedCall): readonly MayNeed[] {
  table ??= load();
  const needs = table.get(`${sourceStem(call.operation.eventSource)}/${call.operation.eventName}`) ?? none;
  if (needs.length === 0) return needs;
  const { present, omitted } = mentionsOf(call);
  const shows = (name: string): boolean => present.has(name);
  return needs.filter(
    ({ when, unless }) => omitted || ((when.length === 0 || when.some(shows)) && !unless.some(shows)),
  );
}
