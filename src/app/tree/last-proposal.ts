import { join } from 'node:path';
import type { Holder } from '../../current/holder.ts';
import { parseDay } from '../../iam/days.ts';
import { InputError } from '../../iam/input-error.ts';
import { isObject, jsonOf, objectsOf } from '../../iam/json.ts';
import { parsePolicy, type PolicyDocument } from '../../iam/policy/policy.ts';
import type { Recorded, Restored } from '../../synth/renewal/regression.ts';
import type { LastProposal } from '../../synth/renewal.ts';
import { inside, list, policyNames, textOf } from './tree.ts';

/** The file beside the policies that says what was known to be held. */
export const recordedName = 'recorded.json';

/** What the tree holds of a principal. A tree that `generate` wrote has no record; its policies are taken for one. */
export function lastProposal(root: string, folder: readonly string[]): LastProposal {
  const place = inside(root, folder);
  const last = policyNames(list(place), 'policy')
    .filter((name) => name.endsWith('.json'))
    .map((name) => {
      const file = join(place, name);
      return parsePolicy(textOf(file) ?? '', file);
    });
  const file = join(place, recordedName);
  const text = textOf(file);
  const { recorded, restored } =
    text === undefined
      ? { recorded: last.length === 0 ? [] : [{ day: 0, documents: last }], restored: [] }
      : parseRecorded(text, file);
  return { exists: last.length > 0 || text !== undefined, last, recorded, restored };
}

function parseRecorded(text: string, file: string): { recorded: Recorded[]; restored: Restored[] } {
  const wrong = (): InputError =>
    new InputError(`${file}: not what retighten wrote there; take it back from git, or delete it`);
  const json = jsonOf(text);
  if (!isObject(json)) throw wrong();
  const { recorded, restored } = json;
  if (!Array.isArray(recorded) || !Array.isArray(restored)) throw wrong();
  return {
    recorded: recorded.map((item: unknown): Recorded => {
      if (!isObject(item) || typeof item['day'] !== 'string' || !Array.isArray(item['documents']))
        throw wrong();
      const documents = item['documents'].map((document): PolicyDocument =>
        parsePolicy(JSON.stringify(document), file),
      );
      return { day: parseDay(item['day'], file), documents };
    }),
    restored: restored.map((item: unknown): Restored => {
      if (!isObject(item)) throw wrong();
      const { action, resource, day } = item;
      if (typeof action !== 'string' || typeof resource !== 'string' || typeof day !== 'string')
        throw wrong();
      return { action, resource, day: parseDay(day, file) };
    }),
  };
}

/** The files of a principal's folder that are written there by us. */
export const ownFiles = (root: string, folder: readonly string[]): readonly string[] =>
  list(inside(root, folder)).filter((name) => /^(policy|diff|evidence|recorded)\b/.test(name));

/** A folder of the tree that holds the policies of a principal, and whom its names mean; the account is '' for a permission set. */
interface PrincipalFolder extends Pick<Holder, 'kind' | 'account' | 'name'> {
  readonly folder: readonly string[];
}

/** The principals of a tree, sorted by path. */
export function foldersOf(root: string): readonly PrincipalFolder[] {
  const found: PrincipalFolder[] = [];
  const names = (...path: string[]): readonly string[] => list(inside(root, path)).sort();
  for (const top of list(root).sort()) {
    const account = /^\d{12}$/.test(top) ? top : '';
    if (top === 'permission-sets')
      for (const name of names(top, 'default')) add([top, 'default', name], 'permission-set', '');
    else if (account !== '')
      for (const kind of ['role', 'user'] as const)
        for (const name of names(top, kind)) add([top, kind, name], kind, account);
  }
  return found;

  function add(folder: readonly string[], kind: PrincipalFolder['kind'], account: string): void {
    const name = decoded(folder.at(-1) ?? '');
    if (name !== undefined && ownFiles(root, folder).length > 0) found.push({ folder, kind, account, name });
  }
}

/** The name that a path segment was made of; undefined where it was cut. */
function decoded(segment: string): string | undefined {
  if (segment.includes('%-')) return undefined;
  try {
    return decodeURIComponent(segment);
  } catch {
    return undefined;
  }
}

/** The open regressions that a summary names, by folder, as `[action, resource]` in JSON. */
export function knownRegressions(text: string): ReadonlyMap<string, readonly string[]> {
  const json = jsonOf(text);
  const principals: unknown = isObject(json) ? json['principals'] : [];
  const known = new Map<string, readonly string[]>();
  for (const { folder, regressions } of objectsOf(principals)) {
    if (typeof folder !== 'string' || !Array.isArray(regressions)) continue;
    const open = objectsOf(regressions).filter(({ restored }) => restored !== true);
    known.set(
      folder,
      open.map(({ action, resource }) => JSON.stringify([action, resource])),
    );
  }
  return known;
}
