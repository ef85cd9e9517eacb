/** Room `sources`: what SOURCE means, and reading it into an index. */
import type { AwsAccess } from '../../aws/access.ts';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { dayOfTime } from '../../iam/days.ts';
import { InputError } from '../../iam/input-error.ts';
import { nearest } from '../../iam/nearest.ts';
import type { LogObject } from '../../ingest/objects/log-object.ts';
import {
  choiceOf,
  chooseByKey,
  leavesOutRegions,
  listOf,
  type Selection,
} from '../../ingest/objects/selection.ts';
import { parseS3Url, s3Source, type S3SourceOptions } from '../../ingest/s3/bucket.ts';
import { objectSource, ofRegions, type Source } from '../../ingest/source.ts';
import { eventHistorySource, inAthena, isFar, standardStream } from '../settings/source-argument.ts';
import { tableFlagOf, tableSource, type AthenaSettings } from './athena.ts';
import { keysForDigests, type DigestSettings } from './digest-keys.ts';
import { historyOf, lookupsOf, type HistorySettings } from './event-history.ts';
import type { Surroundings } from './surroundings.ts';
import { verifiedObjects } from '../../ingest/verified.ts';
import { localObjects, stdinObject } from '../../ingest/objects/local.ts';

/** What is asked of sources; text as the flags of `ingest` of the same names take it. */
export interface SourceSettings extends Selection, HistorySettings, DigestSettings, AthenaSettings {
  /** As `3d`: of buckets and tables the days read before that are asked for again. */
  readonly lookback: string;
  readonly requestPayer: boolean;
}

/** What is asked where nothing is said. */
export const allOfSources: SourceSettings = {
  since: undefined,
  until: undefined,
  accounts: undefined,
  regions: undefined,
  lookback: '3d',
  requestPayer: false,
};

/** The sources that SOURCE arguments name. Files and folders are listed here, so that a mistake is known before an index is made. */
export async function sourcesOf(
  sources: readonly string[],
  settings: SourceSettings,
  access: AwsAccess,
  surroundings: Surroundings,
): Promise<Source[]> {
  const regions = listOf(settings.regions);
  const local: string[] = [];
  const others: Source[] = [];
  const [lookup] = lookupsOf(settings);
  if (lookup && !sources.includes(eventHistorySource))
    throw new InputError(`${lookup.flag}: only event-history can be looked up by it; leave it out`);
  const forTable = tableFlagOf(settings);
  if (forTable !== undefined && !sources.some((source) => source.startsWith(inAthena)))
    throw new InputError(`${forTable}: is for athena://workgroup/database/table; leave it out`);
  const keysFor = keysForDigests(settings, access);
  for (const source of sources) {
    if (keysFor && (source.startsWith(inAthena) || [standardStream, eventHistorySource].includes(source)))
      throw new InputError(
        `--verify-digests: ${source === standardStream ? 'standard input' : source} has no digest files; give the folder that has them`,
      );
    if (source === eventHistorySource) others.push(await historyOf(settings, access, surroundings));
    else if (isFar(source)) {
      const far = await placeOf(source, { ...settings, keysFor }, access, surroundings);
      others.push(ofRegions(far, [source], regions));
    } else if (nearest(source, [eventHistorySource]) !== undefined && !existsSync(source))
      throw new InputError(`${source}: no such source; did you mean ${eventHistorySource}?`);
    else local.push(source);
  }
  if (local.length === 0) return others;
  const objects = await localObjectsOf(local, surroundings);
  const files = keysFor
    ? verifiedObjects(objects, settings, keysFor)
    : objectSource(chooseByKey(objects, settings));
  const left = leavesOutRegions(objects, regions) ? regions : [];
  const paths = local.map((path) => resolve(path));
  return [ofRegions(files, paths, left), ...others];
}

/** A bucket or a table of Athena. Relative days count back from today: which object is the newest is not known before all are listed. */
async function placeOf(
  url: string,
  settings: SourceSettings & Pick<S3SourceOptions, 'keysFor'>,
  access: AwsAccess,
  surroundings: Surroundings,
): Promise<Source> {
  const { requestPayer, keysFor } = settings;
  const lookback = lookbackDays(settings);
  if (url.startsWith(inAthena)) return tableSource(url, { ...settings, lookback }, access, surroundings);
  if (!url.startsWith('s3://'))
    throw new InputError(
      `${url}: no such source; write s3://bucket/prefix or athena://workgroup/database/table`,
    );
  const choice = choiceOf(settings, dayOfTime(surroundings.clock() / 1000));
  const { signal } = surroundings;
  return s3Source(parseS3Url(url), { ...access, requestPayer, signal, choice, lookback, keysFor });
}

/** @throws InputError for what are no days */
function lookbackDays({ lookback }: Pick<SourceSettings, 'lookback'>): number {
  const days = /^(\d{1,4})d$/.exec(lookback)?.[1];
  if (days === undefined) throw new InputError(`--lookback ${lookback}: write days as 3d`);
  return Number(days);
}

async function localObjectsOf(
  paths: readonly string[],
  surroundings: Pick<Surroundings, 'in'>,
): Promise<LogObject[]> {
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
