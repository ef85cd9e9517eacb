import { Batch, chosenRegions } from '../store/batch.ts';
import type { IndexWriter } from '../store/writer.ts';
import { countObjects, type Estimate } from './objects/estimate.ts';
import type { Known } from './objects/ledger.ts';
import { ingest, newReport, type IngestOptions, type IngestReport } from './ingest.ts';
import type { LogObject } from './objects/log-object.ts';

/** Where facts come from: files, a bucket, the event history, a table of Athena. */
export interface Source {
  /** How many bytes as stored it will read; undefined when not known beforehand. */
  readonly bytes: number | undefined;
  /** Reads what the index lacks. @throws InputError for what the user has to mend; what was read until then is committed */
  read(index: IndexWriter, options: IngestOptions): Promise<IngestReport>;
  /** What that would take; absent where it cannot be said. */
  estimate?(index: Known): Promise<Estimate>;
}

/** A source of log objects that are known already. */
export function objectSource(objects: readonly LogObject[]): Source {
  async function* inOrder(): AsyncGenerator<LogObject> {
    yield* objects;
  }
  return {
    bytes: objects.reduce((sum, object) => sum + (object.size ?? 0), 0),
    read: (index, options) => ingest(inOrder(), index, options),
    estimate: (index) => countObjects(objects, index),
  };
}

/**
 * A source of which the index remembers that only some Regions were read: nothing delivered of another says nothing then.
 * @param names of the source; read again without a choice of Regions, all of it is read
 * @param regions empty for no choice
 */
export function ofRegions(source: Source, names: readonly string[], regions: readonly string[]): Source {
  const mark = [...regions].sort().join();
  return {
    ...source,
    async read(index, options) {
      const report = await source.read(index, options);
      const batch = new Batch();
      for (const shard of names)
        if ((index.mark(chosenRegions, shard) ?? '') !== mark && (mark !== '' || !options.signal?.aborted))
          batch.mark({ source: chosenRegions, shard, mark });
      if (batch.marks.size > 0) index.commit(batch);
      return report;
    },
  };
}

/** Reads sources one after another, with one report for all. */
export async function readSources(
  sources: readonly Source[],
  index: IndexWriter,
  options: IngestOptions,
): Promise<IngestReport> {
  const report = newReport();
  for (const source of sources) {
    if (options.signal?.aborted) break;
    await source.read(index, { ...options, report });
  }
  return report;
}
