import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { localServer } from './local-server.ts';

/** Objects in the order of their keys, made when asked for: there may be millions. */
export interface FakeObjects {
  readonly count: number;
  readonly keyAt: (i: number) => string;
  readonly bodyAt: (i: number) => Buffer;
  /** Of the body and the tag, where they are known without making the body. */
  readonly sizeAt?: (i: number) => number;
  readonly etagAt?: (i: number) => string;
  /** User-defined metadata. */
  readonly metadataAt?: (i: number) => Readonly<Record<string, string>>;
}

/** Bodies by key. */
export function storedObjects(
  bodies: Readonly<Record<string, Buffer | string>>,
  metadata: Readonly<Record<string, Readonly<Record<string, string>>>> = {},
): FakeObjects {
  const keys = Object.keys(bodies).sort();
  const keyAt = (i: number): string => keys[i] ?? '';
  return {
    count: keys.length,
    keyAt,
    bodyAt: (i) => Buffer.from(bodies[keyAt(i)] ?? ''),
    metadataAt: (i) => metadata[keyAt(i)] ?? {},
  };
}

/** The files below a folder, their paths in it as keys below a prefix. */
export function filesAsObjects(folder: string, prefix = ''): Record<string, Buffer> {
  const found: Record<string, Buffer> = {};
  for (const entry of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const path = join(folder, entry);
    if (statSync(path).isFile()) found[`${prefix}${entry}`] = readFileSync(path);
  }
  return found;
}

/** A request as the fake understood it. */
export interface S3Request {
  readonly bucket: string;
  readonly operation: 'list' | 'get';
  /** The key, or the prefix of a listing. */
  readonly key: string;
  /** How many of this operation came before it, and for this key. */
  readonly number: number;
  readonly repeats: number;
  readonly requester: boolean;
}

/** An answer instead of the right one. */
export type S3Mishap =
  /** The right answer, after a while. */
  | { readonly kind: 'late'; readonly millis: number }
  | {
      readonly kind: 'error';
      readonly status: number;
      readonly code: string;
      readonly message?: string;
      readonly headers?: Readonly<Record<string, string>>;
    }
  /** The connection is cut before an answer. */
  | { readonly kind: 'reset' }
  /** It is cut after this many bytes of the body. */
  | { readonly kind: 'cut'; readonly after: number }
  /** Something on the way answers with a page of its own, and status 200. */
  | { readonly kind: 'page'; readonly body: string }
  /** The body ends in order after this many bytes, and its length is told accordingly: as a broken proxy would. */
  | { readonly kind: 'short'; readonly after: number };

export interface S3FakeOptions {
  /** Of every bucket; requests signed for another are redirected. */
  readonly region?: string;
  readonly mishap?: (request: S3Request) => S3Mishap | undefined;
}

export interface S3Fake {
  readonly url: string;
  readonly requests: readonly S3Request[];
  /** Keys and common prefixes in listings so far. */
  readonly listed: () => { readonly keys: number; readonly folders: number };
  readonly close: () => Promise<void>;
}

