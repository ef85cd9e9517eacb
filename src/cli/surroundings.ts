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
  const isShown = terminal.interactive && !quiet;
  const warn = (line: string): void => void terminal.err.write(`${isShown ? clear : ''}${printable(line)}\n`);
  const say = quiet ? (): void => {} : warn;
  const show = isShown ? progressLine(terminal) : (): void => {};
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

/** Takes what a line of a terminal shows away. */
const clear = '\r\u001b[K';

/** Milliseconds between two lines of progress. */
const pause = 200;

/** A line that rewrites itself on a terminal with rate, share done and time left. */
function progressLine({ err, clock }: Terminal): (now: Progress) => void {
  let last = 0;
  const write = (text: string): void => void err.write(clear + text);
  return (now) => {
    if (now.kind === 'querying') write(`athena: ${now.state}, ${megabytes(now.scans.scanned)} scanned`);
    else if (now.kind === 'queried' || (now.kind === 'read' && last > 0)) write('');
    else if (now.kind !== 'read' && clock() - last >= pause) {
      last = clock();
      write(now.kind === 'reading' ? readingText(now) : proposingText(now));
    }
  };
}

function readingText({ report, seconds, bytes: total = 0 }: Progress & { readonly kind: 'reading' }): string {
  const { events, objects, bytes } = report;
  return [
    `${grouped(objects.read + objects.skipped)} objects`,
    `${grouped(events.read)} events`,
    `${grouped(Math.round(events.read / Math.max(0.001, seconds)))}/s`,
    ...shareTexts(bytes.compressed, total, seconds),
  ].join('  ');
}

const proposingText = ({ done, of, seconds }: Progress & { readonly kind: 'proposing' }): string =>
  [
    `${grouped(done)} of ${counted(of, 'principal')}`,
    `${(done / Math.max(0.001, seconds)).toFixed(1)}/s`,
    ...shareTexts(done, of, seconds),
  ].join('  ');

/** How much is done, and how long the rest takes at that rate; nothing where that is not known. */
function shareTexts(done: number, of: number, seconds: number): readonly string[] {
  if (done === 0 || of === 0) return [];
  const share = Math.min(1, done / of);
  return [`${Math.floor(share * 100)}%`, `${Math.ceil((seconds * (1 - share)) / share)} s left`];
}
