import type { LogObject } from '../ingest/objects/log-object.ts';
import type { Selection } from '../ingest/objects/selection.ts';
import type { Source } from '../ingest/source.ts';
import { InputError } from '../iam/input-error.ts';
import { accessOf } from './access.ts';
import { athenaGivenOf, athenaOf, inAthena, type AthenaFlags } from './athena.ts';
import { standardStream, type GlobalFlags, type Terminal } from './command.ts';
import { digestKeys, type DigestFlags } from './digests.ts';
import { givenOf, historyOf, type HistoryFlags } from './event-history.ts';
import { s3Of, type S3Flags } from './s3.ts';

/** What is asked of sources, by the flags of `ingest` or a configuration file. */
export type SourceFlags = Selection &
  HistoryFlags &
  DigestFlags &
  S3Flags &
  AthenaFlags &
  Pick<GlobalFlags, 'profile' | 'region' | 'quiet'>;

/** Whether a source is none of this machine's files. */
export const isFar = (source: string): boolean => /^[a-z0-9]+:\/\/|^event-history$/.test(source);

/** What is asked where nothing is said. */
export const allOfSources: Omit<SourceFlags, keyof GlobalFlags> = {
  since: undefined,
  until: undefined,
  accounts: undefined,
  regions: undefined,
  'user-name': undefined,
  'access-key': undefined,
  'event-source': undefined,
  'event-name': undefined,
  'verify-digests': false,
  'digest-keys': undefined,
  lookback: '3d',
  'request-payer': false,
  output: undefined,
  'max-bytes': undefined,
  'create-table': undefined,
};

/**
 * The sources that SOURCE arguments name. Files and folders are listed here, all together, so that a mistake is known
 * before an index is made.
 * @throws InputError for a source that is not there or not understood
 */
export async function sourcesOf(
  sources: readonly string[],
  flags: SourceFlags,
  terminal: Pick<Terminal, 'in' | 'err' | 'clock' | 'signal' | 'interactive'>,
): Promise<Source[]> {
  const { objectSource } = await import('../ingest/source.ts');
  const local: string[] = [];
  const others: Source[] = [];
  const [lookup] = givenOf(flags);
  if (lookup && !sources.includes('event-history'))
    throw new InputError(`--${lookup[0]}: only event-history can be looked up by it; leave it out`);
  const [forAthena] = athenaGivenOf(flags);
  if (forAthena !== undefined && !sources.some((source) => source.startsWith(inAthena)))
    throw new InputError(`--${forAthena}: is for athena://workgroup/database/table; leave it out`);
  const keysFor = await digestKeys(flags, accessOf(flags));
  for (const source of sources) {
    if (keysFor && (source.startsWith(inAthena) || [standardStream, 'event-history'].includes(source)))
      throw new InputError(
        `--verify-digests: ${source === standardStream ? 'standard input' : source} has no digest files; give the folder that has them`,
      );
    if (source === 'event-history') {
      others.push(await historyOf(flags, accessOf(flags), terminal, flags.quiet));
      continue;
    }
    if (source.startsWith('s3://')) {
      others.push(await s3Of(source, { ...flags, keysFor }, accessOf(flags), terminal));
      continue;
    }
    if (source.startsWith(inAthena)) {
      others.push(await athenaOf(source, flags, accessOf(flags), terminal));
      continue;
    }
    local.push(source);
  }
  if (local.length === 0) return others;
  const objects = await localObjectsOf(local, terminal);
  const { chooseByKey } = await import('../ingest/objects/selection.ts');
  const { verifiedObjects } = await import('../ingest/verified.ts');
  const files = keysFor
    ? verifiedObjects(objects, flags, keysFor)
    : objectSource(chooseByKey(objects, flags));
  return [files, ...others];
}

async function localObjectsOf(
  paths: readonly string[],
  terminal: Pick<Terminal, 'in'>,
): Promise<LogObject[]> {
  const { localObjects, stdinObject } = await import('../ingest/objects/local.ts');
  const objects: LogObject[] = [];
  const seen = new Set<string>();
  for (const path of paths) {
    if (path === standardStream) {
      objects.push(stdinObject(terminal.in));
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
