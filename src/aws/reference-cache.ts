import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import { InputError } from '../iam/input-error.ts';
import { isObject } from '../iam/json.ts';
import { byCodeUnit } from '../iam/order.ts';
import {
  servicePrefix,
  type AuthorizedActions,
  type ServiceReference,
} from '../permissions/service-reference.ts';

interface CachedService {
  /** As the server gave it; '' when it gave none. */
  readonly etag: string;
  readonly operations: AuthorizedActions;
}

/** The service reference as it was last fetched. */
export interface CachedReference extends ServiceReference {
  /** The URL it came from. */
  readonly source: string;
  readonly services: ReadonlyMap<string, CachedService>;
}

/** Where the reference is kept: below XDG_CACHE_HOME if that is an absolute path, else below `~/.cache`. */
export function referenceFolder(env: Readonly<Record<string, string | undefined>>): string {
  const given = env['XDG_CACHE_HOME'] ?? '';
  return join(isAbsolute(given) ? given : join(homedir(), '.cache'), 'iam-minimize', 'service-reference');
}

const file = 'reference.json';

/** The cached reference; undefined when there is none, or a damaged one: then the built-in data serves. */
export function cachedReference(folder: string): CachedReference | undefined {
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(join(folder, file), 'utf8'));
  } catch {
    return undefined;
  }
  const { fetched, source, services: raw } = isObject(json) ? json : {};
  if (typeof fetched !== 'string' || !/^\d{4}-\d\d-\d\dT/.test(fetched)) return undefined;
  if (typeof source !== 'string' || !isObject(raw)) return undefined;
  const services = new Map<string, CachedService>();
  for (const [prefix, service] of Object.entries(raw)) {
    const { etag, operations } = isObject(service) ? service : {};
    if (!servicePrefix.test(prefix) || !isObject(operations)) continue;
    const entries = Object.entries(operations).map(
      ([name, actions]) => [name, typeof actions === 'string' ? actions.split(' ') : []] as const,
    );
    services.set(prefix, { etag: typeof etag === 'string' ? etag : '', operations: new Map(entries) });
  }
  return {
    source,
    day: fetched.slice(0, 10),
    services,
    operations: (prefix) => services.get(prefix)?.operations,
  };
}

/** Writes the cache whole or not at all: a reader never sees half a file, nor does a kill leave one. @param now milliseconds since 1970 */
export function cacheReference(
  folder: string,
  { source, services }: Pick<CachedReference, 'source' | 'services'>,
  now: number,
): void {
  const sorted = [...services].sort(([a], [b]) => byCodeUnit(a, b));
  const texts = sorted.map(([prefix, { etag, operations }]) => {
    const entries = [...operations].map(([name, actions]) => [name, actions.join(' ')] as const);
    return [prefix, { etag, operations: Object.fromEntries(entries) }] as const;
  });
  const json = { fetched: new Date(now).toISOString(), source, services: Object.fromEntries(texts) };
  const waiting = join(folder, `.${file}.${process.pid}`);
  try {
    mkdirSync(folder, { recursive: true });
    writeFileSync(waiting, `${JSON.stringify(json)}\n`);
    renameSync(waiting, join(folder, file));
  } catch (cause) {
    rmSync(waiting, { force: true });
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'error';
    throw new InputError(`${folder}: cannot be written (${code}); set XDG_CACHE_HOME to another folder`, {
      cause,
    });
  }
}
