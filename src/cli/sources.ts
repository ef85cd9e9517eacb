import type { LogObject } from '../ingest/log-object.ts';
import type { Selection } from '../ingest/selection.ts';
import type { Source } from '../ingest/source.ts';
import { InputError } from '../iam/input-error.ts';
import { accessOf } from './access.ts';
import { standardStream, type GlobalFlags, type Terminal } from './command.ts';
import { givenOf, historyOf, type HistoryFlags } from './event-history.ts';

/** What is asked of sources, by the flags of `ingest` or a configuration file. */
export type SourceFlags = Selection & HistoryFlags & Pick<GlobalFlags, 'profile' | 'region' | 'quiet'>;

/**
 * The sources that SOURCE arguments name. Files and folders are listed here, all together, so that a mistake is known
 * before an index is made.
 * @throws InputError for a source that is not there or not understood
 */
export async function sourcesOf(
  sources: readonly string[],
  flags: SourceFlags,
  terminal: Pick<Terminal, 'in' | 'err' | 'clock'>,
): Promise<Source[]> {
  const { objectSource } = await import('../ingest/source.ts');
  const local: string[] = [];
  const others: Source[] = [];
  const [lookup] = givenOf(flags);
  if (lookup && !sources.includes('event-history'))
    throw new InputError(`--${lookup[0]}: only event-history can be looked up by it; leave it out`);
  for (const source of sources) {
    if (source === 'event-history') {
      others.push(await historyOf(flags, accessOf(flags), terminal, flags.quiet));
      continue;
    }
    const scheme = /^(s3|athena):\/\//.exec(source)?.[1];
    if (scheme)
      throw new InputError(
        `${source}: ${scheme} sources cannot be read yet; copy the files here and give their folder`,
      );
    local.push(source);
  }
  return local.length === 0
    ? others
    : [objectSource(await localObjectsOf(local, flags, terminal)), ...others];
}

async function localObjectsOf(
  paths: readonly string[],
  flags: SourceFlags,
  terminal: Pick<Terminal, 'in'>,
): Promise<LogObject[]> {
  const { localObjects, stdinObject } = await import('../ingest/local.ts');
  const { chooseByKey } = await import('../ingest/selection.ts');
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
  return chooseByKey(objects, flags);
}
