import pLimit, { type LimitFunction } from 'p-limit';
import { fetchContent, type Content } from './content.ts';
import type { LogObject } from './log-object.ts';

/** An object, and its content or that it need not be read. */
export interface Fetched {
  readonly object: LogObject;
  readonly content: Content | 'known';
}

/** Bytes as stored that wait to be taken, but for the last object: unpacked they are some ten times as many. */
const maxBytes = 4 << 20;

/** Objects that are fetched before their turn, in order, within bounds of number and memory. */
export class FetchAhead {
  private readonly waiting: { readonly object: LogObject; readonly content: Promise<Content | 'known'> }[] =
    [];
  private readonly concurrency: number;
  private readonly isKnown: (object: LogObject) => boolean;
  private readonly limit: LimitFunction;
  private bytes = 0;

  /** @param isKnown whether an object need not be fetched; asked shortly before it would be */
  constructor(concurrency: number, isKnown: (object: LogObject) => boolean) {
    this.concurrency = concurrency;
    this.isKnown = isKnown;
    this.limit = pLimit(concurrency);
  }

  add(object: LogObject): void {
    const content = this.limit(async () => (this.isKnown(object) ? 'known' : fetchContent(object)));
    this.waiting.push({ object, content });
    this.bytes += object.size ?? 0;
  }

  /** The first that waits, if there is no room for more. */
  async nextDue(): Promise<Fetched | undefined> {
    const isFull =
      this.waiting.length > this.concurrency || (this.waiting.length > 1 && this.bytes > maxBytes);
    return isFull ? this.next() : undefined;
  }

  /** The first that waits; undefined when none does. */
  async next(): Promise<Fetched | undefined> {
    const first = this.waiting.shift();
    if (!first) return undefined;
    this.bytes -= first.object.size ?? 0;
    return { object: first.object, content: await first.content };
  }

  /** Waits for what is under way, and gives it up. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.waiting.map(({ content }) => content));
  }
}
