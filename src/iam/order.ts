/** Order by UTF-16 code unit: the same on every machine and locale. For `Array.prototype.sort`. */
export const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The distinct strings of a list, in code unit order. */
export const sortedUnique = (list: Iterable<string>): string[] => [...new Set(list)].sort(byCodeUnit);

/** What stands under the keys of a map, in the order of the keys. */
export const inKeyOrder = <V>(map: Iterable<readonly [string, V]>): V[] =>
  [...map].sort(([a], [b]) => byCodeUnit(a, b)).map(([, value]) => value);

/** The values of a list by key, in order of first appearance. */
export function groupBy<K, V>(list: Iterable<V>, key: (value: V) => K): Map<K, [V, ...V[]]> {
  const groups = new Map<K, [V, ...V[]]>();
  for (const value of list) {
    const k = key(value);
    const group = groups.get(k);
    if (group) group.push(value);
    else groups.set(k, [value]);
  }
  return groups;
}
