/** Layer `ingest`: log objects of any source become calls, and calls batches of the index. */
import { bitOfDay, dayOfTime, monthOfDay } from '../iam/days.ts';
import { Batch, shardOf, type ObjectEntry } from '../store/batch.ts';
import type { IndexWriter } from '../store/writer.ts';
import type { DigestProblem, DigestState } from './digests/digest-chain.ts';
import type { LogCounts } from './digests/vouched-logs.ts';
import { isKnown } from './objects/ledger.ts';
import type { LogObject } from './objects/log-object.ts';
import { delivery, parseObjectName } from './objects/object-key.ts';
import { merge, type FoldedFacts } from '../store/folded.ts';
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
  digests?: DigestReport;
}

/** What came of checking digests and the log files they name; all that is wrong is in `problems`. */
export interface DigestReport {
  readonly files: Record<DigestState | 'missing', number>;
  readonly logs: LogCounts;
  readonly problems: DigestProblem[];
  /** What is no failure, but bounds what was proven; a line each. */
  readonly notes: string[];
}

/** The report of a run that has read nothing yet. */
export const newReport = (): IngestReport => ({
  objects: { read: 0, skipped: 0, failed: 0 },
  events: { read: 0, used: 0, duplicate: 0, skipped: {} },
  bytes: { compressed: 0, uncompressed: 0 },
  failures: [],
});

/** Adds numbers to those of the same name. */
export function addCounts(to: Record<string, number>, more: Readonly<Record<string, number>>): void {
  for (const [name, n] of Object.entries(more)) to[name] = (to[name] ?? 0) + n;
}

export interface IngestOptions {
  /** Objects fetched ahead of the one being read. */
  readonly concurrency: number;
  /** Threads that read beside this one, which writes; default 0, and always while `accepts` decides: this one reads too. */
  readonly threads?: number;
  /** Ends the run after the object in hand; what was read is committed. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (report: IngestReport) => void;
  /** To which the run is added, so that several have one; default a new one. */
  readonly report?: IngestReport;
  /** Whether an object of this content (SHA-256, unpacked) is to be used; everything is read then, known or not. */
  readonly accepts?: (object: LogObject, hash: Buffer) => boolean;
  /** Milliseconds, for the pace of commits. */
  readonly clock: () => number;
}

/** A commit follows when this many rows wait, or after so many times what the last one took, within these milliseconds. */
const commitRows = 50_000;
const timesLast = 4;
const [leastMillis, mostMillis] = [1000, 5000];

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
  const readers = new Readers(
    options.concurrency,
    options.accepts ? 0 : (options.threads ?? 0),
    (object) => options.accepts === undefined && isKnown(index, object),
  );
  const take = async (isEnd: boolean): Promise<void> => {
    for (;;) {
      const next = options.signal?.aborted ? undefined : await readers.next(isEnd);
      if (!next) return;
      await run.take(next.object, next.reading);
    }
  };
  try {
    for await (const object of objects) {
      if (options.signal?.aborted) break;
      readers.add(object);
      await take(false);
    }
    await take(true);
  } catch (error) {
    // Whatever was under way when the run was stopped may end in errors.
    if (!options.signal?.aborted) throw error;
  } finally {
    await readers.close();
    run.commit();
  }
  return run.report;
}

class IngestRun {
  readonly report: IngestReport;
  private batch = new Batch();
  private committed: number;
  private pause = leastMillis;
  private readonly index: IndexWriter;
  private readonly options: IngestOptions;
  /** Content read in this batch and not yet in the ledger: its hash -> what came of it. */
  private readonly pending = new Map<string, Pick<ObjectEntry, 'read' | 'fault'>>();
  /** Shards with an object that was refused, or was cut off by an interrupt: their marks stay before it, so that it is listed again. */
  private readonly held = new Set<string>();

  constructor(index: IndexWriter, options: IngestOptions) {
    this.index = index;
    this.options = options;
    this.report = options.report ?? newReport();
    this.committed = options.clock();
  }

  async take(object: LogObject, reading: Reading | 'known'): Promise<void> {
    if (reading === 'known') this.skip(object);
    else await this.read(object, reading);
    if (object.mark && !this.held.has(shardOf(object.mark))) this.batch.mark(object.mark);
    this.options.onProgress?.(this.report);
    this.commitIfDue();
  }

