import { createReadStream, statSync, type Dirent, type Stats } from 'node:fs';
import { readdir, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { byCodeUnit } from '../../iam/order.ts';
import { nearest } from '../../iam/nearest.ts';
import { InputError } from '../../iam/input-error.ts';
import type { LogObject } from './log-object.ts';

/** Bytes read at a time. */
const chunkBytes = 1 << 20;

/** A file's bytes, a piece at a time. */
export const openFile = (path: string): AsyncIterable<Buffer> =>
  createReadStream(path, { highWaterMark: chunkBytes });

function fileObject(path: string, real: string, { size, mtimeMs }: Stats): LogObject {
  return {
    folder: dirname(real),
    name: basename(real),
    size,
    etag: String(mtimeMs),
    label: path,
    path: real,
    open: () => openFile(real),
  };
}

/** Standard input as one object; its identity is its content, known when it has been read. */
export function stdinObject(input: AsyncIterable<Buffer>): LogObject {
  return {
    folder: 'stdin',
    name: '-',
    size: undefined,
    etag: '',
    label: 'standard input',
    open: () => input,
  };
}

/**
 * The files that a path names: itself, or all files below it, whatever their names, in code unit order.
 * Links are followed; a folder reached twice is read once.
 * @throws InputError when the path does not exist or may not be read
 */
export async function* localObjects(path: string, seen = new Set<string>()): AsyncGenerator<LogObject> {
  const { real, stats } = await resolve(path);
  if (!stats.isDirectory()) {
    yield fileObject(path, real, stats);
    return;
  }
  if (seen.has(real)) return;
  seen.add(real);
  for (const entry of await entries(path)) {
    const child = join(path, entry.name);
    if (entry.isDirectory()) yield* localObjects(child, seen);
    else if (entry.isFile() || entry.isSymbolicLink()) {
      const target = entry.isSymbolicLink()
        ? await followed(child)
        : await resolve(child, join(real, entry.name));
      if (!target) continue;
      if (target.stats.isDirectory()) yield* localObjects(child, seen);
      else if (target.stats.isFile()) yield fileObject(child, target.real, target.stats);
    }
  }
}

async function entries(path: string): Promise<Dirent[]> {
  try {
    return (await readdir(path, { withFileTypes: true })).sort((a, b) => byCodeUnit(a.name, b.name));
  } catch (error) {
    throw new InputError(`${path}: cannot be listed (${codeOf(error)}); check its permissions`, {
      cause: error,
    });
  }
}

/** @param known its real path, where no link is on it */
async function resolve(path: string, known?: string): Promise<{ real: string; stats: Stats }> {
  try {
    const real = known ?? (await realpath(path));
    // Asking in turn for each of very many files takes far longer.
    return { real, stats: statSync(real) };
  } catch (error) {
    if (codeOf(error) !== 'ENOENT')
      throw new InputError(`${path}: cannot be read (${codeOf(error)})`, { cause: error });
    const beside = await readdir(dirname(path)).catch(() => []);
    const near = nearest(basename(path), beside.sort(byCodeUnit));
    const hint = near === undefined ? 'check the path' : `did you mean ${join(dirname(path), near)}?`;
    throw new InputError(`${path}: no such file or directory; ${hint}`, { cause: error });
  }
}

/** Where a link leads; undefined for one that leads nowhere. */
async function followed(path: string): Promise<{ real: string; stats: Stats } | undefined> {
  try {
    return await resolve(path);
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

export const codeOf = (error: unknown): string =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : 'error';
