import pLimit from 'p-limit';
import { InputError } from '../iam/input-error.ts';
import { isObject } from '../iam/json.ts';
import { byCodeUnit } from '../iam/order.ts';
import { parseServiceReference, servicePrefix } from '../permissions/service-reference.ts';
import { cachedReference, cacheReference, type CachedReference } from './reference-cache.ts';

/** The public list of services: no credentials, one JSON document a service. */
export const officialReference = 'https://servicereference.us-east-1.amazonaws.com/';

/** What one answer may cost; a server that wants more is not believed. Bytes are uncompressed. */
export const fetchLimits = {
  listBytes: 4_000_000,
  serviceBytes: 64_000_000,
  /** For one request, from its start to the end of its body. */
  milliseconds: 30_000,
  services: 2000,
};
export type FetchLimits = Readonly<typeof fetchLimits>;

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
  if (!(cause instanceof Error)) return error.message;
  return 'code' in cause ? String(cause.code) : cause.message;
}

/** A document with its ETag, never more than a limit of it in memory; undefined when it is still that of `etag`. */
async function fetchJson(url: URL, bytes: number, signal: AbortSignal, etag = '') {
  const response = await fetch(url, {
    // A redirection could lead anywhere, into the local network too.
    redirect: 'error',
    headers: { accept: 'application/json', ...(etag === '' ? {} : { 'if-none-match': etag }) },
    signal,
  });
  if (response.status !== 200) {
    await response.body?.cancel();
    if (response.status === 304 && etag !== '') return undefined;
    throw new Refused(`HTTP ${response.status}`);
  }
  const chunks: Uint8Array[] = [];
  let size = 0;
  const body = response.body?.getReader();
  // What `fetch` keeps of the signal may be collected while the body comes: it is cancelled here, and the loop ends.
  const cancel = (): void => void body?.cancel().catch(() => {});
  signal.addEventListener('abort', cancel);
  try {
    for (let read = await body?.read(); read?.value; read = await body?.read()) {
      size += read.value.byteLength;
      if (size > bytes) throw new Refused(`larger than ${bytes} bytes`);
      chunks.push(read.value);
    }
    signal.throwIfAborted();
  } finally {
    signal.removeEventListener('abort', cancel);
    cancel();
  }
  const json: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'));
  return { etag: response.headers.get('etag')?.slice(0, 256) ?? '', json };
}

/** Runs something for as long as a signal and a limit allow. */
async function within<T>(
  milliseconds: number,
  signal: AbortSignal,
  run: (until: AbortSignal) => Promise<T>,
): Promise<T> {
  const until = new AbortController();
  const stop = (): void => until.abort(signal.reason);
  const timer = setTimeout(
    () => until.abort(new DOMException('took too long', 'TimeoutError')),
    milliseconds,
  );
  signal.addEventListener('abort', stop);
  try {
    signal.throwIfAborted();
    return await run(until.signal);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}

/** Prefixes and their documents, sorted; what is no service name or lies on another host is left out. */
function servicesOf(list: unknown, source: URL, most: number): readonly (readonly [string, URL])[] {
  const entries: readonly unknown[] = Array.isArray(list) ? list : [];
  const services = new Map<string, URL>();
  for (const entry of entries.slice(0, most)) {
    const { service, url } = isObject(entry) ? entry : {};
    if (typeof service !== 'string' || typeof url !== 'string' || !servicePrefix.test(service)) continue;
    if (!URL.canParse(url, source.href)) continue;
    const document = new URL(url, source);
    if (document.origin === source.origin) services.set(service, document);
  }
  if (services.size === 0) throw new Refused('not a list of services');
  return [...services].sort(([a], [b]) => byCodeUnit(a, b));
}

/** Fetches AWS's service reference into a folder; a service that fails keeps what was there. @throws InputError without the list: all stays */
export async function refreshReference(options: RefreshOptions): Promise<RefreshReport> {
  const { folder, signal, limits = fetchLimits } = options;
  const source = URL.canParse(options.source) ? new URL(options.source) : undefined;
  if (source === undefined || !/^https?:$/.test(source.protocol))
    throw new InputError(`${options.source}: not an http or https URL of a service reference`);
  const fetched = (url: URL, bytes: number, etag?: string) =>
    within(limits.milliseconds, signal, (until) => fetchJson(url, bytes, until, etag));
  let list: readonly (readonly [string, URL])[];
  try {
    list = servicesOf((await fetched(source, limits.listBytes))?.json, source, limits.services);
  } catch (cause) {
    throw new InputError(
      `${source.href}: no service reference there (${reasonOf(cause)}); what was there before still serves; try again online`,
      { cause },
    );
  }
  const services = new Map<string, NonNullable<ReturnType<CachedReference['services']['get']>>>();
  const failures: { service: string; reason: string }[] = [];
  const known = cachedReference(folder)?.services;
  let unchanged = 0;
  let done = 0;
  const limit = pLimit(8);
  await limit.map(list, async ([service, url]) => {
    const cached = known?.get(service);
    if (cached !== undefined) services.set(service, cached);
    try {
      signal.throwIfAborted();
      const answer = await fetched(url, limits.serviceBytes, cached?.etag);
      const operations = answer && parseServiceReference(answer.json, service);
      if (answer === undefined) unchanged++;
      else if (operations === undefined) throw new Refused('not the reference of this service');
      else services.set(service, { etag: answer.etag, operations });
    } catch (error) {
      failures.push({ service, reason: reasonOf(error) });
    }
    options.progress?.(++done, list.length);
  });
  failures.sort((a, b) => byCodeUnit(a.service, b.service));
  const changed = list.length - unchanged - failures.length;
  if (changed + unchanged > 0) cacheReference(folder, { source: source.href, services }, options.now);
  return { listed: list.length, fetched: changed, unchanged, failures };
}