  commit(): void {
    const begun = this.options.clock();
    if (this.batch.size > 0 || this.batch.objects.length > 0 || this.batch.marks.size > 0)
      this.index.commit(this.batch);
    this.batch = new Batch();
    this.pending.clear();
    this.committed = this.options.clock();
    this.pause = Math.min(Math.max(timesLast * (this.committed - begun), leastMillis), mostMillis);
  }

  private commitIfDue(): void {
    if (this.batch.size >= commitRows || this.options.clock() - this.committed >= this.pause) this.commit();
  }

  /** An object read by an earlier run: nothing is read again, but what was wrong with it is said again. */
  private skip(object: LogObject): void {
    this.report.objects.skipped++;
    const fault = this.index.ledger(object.folder, object.name)?.fault ?? '';
    if (fault !== '') this.fail(object, fault);
  }

  private async read(object: LogObject, reading: Reading): Promise<void> {
    const add = this.merger(object);
    const { accepts } = this.options;
    const outcome = await reading({
      part: (facts) => {
        add(facts);
        // Facts of an object that is still being read may be committed early: they are sets, and it is read again
        // as a whole if the run stops here, because its ledger row comes last.
        this.commitIfDue();
      },
      accepts: accepts && ((hash) => accepts(object, hash)),
    });
    if (outcome.kind === 'refused') this.hold(object);
    else if (outcome.kind === 'unread') {
      if (outcome.facts) add(outcome.facts);
      this.unread(object, outcome.fault);
    } else this.finish(object, outcome, add);
  }

  private finish(object: LogObject, outcome: Folded, add: Merge): void {
    const { isWhole, isCut, unpacked, size, read, used, duplicate, skipped, fault } = outcome;
    const content = Buffer.from(outcome.hash);
    const known = this.index.ledger(object.folder, object.name);
    if (isWhole && known?.hash.equals(content)) {
      this.index.touch(object.folder, object.name, object.etag);
      this.skip(object);
      return;
    }
    // Of what broke off the hash is no content's: the same, whole, is no repetition, and has no such fault.
    const repeated =
      isCut || unpacked === 0
        ? undefined
        : (this.pending.get(content.toString('hex')) ?? this.index.sameContent(content));
    if (!repeated) add(outcome.facts);
    const entry: ObjectEntry = {
      ...entryOf(object.etag === '' ? { ...object, name: content.toString('hex') } : object),
      size,
      hash: isCut ? Buffer.alloc(0) : content,
      ...(repeated
        ? { read: repeated.read, duplicate: repeated.read, fault: repeated.fault }
        : { read, used, duplicate, skipped, fault }),
    };
    const { events, bytes, objects } = this.report;
    const key = parseObjectName(object.name);
    this.batch.deliver(key?.day, dayOfTime(this.options.clock() / 1000));
    // A delivered object covers its account, Region and day, even with no event in it.
    if (entry.fault === '' && key) this.batch.cover(delivery(key), monthOfDay(key.day), bitOfDay(key.day));
    this.batch.objects.push(entry);
    this.pending.set(entry.hash.toString('hex'), entry);
    objects.read++;
    events.read += entry.read;
    events.used += entry.used;
    events.duplicate += entry.duplicate;
    addCounts(events.skipped, entry.skipped);
    bytes.compressed += size;
    bytes.uncompressed += unpacked;
    if (entry.fault !== '') this.fail(object, entry.fault);
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

  /** It stands in the ledger as unread, and is asked for by each run. What an interrupt cut off is no failure. */
  private unread(object: LogObject, reason: string): void {
    if (this.options.signal?.aborted || object.etag === '') this.hold(object);
    else this.batch.objects.push({ ...entryOf(object), fault: reason });
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

type Folded = Outcome & { readonly kind: 'folded' };
type Merge = (facts: FoldedFacts) => void;

/** The ledger row of an object of which nothing was read. */
export const entryOf = ({
  folder,
  name,
  etag,
  size = 0,
}: Pick<LogObject, 'folder' | 'name' | 'etag' | 'size'>): ObjectEntry => ({
  folder,
  name,
  size,
  etag,
  hash: Buffer.alloc(0),
  read: 0,
  used: 0,
  duplicate: 0,
  skipped: {},
  fault: '',
});
