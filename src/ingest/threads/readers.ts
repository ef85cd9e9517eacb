import { Worker } from 'node:worker_threads';
import { readFault } from '../objects/content.ts';
import type { LogObject } from '../objects/log-object.ts';
import { foldObject, type Listener, type Outcome } from './object-fold.ts';
import type { Order, Told } from './thread.ts';

/** So many bytes, as stored, are read on this thread before others are started. */
const bytesHere = 1 << 18;

/** A promise that is kept from outside. */
class Pending<T> {
  resolve: (value: T) => void = () => {};
  reject: (error: unknown) => void = () => {};
  readonly promise = new Promise<T>((resolve, reject) => {
    this.resolve = resolve;
    this.reject = reject;
  });
  constructor() {
    // It may be given up before anybody waits for it.
    this.promise.catch(() => {});
  }
}

/** An object that is being read, or will be. */
export class Reading {
  readonly object: LogObject;
  /** Its bytes as stored, where they are fetched here. */
  readonly bytes: Promise<Buffer | undefined>;
  readonly outcome = new Pending<Outcome>();
  /** Who is told while it is read; known when its turn has come. */
  readonly listener = new Pending<Listener>();

  constructor(object: LogObject, bytes: Promise<Buffer | undefined>) {
    this.object = object;
    this.bytes = bytes;
  }

  /** Its turn has come. */
  listen(listener: Listener): Promise<Outcome> {
    this.listener.resolve(listener);
    return this.outcome.promise;
  }

  giveUp(error: unknown): void {
    this.listener.reject(error);
    this.outcome.reject(error);
  }
}

/** Reads one object after another. */
interface Reader {
  current: Reading | undefined;
  read(reading: Reading, bytes: Buffer | undefined): Promise<Outcome>;
}

/**
 * Reads objects on some threads. They are begun in their order, so that the one whose turn it is can always go on, whatever the
 * others wait for. The first are read on this thread, which takes less time than to start others.
 */
export class Readers {
  private readonly most: number;
  private readonly here = new Here();
  private readonly threads: Thread[] = [];
  private readonly waiting: Reading[] = [];
  private begun = 0;
  private closed: Error | undefined;

  /** @param threads 0: all on this one */
  constructor(threads: number) {
    this.most = threads;
  }

  start(object: LogObject, bytes: Promise<Buffer | undefined>): Reading {
    const reading = new Reading(object, bytes);
    if (this.closed) reading.giveUp(this.closed);
    else this.waiting.push(reading);
    this.next();
    return reading;
  }

  /** Gives up what has not been read. */
  async close(): Promise<void> {
    this.closed = new Error('reading was given up');
    for (const { current } of [this.here, ...this.threads]) current?.giveUp(this.closed);
    for (const reading of this.waiting.splice(0)) reading.giveUp(this.closed);
    await Promise.all(this.threads.map((thread) => thread.end()));
  }

  private next(): void {
    for (let reader = this.idle(); reader; reader = this.idle()) {
      const reading = this.waiting.shift();
      if (!reading) return;
      this.begun += reading.object.size ?? bytesHere;
      reader.current = reading;
      void this.run(reader, reading);
    }
  }

  private async run(reader: Reader, reading: Reading): Promise<void> {
    const { outcome, object, bytes } = reading;
    try {
      const stored = await bytes.catch((error: unknown) => ({ fault: readFault(error) }));
      if (stored !== undefined && 'fault' in stored) outcome.resolve({ kind: 'unread', ...stored });
      // What comes from elsewhere piece by piece is read on this thread, and not asked for before its turn.
      else if (stored === undefined && object.path === undefined) {
        await reading.listener.promise;
        outcome.resolve(await this.here.read(reading, undefined));
      } else outcome.resolve(await reader.read(reading, stored));
    } catch (error) {
      reading.giveUp(error);
    }
    reader.current = undefined;
    this.next();
  }

  private idle(): Reader | undefined {
    if (this.waiting.length === 0) return undefined;
    if (this.most === 0 || this.begun < bytesHere) return this.here.current ? undefined : this.here;
    const idle = this.threads.find(({ current }) => current === undefined);
    if (idle || this.threads.length >= this.most) return idle;
    const thread = new Thread();
    this.threads.push(thread);
    return thread;
  }
}

/** This thread. */
class Here implements Reader {
  current: Reading | undefined;

  async read({ object, listener }: Reading, bytes: Buffer | undefined): Promise<Outcome> {
    const { size, path, partial } = object;
    const input = { size, partial: partial === true, bytes, open: () => object.open() };
    return foldObject(path === undefined ? input : { ...input, path }, await listener.promise);
  }
}

/** Another thread, as seen from this one. */
class Thread implements Reader {
  current: Reading | undefined;
  private readonly worker = new Worker(new URL('./thread.js', import.meta.url), { execArgv: [] });
  private done = new Pending<Outcome>();

  constructor() {
    this.worker.on('message', (told: Told) => {
      if (told.kind === 'done') this.done.resolve(told.outcome);
      else this.part(told).catch((error: unknown) => this.done.reject(error));
    });
    this.worker.on('error', (error) => this.done.reject(error));
  }

  read({ object: { size, path, partial } }: Reading, bytes: Buffer | undefined): Promise<Outcome> {
    this.done = new Pending();
    this.tell({ kind: 'fold', size, path, partial: partial === true, bytes });
    return this.done.promise;
  }

  async end(): Promise<void> {
    await this.worker.terminate();
  }

  private async part({ facts }: Told & { kind: 'part' }): Promise<void> {
    await (await this.current?.listener.promise)?.part(facts);
    this.tell({ kind: 'taken' });
  }

  private tell(order: Order): void {
    this.worker.postMessage(order);
  }
}
