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
  const show = terminal.interactive && !quiet ? progressLine(terminal) : (): void => {};
  return {
    in: terminal.in,
    signal: terminal.signal,
    clock: terminal.clock,
    threads: availableParallelism(),
    say,
    warn,
    progress: (now) => {
      show(now);
      if (now.kind === 'queried') say(`athena: ${costText(now.scans)}`);
    },
  };
}

const costText = ({ queries, scanned, dollars }: Scans): string =>
  `queries: ${grouped(queries)}, ${megabytes(scanned)} scanned, ${about(dollars)} (list price of us-east-1, without S3)`;

/** Milliseconds between two lines of progress. */
const pause = 200;

/** A line that rewrites itself on a terminal with rate, share done and time left. */
function progressLine({ err, clock }: Terminal): (now: Progress) => void {
  let last = 0;
  const write = (text: string): void => void err.write(`\r\u001b[K${text}`);
  return (now) => {
    if (now.kind === 'querying') write(`athena: ${now.state}, ${megabytes(now.scans.scanned)} scanned`);
    else if (now.kind === 'queried' || (now.kind === 'read' && last > 0)) write('');
    else if (now.kind === 'reading' && clock() - last >= pause) {
      last = clock();
      write(readingText(now));
    }
  };
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
