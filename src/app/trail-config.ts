import type { AwsAccess } from '../aws/access.ts';
import type { TrailConfig } from '../permissions/selectors.ts';
import { readTextFile } from './settings/text-file.ts';

/**
 * What the trail logs, from the file of `--trail-config`, or from the live account for the word `aws` (a file of that
 * name is `./aws`); undefined without either.
 * @param warn told of each trail that counts for nothing
 * @throws InputError when it cannot be read
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
