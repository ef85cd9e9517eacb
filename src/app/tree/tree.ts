/** Room `tree`: the folder of proposals on disk: compared, changed as a whole, locked. */
import {
  accessSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import type { OutputFile, OutputTree } from '../../emit/tree.ts';
import { InputError } from '../../iam/input-error.ts';
import { faultOf } from '../settings/text-file.ts';

/** What differs between a tree on disk and a proposal. */
interface TreeDrift {
  readonly changed: readonly OutputFile[];
  /** Policy files of more documents than there are now, or in another format. */
  readonly stale: readonly string[];
}

/** What follows `policy` or `boundary` in the name of a policy file. */
const ending = /^((-unseen)?(-[1-9]\d*)?\.json|\.tf|\.yaml)$/;

/** The policy files and templates of a stem (`policy`, `boundary`) among some names, in the order of their numbers, what is kept unseen last. */
export const policyNames = (names: readonly string[], stem: string): readonly string[] =>
  names
    .filter((name) => name.startsWith(stem) && ending.test(name.slice(stem.length)))
    .map((name) => ({
      name,
      unseen: Number(name.includes('-unseen')),
      number: Number(/\d+/.exec(name)?.[0] ?? 1),
    }))
    .sort((a, b) => a.unseen - b.unseen || a.number - b.number)
    .map(({ name }) => name);

/** Compares the policy files on disk with those of a proposal. */
export function drift(root: string, tree: OutputTree): TreeDrift {
  const folder = inside(root, tree.folder);
  const names = new Set(tree.policies.map((file) => file.path.at(-1)));
  return {
    changed: tree.policies.filter((file) => textOf(inside(root, file.path)) !== file.text),
    stale: policyNames(list(folder), tree.stem)
      .filter((name) => !names.has(name))
      .map((name) => join(folder, name)),
  };
}

/**
 * Writes a proposal's files: each whole or not at all; companions only when a policy changed or they are missing, and
 * first, so that a run that is stopped writes them again. With `check` they are only compared with those there.
 */
export function writeTree(root: string, tree: OutputTree, check = false): TreeDrift {
  const found = drift(root, tree);
  if (check) return found;
  const { changed, stale } = found;
  const isChanged = changed.length > 0 || stale.length > 0;
  for (const file of tree.companions)
    if (isChanged || textOf(inside(root, file.path)) === undefined)
      writeWhole(inside(root, file.path), file.text);
  for (const file of changed) writeWhole(inside(root, file.path), file.text);
  for (const file of stale) attempt(file, () => rmSync(file));
  return found;
}

/** Writes a file as a whole: whoever reads it sees the old text or the new. @throws InputError when it cannot be written */
export function writeWhole(file: string, text: string): void {
  const partial = `${file}.part`;
  attempt(file, () => {
    try {
      mkdirSync(dirname(file), { recursive: true });
      // What is there by that name may be a link to somewhere else.
      rmSync(partial, { force: true });
      writeFileSync(partial, text, { flag: 'wx' });
      renameSync(partial, file);
    } catch (error) {
      if (existsSync(partial) && statSync(partial).isFile()) rmSync(partial);
      throw error;
    }
  });
}

/** @throws InputError when a file system says no; what else is thrown, as it is */
export function attempt(file: string, change: () => void): void {
  try {
    change();
  } catch (cause) {
    if (!(cause instanceof Error && 'code' in cause)) throw cause;
    throw new InputError(`${file}: ${faultOf(cause, 'written')}; give another place with --out`, { cause });
  }
}

/** A path surely below the root: a link in the tree shall not choose what is read or written. @throws InputError when one leads there */
export function inside(root: string, path: readonly string[]): string {
  const base = resolve(root);
  const target = resolve(base, ...path);
  if (!target.startsWith(base.endsWith(sep) ? base : base + sep))
    throw new Error(`a path would leave ${base}: ${target}`);
  let place = base;
  for (const part of relative(base, target).split(sep)) refuseLink((place = join(place, part)));
  return target;
}

/** @throws InputError when the path is a symbolic link; where nothing is, it is said when it is written */
export function refuseLink(path: string): void {
  if (orElse(false, () => lstatSync(path).isSymbolicLink()))
    throw new InputError(`${path}: a symbolic link; nothing is read or written through one, take it away`);
}

/** What a file system says; something else where it says no. */
function orElse<T>(other: T, ask: () => T): T {
  try {
    return ask();
  } catch {
    return other;
  }
}

/** The text of a file; undefined where there is none. */
export const textOf = (file: string): string | undefined =>
  orElse(undefined, () => readFileSync(file, 'utf8'));

/** The names in a folder; none where there is no such folder. */
export const list = (folder: string): string[] => orElse([], () => readdirSync(folder));

/**
 * Proposals are never written over the policies of today that they were made from: neither folder may lie in the other.
 * @param asked how the folder was named: `--out`, `"out:" of FILE`
 */
export function keepApart(out: string, current: string | undefined, asked: string): void {
  const proposals = realPath(out);
  if (!canHold(proposals))
    throw new InputError(`${out}: is no folder to write to; give another one as ${asked}`);
  if (current === undefined || current === 'aws') return;
  const today = realPath(current);
  const isFolder = statSync(today, { throwIfNoEntry: false })?.isDirectory() === true;
  if (
    isFolder
      ? isWithin(today, proposals) || isWithin(proposals, today)
      : isWithin(dirname(today), proposals) && dirname(today) !== proposals
  )
    throw new InputError(
      `${out}: would be written over today's policies in ${current}; give a folder apart from them as ${asked}`,
    );
}

/** A file that is to be written, looked at before there is work for it. @throws InputError where none can stand */
export function fileToWrite(out: string, example: string): string {
  const file = resolve(out);
  refuseLink(file);
  const folder = realPath(dirname(file));
  if (!canHold(folder) || !isWritable(nearest(folder)))
    throw new InputError(`--out ${out}: no file can be written there; give another place`);
  if (out.endsWith(sep) || statSync(file, { throwIfNoEntry: false })?.isDirectory())
    throw new InputError(`--out ${out}: is a folder; name a file in it, such as ${join(out, example)}`);
  return file;
}

/** Whether a folder is there, or can be made. */
const canHold = (folder: string): boolean =>
  // In the folders of the kernel a recursive mkdir of Node never ends: each part is said to lack the one above it.
  !isWithin(folder, '/proc') && !isWithin(folder, '/sys') && statSync(nearest(folder)).isDirectory();

/** Whether it may be written to. */
export const isWritable = (folder: string): boolean =>
  orElse(false, () => {
    accessSync(folder, constants.W_OK);
    return true;
  });

const isWithin = (inner: string, outer: string): boolean =>
  inner === outer || inner.startsWith(outer.endsWith(sep) ? outer : outer + sep);

/** A path, or what is there of the folders above it. */
const nearest = (path: string): string => (existsSync(path) ? path : nearest(dirname(path)));

/** A path without links; of what is not there yet as far as it is. */
export function realPath(path: string): string {
  const absolute = resolve(path);
  const above = dirname(absolute);
  const unknown = (): string => (above === absolute ? absolute : join(realPath(above), basename(absolute)));
  return orElse(undefined, () => realpathSync(absolute)) ?? unknown();
}
