import { readFileSync } from 'node:fs';
import { InputError } from '../../iam/input-error.ts';

/** The text of a file a person named. @throws InputError when it cannot be read */
export function readTextFile(file: string, flag: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw new InputError(`${flag} ${file}: ${faultOf(cause, 'read')}; check the path`, { cause });
  }
}

const faults: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EISDIR: 'is a folder, not a file',
  EEXIST: 'a file stands where a folder must be',
  ENOTDIR: 'a file stands where a folder must be',
  EROFS: 'its file system cannot be written',
  ENOSPC: 'no space is left there',
};

/** What a file system says no with, in words. @param done `read` or `written` */
export function faultOf(cause: unknown, done: string): string {
  const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'error';
  // Where a file system cannot be written, making folders below each other ends so in Node.
  if (code === 'ENOENT' && done === 'written') return 'cannot be made there';
  return faults[code] ?? `cannot be ${done} (${code === 'EACCES' ? 'permission denied' : code})`;
}

/** Standard input to its end, as text. */
export async function readStream(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
