import pLimit from 'p-limit';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../iam/input-error.ts';
import { isObject } from '../iam/json.ts';
import { byCodeUnit } from '../iam/order.ts';
import {
  parseServiceReference,
  servicePrefix,
  type AuthorizedActions,
} from '../permissions/service-reference.ts';
import {
  cachedReference,
  indexFile,
  serviceFile,
  type CachedReference,
  type CachedService,
} from './reference-cache.ts';

/** The public list of services: no credentials, one JSON document a service. */
export const officialReference = 'https://servicereference.us-east-1.amazonaws.com/';

/** What one answer may cost; a server that wants more is not believed. */
export interface FetchLimits {
  /** Of the list, uncompressed bytes. */
  readonly listBytes: number;
  /** Of one service, uncompressed bytes. */
  readonly serviceBytes: number;
  /** For one request, from its start to the end of its body. */
  readonly milliseconds: number;
  readonly services: number;
}

export const fetchLimits: FetchLimits = {
  listBytes: 4_000_000,
  serviceBytes: 64_000_000,
  milliseconds: 30_000,
  services: 2000,
};

interface RefreshOptions {
  /** URL of the list. */
  readonly source: string;
  /** Folder of the cache; made if missing. */
  readonly folder: string;
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly signal: AbortSignal;
  readonly limits?: FetchLimits;
  readonly progress?: (done: number, of: number) => void;
}

export interface RefreshReport {
  readonly listed: number;
  readonly fetched: number;
  /** The server said that nothing changed. */
  readonly unchanged: number;
  /** Services that could not be fetched or understood; what the cache had of them stays. */
  readonly failures: readonly { readonly service: string; readonly reason: string }[];
}

/** An answer that is refused; its message is the reason to show. */
class Refused extends Error {}