/** An HTTP server that speaks S3's REST protocol, path style, for buckets by name. Listings come in pages of at most 1,000. */
export async function fakeS3(
  buckets: Readonly<Record<string, FakeObjects>>,
  { region = 'us-east-1', mishap }: S3FakeOptions = {},
): Promise<S3Fake> {
  const requests: S3Request[] = [];
  const counts = new Map<string, number>();
  /** How often it was asked before. */
  const countOf = (what: string): number => {
    const before = counts.get(what) ?? 0;
    counts.set(what, before + 1);
    return before;
  };
  const listed = { keys: 0, folders: 0 };

  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    const url = new URL(request.url ?? '/', 'http://s3');
    const [bucket = '', ...path] = url.pathname.slice(1).split('/').map(decodeURIComponent);
    const query = url.searchParams;
    const operation = query.has('list-type') ? 'list' : 'get';
    const key = operation === 'list' ? (query.get('prefix') ?? '') : path.join('/');
    const repeats = countOf(`${bucket} ${operation} ${key}`);
    const requester = request.headers['x-amz-request-payer'] === 'requester';
    const understood: S3Request = {
      bucket,
      operation,
      key,
      number: countOf(`${bucket} ${operation}`),
      repeats,
      requester,
    };
    requests.push(understood);
    const signed = /Credential=[^/]+\/\d+\/([^/]+)\//.exec(request.headers.authorization ?? '')?.[1];
    if (signed !== region) {
      refuse(response, 301, 'PermanentRedirect', 'Use the specified endpoint.', {
        'x-amz-bucket-region': region,
      });
      return;
    }
    const wrong = mishap?.(understood);
    if (wrong?.kind === 'error') {
      refuse(response, wrong.status, wrong.code, wrong.message ?? wrong.code, wrong.headers);
      return;
    }
    if (wrong?.kind === 'page') {
      response.writeHead(200, { 'content-type': 'text/html' }).end(wrong.body);
      return;
    }
    if (wrong?.kind === 'reset') {
      request.socket.destroy();
      return;
    }
    const serve = (): void => {
      const objects = buckets[bucket];
      if (!objects) refuse(response, 404, 'NoSuchBucket', 'The specified bucket does not exist');
      else if (operation === 'list') {
        const page = pageOf(objects, query);
        listed.keys += page.keys.length;
        listed.folders += page.folders.length;
        send(
          response,
          200,
          { 'content-type': 'application/xml' },
          Buffer.from(listXml(bucket, key, page)),
          wrong,
        );
      } else sendObject(request, response, objects, key, wrong);
    };
    if (wrong?.kind === 'late') setTimeout(serve, wrong.millis);
    else serve();
  };
  const server = await localServer(answer);
  return { requests, listed: () => ({ ...listed }), ...server };
}

/** The environment of a process that takes the fake for S3. */
export const s3Environment = (url: string): Record<string, string> => ({
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'secret',
  AWS_REGION: 'us-east-1',
  AWS_ENDPOINT_URL_S3: url,
  AWS_EC2_METADATA_DISABLED: 'true',
});

interface Page {
  readonly keys: readonly { readonly key: string; readonly size: number; readonly etag: string }[];
  readonly folders: readonly string[];
  readonly token: string | undefined;
}

/** The first index whose key is as far as is asked; all after it are too. */
function firstWhere({ count, keyAt }: FakeObjects, far: (key: string) => boolean): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (far(keyAt(middle))) high = middle;
    else low = middle + 1;
  }
  return low;
}

const after = (objects: FakeObjects, text: string): number => firstWhere(objects, (key) => key > text);

const last = '\uffff';

/** https://docs.aws.amazon.com/AmazonS3/latest/API/API_ListObjectsV2.html */
function pageOf(objects: FakeObjects, query: URLSearchParams): Page {
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const most = Math.min(1000, Number(query.get('max-keys') ?? '1000'));
  const token = query.get('continuation-token');
  const start = token === null ? (query.get('start-after') ?? '') : Buffer.from(token, 'base64').toString();
  const keys: Page['keys'][number][] = [];
  const folders: string[] = [];
  let i = Math.max(
    after(objects, start),
    firstWhere(objects, (key) => key >= prefix),
  );
  while (i < objects.count && objects.keyAt(i).startsWith(prefix)) {
    const key = objects.keyAt(i);
    const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    const folder = end === -1 ? undefined : key.slice(0, end + 1);
    // A page that began inside a folder does not show it again.
    if (folder !== undefined && start.startsWith(folder)) {
      i = after(objects, folder + last);
      continue;
    }
    if (keys.length + folders.length === most) {
      const previous = [keys.at(-1)?.key ?? '', folders.at(-1) ?? ''].sort().at(-1) ?? '';
      return { keys, folders, token: Buffer.from(previous).toString('base64') };
    }
    if (folder === undefined) {
      keys.push({ key, size: objects.sizeAt?.(i) ?? objects.bodyAt(i).length, etag: etagOf(objects, i) });
      i++;
    } else {
      folders.push(folder);
      i = after(objects, folder + last);
    }
  }
  return { keys, folders, token: undefined };
}

