import { InputError } from '../iam/input-error.ts';
import { escapeLiteral } from '../iam/pattern/pattern.ts';
import { parsePolicy, type PolicyDocument } from '../iam/policy/policy.ts';
import type { AwsAccess } from './access.ts';
import { S3Bucket } from './s3.ts';
import type { Trail } from './trails.ts';

/** Where log files lie in S3. */
type LogPlace = ReturnType<typeof logPlaceOf>;

/**
 * Where a trail's log files lie: `PREFIX/AWSLogs/ACCOUNT/CloudTrail/`, for an organization `PREFIX/AWSLogs/o-ID/ACCOUNT/CloudTrail/`.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/get-and-view-cloudtrail-log-files.html
 * @param organization its ID; without it all accounts below `AWSLogs/` are meant
 */
export function logPlaceOf(trail: Trail, organization: string | undefined) {
  const [, partition = 'aws', , , account = ''] = trail.arn.split(':');
  const ofOrganization = organization === undefined ? '' : `${organization}/`;
  const below = trail.organization ? ofOrganization : `${account}/CloudTrail/`;
  return {
    /** `aws`, `aws-cn`, `aws-us-gov`. */
    partition,
    bucket: trail.bucket,
    /** What all keys begin with; to the end of a folder. */
    prefix: `${aboveAccounts(trail)}${below}`,
    /** IAM pattern of what follows it in the keys of log files. */
    files: trail.organization ? '*/CloudTrail/*' : '*',
    kmsKey: trail.kmsKey,
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

/**
 * What reading the log files needs. A key is used by S3 alone, on behalf of the reader; for an alias, of which no policy can
 * speak, any key.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/encrypting-cloudtrail-log-files-with-aws-kms.html
 */
export function logFileNeeds({ partition, bucket, prefix, files, kmsKey }: LogPlace): PolicyDocument {
  const arn = `arn:${partition}:s3:::${escapeLiteral(bucket)}`;
  const below = escapeLiteral(prefix);
  const s3 = partition === 'aws-cn' ? 's3.*.amazonaws.com.cn' : 's3.*.amazonaws.com';
  const key = kmsKey === undefined || /^arn:[^:]+:kms:[^:]*:\d{12}:key\//.test(kmsKey) ? kmsKey : '*';
  const statements = [
    ['ListLogFiles', 's3:ListBucket', arn, { 's3:prefix': `${below}*` }],
    ['ReadLogFiles', 's3:GetObject', `${arn}/${below}${files}`],
    ...(key === undefined ? [] : [['DecryptFiles', 'kms:Decrypt', key, { 'kms:ViaService': s3 }]]),
  ];
  const Statement = statements.map(([Sid, Action, Resource, like]) => ({
    Sid,
    Effect: 'Allow',
    Action,
    Resource,
    Condition: like && { StringLike: like },
  }));
  return parsePolicy(JSON.stringify({ Version: '2012-10-17', Statement }), 'log files');
}
