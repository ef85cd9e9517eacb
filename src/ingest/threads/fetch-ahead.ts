import pLimit, { type LimitFunction } from 'p-limit';
import { storedBytes } from '../objects/content.ts';
import type { LogObject } from '../objects/log-object.ts';
import type { Reading, Readers } from './readers.ts';

/** An object that is being read, or need not be. */
export interface Ahead {
  readonly object: LogObject;
  readonly reading: Reading | 'known';
}

/** Bytes as stored that wait to be taken, but for the last object. */
const maxBytes = 16 << 20;

/** Objects that are fetched and read before their turn, in order, within bounds of number and memory. */
export class FetchAhead {
  private readonly waiting: { readonly object: LogObject; readonly reading: Promise<Reading | 'known'> }[] =
    [];
  private readonly concurrency: number;
  private readonly limit: LimitFunction;
  private readonly begin: (object: LogObject) => Promise<Reading | 'known'>;
  private bytes = 0;

  /** @param isKnown whether an object need not be fetched; asked shortly before it would be */
  constructor(concurrency: number, readers: Readers, isKnown: (object: LogObject) => boolean) {
    this.concurrency = concurrency;
    this.limit = pLimit(concurrency);
    this.begin = async (object) => {
      if (isKnown(object)) return 'known';
      const bytes = object.path === undefined ? storedBytes(object) : Promise.resolve(undefined);
      const reading = readers.start(object, bytes);
      await bytes.catch(() => {});
      return reading;
    };
  }

  add(object: LogObject): void {
    this.waiting.push({ object, reading: this.limit(() => this.begin(object)) });
    this.bytes += object.size ?? 0;
  }

  /** The first that waits, if there is no room for more. */
  async nextDue(): Promise<Ahead | undefined> {
    const isFull =
      this.waiting.length > this.concurrency || (this.waiting.length > 1 && this.bytes > maxBytes);
    return isFull ? this.next() : undefined;
  }

  /** The first that waits; undefined when none does. */
  async next(): Promise<Ahead | undefined> {
    const first = this.waiting.shift();
    if (!first) return undefined;
    this.bytes -= first.object.size ?? 0;
    return { object: first.object, reading: await first.reading };
  }

  /** Waits for what is being fetched, and gives it up. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.waiting.map(({ reading }) => reading));
  }
}
