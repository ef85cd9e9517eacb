import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { Readable } from 'node:stream';
import { constants, createGunzip, gunzipSync } from 'node:zlib';
import { unreadFault } from './ledger.ts';
import { codeOf } from './local.ts';
import type { LogObject } from './log-object.ts';

/** Objects up to this size as stored are read whole; larger ones are streamed. */
const wholeBytes = 2 << 20;
/** The most a whole object may unpack to; one that unpacks to more is streamed. */
const wholeUnpackedBytes = 32 << 20;

/** Gzip data that unpacks to more than this, and to more than this many times its size, is no log. Logs pack to a tenth or so. */
const bombBytes = 1 << 30;
const bombRatio = 200;

/** No text of a log begins with this byte. */
const isGzip = (bytes: Buffer): boolean => bytes[0] === 0x1f;

/** How much gzip data says it unpacks to (RFC 1952, ISIZE), so that it is in one piece; within bounds, because files may lie. */
const unpackedSize = (gzip: Buffer): number =>
  Math.min(16 << 20, Math.max(1 << 14, gzip.length < 4 ? 0 : gzip.readUInt32LE(gzip.length - 4) + 1));

/** The bytes of a small object, as stored; undefined for a large one. @throws why they cannot be had */
export async function storedBytes(
  object: Pick<LogObject, 'size' | 'path' | 'open'>,
): Promise<Buffer | undefined> {
  const { size, path } = object;
  if (size === undefined || size > wholeBytes) return undefined;
  const chunks: Buffer[] = [];
  let stored = 0;
  for await (const chunk of path === undefined ? object.open() : [readFileSync(path)]) {
    chunks.push(chunk);
    stored += chunk.length;
    if (stored > wholeBytes) return undefined;
  }
  return chunks.length === 1 ? chunks[0] : Buffer.concat(chunks);
}

/** What came of an object's uncompressed bytes. */
interface Unpacked {
  readonly hash: Buffer;
  readonly stored: number;
  readonly unpacked: number;
  /** Why the bytes ended early; '' when they did not. */
  readonly fault: string;
  /** Whether that is for want of bytes, which another day may have, and not for what they say. */
  readonly unread: boolean;
}

/** Unpacked in one piece; undefined where it is damaged or too large: then it is to be streamed, so that what can be read is. */
export function unpackedWhole(stored: Buffer): (Unpacked & { readonly bytes: Buffer }) | undefined {
  try {
    const bytes = isGzip(stored)
      ? gunzipSync(stored, { maxOutputLength: wholeUnpackedBytes, chunkSize: unpackedSize(stored) })
      : stored;
    const hash = createHash('sha256').update(bytes).digest();
    return { bytes, hash, stored: stored.length, unpacked: bytes.length, fault: '', unread: false };
  } catch {
    return undefined;
  }
}

/** Streams an object's uncompressed bytes; whatever could be unpacked before a fault is given. */
export async function streamContent(
  object: Pick<LogObject, 'open'>,
  sink: (chunk: Buffer) => void | Promise<void>,
): Promise<Unpacked> {
  const hash = createHash('sha256');
  let stored = 0;
  let unpacked = 0;
  let fault = '';
  let unread = false;
  // What zlib met, while that is little: what it throws away at a fault is unpacked again.
  const met: Buffer[] = [];
  async function* counted(): AsyncGenerator<Buffer> {
    for await (const chunk of object.open()) {
      if (chunk.length === 0) continue;
      stored += chunk.length;
      if (stored <= wholeBytes) met.push(chunk);
      else met.length = 0;
      yield chunk;
    }
  }
  try {
    const source = counted();
    const first = await source.next();
    const all = async function* (): AsyncGenerator<Buffer> {
      if (!first.done) yield first.value;
      yield* source;
    };
    const packed = Readable.from(all(), { objectMode: false });
    const plain =
      !first.done && isGzip(first.value) ? packed.pipe(createGunzip({ chunkSize: 1 << 18 })) : packed;
    if (plain !== packed) packed.once('error', (error) => plain.destroy(error));
    for await (const chunk of plain) {
      if (!Buffer.isBuffer(chunk)) continue;
      hash.update(chunk);
      unpacked += chunk.length;
      if (unpacked > bombBytes && unpacked > bombRatio * stored) {
        fault = `unpacks to more than ${bombRatio} times its size: no log does`;
        packed.destroy();
        break;
      }
      await sink(chunk);
    }
  } catch (error) {
    fault = readFault(error);
    unread = !fault.startsWith('gzip');
    if (!unread && stored <= wholeBytes) {
      const rest = unpackedBefore(Buffer.concat(met)).subarray(unpacked);
      hash.update(rest);
      unpacked += rest.length;
      await sink(rest);
    }
  }
  return { hash: hash.digest(), stored, unpacked, fault, unread };
}

/** What gzip bytes hold before they are damaged, or go on after their end: zlib throws away what it unpacked last there. */
function unpackedBefore(bytes: Buffer): Buffer {
  let best: Buffer = Buffer.alloc(0);
  let good = 0;
  for (let bad = bytes.length; bad - good > 1;) {
    const middle = (good + bad) >> 1;
    try {
      best = gunzipSync(bytes.subarray(0, middle), {
        finishFlush: constants.Z_SYNC_FLUSH,
        maxOutputLength: wholeUnpackedBytes,
      });
      good = middle;
    } catch {
      bad = middle;
    }
  }
  return best;
}

/** Why bytes could not be had. @throws what is no such reason */
export function readFault(error: unknown): string {
  if (!(error instanceof Error) || !('code' in error)) throw error;
  const code = codeOf(error);
  return code.startsWith('Z_') ? `gzip data is damaged or cut off (${code})` : `${unreadFault} (${code})`;
}
