/** Layer `ingest`: log objects of any source become calls, and calls batches of the index. */
import { bitOfDay, dayOfTime, monthOfDay } from '../iam/days.ts';
import { Batch, shardOf, type ObjectEntry } from '../store/batch.ts';
import type { IndexWriter } from '../store/writer.ts';
import type { DigestReport } from './digest-report.ts';
import { isKnown } from './objects/ledger.ts';
import type { LogObject } from './objects/log-object.ts';
import { delivery, parseObjectName } from './objects/object-key.ts';
import { merge, type FoldedFacts } from '../store/folded.ts';
import { FetchAhead, type Ahead } from './threads/fetch-ahead.ts';
import type { Outcome } from './threads/object-fold.ts';
import { Readers, type Reading } from './threads/readers.ts';

/** Result of one run; the counts add up: read = used + duplicate + skipped. */
export interface IngestReport {
  readonly objects: { read: number; skipped: number; failed: number };
  readonly events: { read: number; used: number; duplicate: number; skipped: Record<string, number> };
  readonly bytes: { compressed: number; uncompressed: number };
  /** Objects that could not be read to their end, with the reason; each run asks for them again. */
  readonly failures: { object: string; reason: string }[];
  /** With `--verify-digests`. */
  readonly digests?: DigestReport;
}

export interface IngestOptions {
  /** Objects fetched ahead of the one being read. */
  readonly concurrency: number;
  /** Threads that read beside this one, which writes; default 0, and always while `accepts` decides: this one reads too. */
  readonly threads?: number;
  /** Ends the run after the object in hand; what was read is committed. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (report: IngestReport) => void;
  /** Whether an object of this content (SHA-256, unpacked) is to be used; everything is read then, known or not. */
  readonly accepts?: (object: LogObject, hash: Buffer) => boolean;
  /** Milliseconds, for the pace of commits. */
  readonly clock: () => number;
}

/** A commit follows when this many rows wait, or this many milliseconds have passed. */
const commitRows = 50_000;
const commitMillis = 1000;

/**
 * Reads objects into the index. Objects are committed in batches together with their ledger rows, so a run that was
 * stopped anywhere is resumed by running it again. Facts are sets: reading something twice changes no answer.
 */
export async function ingest(
  objects: AsyncIterable<LogObject>,
  index: IndexWriter,
  options: IngestOptions,
): Promise<IngestReport> {
  const run = new IngestRun(index, options);
  const readers = new Readers(options.accepts ? 0 : (options.threads ?? 0));
  const ahead = new FetchAhead(
    options.concurrency,
    readers,
    (object) => options.accepts === undefined && isKnown(index, object),
  );
  try {
    for await (const object of objects) {
      if (options.signal?.aborted) break;
      ahead.add(object);
      for (let next = await ahead.nextDue(); next; next = await ahead.nextDue()) await run.take(next);
    }
    for (let next = await ahead.next(); next && !options.signal?.aborted; next = await ahead.next())
      await run.take(next);
  } catch (error) {
    // Whatever was under way when the run was stopped may end in errors.
    if (!options.signal?.aborted) throw error;
  } finally {
    await readers.close();
    await ahead.settle();
    run.commit();
  }
  return run.report;
}

class IngestRun {
  readonly report: IngestReport = {
    objects: { read: 0, skipped: 0, failed: 0 },
    events: { read: 0, used: 0, duplicate: 0, skipped: {} },
    bytes: { compressed: 0, uncompressed: 0 },
    failures: [],
  };
  private batch = new Batch();
  private committed: number;
  private readonly index: IndexWriter;
  private readonly options: IngestOptions;
  /** Content read in this batch and not yet in the ledger: its hash -> what came of it. */
  private readonly pending = new Map<string, Pick<ObjectEntry, 'read' | 'fault'>>();
  /** Shards with an object that was refused, or was cut off by an interrupt: their marks stay before it, so that it is listed again. */
  private readonly held = new Set<string>();

  constructor(index: IndexWriter, options: IngestOptions) {
    this.index = index;
    this.options = options;
    this.committed = options.clock();
  }

  async take({ object, reading }: Ahead): Promise<void> {
    if (reading === 'known') this.skip(object);
    else await this.read(object, reading);
    if (object.mark && !this.held.has(shardOf(object.mark))) this.batch.mark(object.mark);
    this.options.onProgress?.(this.report);
    this.commitIfDue();
  }

  commit(): void {
    if (this.batch.size > 0 || this.batch.objects.length > 0 || this.batch.marks.size > 0)
      this.index.commit(this.batch);
    this.batch = new Batch();
    this.pending.clear();
    this.committed = this.options.clock();
  }

  private commitIfDue(): void {
    if (this.batch.size >= commitRows || this.options.clock() - this.committed >= commitMillis) this.commit();
  }

  /** An object read by an earlier run: nothing is read again, but what was wrong with it is said again. */
  private skip(object: LogObject): void {
    this.report.objects.skipped++;
    const fault = this.index.ledger(object.folder, object.name)?.fault ?? '';
    if (fault !== '') this.fail(object, fault);
  }

