import { isAscii } from 'node:buffer';
import { isObject } from '../../iam/json.ts';

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
/** Longest text looked back at, and kept of a value that is thrown away. */
const TAIL_BYTES = 128;
/** Where one record ends and the next begins, as CloudTrail delivers them. */
const NEXT_RECORD = Buffer.from('},{"eventVersion":');

const [SPACE, NEWLINE, QUOTE, COMMA, BACKSLASH] = [0x20, 0x0a, 0x22, 0x2c, 0x5c];
const [OPEN_ARRAY, CLOSE_ARRAY, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];
const BYTE_ORDER_MARK = [0xef, 0xbb, 0xbf];
const TIME_STAMP = /^(\d{4}-\d\d-\d\d|\d\d:\d\d:\d\d)/;
/** The name of a top-level member whose array holds one log record per element, up to where that begins. */
const CONTAINER = /[{,]\s*"(?:[Rr]ecords|[Ee]vents|logEvents|results)"\s*:\s*$/;

const STRUCTURAL = byteSet('"[]{}');
const IN_STRING = byteSet('"\\\n');
const ENDS_TOKEN = byteSet(' \t\r\n,"[]{}');

/**
 * Cuts bytes into JSON values, whatever the wrapping: concatenated values, one per line, with commas or time stamps between
 * them (CloudWatch Logs exports), a top-level array, or an object around an array of records. Elements of the latter two come
 * one by one, so memory is bounded by the largest record. The result does not depend on how the bytes are cut into chunks.
 * A chunk must not be changed after it was pushed.
 */
export class RecordSplitter {
  readonly #sink: SplitSink;
  readonly #maxUnitBytes: number;

  #mode: 'between' | 'nested' | 'token' | 'lost' = 'between';
  /** Which array's elements are being read, and where it, or the object around it, began. */
  #array: 'none' | 'top' | 'container' = 'none';
  #arrayStart = 0;
  /** Text that is not JSON was met, and reported, on this line. */
  #junk = false;

  /** What is looked at: what is needed of earlier chunks, then this one; and its offset in the input. */
  #data: Buffer = Buffer.alloc(0);
  #base = 0;
  /** Chunks that wait. */
  #waiting: Buffer[] = [];
  #waitingBytes = 0;

  /** The offset of the value being read, and the scanner's state inside it. */
  #start = 0;
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** What follows a container array inside its object: scanned to find its end, not kept. */
  #discard = false;
  /** The offset where the next record seems to begin; -1 where these bytes show none, infinite once it was wrong. */
  #next = 0;

  constructor(sink: SplitSink, options: { readonly maxUnitBytes?: number } = {}) {
    this.#sink = sink;
    this.#maxUnitBytes = options.maxUnitBytes ?? MAX_UNIT_BYTES;
  }

  push(chunk: Buffer): void {
    this.#waiting.push(chunk);
    this.#waitingBytes += chunk.length;
    // Of a value that spans chunks twice as much at a time, so that few bytes are copied again and again.
    if (this.#waitingBytes >= this.#data.length) this.#scan();
  }

  /** No more bytes will come. */
  end(): void {
    this.#scan();
    if (this.#mode === 'token') this.#finishToken(this.#data.length);
    if (this.#mode === 'nested' && !this.#discard) {
      const reason = this.#size(this.#data.length) > this.#maxUnitBytes ? 'too-large' : 'truncated';
      this.#sink.fault({ reason, offset: this.#start });
    } else if (this.#array !== 'none') {
      this.#sink.fault({ reason: 'truncated', offset: this.#arrayStart });
    }
    this.#mode = 'between';
    this.#array = 'none';
  }

  #scan(): void {
    let i = this.#data.length;
    const [first = this.#data, ...more] = this.#waiting;
    if (i > 0 || more.length > 0) this.#data = Buffer.concat([this.#data, ...this.#waiting]);
    else this.#data = first;
    this.#waiting = [];
    this.#waitingBytes = 0;
    if (this.#next === -1) this.#next = 0;
    const n = this.#data.length;
    while (i < n) {
      if (this.#mode === 'between') i = this.#between(i);
      else if (this.#mode === 'token') i = this.#token(i);
      else if (this.#mode === 'lost') i = this.#findLine(i);
      else i = this.#nested(i);
    }
    const isKept = !this.#discard && this.#size(n) <= this.#maxUnitBytes;
    const from =
      this.#mode === 'between' || this.#mode === 'lost'
        ? n - (this.#mode === 'lost' ? 1 : 0)
        : Math.max(this.#start - this.#base, isKept ? 0 : n - TAIL_BYTES);
    this.#data = this.#data.subarray(Math.max(0, from));
    this.#base += Math.max(0, from);
  }

  /** How many bytes the value has up to `end`. */
  #size(end: number): number {
    return this.#base + end - this.#start;
  }

  /** The value up to `end`, or what is kept of it. */
  #unit(end: number): Buffer {
    return this.#data.subarray(Math.max(0, this.#start - this.#base), end);
  }

  /** The last bytes of the value before `end`, at most 128, as Latin-1. */
  #textBefore(end: number): string {
    return this.#unit(end).subarray(-TAIL_BYTES).toString('latin1');
  }

  #between(start: number): number {
    const data = this.#data;
    for (let i = start; i < data.length; i++) {
      const byte = data[i] ?? 0;
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
      this.#begin(i, byte === OPEN_OBJECT || byte === OPEN_ARRAY || byte === QUOTE ? 'nested' : 'token');
      return byte === OPEN_OBJECT && this.#array === 'container' ? this.#delivered(i) : i;
    }
    return data.length;
  }

  /** The end of the record at `i` if what stands before the next one is valid JSON, and so the whole record; else `i`. */
  #delivered(i: number): number {
    if (this.#next >= 0 && this.#next <= this.#start) {
      const found = this.#data.indexOf(NEXT_RECORD, i);
      this.#next = found === -1 ? -1 : this.#base + found + 1;
    }
    const end = this.#next - this.#base;
    if (end < i || end - i > this.#maxUnitBytes) return i;
    const value = parse(this.#data.subarray(i, end));
    if (value === undefined) {
      this.#next = Infinity;
      return i;
    }
    this.#mode = 'between';
    this.#junk = false;
    this.#sink.value(value, this.#start);
    return end;
  }

  #begin(i: number, mode: 'nested' | 'token'): void {
    this.#mode = mode;
    this.#start = this.#base + i;
    this.#depth = 0;
    this.#inString = false;
    this.#escaped = false;
    this.#discard = false;
  }

  #closeArray(i: number): number {
    if (this.#array === 'container') {
      this.#begin(i, 'nested');
      this.#depth = 1;
      this.#discard = true;
    } else {
      this.#array = 'none';
    }
    return i;
  }

  /** Scans inside an object, array or string until it ends, and beyond it; or to the end of the data. */
  #nested(start: number): number {
    const data = this.#data;
    const n = data.length;
    let i = start;
    let depth = this.#depth;
    let inString = this.#inString;
    for (;;) {
      if (inString) {
        if (this.#escaped && i < n) {
          this.#escaped = false;
          i++;
        }
        while (i < n && IN_STRING[data[i] ?? 0] === 0) i++;
        if (i >= n) break;
        const byte = data[i++];
        if (byte === BACKSLASH) {
          this.#escaped = true;
          continue;
        }
        // JSON has no raw line break in a string: the closing quote is missing.
        if (byte === NEWLINE) return this.#lose(i, 'lost');
        inString = false;
        if (depth === 0) return this.#finish(i);
      }
      while (i < n && STRUCTURAL[data[i] ?? 0] === 0) i++;
      if (i >= n) break;
      const byte = data[i++];
      if (byte === QUOTE) {
        inString = true;
      } else if (byte === CLOSE_OBJECT || byte === CLOSE_ARRAY) {
        if (--depth === 0) return this.#finish(i);
      } else {
        if (byte === OPEN_OBJECT && this.#startsAnew(i - 1, depth)) return this.#lose(i - 1, 'between');
        if (byte === OPEN_ARRAY && depth === 1 && this.#opensContainer(i - 1)) return i;
        depth++;
      }
    }
    this.#depth = depth;
    this.#inString = inString;
    return i;
  }

  /** Whether the `{` at `i` begins a line where no value can stand: then what was being read was cut off before it. */
  #startsAnew(i: number, depth: number): boolean {
    return this.#data[i - 1] === NEWLINE && depth > 0 && !/(?:^|[:,[])\s*$/.test(this.#textBefore(i));
  }

  /** Whether the `[` at `i` opens an array of records in a top-level object that is no record itself. */
  #opensContainer(i: number): boolean {
    if (this.#array !== 'none' && !this.#discard) return false;
    if (!CONTAINER.test(this.#textBefore(i))) return false;
    if (!this.#discard) {
      if (this.#size(i) > this.#maxUnitBytes) return false;
      // The first members show an event itself: its arrays are then no containers.
      const head = parse(Buffer.concat([this.#unit(i), Buffer.from('0}')]));
      if (isObject(head) && Object.hasOwn(head, 'eventName')) return false;
      this.#arrayStart = this.#start;
    }
    this.#array = 'container';
    this.#mode = 'between';
    return true;
  }

  #finish(end: number): number {
    this.#mode = 'between';
    if (this.#discard) {
      this.#array = 'none';
      this.#discard = false;
      return end;
    }
    const isTooLarge = this.#size(end) > this.#maxUnitBytes;
    const value = isTooLarge ? undefined : parse(this.#unit(end));
    if (value === undefined) {
      this.#sink.fault({ reason: isTooLarge ? 'too-large' : 'malformed', offset: this.#start });
    } else {
      this.#junk = false;
      this.#sink.value(value, this.#start);
    }
    return end;
  }

  #token(start: number): number {
    let i = start;
    while (i < this.#data.length && ENDS_TOKEN[this.#data[i] ?? 0] === 0) i++;
    if (i < this.#data.length) this.#finishToken(i);
    return i;
  }

  /** A number, `true`, `false` or `null` is a value; a time stamp between values is not; anything else is junk. */
  #finishToken(end: number): void {
    this.#mode = 'between';
    if (this.#junk) return;
    const unit = this.#size(end) > TAIL_BYTES ? Buffer.alloc(0) : this.#unit(end);
    const value = parse(unit);
    if (value !== undefined) this.#sink.value(value, this.#start);
    else if (this.#array !== 'none' || !TIME_STAMP.test(unit.toString())) this.#reportJunk(this.#start);
  }

  #reportJunk(offset: number): void {
    if (!this.#junk) this.#sink.fault({ reason: 'malformed', offset });
    this.#junk = true;
  }

  /** Gives up the value being read and what is around it: the place in the structure is no longer known. */
  #lose(i: number, mode: 'between' | 'lost'): number {
    this.#sink.fault({ reason: 'malformed', offset: this.#discard ? this.#arrayStart : this.#start });
    this.#array = 'none';
    this.#discard = false;
    this.#junk = false;
    this.#mode = mode;
    return i;
  }

  /** After a loss, reading goes on at the next line that begins with an object or a time stamp. */
  #findLine(start: number): number {
    const data = this.#data;
    for (let i = start; i < data.length;) {
      const byte = data[i] ?? 0;
      if (data[i - 1] === NEWLINE && (byte === OPEN_OBJECT || (byte >= 0x30 && byte <= 0x39))) {
        this.#mode = 'between';
        return i;
      }
      const newline = data.indexOf(NEWLINE, i);
      if (newline === -1) break;
      i = newline + 1;
    }
    return data.length;
  }
}

/** ASCII is made text, and parsed, in half the time. */
function parse(bytes: Buffer): unknown {
  try {
    const value: unknown = JSON.parse(bytes.toString(isAscii(bytes) ? 'latin1' : 'utf8'));
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
