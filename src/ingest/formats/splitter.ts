import { isAscii } from 'node:buffer';
import { isObject } from '../../iam/json.ts';
import { RecordBoundary } from './record-boundary.ts';
import { endsWithContainerName, hasContainer, isEventHead } from './container.ts';
import { TAIL_BYTES, UnitBytes } from './unit-bytes.ts';

/** A place in the input that could not be read. `offset` counts bytes from the start of the (decompressed) input. */
export interface SplitFault {
  readonly reason: 'malformed' | 'truncated' | 'too-large';
  readonly offset: number;
}

/** Receives what the splitter finds, in input order. */
interface SplitSink {
  /** One JSON value: an element of an array of records, or a whole top-level value. `offset`: its first byte. */
  value(value: unknown, offset: number): void;
  fault(fault: SplitFault): void;
}

/** The largest single value read, in bytes; a larger one is the fault `too-large`. */
const MAX_UNIT_BYTES = 64 * 1024 * 1024;

const [SPACE, NEWLINE, QUOTE, COMMA, BACKSLASH] = [0x20, 0x0a, 0x22, 0x2c, 0x5c];
const [OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
const TIME_STAMP = /^(\d{4}-\d\d-\d\d|\d\d:\d\d:\d\d)/;

const STRUCTURAL = byteSet('"[]{}');
const IN_STRING = byteSet('"\\\n');
const ENDS_TOKEN = byteSet(' \t\r\n,"[]{}');

type Mode = 'between' | 'nested' | 'token' | 'lost';

/**
 * Cuts bytes into JSON values, whatever the wrapping: concatenated values, one per line, with commas or time stamps between
 * them (CloudWatch Logs exports), a top-level array, or an object around an array of records. Elements of the latter two come
 * one by one, so memory is bounded by the largest record. The result does not depend on how the bytes are cut into chunks.
 * A chunk must not be changed after it was pushed.
 */
export class RecordSplitter {
  readonly #sink: SplitSink;
  readonly #maxUnitBytes: number;

  #mode: Mode = 'between';
  /** Which array's elements are being read, and where it, or the object around it, began. */
  #array: 'none' | 'top' | 'container' = 'none';
  #arrayStart = 0;
  /** Text that is not JSON was met, and reported, on this line. */
  #junk = false;

  /** The value being read, and the scanner's state inside it. */
  readonly #unit = new UnitBytes();
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** What follows a container array inside its object: scanned to find its end, not kept. */
  #discard = false;

  readonly #boundary = new RecordBoundary();

  /** Of the current chunk: ASCII is made text, and parsed, in half the time. */
  #encoding: 'utf8' | 'latin1' = 'utf8';
  /** Bytes before the current chunk, and the last of them. */
  #base = 0;
  #lastByte = NEWLINE;

  constructor(sink: SplitSink, options: { readonly maxUnitBytes?: number } = {}) {
    this.#sink = sink;
    this.#maxUnitBytes = options.maxUnitBytes ?? MAX_UNIT_BYTES;
  }

  push(chunk: Buffer): void {
    const n = chunk.length;
    if (n === 0) return;
    this.#boundary.interrupt();
    this.#encoding = isAscii(chunk) ? 'latin1' : 'utf8';
    let i = 0;
    while (i < n) {
      if (this.#mode === 'between') i = this.#between(chunk, i);
      else if (this.#mode === 'token') i = this.#token(chunk, i);
      else if (this.#mode === 'lost') i = this.#findLine(chunk, i);
      else i = this.#nested(chunk, i);
    }
    if (this.#mode === 'nested' || this.#mode === 'token') this.#keep(chunk);
    this.#base += n;
    this.#lastByte = chunk[n - 1] ?? NEWLINE;
  }

  /** No more bytes will come. */
  end(): void {
    if (this.#mode === 'token') this.#finishToken(Buffer.alloc(0), 0);
    if (this.#mode === 'nested' && !this.#discard) {
      const tooLarge = this.#base - this.#unit.start > this.#maxUnitBytes;
      this.#sink.fault({ reason: tooLarge ? 'too-large' : 'truncated', offset: this.#unit.start });
    } else if (this.#array !== 'none') {
      this.#sink.fault({ reason: 'truncated', offset: this.#arrayStart });
    }
    this.#mode = 'between';
    this.#array = 'none';
  }

  #between(chunk: Buffer, start: number): number {
    for (let i = start; i < chunk.length; i++) {
      const byte = chunk[i] ?? 0;
      if (byte <= SPACE || byte === COMMA) {
        if (byte === NEWLINE) this.#junk = false;
        continue;
      }
      const offset = this.#base + i;
      if (offset < BYTE_ORDER_MARK.length && byte === BYTE_ORDER_MARK[offset]) continue;
      if (byte === CLOSE_ARRAY && this.#array !== 'none') return this.#closeArray(i + 1);
      if (byte === OPEN_ARRAY && this.#array === 'none' && !this.#junk) {
        this.#array = 'top';
        this.#arrayStart = offset;
        continue;
      }
      if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT || (byte === OPEN_ARRAY && this.#junk)) {
        this.#reportJunk(offset);
        if (byte === CLOSE_OBJECT) this.#array = 'none';
        continue;
      }
      if (byte === OPEN_OBJECT) {
        const end = this.#leap(chunk, i);
        if (end !== -1) {
          i = end - 1;
          continue;
        }
      }
      this.#mode = byte === OPEN_OBJECT || byte === OPEN_ARRAY || byte === QUOTE ? 'nested' : 'token';
      this.#begin(i);
      return i;
    }
    return chunk.length;
  }

  /**
   * Reads the object at `i` up to the probable boundary and returns where it ends; -1 when the bytes must be scanned instead.
   * What parses as JSON is the whole object, so a leap gives what the scan would have given.
   */
  #leap(chunk: Buffer, i: number): number {
    const end = this.#boundary.guess(chunk, i);
    if (end === -1) return -1;
    const value = end - i > this.#maxUnitBytes ? undefined : parse(chunk.toString(this.#encoding, i, end));
    if (value === undefined || (this.#array === 'none' && hasContainer(value))) {
      this.#boundary.wrong();
      return -1;
    }
    this.#boundary.right();
    this.#boundary.objectEnded(end);
    this.#junk = false;
    this.#sink.value(value, this.#base + i);
    return end;
  }

  #begin(i: number): void {
    this.#unit.begin(this.#base, i);
    this.#depth = 0;
    this.#inString = false;
    this.#escaped = false;
    this.#discard = false;
  }

  #closeArray(i: number): number {
    if (this.#array === 'container') {
      this.#begin(i);
      this.#mode = 'nested';
      this.#depth = 1;
      this.#discard = true;
    } else {
      this.#array = 'none';
    }
    return i;
  }

  /** Scans inside an object, array or string until it ends, and beyond it; or to the end of the chunk. */
  #nested(chunk: Buffer, start: number): number {
    const n = chunk.length;
    let i = start;
    let depth = this.#depth;
    let inString = this.#inString;
    for (;;) {
      if (inString) {
        if (this.#escaped && i < n) {
          this.#escaped = false;
          i++;
        }
        while (i < n && IN_STRING[chunk[i] ?? 0] === 0) i++;
        if (i >= n) break;
        const byte = chunk[i++];
        if (byte === BACKSLASH) {
          this.#escaped = true;
          continue;
        }
        // JSON has no raw line break in a string: the closing quote is missing.
        if (byte === NEWLINE) return this.#lose(i);
        inString = false;
        if (depth === 0) return this.#finish(chunk, i);
      }
      while (i < n && STRUCTURAL[chunk[i] ?? 0] === 0) i++;
      if (i >= n) break;
      const byte = chunk[i++];
      if (byte === QUOTE) {
        inString = true;
      } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
        if (--depth === 0) return this.#finish(chunk, i);
      } else {
        if (byte === OPEN_OBJECT && this.#startsAnew(chunk, i - 1, depth)) return i - 1;
        if (byte === OPEN_ARRAY && depth === 1 && this.#opensContainer(chunk, i - 1)) return i;
        depth++;
      }
    }
    this.#depth = depth;
    this.#inString = inString;
    return i;
  }

  /** Whether the `{` at `i` begins a line where no value can stand: then what was being read was cut off before it. */
  #startsAnew(chunk: Buffer, i: number, depth: number): boolean {
    const before = i > 0 ? chunk[i - 1] : this.#lastByte;
    if (before !== NEWLINE || depth === 0 || /(?:^|[:,[])\s*$/.test(this.#unit.textBefore(chunk, i)))
      return false;
    this.#sink.fault({ reason: 'malformed', offset: this.#discard ? this.#arrayStart : this.#unit.start });
    this.#array = 'none';
    this.#junk = false;
    this.#mode = 'between';
    return true;
  }

  /** Whether the `[` at `i` opens an array of records in a top-level object that is no record itself. */
  #opensContainer(chunk: Buffer, i: number): boolean {
    if (this.#array !== 'none' && !this.#discard) return false;
    if (!endsWithContainerName(this.#unit.textBefore(chunk, i))) return false;
    if (!this.#discard) {
      if (this.#unit.size(i) > this.#maxUnitBytes) return false;
      if (isEventHead(parse(`${this.#unit.slice(chunk, i).toString()}0}`))) return false;
      this.#arrayStart = this.#unit.start;
    }
    this.#array = 'container';
    this.#mode = 'between';
    return true;
  }

  #finish(chunk: Buffer, end: number): number {
    this.#mode = 'between';
    if (this.#discard) {
      this.#array = 'none';
      this.#discard = false;
      return end;
    }
    if (this.#unit.size(end) > this.#maxUnitBytes) {
      this.#sink.fault({ reason: 'too-large', offset: this.#unit.start });
      return end;
    }
    const value = parse(this.#unit.slice(chunk, end).toString());
    if (value === undefined) {
      this.#sink.fault({ reason: 'malformed', offset: this.#unit.start });
    } else {
      this.#junk = false;
      if (isObject(value)) this.#boundary.objectEnded(end);
      else this.#boundary.interrupt();
      this.#sink.value(value, this.#unit.start);
    }
    return end;
  }

  #token(chunk: Buffer, start: number): number {
    this.#boundary.interrupt();
    let i = start;
    while (i < chunk.length && ENDS_TOKEN[chunk[i] ?? 0] === 0) i++;
    if (i < chunk.length) this.#finishToken(chunk, i);
    return i;
  }

  /** A number, `true`, `false` or `null` is a value; a time stamp between values is not; anything else is junk. */
  #finishToken(chunk: Buffer, end: number): void {
    this.#mode = 'between';
    if (this.#junk) return;
    const text = this.#unit.size(end) > TAIL_BYTES ? '' : this.#unit.slice(chunk, end).toString();
    const value = parse(text);
    if (value !== undefined) this.#sink.value(value, this.#unit.start);
    else if (this.#array !== 'none' || !TIME_STAMP.test(text)) this.#reportJunk(this.#unit.start);
  }

  #reportJunk(offset: number): void {
    if (!this.#junk) this.#sink.fault({ reason: 'malformed', offset });
    this.#junk = true;
  }

  /** Gives up the value being read and what is around it: the place in the structure is no longer known. */
  #lose(i: number): number {
    this.#sink.fault({ reason: 'malformed', offset: this.#discard ? this.#arrayStart : this.#unit.start });
    this.#array = 'none';
    this.#discard = false;
    this.#junk = false;
    this.#mode = 'lost';
    return i;
  }

  /** After a loss, reading goes on at the next line that begins with an object or a time stamp. */
  #findLine(chunk: Buffer, start: number): number {
    for (let i = start; i < chunk.length;) {
      const byte = chunk[i] ?? 0;
      const before = i > 0 ? chunk[i - 1] : this.#lastByte;
      if (before === NEWLINE && (byte === OPEN_OBJECT || (byte >= 0x30 && byte <= 0x39))) {
        this.#mode = 'between';
        return i;
      }
      const newline = chunk.indexOf(NEWLINE, i);
      if (newline === -1) break;
      i = newline + 1;
    }
    return chunk.length;
  }

  #keep(chunk: Buffer): void {
    const tooLarge = this.#unit.size(chunk.length) > this.#maxUnitBytes;
    this.#unit.keep(chunk, this.#discard || tooLarge ? 'tail' : 'all');
  }
}

function parse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    return undefined;
  }
}

function byteSet(characters: string): Uint8Array {
  const set = new Uint8Array(256);
  for (const byte of Buffer.from(characters)) set[byte] = 1;
  return set;
}