  private async read(object: LogObject, reading: Reading): Promise<void> {
    const add = this.merger(object);
    const outcome = await reading.listen({
      part: (facts) => {
        add(facts);
        // Facts of an object that is still being read may be committed early: they are sets, and it is read again
        // as a whole if the run stops here, because its ledger row comes last.
        this.commitIfDue();
      },
      accepts: this.options.accepts && ((hash) => !this.isRefused(object, hash)),
    });
    if (outcome.kind === 'refused') return;
    if (outcome.kind === 'unread') {
      if (outcome.facts) add(outcome.facts);
      this.unread(object, outcome.fault);
    } else if (outcome.isWhole) this.whole(object, outcome, add);
    else {
      add(outcome.facts);
      this.streamed(object, outcome);
    }
  }

  private whole(object: LogObject, outcome: Folded, add: Merge): void {
    const hash = Buffer.from(outcome.hash);
    if (this.isRefused(object, hash)) return;
    const known = this.index.ledger(object.folder, object.name);
    if (known?.hash.equals(hash)) {
      this.index.touch(object.folder, object.name, object.etag);
      this.skip(object);
      return;
    }
    const entry = entryOf(object, hash, outcome.size);
    const repeated = this.pending.get(hash.toString('hex')) ?? this.index.sameContent(hash);
    if (!repeated) add(outcome.facts);
    const { read, fault } = repeated ?? outcome;
    const all = repeated ? counts(read, 0, read, {}) : countsOf(outcome);
    this.finish(object, { ...entry, ...all, fault }, outcome.unpacked);
  }

  private streamed(object: LogObject, outcome: Folded): void {
    const { isCut, unpacked, fault } = outcome;
    const content = Buffer.from(outcome.hash);
    const text = content.toString('hex');
    const repeated =
      !isCut && unpacked > 0 && (this.pending.has(text) || this.index.sameContent(content) !== undefined);
    // Of what broke off the hash is no content's: the same, whole, is no repetition, and has no such fault.
    const hash = isCut ? Buffer.alloc(0) : content;
    const entry = entryOf(object.etag === '' ? { ...object, name: text } : object, hash, outcome.size);
    const all = countsOf(outcome);
    this.finish(
      object,
      { ...entry, ...(repeated ? counts(all.read, 0, all.read, {}) : all), fault },
      unpacked,
    );
  }

  /** Adds facts of an object to the batch at hand. */
  private merger(object: LogObject): Merge {
    let batch: Batch | undefined;
    let source = 0;
    return (facts) => {
      if (facts.facts.length === 0) return;
      if (batch !== this.batch) {
        batch = this.batch;
        source = batch.source(object.folder, object.name, object.partial);
      }
      merge(batch, facts, source);
    };
  }

  /** A delivered object covers its account, Region and day, even with no event in it. */
  private cover(object: LogObject): void {
    const key = parseObjectName(object.name);
    if (key) this.batch.cover(delivery(key), monthOfDay(key.day), bitOfDay(key.day));
  }

  private finish(object: LogObject, entry: ObjectEntry, unpacked: number): void {
    const { events, bytes } = this.report;
    this.batch.deliver(parseObjectName(object.name)?.day, dayOfTime(this.options.clock() / 1000));
    if (entry.fault === '') this.cover(object);
    this.batch.objects.push(entry);
    this.pending.set(entry.hash.toString('hex'), entry);
    this.report.objects.read++;
    events.read += entry.read;
    events.used += entry.used;
    events.duplicate += entry.duplicate;
    for (const [reason, n] of Object.entries(entry.skipped))
      events.skipped[reason] = (events.skipped[reason] ?? 0) + n;
    bytes.compressed += entry.size;
    bytes.uncompressed += unpacked;
    if (entry.fault !== '') this.fail(object, entry.fault);
  }

  private isRefused(object: LogObject, hash: Buffer): boolean {
    const refused = this.options.accepts?.(object, hash) === false;
    if (refused) this.hold(object);
    return refused;
  }

  /** It stands in the ledger as unread, and is asked for by each run. What an interrupt cut off is no failure. */
  private unread(object: LogObject, reason: string): void {
    if (this.options.signal?.aborted || object.etag === '') this.hold(object);
    else {
      const entry = entryOf(object, Buffer.alloc(0), object.size ?? 0);
      this.batch.objects.push({ ...entry, ...counts(0, 0, 0, {}), fault: reason });
    }
    if (!this.options.signal?.aborted) this.fail(object, reason);
  }

  private hold({ mark }: LogObject): void {
    if (mark) this.held.add(shardOf(mark));
  }

  private fail(object: LogObject, reason: string): void {
    this.report.objects.failed++;
    this.report.failures.push({ object: object.label, reason });
  }
}

const counts = (
  read: number,
  used: number,
  duplicate: number,
  skipped: Readonly<Record<string, number>>,
) => ({
  read,
  used,
  duplicate,
  skipped,
});

const countsOf = ({ read, used, duplicate, skipped }: Folded) => counts(read, used, duplicate, skipped);

type Folded = Outcome & { readonly kind: 'folded' };
type Merge = (facts: FoldedFacts) => void;

const entryOf = (
  { folder, name, etag }: Pick<LogObject, 'folder' | 'name' | 'etag'>,
  hash: Buffer,
  size: number,
) => ({
  folder,
  name,
  size,
  etag,
  hash,
});
