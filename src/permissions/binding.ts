import { readData, serviceInfo } from '../iam/catalogue.ts';
import { isObject, type JsonObject, mapOf, words } from '../iam/json.ts';
import { memo } from '../iam/memo.ts';
import { memberPath, type MemberPath, type When } from './member-path.ts';

/** Where a variable of an ARN format comes from. */
export type Slot =
  | { readonly kind: 'any' }
  | { readonly kind: 'constant'; readonly text: string }
  | {
      readonly kind: 'member';
      readonly path: MemberPath;
      /** `a#account`, `a#0`: of the ARN at the member only the account, or the n-th word of its resource, negative from the end. */
      readonly part?: string;
      /** `a~ou-`, `a~12`: only ids that start so, only account numbers; the member names other types too. */
      readonly shape?: string;
      /** `a=default`: what the service takes where the member is absent. */
      readonly otherwise?: string;
    };

/** One thing of a type that a call can name. */
export interface Source {
  /** One for each variable of the format; empty when only the type is known. */
  readonly slots: readonly Slot[];
  /** Index of the slot that names the thing; -1 where only its surroundings are named. */
  readonly key: number;
  /** The call makes it. */
  readonly made: boolean;
  /** Only an ARN at the key counts: the member may name several types. */
  readonly arnOnly: boolean;
  /** Another name of the thing before it: counts only where that one is absent. */
  readonly again: boolean;
  /** Index of the only format of the type that it fills: two APIs of a service spell the type in two ways. */
  readonly only?: number;
  /** Counts only where this member has one of these values, '' for absent; any value where none is given. */
  readonly when?: When;
}

/** What the table says of one operation. */
export interface Binding {
  /** Members of the request that hold ARNs of whatever types the action accepts. */
  readonly arns: readonly MemberPath[];
  /** Those, and the members that name a thing of one type: ARNs are read from all. */
  readonly keys: readonly MemberPath[];
  /** Members of the answer that hold the ARN of what the call was about. */
  readonly answers: readonly MemberPath[];
  /** Members of the request that name a role or an instance profile. */
  readonly roles: readonly MemberPath[];
  readonly types: ReadonlyMap<string, readonly Source[]>;
}

function slotOf(text: string): Slot {
  if (text === '*') return { kind: 'any' };
  // A constant, or what the service takes where the caller cannot say.
  if (text.startsWith('=')) return { kind: 'constant', text: text.slice(1) };
  const [, path = '', part, shape, otherwise] =
    /^([^#~=]+)(?:#([^~=]+))?(?:~([^=]+))?(?:=(.*))?$/.exec(text) ?? [];
  return {
    kind: 'member',
    path: memberPath(path),
    ...(part === undefined ? {} : { part }),
    ...(shape === undefined ? {} : { shape }),
    ...(otherwise === undefined ? {} : { otherwise }),
  };
}

function sourceOf(line: string): Source {
  const [head = '', path, values, marks = '', only] =
    /^(?:\[([^=\]]+)(?:=([^\]]*))?\])?([+~@-]*)(?:%(\d))?/.exec(line) ?? [];
  const slots = words(line.slice(head.length)).map(slotOf);
  const key = marks.includes('~') ? -1 : slots.findLastIndex(({ kind }) => kind === 'member');
  return {
    slots,
    key,
    made: marks.includes('+'),
    arnOnly: marks.includes('@'),
    again: marks.includes('-'),
    ...(only === undefined ? {} : { only: Number(only) }),
    ...(path === undefined ? {} : { when: { path: memberPath(path), values: values?.split('|') } }),
  };
}

/** The sources of each type that a row holds. */
export const sourcesFrom = (row: JsonObject): ReadonlyMap<string, readonly Source[]> =>
  new Map(
    Object.entries(row).flatMap(([type, lines]) =>
      '@<$'.includes(type) || typeof lines !== 'string'
        ? []
        : [[type, lines.split('; ').map(sourceOf)] as const],
    ),
  );

const paths = (text: unknown): readonly MemberPath[] => words(text).map(memberPath);

/** A binding of these members. */
export function bindingWith(parts: Omit<Binding, 'keys'>): Binding {
  const named = [...parts.types.values()].flat().flatMap(({ slots, key }) => {
    const slot = slots[key];
    return slot?.kind === 'member' ? [slot.path] : [];
  });
  return { ...parts, keys: [...new Set([...parts.arns, ...named])] };
}

/** A row of the table, read. */
export const bindingFrom = (row: JsonObject): Binding =>
  bindingWith({
    arns: paths(row['@']),
    answers: paths(row['<']),
    roles: paths(row['$']),
    types: sourcesFrom(row),
  });

/** By prefix and operation. Read on first use. */
const tables = memo((prefix: string) => {
  const rows = mapOf(
    serviceInfo(prefix)?.prefix === prefix ? readData(`bindings/${prefix}.json`) : {},
    (row) => (Array.isArray(row) ? row : [row]).filter(isObject),
  );
  return memo((operation: string): readonly Binding[] => (rows.get(operation) ?? []).map(bindingFrom));
}, 1000);

/** The rows of an operation: several where two APIs of the service have it. */
export const bindingsOf = (prefix: string, operation: string): readonly Binding[] =>
  tables(prefix)(operation);