/** Why a request came to nothing, in few words. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown';
  if (error instanceof Refused) return error.message;
  if (error instanceof SyntaxError) return 'not JSON';
  if (error.name === 'TimeoutError') return 'took too long';
  const { cause } = error;
  if (cause instanceof Error) {
    return 'code' in cause ? String(cause.code) : cause.message;
  }
  return error.message;
}

/** The body as text, never more than a limit of it in memory. */
async function boundedText(response: Response, bytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = response.body?.getReader();
  for (;;) {
    const chunk: unknown = (await reader?.read())?.value;
    if (!(chunk instanceof Uint8Array)) break;
    size += chunk.byteLength;
    if (size > bytes) {
      await reader?.cancel();
      throw new Refused(`larger than ${bytes} bytes`);
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

interface Answer {
  readonly etag: string;
  /** Undefined when nothing changed. */
  readonly json: unknown;
}

class Refresh {
  private readonly options: RefreshOptions;
  private readonly limits: FetchLimits;
  private readonly source: URL;

  constructor(options: RefreshOptions, source: URL) {
    this.options = options;
    this.limits = options.limits ?? fetchLimits;
    this.source = source;
  }

  private async get(url: URL, bytes: number, etag: string): Promise<Answer> {
    const { signal } = this.options;
    const response = await fetch(url, {
      // A redirection could lead anywhere, into the local network too.
      redirect: 'error',
      headers: { accept: 'application/json', ...(etag === '' ? {} : { 'if-none-match': etag }) },
      signal: AbortSignal.any([signal, AbortSignal.timeout(this.limits.milliseconds)]),
    });
    const given = response.headers.get('etag') ?? '';
    if (response.status === 304 && etag !== '') {
      await response.body?.cancel();
      return { etag, json: undefined };
    }
    if (response.status !== 200) {
      await response.body?.cancel();
      throw new Refused(`HTTP ${response.status}`);
    }
    const json: unknown = JSON.parse(await boundedText(response, bytes));
    return { etag: given.length <= 256 ? given : '', json };
  }

  /** Prefixes and their documents, sorted; what is no service name or lies on another host is left out. */
  async list(): Promise<readonly (readonly [string, URL])[]> {
    const { json } = await this.get(this.source, this.limits.listBytes, '');
    if (!Array.isArray(json)) throw new Refused('not a list of services');
    const entries: readonly unknown[] = json;
    const services = new Map<string, URL>();
    for (const entry of entries.slice(0, this.limits.services)) {
      if (!isObject(entry)) continue;
      const { service, url } = entry;
      if (typeof service !== 'string' || typeof url !== 'string' || !servicePrefix.test(service)) continue;
      if (!URL.canParse(url, this.source.href)) continue;
      const document = new URL(url, this.source);
      if (document.origin === this.source.origin) services.set(service, document);
    }
    if (services.size === 0) throw new Refused('not a list of services');
    return [...services].sort(([a], [b]) => byCodeUnit(a, b));
  }

  /** Fetches one service into the cache. */
  async service(
    prefix: string,
    url: URL,
    known: CachedReference | undefined,
  ): Promise<{ kept: boolean; facts: CachedService }> {
    const cached = known?.operations(prefix) === undefined ? undefined : known.services.get(prefix);
    const { etag, json } = await this.get(url, this.limits.serviceBytes, cached?.etag ?? '');
    if (json === undefined && cached !== undefined) return { kept: true, facts: cached };
    const operations = parseServiceReference(json, prefix);
    if (operations === undefined) throw new Refused('not the reference of this service');
    this.write(serviceFile(prefix), operationsText(operations));
    return { kept: false, facts: { etag, operations: operations.size } };
  }

  /** Whole or not at all: a reader never sees half a file, nor does a kill leave one. */
  write(name: string, text: string): void {
    const { folder } = this.options;
    const waiting = join(folder, `.${name}.${process.pid}`);
    try {
      mkdirSync(folder, { recursive: true });
      writeFileSync(waiting, text);
      renameSync(waiting, join(folder, name));
    } catch (cause) {
      rmSync(waiting, { force: true });
      const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'error';
      throw new InputError(`${folder}: cannot be written (${code}); set XDG_CACHE_HOME to another folder`, {
        cause,
      });
    }
  }
}

const operationsText = (operations: AuthorizedActions): string =>
  `${JSON.stringify({
    operations: Object.fromEntries([...operations].map(([name, actions]) => [name, actions.join(' ')])),
  })}\n`;

/**
 * Fetches AWS's service reference into a folder. A service that fails is reported and keeps what the folder had.
 * @throws InputError when the list cannot be had, or the folder not written: nothing is changed then
 */
export async function refreshReference(options: RefreshOptions): Promise<RefreshReport> {
  const { folder, signal } = options;
  const source = URL.canParse(options.source) ? new URL(options.source) : undefined;
  if (source === undefined || !/^https?:$/.test(source.protocol))
    throw new InputError(`${options.source}: not an http or https URL of a service reference`);
  const refresh = new Refresh(options, source);
  let list: readonly (readonly [string, URL])[];
  try {
    list = await refresh.list();
  } catch (cause) {
    throw new InputError(
      `${source.href}: no service reference there (${reasonOf(cause)}); what was there before still serves; try again online`,
      { cause },
    );
  }
  const known = cachedReference(folder);
  const services = new Map<string, CachedService>();
  const failures: { service: string; reason: string }[] = [];
  let unchanged = 0;
  let done = 0;
  const limit = pLimit(8);
  await Promise.all(
    list.map(([prefix, url]) =>
      limit(async () => {
        try {
          signal.throwIfAborted();
          const { kept, facts } = await refresh.service(prefix, url, known);
          services.set(prefix, facts);
          if (kept) unchanged++;
        } catch (error) {
          if (error instanceof InputError) throw error;
          failures.push({ service: prefix, reason: reasonOf(error) });
          const cached = known?.services.get(prefix);
          if (cached !== undefined) services.set(prefix, cached);
        }
        options.progress?.(++done, list.length);
      }),
    ),
  );
  failures.sort((a, b) => byCodeUnit(a.service, b.service));
  const fetched = list.length - unchanged - failures.length;
  if (fetched + unchanged > 0) {
    const index = {
      fetched: new Date(options.now).toISOString(),
      source: source.href,
      services: Object.fromEntries([...services].sort(([a], [b]) => byCodeUnit(a, b))),
    };
    refresh.write(indexFile, `${JSON.stringify(index, null, 1)}\n`);
  }
  return { listed: list.length, fetched, unchanged, failures };
}
