/** Room `sources`: what SOURCE means, and reading it into an index. */
import type { AwsAccess } from '../../aws/access.ts';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { InputError } from '../../iam/input-error.ts';
import { nearest } from '../../iam/nearest.ts';
import type { LogObject } from '../../ingest/objects/log-object.ts';
import { leavesOutRegions, listOf, type Selection } from '../../ingest/objects/selection.ts';
import type { Source } from '../../ingest/source.ts';
import { eventHistorySource, inAthena, standardStream } from '../settings/source-argument.ts';
import { tableFlagOf, tableSource, type AthenaSettings } from './athena.ts';
import { keysForDigests, type DigestSettings } from './digest-keys.ts';
import { historyOf, lookupsOf, type HistorySettings } from './event-history.ts';
import { bucketSource, type BucketSettings } from './s3.ts';
import type { Surroundings } from './surroundings.ts';

/** What is asked of sources; text as the flags of `ingest` of the same names take it. */
export interface SourceSettings
  extends Selection, HistorySettings, DigestSettings, BucketSettings, AthenaSettings {}

/** What is asked where nothing is said. */
export const allOfSources: SourceSettings = {
  since: undefined,
  until: undefined,
  accounts: undefined,
  regions: undefined,
  lookback: '3d',
  requestPayer: false,
};

/**
 * The sources that SOURCE arguments name. Files and folders are listed here, all together, so that a mistake is known
 * before an index is made.
 * @throws InputError for a source that is not there or not understood
 */
export async function sourcesOf(
  sources: readonly string[],
  settings: SourceSettings,
  access: AwsAccess,
  surroundings: Surroundings,
): Promise<Source[]> {
  const { objectSource, ofRegions } = await import('../../ingest/source.ts');
  const regions = listOf(settings.regions);
  const local: string[] = [];
  const others: Source[] = [];
  const [lookup] = lookupsOf(settings);
  if (lookup && !sources.includes(eventHistorySource))
    throw new InputError(`${lookup.flag}: only event-history can be looked up by it; leave it out`);
  const forTable = tableFlagOf(settings);
  if (forTable !== undefined && !sources.some((source) => source.startsWith(inAthena)))
    throw new InputError(`${forTable}: is for athena://workgroup/database/table; leave it out`);
  const keysFor = await keysForDigests(settings, access);
  for (const source of sources) {
    if (keysFor && (source.startsWith(inAthena) || [standardStream, eventHistorySource].includes(source)))
      throw new InputError(
        `--verify-digests: ${source === standardStream ? 'standard input' : source} has no digest files; give the folder that has them`,
      );
    if (source === eventHistorySource) others.push(await historyOf(settings, access, surroundings));
    else if (source.startsWith('s3://'))
      others.push(
        ofRegions(
          await bucketSource(source, { ...settings, keysFor }, access, surroundings),
          [source],
          regions,
        ),
      );
    else if (source.startsWith(inAthena))
      others.push(ofRegions(await tableSource(source, settings, access, surroundings), [source], regions));
    else if (/^\w+:\/\//.test(source))
      throw new InputError(
        `${source}: no such source; write s3://bucket/prefix or athena://workgroup/database/table`,
      );
    else if (nearest(source, [eventHistorySource]) !== undefined && !existsSync(source))
      throw new InputError(`${source}: no such source; did you mean ${eventHistorySource}?`);
    else local.push(source);
  }
  if (local.length === 0) return others;
  const objects = await localObjectsOf(local, surroundings);
  const { chooseByKey } = await import('../../ingest/objects/selection.ts');
  const { verifiedObjects } = await import('../../ingest/verified.ts');
  const files = keysFor
    ? verifiedObjects(objects, settings, keysFor)
    : objectSource(chooseByKey(objects, settings));
  const left = leavesOutRegions(objects, regions) ? regions : [];
  return [
    ofRegions(
      files,
      local.map((path) => resolve(path)),
      left,
    ),
    ...others,
  ];
}

async function localObjectsOf(
  paths: readonly string[],
  surroundings: Pick<Surroundings, 'in'>,
): Promise<LogObject[]> {
  const { localObjects, stdinObject } = await import('../../ingest/objects/local.ts');
  const objects: LogObject[] = [];
  const seen = new Set<string>();
  for (const path of paths) {
    if (path === standardStream) {
      objects.push(stdinObject(surroundings.in));
      continue;
    }
    for await (const object of localObjects(path)) {
      const id = `${object.folder}\u0000${object.name}`;
      if (!seen.has(id)) objects.push(object);
      seen.add(id);
    }
  }
  return objects;
}
