import type { IngestReport } from '../../src/ingest/ingest.ts';
import { parseS3Url, s3Source } from '../../src/ingest/s3/bucket.ts';
import { choiceOf, type Selection } from '../../src/ingest/objects/selection.ts';
import type { Source } from '../../src/ingest/source.ts';
import { parseDay } from '../../src/iam/days.ts';
import { IndexWriter } from '../../src/store/writer.ts';

export interface Asked extends Partial<Selection> {
  readonly lookback?: number;
}

/** A bucket as a source; today is 2026-03-10. */
export async function openS3(url: string, { lookback = 3, ...selection }: Asked = {}): Promise<Source> {
  const choice = choiceOf(
    { since: undefined, until: undefined, accounts: undefined, regions: undefined, ...selection },
    parseDay('2026-03-10', ''),
  );
  return await s3Source(parseS3Url(url), { choice, lookback });
}

/** Reads a bucket into an index. */
export async function loadS3(db: string, url: string, asked: Asked = {}): Promise<IngestReport> {
  const source = await openS3(url, asked);
  const index = IndexWriter.open(db);
  try {
    return await source.read(index, { concurrency: 8, clock: () => 0 });
  } finally {
    index.close();
  }
}
