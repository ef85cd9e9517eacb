import { readFileSync } from 'node:fs';
import { InputError } from '../iam/input-error.ts';

/** The text of a file a person named. @throws InputError when it cannot be read */
export function readTextFile(file: string, flag: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'error';
    throw new InputError(`${flag} ${file}: cannot be read (${code}); check the path`, { cause });
  }
}
