import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { isObject, type JsonObject } from '../iam/json.ts';
import { memo } from '../iam/memo.ts';

/** Which members of a request are kept: a tree of names. */
export interface KeptMembers {
  /** By normalised name. */
  readonly inner: ReadonlyMap<string, KeptMembers>;
  /** Kept below at any depth. */
  readonly deeper: KeptMembers | undefined;
  /** Of the member itself its text is kept, or only that it was there. */
  readonly self: 'text' | 'presence' | undefined;
}

/** Names compare without case and punctuation: `TableName`, `table_name` and `tableName` are one. */
export const normalName = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, '');

interface Growing {
  readonly inner: Map<string, Growing>;
  deeper: Growing | undefined;
  self: KeptMembers['self'];
}

const grown = (): Growing => ({ inner: new Map(), deeper: undefined, self: undefined });

/** A path: `clusterName|name`, `rules.**.aRN`, `tableInput?.name` (a level that may be absent), `templateURL!` (only that it is there). */
function grow(root: Growing, path: readonly string[]): void {
  const [part, ...rest] = path;
  if (part === undefined) {
    root.self = 'text';
  } else if (part === '!') {
    root.self ??= 'presence';
  } else if (part === '**') {
    root.deeper ??= grown();
    grow(root.deeper, rest);
  } else {
    const optional = part.endsWith('?');
    for (const name of (optional ? part.slice(0, -1) : part).split('|').map(normalName)) {
      const next = root.inner.get(name) ?? grown();
      root.inner.set(name, next);
      grow(next, rest);
    }
    if (optional) grow(root, rest);
  }
}

const text = (): Buffer => readFileSync(new URL('../../data/members.json', import.meta.url));

/** `data/members.json`, made from the API models with the mapping's tables; this side knows only names. */
function tables(part: 'sources' | 'operations'): JsonObject {
  members ??= JSON.parse(text().toString());
  const value = isObject(members) ? members[part] : undefined;
  return isObject(value) ? value : {};
}
let members: unknown;

/** Tells tables of kept members apart: facts reduced by another may lack what this one keeps. */
export const keptVersion = (): string => createHash('sha256').update(text()).digest('hex').slice(0, 16);

/** The paths that the operations of a table keep, by operation. */
const pathsIn = memo((table: string): ReadonlyMap<string, string> => {
  const lines = tables('operations')[table];
  return new Map(
    Object.entries(isObject(lines) ? lines : {}).flatMap(([paths, names]) =>
      typeof names === 'string' ? names.split(' ').map((name) => [name, paths] as const) : [],
    ),
  );
}, 1000);

/** The operations whose members the models know, by event source. */
export function knownOperations(): ReadonlyMap<string, readonly string[]> {
  return new Map(Object.keys(tables('operations')).map((table) => [table, [...pathsIn(table).keys()]]));
}

/** API versions that event names carry: `CreateDistribution2020_05_31`, `UpdateFunctionCode20150331v2`. */
const versionSuffix = /(19|20)\d\d(_?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(v\d+)?$/;

/** An operation's name without the API version that the event name carries. */
export const plainName = (eventName: string): string => eventName.replace(versionSuffix, '');

const find = memo((key: string): { readonly tree: KeptMembers | undefined } => {
  const [source = '', eventName = ''] = key.split(' ');
  const table = tables('sources')[source.replace(/\.amazonaws\.com(\.cn)?$/, '')];
  const operations = typeof table === 'string' ? pathsIn(table) : undefined;
  const paths = operations?.get(eventName) ?? operations?.get(plainName(eventName));
  if (paths === undefined) return { tree: undefined };
  const root = grown();
  for (const path of paths.split(' ')) if (path !== '') grow(root, path.replace(/!$/, '.!').split('.'));
  return { tree: root };
});

/** The members of an operation's requests that say what was called on; undefined for operations that no model knows. */
export const keptMembers = (eventSource: string, eventName: string): KeptMembers | undefined =>
  find(`${eventSource} ${eventName}`).tree;
