import { readFileSync } from 'node:fs';
import { InputError } from '../iam/input-error.ts';
import type { TrailConfig } from '../permissions/selectors.ts';

/** The text of a file a person named. @throws InputError when it cannot be read */
export function readTextFile(file: string, flag: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'error';
    throw new InputError(`${flag} ${file}: cannot be read (${code}); check the path`, { cause });
  }
}

/** What the trail logs, from the file of `--trail-config`; undefined without one. */
export async function readTrailConfig(file: string | undefined): Promise<TrailConfig | undefined> {
  if (file === undefined) return undefined;
  const { parseTrailConfig } = await import('../permissions/selectors.ts');
  return parseTrailConfig(readTextFile(file, '--trail-config'), file);
}

/** Standard input to its end, as text. */
export async function readStream(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
