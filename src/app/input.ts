import { readFileSync } from 'node:fs';
import type { AwsAccess } from '../aws/access.ts';
import { InputError } from '../iam/input-error.ts';
import type { TrailConfig } from '../permissions/selectors.ts';

/** The text of a file a person named. @throws InputError when it cannot be read */
export function readTextFile(file: string, flag: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'error';
    const why =
      code === 'ENOENT'
        ? 'no such file'
        : code === 'EISDIR'
          ? 'is a folder, not a file'
          : `cannot be read (${code})`;
    throw new InputError(`${flag} ${file}: ${why}; check the path`, { cause });
  }
}

/**
 * What the trail logs, from the file of `--trail-config`, or from the live account for the word `aws` (a file of that
 * name is `./aws`); undefined without either.
 * @param warn told of each trail that counts for nothing
 */
export async function readTrailConfig(
  source: string | undefined,
  access: AwsAccess,
  warn: (line: string) => void,
): Promise<TrailConfig | undefined> {
  if (source === undefined) return undefined;
  const { parseTrailConfig } = await import('../permissions/selectors.ts');
  if (source !== 'aws') return parseTrailConfig(readTextFile(source, '--trail-config'), source);
  const { selectors, leftOut } = await (await import('../aws/trails.ts')).liveTrails(access);
  for (const line of leftOut) warn(line);
  if (selectors.length === 0)
    warn('no trail of the account logs all Regions: every event counts as not recorded, nothing is removed');
  return parseTrailConfig(JSON.stringify(selectors), 'aws');
}

/** Standard input to its end, as text. */
export async function readStream(stream: AsyncIterable<Buffer>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
