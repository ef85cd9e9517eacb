import pLimit, { type LimitFunction } from 'p-limit';
import { Worker } from 'node:worker_threads';
import { readFault, storedBytes } from '../objects/content.ts';
import type { LogObject } from '../objects/log-object.ts';
import { foldObject, type Input, type Listener, type Outcome } from './object-fold.ts';
import type { Order, Told } from './thread.ts';

/** So many bytes, as stored, are read on this thread before others are started. */
const bytesHere = 1 << 18;
/** Bytes as stored that wait to be taken, but for the last object. */
const maxBytes = 8 << 20;

/** An object that is being read; who is told of it is known when its turn has come. */
export type Reading = (listener: Listener) => Promise<Outcome>;

/** A promise that is kept from outside. */
class Pending<T> {
  resolve: (value: T) => void = () => {};
  reject: (error: unknown) => void = () => {};
  readonly promise = new Promise<T>((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });
}

/** An object in its turn; `known` where it need not be read. */
interface Ahead {
  readonly object: LogObject;
  readonly reading: Reading | 'known';
}

/**
 * Fetches and reads objects before their turn, within bounds of number and memory, on some threads. They are handed out in their
 * order, so that the one whose turn it is can always go on, whatever the others wait for; a thread has its next object before it
 * asks for one, for who would answer may be writing. The first are read on this thread, which takes less time than to start others.
 */
export class Readers {
  private readonly waiting: { readonly object: LogObject; readonly reading: Promise<Reading | 'known'> }[] =
    [];
  private readonly concurrency: number;
  private readonly mostThreads: number;
  private readonly isKnown: (object: LogObject) => boolean;
  private readonly fetching: LimitFunction;
  private readonly threads: Thread[] = [];
  /** The last object that was handed out, or is to be. */
  private last: Promise<unknown> = Promise.resolve();
  private bytes = 0;
  private begun = 0;

  /**
   * @param concurrency objects fetched ahead
   * @param threads 0: all on this one
   * @param isKnown whether an object need not be read; asked shortly before it would be
   */
  constructor(concurrency: number, threads: number, isKnown: (object: LogObject) => boolean) {
    this.concurrency = concurrency;
    this.mostThreads = threads;
    this.isKnown = isKnown;
    this.fetching = pLimit(concurrency);
  }

  add(object: LogObject): void {
    const reading = this.fetching(() => this.begin(object));
    // A failure is met when its turn comes.
    reading.catch(() => {});
    this.waiting.push({ object, reading });
    this.bytes += object.size ?? 0;
  }

  /** The first that waits, if there is no room for more, or if no more `isEnd`; undefined when none does. */
  async next(isEnd: boolean): Promise<Ahead | undefined> {
    const { length } = this.waiting;
    if (!isEnd && length <= this.concurrency && (length <= 1 || this.bytes <= maxBytes)) return undefined;
    const first = this.waiting.shift();
    if (!first) return undefined;
    this.bytes -= first.object.size ?? 0;
    return { object: first.object, reading: await first.reading };
  }

  /** Gives up what has not been read, and waits for what is being fetched. */
  async close(): Promise<void> {
    await Promise.allSettled(this.waiting.map(({ reading }) => reading));
    // What arrived just now may have begun another.
    await Promise.all(this.threads.map((thread) => thread.end()));
  }

  private async begin(object: LogObject): Promise<Reading | 'known'> {
    if (this.isKnown(object)) return 'known';
    const stored = object.path === undefined ? storedBytes(object) : Promise.resolve(undefined);
    stored.catch(() => {});
    const reading = this.last.then(async () => this.hand(object, await stored));
    this.last = reading.catch(() => {});
    return reading.catch((error: unknown): Reading => {
      const unread: Outcome = { kind: 'unread', fault: readFault(error) };
      return () => Promise.resolve(unread);
    });
  }

  private hand(object: LogObject, bytes: Buffer | undefined): Reading {
    const { size = bytesHere, path, partial = false } = object;
    const input: Input = { size: object.size, path, partial, bytes, open: () => object.open() };
    // What comes from elsewhere piece by piece is read on this thread, and not asked for before its turn.
    const isHere =
      this.mostThreads === 0 || this.begun < bytesHere || (bytes === undefined && path === undefined);
    this.begun += size;
    return isHere ? (listener) => foldObject(input, listener) : this.freest().read(input);
  }

  private freest(): Thread {
    const free = this.threads.toSorted((a, b) => a.bytes - b.bytes)[0];
    if (free && (free.bytes === 0 || this.threads.length === this.mostThreads)) return free;
    const thread = new Thread();
    this.threads.push(thread);
    return thread;
  }
}

/** An object that a thread reads or will read. */
interface Begun {
  readonly bytes: number;
  readonly listener: Pending<Listener>;
  readonly outcome: Pending<Outcome>;
  /** All parts up to now were taken. */
  taken: Promise<void>;
}

/** Another thread, as seen from this one. */
class Thread {
  private readonly worker = new Worker(new URL('./thread.js', import.meta.url), {
    execArgv: [],
    resourceLimits: { maxYoungGenerationSizeMb: 8 },
  });
  /** In the order in which they are read. */
  private readonly begun: Begun[] = [];

  constructor() {
    this.worker.on('message', (told: Told) => {
      const [first] = this.begun;
      if (first) this.hear(first, told);
    });
    this.worker.on('error', (error) => {
      for (const { outcome } of this.begun) outcome.reject(error);
    });
  }

  /** Of objects that are not read to their end, as stored. */
  get bytes(): number {
    return this.begun.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  read({ size, path, partial, bytes }: Input): Reading {
    const [listener, outcome] = [new Pending<Listener>(), new Pending<Outcome>()];
    outcome.promise.catch(() => {});
    this.begun.push({ bytes: size ?? bytesHere, listener, outcome, taken: Promise.resolve() });
    this.tell({ kind: 'fold', size, path, partial, bytes });
    return (who) => {
      listener.resolve(who);
      return outcome.promise;
    };
  }

  async end(): Promise<void> {
    await this.worker.terminate();
  }

  private hear(first: Begun, told: Told): void {
    first.taken = first.taken.then(async () => {
      if (told.kind === 'done') first.outcome.resolve(told.outcome);
      else {
        await (await first.listener.promise).part(told.facts);
        this.tell({ kind: 'taken' });
      }
    });
    first.taken.catch(first.outcome.reject);
    if (told.kind === 'done') this.begun.shift();
  }

  private tell(order: Order): void {
    this.worker.postMessage(order);
  }
}
