import { existsSync } from 'node:fs';
import { InputError } from '../../iam/input-error.ts';
import type { IngestReport } from '../../ingest/ingest.ts';
import type { Estimate } from '../../ingest/objects/estimate.ts';
import type { Source } from '../../ingest/source.ts';
import type { Surroundings } from './surroundings.ts';

/** What was read, and how long it took. */
export interface IndexUpdate {
  readonly report: IngestReport;
  readonly seconds: number;
}

/**
 * Reads sources into an index, which is made if there is none.
 * @param concurrency objects fetched ahead
 */
export async function updateIndex(
  db: string,
  sources: readonly Source[],
  concurrency: number,
  { clock, signal, progress }: Surroundings,
): Promise<IndexUpdate> {
  const started = clock();
  const seconds = (): number => (clock() - started) / 1000;
  const { readSources } = await import('../../ingest/source.ts');
  const { IndexWriter } = await import('../../store/writer.ts');
  const index = IndexWriter.open(db);
  const bytes = bytesOf(sources);
  try {
    const report = await readSources(sources, index, {
      concurrency,
      signal,
      clock,
      onProgress: (now) => progress({ kind: 'reading', report: now, seconds: seconds(), bytes }),
    });
    progress({ kind: 'read' });
    return { report, seconds: seconds() };
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

/**
 * What reading these sources would take. The index is asked what it knows, if there is one, and not written.
 * @throws InputError for a source that cannot say
 */
export async function estimateOf(db: string, sources: readonly Source[]): Promise<Estimate> {
  const { noEstimate, sumOfEstimates } = await import('../../ingest/objects/estimate.ts');
  const { nothingKnown } = await import('../../ingest/objects/ledger.ts');
  const { IndexWriter } = await import('../../store/writer.ts');
  const index = existsSync(db) ? IndexWriter.open(db) : undefined;
  let total = noEstimate;
  try {
    for (const source of sources) {
      if (!source.estimate)
        throw new InputError('--dry-run: knows files and buckets only, not verified; leave the others out');
      total = sumOfEstimates(total, await source.estimate(index ?? nothingKnown));
    }
    return total;
  } finally {
    index?.close();
  }
}
