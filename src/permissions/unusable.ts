import { readData, stringsOf } from '../iam/catalogue.ts';
import { isObject } from '../iam/json.ts';

let table: ReadonlyMap<string, readonly string[]> | undefined;

/** `data/overrides/unusable.json`: every service principal that may use an action which only services can. */
function load(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>();
  const rows = readData('overrides/unusable.json')['rows'];
  for (const row of Array.isArray(rows) ? rows : []) {
    if (!isObject(row)) continue;
    for (const action of stringsOf(row['actions']))
      found.set(action.toLowerCase(), stringsOf(row['services']));
  }
  return found;
}

/**
 * The service principals (`s3.amazonaws.com`) of which one must be able to assume a role for the role to use an action
 * (`s3:ReplicateObject`, any case); undefined where anybody may use it. What a role's trust policy makes impossible it
 * cannot use; a role that anything but services may assume, and a user, is not decided by this.
 */
export function usableOnlyBy(action: string): readonly string[] | undefined {
  table ??= load();
  const lower = action.toLowerCase();
  return table.get(lower) ?? table.get(`${lower.slice(0, lower.indexOf(':'))}:*`);
}
