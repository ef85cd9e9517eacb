import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import type { OutputFile } from '../../emit/tree.ts';
import { InputError } from '../../iam/input-error.ts';
import { isObject } from '../../iam/json.ts';
import { attempt, inside, isWritable, realPath, refuseLink } from './tree.ts';

/** What becomes of a tree: files with their new texts, and files that go. Paths are segments below its root. */
export interface TreeChange {
  readonly write: readonly OutputFile[];
  readonly remove: readonly (readonly string[])[];
}

/** What is still to be done: files ready beside the tree, by number, and the paths they get. */
type Journal = Readonly<Record<'write' | 'remove', TreeChange['remove']>>;

/**
 * Makes a change as a whole. The new texts are written beside the tree first; a run that ends before all are there leaves the tree
 * as it was. The journal, which appears in one rename, decides: from then on the change is made, if need be by the next run.
 */
export function changeTree(root: string, { write, remove }: TreeChange): void {
  if (write.length === 0 && remove.length === 0) return;
  const staging = stagingOf(root);
  attempt(staging, () => {
    rmSync(staging, { recursive: true, force: true });
    mkdirSync(staging, { recursive: true });
    // Should it be left over in a working tree, git shall not see it.
    writeFileSync(join(staging, '.gitignore'), '*\n');
    for (const [i, { text }] of write.entries()) writeFileSync(join(staging, String(i)), text);
    const journal: Journal = { write: write.map(({ path }) => path), remove };
    writeFileSync(join(staging, 'journal.part'), JSON.stringify(journal));
    renameSync(join(staging, 'journal.part'), join(staging, 'journal.json'));
  });
  finishChange(root);
}

/** Finishes the change of a run that was stopped while making it, and clears away what one left that was stopped before. */
export function finishChange(root: string): void {
  const staging = stagingOf(root);
  const file = join(staging, 'journal.json');
  refuseLink(staging);
  attempt(root, () => {
    if (existsSync(file)) {
      const { write, remove } = parseJournal(readFileSync(file, 'utf8'), file);
      for (const [i, path] of write.entries()) {
        const ready = join(staging, String(i));
        refuseLink(ready);
        // Not there any more: in its place already.
        if (!existsSync(ready)) continue;
        const target = inside(root, path);
        mkdirSync(dirname(target), { recursive: true });
        renameSync(ready, target);
      }
      for (const path of remove) {
        rmSync(inside(root, path), { force: true });
        removeEmpty(inside(root, path.slice(0, -1)));
      }
      rmSync(file);
    }
    rmSync(staging, { recursive: true, force: true });
  });
}

/** Beside the tree; where that is another file system, over which nothing can be renamed, or not ours to write, in it. */
function stagingOf(root: string): string {
  const real = realPath(root);
  const beside = dirname(real);
  const isBeside = !existsSync(real) || (statSync(beside).dev === statSync(real).dev && isWritable(beside));
  return isBeside ? join(beside, `.${basename(real)}.iam-minimize`) : join(real, '.iam-minimize');
}

function removeEmpty(folder: string): void {
  try {
    rmdirSync(folder);
  } catch {
    // Something else is in it, or it is gone.
  }
}

function parseJournal(text: string, file: string): Journal {
  const json: unknown = JSON.parse(text);
  const paths = (value: unknown): readonly (readonly string[])[] => {
    if (!Array.isArray(value)) throw new InputError(`${file}: not a journal; delete the folder it is in`);
    return value.map((path: unknown) =>
      Array.isArray(path) ? path.filter((part) => typeof part === 'string') : [],
    );
  };
  const { write, remove } = isObject(json) ? json : {};
  return { write: paths(write), remove: paths(remove) };
}
