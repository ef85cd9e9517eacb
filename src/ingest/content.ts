import { createHash, webcrypto, type Hash } from 'node:crypto';
import { Readable } from 'node:stream';
import { createGunzip, gunzip } from 'node:zlib';
import { promisify } from 'node:util';
import { codeOf } from './local.ts';
import type { LogObject } from './log-object.ts';

const gunzipAsync = promisify(gunzip);

/** Objects up to this size as stored are read whole, off the main thread; larger ones are streamed. */
const wholeBytes = 8 << 20;
/** The most a whole object may unpack to; one that unpacks to more is streamed. */
const wholeUnpackedBytes = 48 << 20;

/** An object's uncompressed bytes: in hand with their hash, or to be streamed. */
export type Content =
  | { readonly kind: 'whole'; readonly bytes: Buffer; readonly hash: Buffer; readonly stored: number }
  | { readonly kind: 'stream' };

const isGzip = (bytes: Buffer): boolean => bytes[0] === 0x1f && bytes[1] === 0x8b;

/**
 * How much a gzip file says it unpacks to (RFC 1952, ISIZE), so that it is unpacked in one piece; within bounds, because
 * files may lie.
 */
const unpackedSize = (gzip: Buffer): number =>
  Math.min(16 << 20, Math.max(1 << 14, gzip.length < 4 ? 0 : gzip.readUInt32LE(gzip.length - 4) + 1));

/** Reads a small object whole; large and odd ones are left to `stream`. */
export async function fetchContent(object: LogObject): Promise<Content> {
  if (object.size === undefined || object.size > wholeBytes) return { kind: 'stream' };
  const chunks: Buffer[] = [];
  let stored = 0;
  try {
    for await (const chunk of object.open()) {
      chunks.push(chunk);
      stored += chunk.length;
      if (stored > wholeBytes) return { kind: 'stream' };
    }
    const bytes = Buffer.concat(chunks);
    const unpacked = isGzip(bytes)
      ? await gunzipAsync(bytes, { maxOutputLength: wholeUnpackedBytes, chunkSize: unpackedSize(bytes) })
      : bytes;
    const hash = Buffer.from(await webcrypto.subtle.digest('SHA-256', unpacked));
    return { kind: 'whole', bytes: unpacked, hash, stored };
  } catch {
    // Broken or too large: the streaming reader gives what can be read and names the fault.
    return { kind: 'stream' };
  }
}

/** Uncompressed bytes in order, then what came of them. */
export interface StreamEnd {
  readonly hash: Buffer;
  readonly stored: number;
  readonly unpacked: number;
  /** Why the bytes ended early; '' when they did not. */
  readonly fault: string;
}

/** Streams an object's uncompressed bytes; whatever could be unpacked before a fault is given. */
export async function streamContent(
  object: LogObject,
  sink: (chunk: Buffer) => void | Promise<void>,
): Promise<StreamEnd> {
  const hash: Hash = createHash('sha256');
  let stored = 0;
  let unpacked = 0;
  let fault = '';
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of object.open()) {
      stored += chunk.length;
      yield chunk;
    }
  }
  try {
    const source = counted();
    const first = await firstChunk(source);
    const packed = Readable.from(prepend(first, source), { objectMode: false });
    const plain = isGzip(first) ? packed.pipe(createGunzip({ chunkSize: 1 << 18 })) : packed;
    if (plain !== packed) packed.once('error', (error) => plain.destroy(error));
    for await (const chunk of plain) {
      if (!Buffer.isBuffer(chunk)) continue;
      hash.update(chunk);
      unpacked += chunk.length;
      await sink(chunk);
    }
  } catch (error) {
    if (!(error instanceof Error) || !('code' in error)) throw error;
    const code = codeOf(error);
    fault = code.startsWith('Z_') ? `gzip data is damaged or cut off (${code})` : `cannot be read (${code})`;
  }
  return { hash: hash.digest(), stored, unpacked, fault };
}

/** At least two bytes, so that gzip can be told by content. */
async function firstChunk(source: AsyncGenerator<Buffer>): Promise<Buffer> {
  let first: Buffer = Buffer.alloc(0);
  while (first.length < 2) {
    const next = await source.next();
    if (next.done) break;
    first = first.length === 0 ? next.value : Buffer.concat([first, next.value]);
  }
  return first;
}

async function* prepend(first: Buffer, rest: AsyncGenerator<Buffer>): AsyncGenerator<Buffer> {
  if (first.length > 0) yield first;
  yield* rest;
}
