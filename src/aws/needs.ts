import { sortedUnique } from '../iam/order.ts';
import { escapeLiteral } from '../iam/pattern/pattern.ts';
import type { Condition, PolicyDocument, Statement } from '../iam/policy/policy.ts';

/** Where log files lie in S3. */
export interface LogPlace {
  /** `aws`, `aws-cn`, `aws-us-gov`. */
  readonly partition: string;
  readonly bucket: string;
  /** What all keys begin with; to the end of a folder. */
  readonly prefix: string;
  /** IAM pattern of what follows it in the keys of log files; `*` unless said. */
  readonly files?: string;
  /** ARN of the KMS key that log files are encrypted with; undefined for SSE-S3. */
  readonly kmsKey?: string;
}

/** Whose account. */
interface AccountPlace {
  readonly partition: string;
  readonly account: string;
}

/**
 * To read log files from S3: `ingest s3://BUCKET/PREFIX`. The key is used by S3 alone, on behalf of the reader.
 * https://docs.aws.amazon.com/AmazonS3/latest/userguide/using-with-s3-policy-actions.html
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/encrypting-cloudtrail-log-files-with-aws-kms.html
 */
export const logFileNeeds = (place: LogPlace): PolicyDocument =>
  document([...filesNeeds('LogFiles', place), ...decryption(place)]);

function filesNeeds(name: string, { partition, bucket, prefix, files = '*' }: LogPlace): Statement[] {
  const arn = `arn:${partition}:s3:::${escapeLiteral(bucket)}`;
  return [
    allow(
      `List${name}`,
      ['s3:ListBucket'],
      [arn],
      [{ operator: 'StringLike', key: 's3:prefix', values: [`${escapeLiteral(prefix)}*`] }],
    ),
    allow(`Read${name}`, ['s3:GetObject'], [`${arn}/${escapeLiteral(prefix)}${files}`]),
  ];
}

