import type { IngestReport } from '../ingest/ingest.ts';
import { counted, grouped } from '../emit/review/words.ts';
import type { Source } from '../ingest/source.ts';
import type { GlobalFlags, Terminal } from './command.ts';

/** Bytes as `12.3 MB`. */
export function megabytes(bytes: number): string {
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}

/** Reads sources into an index, and shows how far it is. @param concurrency objects fetched ahead */
export async function readShown(
  sources: readonly Source[],
  { db, quiet }: Pick<GlobalFlags, 'db' | 'quiet'>,
  concurrency: number,
  terminal: Terminal,
): Promise<IngestReport> {
  const { readSources } = await import('../ingest/source.ts');
  const { IndexWriter } = await import('../store/writer.ts');
  const index = IndexWriter.open(db);
  const progress = new ProgressLine(quiet ? { ...terminal, interactive: false } : terminal, bytesOf(sources));
  try {
    const report = await readSources(sources, index, {
      concurrency,
      signal: terminal.signal,
      clock: terminal.clock,
      onProgress: (now) => progress.update(now),
    });
    progress.clear();
    return report;
  } finally {
    index.close();
  }
}

/** How much there is to read; undefined when a source cannot say. */
const bytesOf = (sources: readonly Source[]): number | undefined =>
  sources.reduce<number | undefined>(
    (sum, { bytes }) => (sum === undefined || bytes === undefined ? undefined : sum + bytes),
    0,
  );

/** What a run read, in two lines. */
export function readSummary({ events, objects, bytes }: IngestReport, seconds: number): string {
  const skipped = Object.entries(events.skipped).map(([reason, n]) => `, ${grouped(n)} skipped (${reason})`);
  return (
    `read ${counted(objects.read, 'object')} (${megabytes(bytes.compressed)}) in ${seconds.toFixed(1)} s; ` +
    `${grouped(objects.skipped)} known already, ${grouped(objects.failed)} could not be read in full\n` +
    `${counted(events.read, 'event')}: ${grouped(events.used)} used, ${grouped(events.duplicate)} duplicate${skipped.join('')}\n`
  );
}

/** A line that rewrites itself on a terminal with rate, share done and time left; nothing on a pipe. */
class ProgressLine {
  private readonly terminal: Terminal;
  private readonly totalBytes: number | undefined;
  private readonly started: number;
  private shown = 0;

  constructor(terminal: Terminal, totalBytes: number | undefined) {
    this.terminal = terminal;
    this.totalBytes = totalBytes;
    this.started = terminal.clock();
  }

  update({ events, objects, bytes }: IngestReport): void {
    const now = this.terminal.clock();
    if (!this.terminal.interactive || now - this.shown < 200) return;
    this.shown = now;
    const seconds = Math.max(0.001, (now - this.started) / 1000);
    const parts = [
      `${grouped(objects.read + objects.skipped)} objects`,
      `${grouped(events.read)} events`,
      `${grouped(Math.round(events.read / seconds))}/s`,
    ];
    if (this.totalBytes !== undefined && this.totalBytes > 0 && bytes.compressed > 0) {
      const share = Math.min(1, bytes.compressed / this.totalBytes);
      parts.push(`${Math.floor(share * 100)}%`, `${Math.ceil((seconds * (1 - share)) / share)} s left`);
    }
    this.terminal.err.write(`\r\u001b[K${parts.join('  ')}`);
  }

  clear(): void {
    if (this.terminal.interactive && this.shown > 0) this.terminal.err.write('\r\u001b[K');
  }
}
