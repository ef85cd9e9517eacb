export type JsonObject = Readonly<Record<string, unknown>>;

/** Whether a parsed JSON value is an object (not null, not an array). */
export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The objects of a list; anything else in it is left out. */
export const objectsOf = (value: unknown): readonly JsonObject[] =>
  Array.isArray(value) ? value.filter(isObject) : [];

/** The words of a text; none of anything else. */
export const words = (text: unknown): string[] =>
  typeof text === 'string' ? text.split(' ').filter(Boolean) : [];

/** What stands under the names of an object; nothing of anything else. */
export const entriesOf = (value: unknown): readonly (readonly [name: string, value: unknown])[] =>
  isObject(value) ? Object.entries(value) : [];

/** An object as a map from its names to what `read` makes of what stands there. */
export const mapOf = <T>(value: unknown, read: (value: unknown, name: string) => T): ReadonlyMap<string, T> =>
  new Map(entriesOf(value).map(([name, inner]) => [name, read(inner, name)]));

/** A text as JSON; undefined where it is none. */
export function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** A JSON value as text. `String` throws where a file says that an object's `toString` is something else. */
export const textOfJson = (value: unknown): string =>
  typeof value === 'string' ? value : JSON.stringify(value ?? null);
