import { existsSync, rmSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import { InputError } from '../../iam/input-error.ts';
import type { IngestReport } from '../../ingest/ingest.ts';
import { noEstimate, sumOfEstimates, type Estimate } from '../../ingest/objects/estimate.ts';
import { readSources, type Source } from '../../ingest/source.ts';
import { IndexWriter } from '../../store/writer.ts';
import type { Surroundings } from './surroundings.ts';
import { nothingKnown } from '../../ingest/objects/ledger.ts';

/** What was read, and how long it took. */
export interface IndexUpdate {
  readonly report: IngestReport;
  readonly seconds: number;
}

/**
 * Reads sources into an index, which is made if there is none. A run without any event leaves none behind.
 * @param giveUp objects that could not be read, and need not be asked for any more
 * @param asked what the sources were made of, to be remembered
 */
export async function updateIndex(
  db: string,
  sources: readonly Source[],
  concurrency: number,
  { clock, signal, progress, threads = 0 }: Surroundings,
  giveUp: readonly string[] = [],
  asked: readonly string[] = [],
): Promise<IndexUpdate> {
  const started = clock();
  const seconds = (): number => (clock() - started) / 1000;
  const isNew = !existsSync(db);
  const index = IndexWriter.open(db);
  const bytes = bytesOf(sources);
  try {
    for (const object of giveUp) await forsake(object, index);
    const report = await readSources(sources, index, {
      concurrency,
      threads,
      signal,
      clock,
      onProgress: (now) => progress({ kind: 'reading', report: now, seconds: seconds(), bytes }),
    });
    progress({ kind: 'read' });
    return { report, seconds: seconds() };
  } finally {
    if (index.hasWritten) for (const one of asked) index.ask(one);
    const isVain = isNew && index.isEmpty();
    index.close();
    // Another run that has it open shows by the write-ahead log, which the last to close takes away.
    if (isVain && !existsSync(`${db}-wal`)) rmSync(db, { force: true });
  }
}

/** An object that could not be read is asked for no more. @throws InputError when the index knows none of this name */
async function forsake(object: string, index: IndexWriter): Promise<void> {
  const path = object.startsWith('s3://') ? object : await realpath(object).catch(() => object);
  const at = path.lastIndexOf('/');
  const [folder, name] = [path.slice(0, at), path.slice(at + 1)];
  const row = index.ledger(folder, name);
  if (row === undefined || row.fault === '')
    throw new InputError(`--give-up ${object}: no object that could not be read; index info lists those`);
  index.settle(folder, name, row.etag);
}

/** How much there is to read; undefined when a source cannot say. */
const bytesOf = (sources: readonly Source[]): number | undefined =>
  sources.reduce<number | undefined>(
    (sum, { bytes }) => (sum === undefined || bytes === undefined ? undefined : sum + bytes),
    0,
  );

/** What reading these sources would take; the index, if there is one, is not written. @throws InputError for a source that cannot say */
export async function estimateOf(db: string, sources: readonly Source[]): Promise<Estimate> {
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