const etagOf = ({ etagAt, bodyAt }: FakeObjects, i: number): string =>
  etagAt?.(i) ?? `"${createHash('md5').update(bodyAt(i)).digest('hex')}"`;

const encoded = (text: string): string =>
  encodeURIComponent(text).replaceAll('%2F', '/').replaceAll('%20', '+');

const listXml = (bucket: string, prefix: string, { keys, folders, token }: Page): string =>
  [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">',
    `<Name>${bucket}</Name><Prefix>${encoded(prefix)}</Prefix><EncodingType>url</EncodingType>`,
    `<KeyCount>${keys.length + folders.length}</KeyCount><IsTruncated>${token !== undefined}</IsTruncated>`,
    token === undefined ? '' : `<NextContinuationToken>${token}</NextContinuationToken>`,
    ...keys.map(
      ({ key, size, etag }) =>
        `<Contents><Key>${encoded(key)}</Key><LastModified>2026-03-09T00:00:00.000Z</LastModified>` +
        `<ETag>${etag.replaceAll('"', '&quot;')}</ETag><Size>${size}</Size><StorageClass>STANDARD</StorageClass></Contents>`,
    ),
    ...folders.map((folder) => `<CommonPrefixes><Prefix>${encoded(folder)}</Prefix></CommonPrefixes>`),
    '</ListBucketResult>',
  ].join('');

function sendObject(
  request: IncomingMessage,
  response: ServerResponse,
  objects: FakeObjects,
  key: string,
  wrong: S3Mishap | undefined,
): void {
  const i = firstWhere(objects, (other) => other >= key);
  if (i === objects.count || objects.keyAt(i) !== key) {
    refuse(response, 404, 'NoSuchKey', 'The specified key does not exist.');
    return;
  }
  const body = objects.bodyAt(i);
  const etag = etagOf(objects, i);
  const wanted = request.headers['if-match'];
  if (wanted !== undefined && wanted !== etag) {
    refuse(
      response,
      412,
      'PreconditionFailed',
      'At least one of the pre-conditions you specified did not hold',
    );
    return;
  }
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? '')?.[1] ?? '0');
  const headers: Record<string, string> = { etag, 'content-type': 'application/octet-stream' };
  if (from > 0) headers['content-range'] = `bytes ${from}-${body.length - 1}/${body.length}`;
  for (const [name, value] of Object.entries(objects.metadataAt?.(i) ?? {}))
    headers[`x-amz-meta-${name}`] = value;
  send(response, from > 0 ? 206 : 200, headers, body.subarray(from), wrong);
}

function send(
  response: ServerResponse,
  status: number,
  headers: Readonly<Record<string, string>>,
  body: Buffer,
  wrong: S3Mishap | undefined,
): void {
  const sent = wrong?.kind === 'cut' || wrong?.kind === 'short' ? body.subarray(0, wrong.after) : body;
  const told = wrong?.kind === 'short' ? sent : body;
  response.writeHead(status, { ...headers, 'content-length': String(told.length) });
  if (wrong?.kind === 'cut') response.write(sent, () => response.destroy());
  else response.end(sent);
}

/** https://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html */
function refuse(
  response: ServerResponse,
  status: number,
  code: string,
  message: string,
  headers: Readonly<Record<string, string>> = {},
): void {
  response.writeHead(status, { 'content-type': 'application/xml', ...headers });
  response.end(
    `<?xml version="1.0" encoding="UTF-8"?><Error><Code>${code}</Code><Message>${message}</Message><RequestId>4442587FB7D0A2F9</RequestId></Error>`,
  );
}
