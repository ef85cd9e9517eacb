import { groupBy } from '../../iam/order.ts';
import { arnName } from './arn-name.ts';
import type { Widening } from './fold.ts';
import type { Wide } from './name-folds.ts';

/** More than a few names of one action in one folder become the folder; the highest such folder counts. */
export function foldSiblings(wide: readonly Wide[], level: Widening): void {
  for (const ofAction of groupBy(wide, ({ use }) => use.action).values()) {
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
    const without = (resource: string): string => {
      const fields = resource.split(':');
      return [...fields.slice(0, field), '', ...fields.slice(field + 1)].join(':');
    };
    for (const members of groupBy(
      inField,
      ({ use, resource }) => `${use.action} ${without(resource)}`,
    ).values()) {
      if (new Set(members.map(({ resource }) => fieldOf(resource, field))).size <= level.regions) continue;
      for (const member of members) {
        const fields = member.resource.split(':');
        member.resource = [...fields.slice(0, field), '*', ...fields.slice(field + 1)].join(':');
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
