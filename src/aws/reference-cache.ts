import { readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { isObject } from '../iam/json.ts';
import {
  servicePrefix,
  type AuthorizedActions,
  type ServiceReference,
} from '../permissions/service-reference.ts';

/** What is remembered of one service beside its operations. */
export interface CachedService {
  /** As the server gave it; '' when it gave none. */
  readonly etag: string;
  /** How many operations it has authorised actions for. */
  readonly operations: number;
}

/** The service reference as it was last fetched. */
export interface CachedReference extends ServiceReference {
  readonly folder: string;
  /** The URL it came from. */
  readonly source: string;
  readonly services: ReadonlyMap<string, CachedService>;
}

/**
 * Where the reference is kept: `iam-minimize/service-reference` below XDG_CACHE_HOME if that is an absolute path, else
 * below `~/.cache` (XDG Base Directory Specification).
 */
export function referenceFolder(env: Readonly<Record<string, string | undefined>>): string {
  const given = env['XDG_CACHE_HOME'] ?? '';
  return join(isAbsolute(given) ? given : join(homedir(), '.cache'), 'iam-minimize', 'service-reference');
}

export const indexFile = 'index.json';

/** The file of a service's operations. Prefixes are checked where they come in: no path can leave the folder. */
export const serviceFile = (prefix: string): string => `service-${prefix}.json`;

/** A JSON object in a file; undefined when it is missing or damaged: then the built-in data serves. */
function readObject(file: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const json: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return isObject(json) ? json : undefined;
  } catch {
    return undefined;
  }
}

function readOperations(file: string): AuthorizedActions | undefined {
  const raw = readObject(file)?.['operations'];
  if (!isObject(raw)) return undefined;
  return new Map(
    Object.entries(raw).map(([name, actions]) => [
      name,
      typeof actions === 'string' ? actions.split(' ') : [],
    ]),
  );
}

/** The cached reference; undefined when there is none. Services are read on first use. */
export function cachedReference(folder: string): CachedReference | undefined {
  const index = readObject(join(folder, indexFile));
  const { fetched, source, services: raw } = index ?? {};
  if (typeof fetched !== 'string' || !/^\d{4}-\d\d-\d\dT/.test(fetched)) return undefined;
  if (typeof source !== 'string' || !isObject(raw)) return undefined;
  const services = new Map<string, CachedService>();
  for (const [prefix, facts] of Object.entries(raw)) {
    if (!servicePrefix.test(prefix) || !isObject(facts)) continue;
    const { etag, operations } = facts;
    services.set(prefix, {
      etag: typeof etag === 'string' ? etag : '',
      operations: typeof operations === 'number' ? operations : 0,
    });
  }
  const read = new Map<string, AuthorizedActions | undefined>();
  return {
    folder,
    source,
    day: fetched.slice(0, 10),
    services,
    operations(prefix) {
      if (!services.has(prefix)) return undefined;
      if (!read.has(prefix)) read.set(prefix, readOperations(join(folder, serviceFile(prefix))));
      return read.get(prefix);
    },
  };
}
