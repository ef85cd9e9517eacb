import { groupBy } from '../../iam/order.ts';
import { arnName, type ArnName } from './arn-name.ts';

/**
 * Why a resource was widened. Each rule is a closure: more evidence never reaches less.
 * - `transient`: a type whose things come and go under ids AWS makes (instances, tasks, executions, streams, stacks)
 * - `machine-made`: an object key, stream or parameter with a date, UUID or hash in its path, or names that differ in counters
 * - `many-ids`: at least three ids of one shape and type were used
 * - `created`: the principal makes things of this type or of such names itself
 * - `siblings`: more than five names in one folder
 * - `prefix`: more than five names that begin with the same words
 * - `regions`: the same thing in more than three Regions or accounts
 * - `type`: all of a type in its account and Region, because nothing else fits
 */
export type Rule =
  'transient' | 'machine-made' | 'many-ids' | 'created' | 'siblings' | 'prefix' | 'regions' | 'type';

/** A widening, with what it stands for. */
export interface Fold {
  readonly rule: Rule;
  readonly action: string;
  readonly resource: string;
  /** Distinct resources seen that it replaces. */
  readonly seen: number;
}

/** Uses of one action that differ in the ids of their names alone, or in nothing that folding looks at. */
export interface Alike {
  readonly action: string;
  /** Their places in the list of uses, ascending. */
  readonly at: number[];
  /** Of the first of them. */
  readonly resource: string;
  /** Of `resource`. */
  readonly cut: ArnName | undefined;
  /** The name of `cut`, its ids as `*`. */
  readonly pattern: string;
  /** Whether they make what their resource names: it is a pattern of all of a type, or of the type that the action names. */
  readonly isMade: boolean;
}

/** Uses on their way to a wider resource. */
export interface Wide {
  readonly of: Alike;
  resource: string;
  rule: Rule | undefined;
}

/** How much evidence a rule needs. */
export interface Widening {
  /** Ids of one shape from which on they are a kind. */
  readonly manyIds: number;
  /** Names in one folder, or with the same first words, above which they are the folder or what begins so. */
  readonly siblings: number;
  /** Regions or accounts above which they are any. */
  readonly regions: number;
  /** Types of which all is meant: the last resort. */
  readonly types?: ReadonlySet<string>;
}

/** The usual evidence; then, only where a policy does not fit, less and less, cheapest reach first. */
export const widening: readonly Widening[] = [
  { manyIds: 3, siblings: 5, regions: 3 },
  { manyIds: 2, siblings: 2, regions: 3 },
  { manyIds: 2, siblings: 1, regions: 2 },
];

/** More than a few names of one action in one folder become the folder; the highest such folder counts. */
export function foldSiblings(wide: readonly Wide[], level: Widening): void {
  for (const ofAction of groupBy(wide, ({ of }) => of.action).values()) {
    const children = new Map<string, Set<string>>();
    for (const { resource } of ofAction) {
      for (const { folder, child, isCounted } of foldersOf(resource)) {
        if (!isCounted) continue;
        const known = children.get(folder);
        if (known) known.add(child);
        else children.set(folder, new Set([child]));
      }
    }
    for (const member of ofAction) {
      const crowd = foldersOf(member.resource).find(
        ({ folder }) => (children.get(folder)?.size ?? 0) > level.siblings,
      );
      if (!crowd) continue;
      member.resource = `${crowd.folder}*`;
      member.rule = 'siblings';
    }
  }
}

interface Folder {
  readonly folder: string;
  /** What of the name stands next in it. */
  readonly child: string;
  /** In the parent itself only names count, not folders: six folders are no reason for a whole bucket. */
  readonly isCounted: boolean;
}

/** The folders a path lies in, from its parent down; none for what is no path. */
function foldersOf(resource: string): readonly Folder[] {
  const cut = arnName(resource);
  if (!cut?.isPath) return [];
  const found: Folder[] = [];
  let start = 0;
  while (start < cut.name.length) {
    const slash = cut.name.indexOf('/', start);
    const end = slash < 0 ? cut.name.length : slash + 1;
    const child = cut.name.slice(start, end);
    if (child !== '*')
      found.push({ folder: cut.head + cut.name.slice(0, start), child, isCounted: start > 0 || slash < 0 });
    start = end;
  }
  return found;
}

/** The same thing in many Regions or accounts. */
export function foldRegions(wide: readonly Wide[], level: Widening): void {
  for (const field of [3, 4]) {
    const inField = wide.filter(({ resource }) => fieldOf(resource, field) !== '');
    const places = new Set(inField.map(({ resource }) => fieldOf(resource, field)));
    if (places.size <= level.regions) continue;
    const placed = (resource: string, text: string): string =>
      resource.split(':').with(field, text).join(':');
    for (const members of groupBy(
      inField,
      ({ of, resource }) => `${of.action} ${placed(resource, '')}`,
    ).values()) {
      if (new Set(members.map(({ resource }) => fieldOf(resource, field))).size <= level.regions) continue;
      for (const member of members) {
        member.resource = placed(member.resource, '*');
        member.rule = 'regions';
      }
    }
  }
}

/** A field of an ARN; '' for what is no ARN. */
function fieldOf(resource: string, field: number): string {
  if (!resource.startsWith('arn:')) return '';
  let start = 0;
  for (let i = 0; i < field; i++) {
    start = resource.indexOf(':', start) + 1;
    if (start === 0) return '';
  }
  const end = resource.indexOf(':', start);
  return resource.slice(start, end < 0 ? undefined : end);
}
