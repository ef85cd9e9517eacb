import { existsSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve, sep } from 'node:path';
import { InputError } from '../../iam/input-error.ts';

/**
 * Proposals are never written over the policies of today that they were made from.
 * @param asked how the folder was named: `--out`, `"out:" of FILE`
 * @throws InputError when it is no folder to write to, or a folder of today's policies is the folder of proposals, inside it or around it, or a file of
 * them lies in a folder of its tree
 */
export function keepApart(out: string, current: string | undefined, asked: string): void {
  const proposals = realPath(out);
  // In the folders of the kernel a recursive mkdir of Node never ends: each part is said to lack the one above it.
  const isKernels = isWithin(proposals, '/proc') || isWithin(proposals, '/sys');
  if (isKernels || !statSync(nearest(proposals)).isDirectory())
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

const isWithin = (inner: string, outer: string): boolean =>
  inner === outer || inner.startsWith(outer.endsWith(sep) ? outer : outer + sep);

/** A path, or what is there of the folders above it. */
const nearest = (path: string): string => (existsSync(path) ? path : nearest(dirname(path)));

/** A path without links; of what is not there yet as far as it is. */
export function realPath(path: string): string {
  const absolute = resolve(path);
  try {
    return realpathSync(absolute);
  } catch {
    const above = dirname(absolute);
    return above === absolute ? absolute : join(realPath(above), basename(absolute));
  }
}
