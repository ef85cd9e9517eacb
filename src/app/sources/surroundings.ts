import type { Scans } from '../../ingest/athena/athena.ts';
import type { IngestReport } from '../../ingest/ingest.ts';

/** How far a run is: what it has read so far, or what Athena is asked. */
export type Progress =
  | {
      readonly kind: 'reading';
      readonly report: IngestReport;
      readonly seconds: number;
      /** As stored, of all there is to read; undefined when not known beforehand. */
      readonly bytes: number | undefined;
    }
  | { readonly kind: 'read' }
  /** Principals that are done, of all. */
  | { readonly kind: 'proposing'; readonly done: number; readonly of: number; readonly seconds: number }
  /** `state` is that of one query: `2026-03-02 RUNNING`. */
  | { readonly kind: 'querying'; readonly state: string; readonly scans: Scans }
  | { readonly kind: 'queried'; readonly scans: Scans };

/** What a run meets of the machine it is on, and whom it tells what it does. Lines are told with names as they are. */
export interface Surroundings {
  /** Standard input. */
  readonly in: AsyncIterable<Buffer>;
  /** Ends the run after what is in hand. */
  readonly signal: AbortSignal;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** Threads that may read logs or propose beside this one; default 0. */
  readonly threads?: number;
  /** Told what is done, a line each; nobody needs to hear it. */
  readonly say: (line: string) => void;
  /** Told what counts for nothing or was left out, a line each. */
  readonly warn: (line: string) => void;
  readonly progress: (progress: Progress) => void;
}

/** The principals of a run, one after another, telling how far it is. */
export function* telling<T>(
  all: readonly T[],
  { progress, clock }: Pick<Surroundings, 'progress' | 'clock'>,
): Generator<T> {
  const start = clock();
  for (const [done, one] of all.entries()) {
    progress({ kind: 'proposing', done, of: all.length, seconds: (clock() - start) / 1000 });
    yield one;
  }
  progress({ kind: 'read' });
}
