import { isObject } from '../iam/json.ts';

/** The words of a text of a table; none of anything else. */
export const words = (text: unknown): string[] =>
  typeof text === 'string' ? text.split(' ').filter(Boolean) : [];

/** What stands under the names of an object of a table; nothing of anything else. */
export const entriesOf = (value: unknown): readonly (readonly [name: string, value: unknown])[] =>
  isObject(value) ? Object.entries(value) : [];

/** An object of a table as a map from its names to what `read` makes of what stands there. */
export const mapOf = <T>(value: unknown, read: (value: unknown) => T): ReadonlyMap<string, T> =>
  new Map(entriesOf(value).map(([name, inner]) => [name, read(inner)]));

/** Makes something when it is first asked for: data are read on first use. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined;
  return () => (made ??= { value: make() }).value;
}
