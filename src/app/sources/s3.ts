import type { AwsAccess } from '../../aws/access.ts';
import { dayOfTime } from '../../iam/days.ts';
import { InputError } from '../../iam/input-error.ts';
import type { Selection } from '../../ingest/objects/selection.ts';
import type { S3SourceOptions } from '../../ingest/s3/bucket.ts';
import type { Source } from '../../ingest/source.ts';
import type { Surroundings } from './surroundings.ts';

/** What is asked of buckets. */
export interface BucketSettings {
  /** As `3d`: the days read before that are listed again. */
  readonly lookback: string;
  readonly requestPayer: boolean;
}

/**
 * The logs in a bucket. Relative days count back from today (UTC): which is the newest object is not known before all are listed.
 * @throws InputError for what cannot be asked for, or when the bucket cannot be listed
 */
export async function bucketSource(
  url: string,
  settings: Selection & BucketSettings & Pick<S3SourceOptions, 'keysFor'>,
  access: AwsAccess,
  { clock, signal }: Pick<Surroundings, 'clock' | 'signal'>,
): Promise<Source> {
  const { parseS3Url, s3Source } = await import('../../ingest/s3/bucket.ts');
  const { choiceOf } = await import('../../ingest/objects/selection.ts');
  const { requestPayer, keysFor } = settings;
  return await s3Source(parseS3Url(url), {
    ...access,
    requestPayer,
    signal,
    choice: choiceOf(settings, dayOfTime(clock() / 1000)),
    lookback: lookbackDays(settings),
    keysFor,
  });
}

/** `--lookback` in days. @throws InputError for anything else */
export function lookbackDays({ lookback }: Pick<BucketSettings, 'lookback'>): number {
  const days = /^(\d{1,4})d$/.exec(lookback)?.[1];
  if (days === undefined) throw new InputError(`--lookback ${lookback}: write days as 3d`);
  return Number(days);
}
