import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { AwsAccess } from '../../aws/access.ts';
import { InputError } from '../../iam/input-error.ts';
import { stringsOf } from '../../iam/catalogue.ts';
import { isObject } from '../../iam/json.ts';
import type { Source } from '../../ingest/source.ts';
import { askedOf, replaceIndex, usedEvents } from '../../store/asked.ts';
import { eventHistorySource, isFar, standardStream } from '../settings/source-argument.ts';
import { updateIndex, type IndexUpdate } from './index-update.ts';
import { allOfSources, sourcesOf, type SourceSettings } from './sources.ts';
import type { Surroundings } from './surroundings.ts';

/** What an index remembers of the choice that was made. */
const texts = ['since', 'until', 'output', 'userName', 'accessKey', 'eventSource', 'eventName'] as const;
const lists = ['accounts', 'regions'] as const;
const switches = ['requestPayer', 'verifyDigests'] as const;

/** SOURCE arguments with the choice made of their objects, to be remembered; days counted back would be others the next time: then all is read. */
export function askedFor(sources: readonly string[], settings: SourceSettings): string {
  const places = sources.map((source) =>
    isFar(source) || [standardStream, eventHistorySource].includes(source) ? source : resolve(source),
  );
  const chosen = [...texts, ...lists, ...switches]
    .map((name) => [name, settings[name]] as const)
    .filter(([, value]) => typeof value !== 'string' || !/^\d+d$/.test(value));
  const digestKeys = settings.digestKeys?.map((file) => resolve(file));
  return JSON.stringify({ sources: places, ...Object.fromEntries(chosen), digestKeys });
}

function requestOf(asked: string): {
  readonly sources: readonly string[];
  readonly settings: SourceSettings;
} {
  const raw: unknown = JSON.parse(asked);
  const row = isObject(raw) ? raw : {};
  const list = (name: string) => [name, row[name] === undefined ? undefined : stringsOf(row[name])] as const;
  return {
    sources: stringsOf(row['sources']),
    settings: {
      ...allOfSources,
      ...Object.fromEntries(texts.map((name) => [name, stringsOf([row[name]])[0]])),
      ...Object.fromEntries([...lists, 'digestKeys'].map(list)),
      ...Object.fromEntries(switches.map((name) => [name, row[name] === true])),
    },
  };
}

/**
 * Makes the index again from what it was made of: beside the old one, which answers until the new one is whole and takes its
 * place. A run that breaks off is resumed by the next.
 * @throws InputError where the index does not say what it was made of, or that cannot be read again
 */
export async function rebuildIndex(
  db: string,
  access: AwsAccess,
  concurrency: number,
  surroundings: Surroundings,
): Promise<IndexUpdate> {
  const asked = askedOf(db);
  const requests = asked.map(requestOf);
  if (requests.length === 0 || requests.some(({ sources }) => sources.length === 0))
    throw new InputError(
      `${db}: does not say what it was made of; ingest its sources into a new file with --db, and put that in its place`,
    );
  if (requests.some(({ sources }) => sources.includes(standardStream)))
    throw new InputError(
      `${db}: was also made of standard input, which cannot be read again; ingest its sources into a new file with --db`,
    );
  const sources: Source[] = [];
  for (const request of requests)
    sources.push(...(await sourcesOf(request.sources, request.settings, access, surroundings)));
  const beside = `${db}.rebuild`;
  const update = await updateIndex(beside, sources, concurrency, surroundings, [], asked);
  if (surroundings.signal.aborted) {
    surroundings.warn(`${beside}: not whole yet; the same command goes on with it`);
    return update;
  }
  if (!existsSync(beside))
    throw new InputError(`${db}: its sources hold no event any more; it stays as it is`);
  // Objects that are gone, event history after 90 days: what they showed is in the old index alone.
  const [before, after] = [usedEvents(db), usedEvents(beside)];
  if (after < before)
    throw new InputError(
      `${db}: its sources give ${after} of its ${before} events now; it stays as it is, what they give is in ${beside}`,
    );
  replaceIndex(db, beside);
  return update;
}
