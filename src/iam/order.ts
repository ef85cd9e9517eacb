/** Order by UTF-16 code unit: the same on every machine and locale. For `Array.prototype.sort`. */
export const byCodeUnit = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/** The distinct strings of a list, in code unit order. */
export const sortedUnique = (list: Iterable<string>): string[] => [...new Set(list)].sort(byCodeUnit);
