import { parse } from 'csv-parse';
import { pipeline } from 'node:stream';
import { callsOfRow, factRowOf, type FactRow } from '../../cloudtrail/fact-row.ts';
import { bitOfDay, dayOfTime, dayText, monthOfDay } from '../../iam/days.ts';
import { Batch } from '../../store/batch.ts';
import type { IndexWriter } from '../../store/writer.ts';
import type { Slice } from './table.ts';
import { addCounts, entryOf, newReport, type IngestOptions, type IngestReport } from '../ingest.ts';
import { delivery, parseObjectName, type ObjectKey } from '../objects/object-key.ts';

/** Where the days of a table stand in the ledger. */
interface TableLedger {
  readonly folder: string;
  /** Days before this one need not be queried again. */
  readonly settledBefore: number;
  /** Whether no row means no event; else a slice without rows settles nothing. */
  readonly isSure: boolean;
}

/** A commit follows when this many rows wait. */
const commitRows = 50_000;

/** What came of the log files of a day. */
interface Tally {
  readonly isKnown: boolean;
  read: number;
  used: number;
  readonly skipped: Record<string, number>;
}

/** Loads the rows of `sql/athena/facts.sql` into an index; the days of a query are committed with their ledger rows. */
export class AthenaRows {
  readonly report: IngestReport;
  private readonly index: IndexWriter;
  private readonly options: IngestOptions;
  private ledger: TableLedger = { folder: '', settledBefore: 0, isSure: true };
  /** Calls of whose request or answer nothing was read, because it is too long. */
  tooLong = 0;
  private batch = new Batch();
  /** The numbers of days as sources of the batch. */
  private readonly sources = new Map<number, number>();

  constructor(index: IndexWriter, options: IngestOptions) {
    this.index = index;
    this.options = options;
    this.report = options.report ?? newReport();
  }

  begin(ledger: TableLedger): void {
    this.ledger = ledger;
  }

  /** Whether a day is in the index for good; counted so. */
  skips(day: number): boolean {
    const known = this.index.ledger(this.ledger.folder, dayText(day))?.etag === 'settled';
    if (known) this.report.objects.skipped++;
    return known;
  }

  /** @param csv a result as Athena writes it */
  async load(csv: AsyncIterable<Buffer>, slice: Slice): Promise<void> {
    const tallies = new Map<number, Tally>();
    for (let day = slice.first; day <= slice.last; day++) tallies.set(day, this.tallyOf(day));
    const { bytes } = this.report;
    const before = bytes.compressed;
    const counted = async function* (): AsyncGenerator<Buffer> {
      for await (const chunk of csv) {
        bytes.compressed += chunk.length;
        bytes.uncompressed += chunk.length;
        yield chunk;
      }
    };
    // What fails in it fails where its rows are taken.
    const rows: AsyncIterable<unknown> = pipeline(counted(), parse({ columns: true }), () => {});
    for await (const cells of rows) {
      const row = factRowOf(cells);
      // The begin of a log file's name, ended as any.
      const delivered = parseObjectName(`${row.delivered}T0000Z_0.json`);
      const day = delivered && tallies.has(delivered.day) ? delivered.day : slice.first;
      const tally = tallies.get(day);
      if (tally) this.add(row, delivered, day, tally);
      if (this.batch.size >= commitRows) this.commit();
    }
    const isSure = this.ledger.isSure || [...tallies.values()].some(({ read }) => read > 0);
    for (const [day, tally] of tallies)
      this.finish(day, tally, day === slice.first ? bytes.compressed - before : 0, isSure);
    this.commit();
    this.options.onProgress?.(this.report);
  }

  private tallyOf(day: number): Tally {
    const isKnown = this.index.ledger(this.ledger.folder, dayText(day)) !== undefined;
    return { isKnown, read: 0, used: 0, skipped: {} };
  }

  private add(row: FactRow, delivered: ObjectKey | undefined, day: number, tally: Tally): void {
    const calls = Number(row.calls);
    tally.read += calls;
    this.batch.deliver(delivered?.day, dayOfTime(this.options.clock() / 1000));
    if (delivered) this.batch.cover(delivery(delivered), monthOfDay(delivered.day), bitOfDay(delivered.day));
    const found = callsOfRow(row);
    if (!found.ok) {
      addCounts(tally.skipped, { [found.reason]: calls });
      return;
    }
    tally.used += calls;
    if (found.isTooLong) this.tooLong += calls;
    const source = this.sources.get(day) ?? this.batch.source(this.ledger.folder, dayText(day));
    this.sources.set(day, source);
    // Calls of a day that was queried before are counted already, and so are those in other circumstances.
    for (const [n, call] of found.calls.entries())
      this.batch.add(call, source, n === 0 && !tally.isKnown ? calls : 0);
  }

  private finish(day: number, { read, used, skipped }: Tally, size: number, isSure: boolean): void {
    const { folder, settledBefore } = this.ledger;
    const name = dayText(day);
    const { events, objects } = this.report;
    const duplicate = Math.min(used, this.index.ledger(folder, name)?.used ?? 0);
    objects.read++;
    events.read += read;
    events.used += used - duplicate;
    events.duplicate += duplicate;
    addCounts(events.skipped, skipped);
    const etag = isSure && day < settledBefore ? 'settled' : 'open';
    this.batch.objects.push({ ...entryOf({ folder, name, etag, size }), read, used, skipped });
  }

  private commit(): void {
    this.index.commit(this.batch);
    this.batch = new Batch();
    this.sources.clear();
  }
}