/** A key's ARN; where it is an alias, of which no policy can speak, any key, all the same only through S3. */
function decryption({ partition, kmsKey }: LogPlace): Statement[] {
  if (kmsKey === undefined) return [];
  const service = partition === 'aws-cn' ? 's3.*.amazonaws.com.cn' : 's3.*.amazonaws.com';
  return [
    allow(
      'DecryptFiles',
      ['kms:Decrypt'],
      [/^arn:[^:]+:kms:[^:]*:\d{12}:key\//.test(kmsKey) ? kmsKey : '*'],
      [{ operator: 'StringLike', key: 'kms:ViaService', values: [service] }],
    ),
  ];
}

/** `ingest --verify-digests` of a bucket: the log files, the digest files and the public keys that these are signed with. */
export const digestNeeds = (logs: LogPlace, digests: Pick<LogPlace, 'prefix' | 'files'>): PolicyDocument => {
  const { partition, bucket } = logs;
  return document([
    ...filesNeeds('LogFiles', logs),
    ...filesNeeds('DigestFiles', { partition, bucket, ...digests }),
    ...decryption(logs),
    ...digestKeyNeeds().statements,
  ]);
};

/** A table of Athena in the Glue catalog of its account and Region, and what lies behind it. */
interface TablePlace extends AccountPlace {
  readonly region: string;
  readonly workgroup: string;
  readonly database: string;
  readonly table: string;
  readonly logs: LogPlace;
  /** Where results are written. */
  readonly results: Pick<LogPlace, 'bucket' | 'prefix'>;
}

/**
 * `ingest athena://WORKGROUP/DATABASE/TABLE`: what is asked of Athena, and what Athena asks in the same name.
 * https://docs.aws.amazon.com/athena/latest/ug/example-policies-workgroup.html
 * https://docs.aws.amazon.com/athena/latest/ug/fine-grained-access-to-glue-resources.html
 * https://docs.aws.amazon.com/athena/latest/ug/s3-permissions.html
 */
export function athenaNeeds(place: TablePlace): PolicyDocument {
  const { partition, region, account, workgroup, logs, results } = place;
  const athena = `arn:${partition}:athena:${region}:${account}`;
  const bucketOf = ({ bucket }: Pick<LogPlace, 'bucket'>): string =>
    `arn:${partition}:s3:::${escapeLiteral(bucket)}`;
  return document([
    allow(
      'Query',
      ['GetQueryExecution', 'GetWorkGroup', 'StartQueryExecution', 'StopQueryExecution'].map(
        (name) => `athena:${name}`,
      ),
      [`${athena}:workgroup/${escapeLiteral(workgroup)}`],
    ),
    allow('DescribeTable', ['athena:GetTableMetadata'], [`${athena}:datacatalog/AwsDataCatalog`]),
    allow('ReadCatalog', ['glue:GetDatabase', 'glue:GetPartitions', 'glue:GetTable'], catalogOf(place)),
    ...logFileNeeds(logs).statements,
    allow('FindBuckets', ['s3:GetBucketLocation'], [bucketOf(logs), bucketOf(results)]),
    allow(
      'WriteAndReadResults',
      ['AbortMultipartUpload', 'GetObject', 'ListMultipartUploadParts', 'PutObject'].map(
        (name) => `s3:${name}`,
      ),
      [`${bucketOf(results)}/${escapeLiteral(results.prefix)}*`],
    ),
  ]);
}

/** `--create-table`, besides. */
export const athenaCreateNeeds = (place: TablePlace): PolicyDocument =>
  document([allow('CreateTable', ['glue:CreateTable'], catalogOf(place))]);

/** A table with what it lies in: https://docs.aws.amazon.com/glue/latest/dg/glue-specifying-resource-arns.html */
const catalogOf = ({ partition, region, account, database, table }: TablePlace): string[] =>
  [
    'catalog',
    `database/${escapeLiteral(database)}`,
    `table/${escapeLiteral(database)}/${escapeLiteral(table)}`,
  ].map((path) => `arn:${partition}:glue:${region}:${account}:${path}`);

/**
 * `ingest --verify-digests` of a folder without `--digest-keys`: the public keys alone.
 * https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListPublicKeys.html
 */
export const digestKeyNeeds = (): PolicyDocument =>
  document([allow('FetchPublicKeys', ['cloudtrail:ListPublicKeys'], ['*'])]);

/** `ingest event-history`. LookupEvents cannot be limited to resources: https://docs.aws.amazon.com/service-authorization/latest/reference/list_awscloudtrail.html */
export const eventHistoryNeeds = (): PolicyDocument =>
  document([allow('LookUpEvents', ['cloudtrail:LookupEvents'], ['*'])]);

/**
 * `--current aws`. AWS-managed policies are asked for where the details name them without their documents.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_awsidentityandaccessmanagementiam.html
 */
export const currentNeeds = ({ partition, account }: AccountPlace): PolicyDocument =>
  document([
    allow('ReadAuthorizationDetails', ['iam:GetAccountAuthorizationDetails'], ['*']),
    allow(
      'ReadManagedPolicies',
      ['iam:GetPolicy', 'iam:GetPolicyVersion'],
      [account, 'aws'].map((owner) => `arn:${partition}:iam::${owner}:policy/*`),
    ),
  ]);

/** `--last-accessed aws`. https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_last-accessed-view-data.html */
export const lastAccessedNeeds = (): PolicyDocument =>
  document([
    allow(
      'AskForReports',
      ['iam:GenerateServiceLastAccessedDetails', 'iam:GetServiceLastAccessedDetails'],
      ['*'],
    ),
  ]);

/** `--trail-config aws`. The trails of an organization belong to its management account or a delegated administrator. */
export const trailConfigNeeds = (place: AccountPlace): PolicyDocument =>
  document([allow('FindTrails', ['cloudtrail:DescribeTrails'], ['*']), trailState(place)]);

/** `trails`. */
export const trailsNeeds = (place: AccountPlace): PolicyDocument =>
  document([
    allow('FindTrails', ['cloudtrail:DescribeTrails', 'cloudtrail:ListTrails'], ['*']),
    trailState(place),
  ]);

const trailState = ({ partition, account }: AccountPlace): Statement =>
  allow(
    'ReadTrails',
    ['cloudtrail:GetEventSelectors', 'cloudtrail:GetTrailStatus'],
    [`arn:${partition}:cloudtrail:*:${account}:trail/*`],
  );

const document = (statements: readonly Statement[]): PolicyDocument => ({
  version: '2012-10-17',
  statements,
});

const allow = (
  sid: string,
  actions: readonly string[],
  resources: readonly string[],
  conditions: readonly Condition[] = [],
): Statement => ({
  sid,
  effect: 'Allow',
  actions: { kind: 'only', patterns: sortedUnique(actions) },
  resources: { kind: 'only', patterns: sortedUnique(resources) },
  conditions,
});
