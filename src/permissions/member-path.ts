import { Folded, isMembers, type Members, type MemberValue } from '../cloudtrail/members.ts';
import { normalName } from '../cloudtrail/kept-members.ts';
import { memo } from '../iam/memo.ts';
import { literal, textOf, type Text } from './text.ts';

/** `**`: any depth below; otherwise the spellings of a member, normalised; `optional` members are logged with or without their own level. */
type Segment = '**' | { readonly names: readonly string[]; readonly optional: boolean };

/** A member of a request or an answer, by its place: `tableInput.name`. */
export type MemberPath = readonly Segment[];

/** `clusterName|name`, `rules.statement.**.aRN` as the table of bindings writes them; the same path for the same text. */
export const memberPath = memo(
  (text: string): MemberPath =>
    text.split('.').map((part): Segment => {
      if (part === '**') return part;
      const optional = part.endsWith('?');
      return { names: (optional ? part.slice(0, -1) : part).split('|').map(normalName), optional };
    }),
  100_000,
);

/** A value at a path. */
export interface Occurrence {
  readonly value: Text;
  /** Where it stood, as logged: `tableInput.name`. */
  readonly at: string;
  /** The members in which each segment was looked up: values beside this one are found from there. */
  readonly trail: readonly Members[];
}

/** Levels of EC2 and query-protocol lists that carry no name of their own. */
export const listLevels: ReadonlySet<string> = new Set(['items', 'item', 'member', 'members', 'entry']);
/** `Array.isArray` does not narrow readonly lists. */
export const isList = (value: MemberValue): value is readonly MemberValue[] => Array.isArray(value);
const maxFound = 500;

const normalOf = memo((name: string) => normalName(name.slice(0, 256)));

/** Every value below a member, with where it stands: `requestParameters.key`. */
export function* leavesOf(
  value: MemberValue,
  at: string,
): Generator<{ readonly value: string | true | Folded; readonly at: string }> {
  if (isList(value)) for (const item of value) yield* leavesOf(item, at);
  else if (isMembers(value))
    for (const [name, inner] of Object.entries(value)) yield* leavesOf(inner, `${at}.${name}`);
  else yield { value, at };
}

/** MSK logs the ARN in its paths as it was sent: `arn%3Aaws%3Akafka%3A…` (MSK API Reference, clusters-clusterarn.html). */
export function decoded(value: string): string {
  if (!/^arn%3A/i.test(value)) return value;
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** Adds what stands at a path, from some members on. @param presence also of members that are there without a text */
function walk(found: Occurrence[], path: MemberPath, from: Members, start = '', presence = false): void {
  function enter(value: MemberValue, index: number, at: string, trail: readonly Members[]): void {
    if (found.length >= maxFound || trail.length > 20) return;
    if (isList(value)) {
      for (const item of value) enter(item, index, at, trail);
      return;
    }
    if (index === path.length || (index === path.length - 1 && path[index] === '**' && !isMembers(value))) {
      const text =
        typeof value === 'string'
          ? textOf(decoded(value))
          : value instanceof Folded
            ? textOf(value)
            : undefined;
      if (text !== undefined) found.push({ value: text, at, trail });
      else if (presence) found.push({ value: literal(value === true ? 'true' : ''), at, trail });
      else if (isMembers(value)) throughLevels(value, index, at, trail);
      return;
    }
    if (!isMembers(value)) return;
    const segment = path[index];
    if (segment === undefined) return;
    if (segment === '**') {
      enter(value, index + 1, at, [...trail, value]);
      for (const [name, inner] of Object.entries(value))
        if (inner !== true) enter(inner, index, `${at}.${name}`, trail);
      return;
    }
    const before = found.length;
    for (const name of Object.keys(value)) {
      const inner = value[name];
      if (inner !== undefined && segment.names.includes(normalOf(name)))
        enter(inner, index + 1, at === '' ? name : `${at}.${name}`, [...trail, value]);
    }
    if (found.length > before) return;
    if (segment.optional) enter(value, index + 1, at, [...trail, value]);
    throughLevels(value, index, at, trail);
  }

  function throughLevels(value: Members, index: number, at: string, trail: readonly Members[]): void {
    for (const name of Object.keys(value)) {
      const inner = value[name];
      if (typeof inner === 'object' && listLevels.has(normalOf(name)))
        enter(inner, index, `${at}.${name}`, trail);
    }
  }

  enter(from, 0, start, []);
}

/** The request inside the member that wraps the whole of it: `CreateLaunchTemplateRequest`, `message`; undefined where none does. */
export function wrappedRequest(
  members: Members,
): { readonly name: string; readonly inner: Members } | undefined {
  const names = Object.keys(members);
  const [name] = names;
  if (name === undefined || names.length > 1) return undefined;
  const inner = members[name];
  return isMembers(inner) && /(request|input|config|message)$/.test(normalOf(name))
    ? { name, inner }
    : undefined;
}

/** A condition on a member: it has one of these values, '' for absent; any value where none is given. */
export interface When {
  readonly path: MemberPath;
  readonly values: readonly string[] | undefined;
}

/** `member`, `member=value|other` as tables write a condition; undefined for anything but a text. */
export function whenOf(text: unknown): When | undefined {
  if (typeof text !== 'string') return undefined;
  const [path = '', values] = text.split('=');
  return { path: memberPath(path), values: values?.split('|') };
}

/** Whether a request meets a condition. `presence`: as of `valuesAt`. */
export function holds({ path, values }: When, members: Members, presence = false): boolean {
  const found = valuesAt(members, path, presence);
  if (values === undefined) return found.length > 0;
  return found.length === 0 ? values.includes('') : found.some(({ value }) => values.includes(value.text));
}

/** Every value at a path, in the order they stand. `presence`: also of members that are there without a text, as `true` or ''. */
export function valuesAt(members: Members, path: MemberPath, presence = false): readonly Occurrence[] {
  const found: Occurrence[] = [];
  walk(found, path, members, '', presence);
  if (found.length > 0) return found;
  const wrapped = wrappedRequest(members);
  if (wrapped !== undefined) walk(found, path, wrapped.inner, wrapped.name, presence);
  return found;
}

const same = (a: Segment | undefined, b: Segment | undefined): boolean =>
  a === b || (a !== undefined && b !== undefined && a !== '**' && b !== '**' && a.names[0] === b.names[0]);

/** The values at another path that stand beside an occurrence: in the same element of every list both paths share. */
export function valuesBeside(
  occurrence: Occurrence,
  path: MemberPath,
  other: MemberPath,
): readonly Occurrence[] {
  let shared = 0;
  while (shared < path.length - 1 && shared < other.length - 1 && same(path[shared], other[shared]))
    shared += 1;
  const start = occurrence.trail[Math.min(shared, occurrence.trail.length - 1)];
  const found: Occurrence[] = [];
  if (start) walk(found, other.slice(Math.min(shared, occurrence.trail.length - 1)), start);
  return found;
}
