import type { S3SourceOptions } from '../ingest/s3/bucket.ts';
import type { Selection } from '../ingest/objects/selection.ts';
import type { Source } from '../ingest/source.ts';
import type { AwsAccess } from '../aws/access.ts';
import { dayOfTime } from '../iam/days.ts';
import { InputError } from '../iam/input-error.ts';
import type { Terminal } from './command.ts';

/** Flags of buckets. */
export interface S3Flags {
  /** As `3d`: the days read before that are listed again. */
  readonly lookback: string;
  readonly 'request-payer': boolean;
}

/**
 * The logs in a bucket. Relative days count back from today (UTC): which is the newest object is not known before all are listed.
 * @throws InputError for what cannot be asked for, or when the bucket cannot be listed
 */
export async function s3Of(
  url: string,
  flags: Selection & S3Flags & Pick<S3SourceOptions, 'keysFor'>,
  access: AwsAccess,
  { clock, signal }: Pick<Terminal, 'clock' | 'signal'>,
): Promise<Source> {
  const { parseS3Url, s3Source } = await import('../ingest/s3/bucket.ts');
  const { choiceOf } = await import('../ingest/objects/selection.ts');
  return await s3Source(parseS3Url(url), {
    ...access,
    requestPayer: flags['request-payer'],
    signal,
    choice: choiceOf(flags, dayOfTime(clock() / 1000)),
    lookback: lookbackOf(flags),
    keysFor: flags.keysFor,
  });
}

/** `--lookback` in days. @throws InputError for anything else */
export function lookbackOf({ lookback }: Pick<S3Flags, 'lookback'>): number {
  const days = /^(\d{1,4})d$/.exec(lookback)?.[1];
  if (days === undefined) throw new InputError(`--lookback ${lookback}: write days as 3d`);
  return Number(days);
}
