import { availableParallelism } from 'node:os';
import type { Progress, Surroundings } from '../app/sources/surroundings.ts';
import { counted, grouped } from '../emit/review/words.ts';
import { printable } from '../iam/printable.ts';
import type { Scans } from '../ingest/athena/athena.ts';
import type { IngestReport } from '../ingest/ingest.ts';
import type { Terminal } from './command.ts';

/** Bytes as `12.3 MB`. */
export function megabytes(bytes: number): string {
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)} MB` : `${(bytes / 1e9).toFixed(2)} GB`;
}

/** US dollars as `about $1.20`. */
export const about = (dollars: number): string =>
  dollars < 0.01 ? 'less than $0.01' : `about $${dollars.toFixed(2)}`;

/** What a run read, in two lines. */
export function readSummary({ events, objects, bytes }: IngestReport, seconds: number): string {
  const skipped = Object.entries(events.skipped).map(([reason, n]) => `, ${grouped(n)} skipped (${reason})`);
  return (
    `read ${counted(objects.read, 'object')} (${megabytes(bytes.compressed)}) in ${seconds.toFixed(1)} s; ` +
    `${grouped(objects.skipped)} known already, ${grouped(objects.failed)} could not be read in full\n` +
    `${counted(events.read, 'event')}: ${grouped(events.used)} used, ${grouped(events.duplicate)} duplicate${skipped.join('')}\n`
  );
}

/** A terminal as surroundings of a run: lines and progress go to stderr, warnings alone with `--quiet`. */
export function surroundingsOf(terminal: Terminal, { quiet }: { readonly quiet: boolean }): Surroundings {
  const warn = (line: string): void => void terminal.err.write(`${printable(line)}\n`);
  const say = quiet ? (): void => {} : warn;
  const line = new ProgressLine(terminal, terminal.interactive && !quiet);
  return {
    in: terminal.in,
    signal: terminal.signal,
    clock: terminal.clock,
    threads: availableParallelism(),
    say,
    warn,
    progress: (now) => {
      line.update(now);
      if (now.kind === 'queried') say(`athena: ${costText(now.scans)}`);
    },
  };
}

const costText = ({ queries, scanned, dollars }: Scans): string =>
  `queries: ${grouped(queries)}, ${megabytes(scanned)} scanned, ${about(dollars)} (list price of us-east-1, without S3)`;

/** A line that rewrites itself on a terminal with rate, share done and time left; nothing on a pipe. */
class ProgressLine {
  private readonly terminal: Pick<Terminal, 'err' | 'clock'>;
  private readonly isShown: boolean;
  private last = 0;

  constructor(terminal: Pick<Terminal, 'err' | 'clock'>, isShown: boolean) {
    this.terminal = terminal;
    this.isShown = isShown;
  }

  update(now: Progress): void {
    if (!this.isShown) return;
    switch (now.kind) {
      case 'reading': {
        const time = this.terminal.clock();
        if (time - this.last < 200) return;
        this.last = time;
        return this.write(readingText(now));
      }
      case 'querying':
        return this.write(`athena: ${now.state}, ${megabytes(now.scans.scanned)} scanned`);
      case 'read':
        return this.last > 0 ? this.write('') : undefined;
      case 'queried':
        return this.write('');
    }
  }

  private write(text: string): void {
    this.terminal.err.write(`\r\u001b[K${text}`);
  }
}

function readingText({ report, seconds, bytes: total }: Progress & { readonly kind: 'reading' }): string {
  const { events, objects, bytes } = report;
  const passed = Math.max(0.001, seconds);
  const parts = [
    `${grouped(objects.read + objects.skipped)} objects`,
    `${grouped(events.read)} events`,
    `${grouped(Math.round(events.read / passed))}/s`,
  ];
  if (total !== undefined && total > 0 && bytes.compressed > 0) {
    const share = Math.min(1, bytes.compressed / total);
    parts.push(`${Math.floor(share * 100)}%`, `${Math.ceil((passed * (1 - share)) / share)} s left`);
  }
  return parts.join('  ');
}
