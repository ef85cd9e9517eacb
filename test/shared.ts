import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../shared', import.meta.url));

/** A file or folder of the data shared next to the project; undefined, with a message, where it is absent. */
export function sharedPath(...parts: string[]): string | undefined {
  const path = join(root, ...parts);
  if (existsSync(path)) return path;
  console.warn(`skipped: no ${join('..', 'shared', ...parts)}`);
  return undefined;
}
