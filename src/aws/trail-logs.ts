import type { LogPlace } from './needs.ts';
import type { Trail } from './trails.ts';

/**
 * Where a trail's log files lie: `PREFIX/AWSLogs/ACCOUNT/CloudTrail/`, for an organization `PREFIX/AWSLogs/o-ID/ACCOUNT/CloudTrail/`.
 * CloudTrail does not tell the organization's ID; without it all accounts below `AWSLogs/` are meant.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html
 */
export function logPlaceOf(trail: Trail, organizationId?: string): LogPlace {
  const [, partition = 'aws', , , account = ''] = trail.arn.split(':');
  const folders = trail.organization ? [organizationId ?? ''] : [account, 'CloudTrail'];
  const path = [trail.prefix, 'AWSLogs', ...folders].filter((folder) => folder !== '');
  return {
    partition,
    bucket: trail.bucket,
    prefix: `${path.join('/')}/`,
    ...(trail.organization ? { files: '*/CloudTrail/*' } : {}),
    ...(trail.kmsKey === undefined ? {} : { kmsKey: trail.kmsKey }),
  };
}

/** The place as a SOURCE of `ingest`. */
export const sourceOf = ({ bucket, prefix }: LogPlace): string => `s3://${bucket}/${prefix}`;
