import { existsSync } from 'node:fs';
import { counted, grouped } from '../emit/review/words.ts';
import { InputError } from '../iam/input-error.ts';
import type { Source } from '../ingest/source.ts';
import type { ExitCode, GlobalFlags, Terminal } from './command.ts';
import { megabytes } from './progress.ts';

/**
 * Says what reading these sources would take. The index is asked what it knows, if there is one, and not written.
 * @throws InputError for a source that cannot say
 */
export async function dryRun(
  sources: readonly Source[],
  { db, json }: Pick<GlobalFlags, 'db' | 'json'>,
  { out }: Pick<Terminal, 'out'>,
): Promise<ExitCode> {
  const { dollarsOf, noEstimate, sumOfEstimates } = await import('../ingest/objects/estimate.ts');
  const { nothingKnown } = await import('../ingest/objects/ledger.ts');
  const { IndexWriter } = await import('../store/writer.ts');
  const index = existsSync(db) ? IndexWriter.open(db) : undefined;
  let total = noEstimate;
  try {
    for (const source of sources) {
      if (!source.estimate)
        throw new InputError('--dry-run: knows files and buckets only, not verified; leave the others out');
      total = sumOfEstimates(total, await source.estimate(index ?? nothingKnown));
    }
  } finally {
    index?.close();
  }
  const dollars = Number(dollarsOf(total).toFixed(6));
  const { list, get } = total.requests;
  const cost =
    list === 0
      ? ''
      : `requests: ${grouped(list)} LIST, ${grouped(get)} GET, ${dollars < 0.01 ? 'less than $0.01' : `about $${dollars.toFixed(2)}`} (S3 Standard in us-east-1, without transfer)\n`;
  out.write(
    json
      ? `${JSON.stringify({ ...total, dollars })}\n`
      : `${counted(total.objects, 'object')} to read (${megabytes(total.bytes)}), ${grouped(total.known)} known already\n${cost}`,
  );
  return 0;
}
