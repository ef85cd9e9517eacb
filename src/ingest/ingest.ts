/** Layer `ingest`: log objects of any source become calls, and calls batches of the index. */
import { bitOfDay, dayOfTime, monthOfDay } from '../iam/days.ts';
import { Batch, shardOf, type ObjectEntry } from '../store/batch.ts';
import type { IndexWriter } from '../store/writer.ts';
import { readFault, streamContent, type Content } from './objects/content.ts';
import type { DigestReport } from './digest-report.ts';
import { FetchAhead, type Fetched } from './objects/fetch-ahead.ts';
import { isKnown } from './objects/ledger.ts';
import type { LogObject } from './objects/log-object.ts';
import { delivery, parseObjectName } from './objects/object-key.ts';
import { ObjectReader } from './formats/object-reader.ts';

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
  const ahead = new FetchAhead(
    options.concurrency,
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

  async take({ object, content }: Fetched): Promise<void> {
    if (content === 'known') this.skip(object);
    else if (content.kind === 'whole') await this.whole(object, content);
    else if (content.kind === 'stream') await this.streamed({ ...object, open: content.open });
    else this.unread(object, readFault(content.error));
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

  private async whole(
    object: LogObject,
    { bytes, hash, stored }: Content & { kind: 'whole' },
  ): Promise<void> {
    if (this.isRefused(object, hash)) return;
    const known = this.index.ledger(object.folder, object.name);
    if (known?.hash.equals(hash)) {
      this.index.touch(object.folder, object.name, object.etag);
      this.skip(object);
      return;
    }
    const repeated = this.pending.get(hash.toString('hex')) ?? this.index.sameContent(hash);
    if (repeated) {
      const { read, fault } = repeated;
      this.finish(
        object,
        { ...entryOf(object, hash, stored), ...counts(read, 0, read, {}), fault },
        bytes.length,
      );
      return;
    }
    const reader = this.reader(object);
    reader.push(bytes);
    const fault = bytes.length === 0 ? 'empty file' : await reader.end();
    this.finish(object, { ...entryOf(object, hash, stored), ...readerCounts(reader), fault }, bytes.length);
  }

  private async streamed(object: LogObject): Promise<void> {
    // Its facts are folded as it is read, so its hash must be known before.
    if (this.options.accepts) {
      const whole = await streamContent(object, () => {});
      if (whole.unread) this.unread(object, whole.fault);
      if (whole.unread || this.isRefused(object, whole.hash)) return;
    }
    const reader = this.reader(object);
    const end = await streamContent(object, (chunk) => {
      reader.push(chunk);
      // Facts of an object that is still being read may be committed early: they are sets, and it is read again
      // as a whole if the run stops here, because its ledger row comes last.
      this.commitIfDue();
    });
    if (end.unread) {
      this.unread(object, end.fault);
      return;
    }
    const fault = [end.fault, end.unpacked === 0 && end.fault === '' ? 'empty file' : await reader.end()]
      .filter(Boolean)
      .join('; ');
    const text = end.hash.toString('hex');
    const repeated =
      end.fault === '' &&
      end.unpacked > 0 &&
      (this.pending.has(text) || this.index.sameContent(end.hash) !== undefined);
    // Of what broke off the hash is no content's: the same, whole, is no repetition, and has no such fault.
    const hash = end.fault === '' ? end.hash : Buffer.alloc(0);
    const entry = entryOf(object.etag === '' ? { ...object, name: text } : object, hash, end.stored);
    const all = readerCounts(reader);
    this.finish(
      object,
      { ...entry, ...(repeated ? counts(all.read, 0, all.read, {}) : all), fault },
      end.unpacked,
    );
  }

  private reader(object: LogObject): ObjectReader {
    let batch: Batch | undefined;
    let source = 0;
    return new ObjectReader((call, delivered) => {
      if (batch !== this.batch) {
        batch = this.batch;
        source = batch.source(object.folder, object.name, object.partial);
      }
      batch.add(call, source, delivered ? 1 : 0);
    });
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

const readerCounts = (reader: ObjectReader) =>
  counts(reader.read, reader.used, reader.duplicate, reader.skipped);

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
