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
 * Fetches and reads objects before their turn, within bounds of number and memory, on some threads. They are begun in their
 * order, so that the one whose turn it is can always go on, whatever the others wait for. The first are read on this thread,
 * which takes less time than to start others.
 */
export class Readers {
  private readonly waiting: { readonly object: LogObject; readonly reading: Promise<Reading | 'known'> }[] =
    [];
  private readonly concurrency: number;
  private readonly isKnown: (object: LogObject) => boolean;
  private readonly fetching: LimitFunction;
  private readonly reading: LimitFunction;
  private readonly isAlone: boolean;
  private readonly threads: Thread[] = [];
  private readonly idle: Thread[] = [];
  private bytes = 0;
  private begun = 0;

  /**
   * @param concurrency objects fetched ahead
   * @param threads 0: all on this one
   * @param isKnown whether an object need not be read; asked shortly before it would be
   */
  constructor(concurrency: number, threads: number, isKnown: (object: LogObject) => boolean) {
    this.concurrency = concurrency;
    this.isKnown = isKnown;
    this.fetching = pLimit(concurrency);
    this.reading = pLimit(Math.max(1, threads));
    this.isAlone = threads === 0;
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
    await Promise.all(this.threads.map((thread) => thread.end()));
    await Promise.allSettled(this.waiting.map(({ reading }) => reading));
  }

  private async begin(object: LogObject): Promise<Reading | 'known'> {
    if (this.isKnown(object)) return 'known';
    const bytes = object.path === undefined ? storedBytes(object) : Promise.resolve(undefined);
    const listener = new Pending<Listener>();
    const outcome = this.reading(() => this.read(object, bytes, listener.promise));
    outcome.catch(() => {});
    await bytes.catch(() => {});
    return (who) => {
      listener.resolve(who);
      return outcome;
    };
  }

  private async read(
    object: LogObject,
    bytes: Promise<Buffer | undefined>,
    listener: Promise<Listener>,
  ): Promise<Outcome> {
    const stored = await bytes.catch((error: unknown) => ({ fault: readFault(error) }));
    if (stored !== undefined && 'fault' in stored) return { kind: 'unread', ...stored };
    const { size, path, partial = false } = object;
    const input: Input = { size, path, partial, bytes: stored, open: () => object.open() };
    // What comes from elsewhere piece by piece is read on this thread, and not asked for before its turn.
    const isHere =
      this.isAlone || this.begun < bytesHere || (stored === undefined && object.path === undefined);
    this.begun += size ?? bytesHere;
    if (isHere) return foldObject(input, await listener);
    const thread = this.idle.pop() ?? new Thread();
    if (!this.threads.includes(thread)) this.threads.push(thread);
    const outcome = await thread.read(input, listener);
    this.idle.push(thread);
    return outcome;
  }
}

/** Another thread, as seen from this one. */
class Thread {
  private readonly worker = new Worker(new URL('./thread.js', import.meta.url), {
    execArgv: [],
    resourceLimits: { maxYoungGenerationSizeMb: 8 },
  });
  private done = new Pending<Outcome>();
  private listener: Promise<Listener> | undefined;

  constructor() {
    this.worker.on('message', (told: Told) => {
      if (told.kind === 'done') this.done.resolve(told.outcome);
      else this.part(told).catch((error: unknown) => this.done.reject(error));
    });
    this.worker.on('error', (error) => this.done.reject(error));
  }

  read({ size, path, partial, bytes }: Input, listener: Promise<Listener>): Promise<Outcome> {
    this.done = new Pending();
    this.listener = listener;
    this.tell({ kind: 'fold', size, path, partial, bytes });
    return this.done.promise;
  }

  async end(): Promise<void> {
    await this.worker.terminate();
  }

  private async part({ facts }: Told & { kind: 'part' }): Promise<void> {
    await (await this.listener)?.part(facts);
    this.tell({ kind: 'taken' });
  }

  private tell(order: Order): void {
    this.worker.postMessage(order);
  }
}
