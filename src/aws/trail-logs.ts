import { InputError } from '../iam/input-error.ts';
import type { AwsAccess } from './access.ts';
import type { LogPlace } from './needs.ts';
import { S3Bucket } from './s3.ts';
import type { Trail } from './trails.ts';

/**
 * Where a trail's log files lie: `PREFIX/AWSLogs/ACCOUNT/CloudTrail/`, for an organization `PREFIX/AWSLogs/o-ID/ACCOUNT/CloudTrail/`.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html
 * @param organization its ID; without it all accounts below `AWSLogs/` are meant
 */
export function logPlaceOf(trail: Trail, organization: string | undefined): LogPlace {
  const [, partition = 'aws', , , account = ''] = trail.arn.split(':');
  const below = trail.organization
    ? organization === undefined
      ? ''
      : `${organization}/`
    : `${account}/CloudTrail/`;
  return {
    partition,
    bucket: trail.bucket,
    prefix: `${aboveAccounts(trail)}${below}`,
    ...(trail.organization ? { files: '*/CloudTrail/*' } : {}),
    ...(trail.kmsKey === undefined ? {} : { kmsKey: trail.kmsKey }),
  };
}

/**
 * The ID of the organization that a trail logs: CloudTrail does not tell it, but a folder of the bucket is named so. Undefined
 * where that is not so, or there are several. Needs s3:ListBucket.
 * @returns the message of the error where the bucket cannot be listed
 */
export async function organizationOf(
  trail: Trail,
  access: AwsAccess,
): Promise<{ readonly id: string | undefined; readonly refusal?: string }> {
  const bucket = await S3Bucket.open(trail.bucket, access);
  const prefix = aboveAccounts(trail);
  const ids: string[] = [];
  try {
    for await (const { folders } of bucket.pages({ prefix, delimiter: '/' })) {
      // https://docs.aws.amazon.com/organizations/latest/APIReference/API_Organization.html
      for (const folder of folders)
        ids.push(...(/^o-[a-z0-9]{10,32}(?=\/$)/.exec(folder.slice(prefix.length)) ?? []));
    }
    return { id: ids.length === 1 ? ids[0] : undefined };
  } catch (error) {
    if (error instanceof InputError) return { id: undefined, refusal: error.message };
    throw error;
  } finally {
    bucket.close();
  }
}

const aboveAccounts = ({ prefix }: Trail): string => `${prefix === '' ? '' : `${prefix}/`}AWSLogs/`;

/** The place as a SOURCE of `ingest`. */
export const sourceOf = ({ bucket, prefix }: LogPlace): string => `s3://${bucket}/${prefix}`;
