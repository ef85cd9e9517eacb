import { isArn } from '../arn-format.ts';
import { actionInfo, type ActionInfo } from '../../iam/catalogue.ts';
import type { Members } from '../../cloudtrail/members.ts';
import { firstText, type Mentions } from '../mentions.ts';
import type { Permission, PermissionReason } from '../mapping.ts';
import type { Finder, Sighting } from '../sighting.ts';
import type { Resources } from '../resources.ts';
import { patternOf, textOf, type Text } from '../text.ts';

/** Bucket and key of a request; the bucket may be an access point ARN. */
interface ObjectName {
  readonly bucket: Text | undefined;
  readonly key: Text | undefined;
}

const requested = (mentions: Mentions): ObjectName => ({
  bucket: firstText(mentions, 'bucketname', 'bucket'),
  key: firstText(mentions, 'key', 'keyname', 'objectkey'),
});

const accessPoint = /^arn:[a-z-]+:s3(-object-lambda)?:[a-z0-9-]*:[0-9]*:accesspoint\/[^/]+$/;

/** Names of directory buckets end so (S3 User Guide, directory-bucket-naming-rules.html). */
export const isDirectoryBucket = (name: string): boolean => name.endsWith('--x-s3');

/** `arn:aws:s3:::bucket` or the access point's ARN. */
function bucketPattern(bucket: Text | undefined, partition: string): string {
  if (bucket === undefined) return `arn:${partition}:s3:::*`;
  return isArn(bucket.text) ? patternOf(bucket) : `arn:${partition}:s3:::${patternOf(bucket)}`;
}

/** The object's ARN, `bucket/*` when the key is not known; through an access point `accesspoint/name/object/key`. */
function objectPattern({ bucket, key }: ObjectName, partition: string): string {
  const keyPattern = key === undefined ? '*' : patternOf(key);
  const inside = bucket !== undefined && accessPoint.test(bucket.text) ? '/object/' : '/';
  return `${bucketPattern(bucket, partition)}${inside}${keyPattern}`;
}

/** `DeleteObjects` names its keys in the body, which CloudTrail leaves out. */
const keyless = new Set(['DeleteObjects']);

/** The access points that an alias may stand for: the log lists them beside the bucket (S3 User Guide, access-points-alias.html). */
function accessPointOf(bucket: string, { mentions }: Sighting): readonly string[] | undefined {
  if (!bucket.endsWith('-s3alias')) return undefined;
  const listed = mentions.arns.filter(
    ({ from, value }) => from === 'resources' && accessPoint.test(value.text),
  );
  const { partition, region, account } = mentions.place;
  return listed.length > 0
    ? listed.map(({ value }) => patternOf(value))
    : [`arn:${partition}:s3:${region || '*'}:${account || '*'}:accesspoint/*`];
}

const findThrough = (
  points: readonly string[],
  key: Text | undefined,
  hidden: boolean,
): ReadonlyMap<string, readonly string[]> =>
  new Map([
    ['object', []],
    ['bucket', []],
    ['accesspoint', points],
    [
      'accesspointobject',
      points.map((point) => `${point}/object/${key === undefined || hidden ? '*' : patternOf(key)}`),
    ],
  ]);

/** General rules know neither that a key may hold anything, nor access points in place of buckets. */
export const findS3: Finder = (sighting) => {
  const { mentions, call } = sighting;
  const name = requested(mentions);
  const { partition } = mentions.place;
  if (name.bucket === undefined) {
    const shown = mentions.arns.filter(
      ({ from, name: type }) => from === 'resources' && type.startsWith('AWS::S3::'),
    );
    if (shown.length === 0) return new Map();
    const of = (type: string): string[] =>
      shown.filter((arn) => arn.name === type).map(({ value }) => patternOf(value));
    return new Map([
      ['bucket', of('AWS::S3::Bucket')],
      ['object', of('AWS::S3::Object')],
      ['accesspointobject', []],
    ]);
  }
  const alias = accessPointOf(name.bucket.text, sighting);
  if (alias !== undefined) return findThrough(alias, name.key, keyless.has(call.operation.eventName));
  const throughAccessPoint = accessPoint.test(name.bucket.text);
  const objects = [
    objectPattern(keyless.has(call.operation.eventName) ? { ...name, key: undefined } : name, partition),
  ];
  const buckets = [bucketPattern(name.bucket, partition)];
  return new Map([
    ['object', throughAccessPoint ? [] : objects],
    ['accesspointobject', throughAccessPoint ? objects : []],
    ['bucket', throughAccessPoint ? [] : buckets],
    ...(throughAccessPoint ? [['accesspoint', buckets] as const] : []),
  ]);
};

/** Directory buckets: `arn:aws:s3express:region:account:bucket/name--azid--x-s3`. */
export const findS3Express: Finder = ({ mentions }) => {
  const { bucket } = requested(mentions);
  const { partition, region, account } = mentions.place;
  if (bucket === undefined) return new Map();
  const pattern = isArn(bucket.text)
    ? patternOf(bucket)
    : `arn:${partition}:s3express:${region || '*'}:${account || '*'}:bucket/${patternOf(bucket)}`;
  return new Map([['bucket', [pattern]]]);
};

/** Actions that become their version's when the request names one (S3 User Guide, using-with-s3-policy-actions.html). */
const versioned = new Map([
  ['s3:GetObject', 's3:GetObjectVersion'],
  ['s3:DeleteObject', 's3:DeleteObjectVersion'],
  ['s3:GetObjectAcl', 's3:GetObjectVersionAcl'],
  ['s3:PutObjectAcl', 's3:PutObjectVersionAcl'],
  ['s3:GetObjectTagging', 's3:GetObjectVersionTagging'],
  ['s3:PutObjectTagging', 's3:PutObjectVersionTagging'],
  ['s3:DeleteObjectTagging', 's3:DeleteObjectVersionTagging'],
  ['s3:GetObjectAttributes', 's3:GetObjectVersionAttributes'],
  ['s3:GetObjectTorrent', 's3:GetObjectVersionTorrent'],
]);

/** The action on the version when the request names one: it is authorised instead of the plain one. */
export function versionedAction(action: ActionInfo, request: Members): ActionInfo | undefined {
  const name = request['versionId'] === undefined ? undefined : versioned.get(action.name);
  return name === undefined ? undefined : actionInfo(name);
}

interface HeaderRule {
  readonly operations: readonly string[];
  readonly header: RegExp;
  /** Not where this header has this value. */
  readonly unless?: readonly [name: string, value: string];
  readonly action: string;
  readonly reason: PermissionReason;
}

const writes = ['PutObject', 'CopyObject', 'CreateMultipartUpload', 'PostObject'];

/** Request headers that need a permission of their own (S3 API Reference, PutObject, CopyObject and CreateBucket, Permissions). */
const headerRules: readonly HeaderRule[] = [
  {
    operations: writes,
    header: /^(x-amz-acl|x-amz-grant-.*|accesscontrollist)$/i,
    action: 's3:PutObjectAcl',
    reason: 'acl',
  },
  {
    operations: writes,
    header: /^(x-amz-tagging|tagging)$/i,
    action: 's3:PutObjectTagging',
    reason: 'tag-on-create',
  },
  {
    operations: writes,
    header: /^x-amz-object-lock-(mode|retain-until-date)$/i,
    action: 's3:PutObjectRetention',
    reason: 'object-lock',
  },
  {
    operations: writes,
    header: /^x-amz-object-lock-legal-hold$/i,
    action: 's3:PutObjectLegalHold',
    reason: 'object-lock',
  },
  {
    operations: ['DeleteObject', 'DeleteObjects', 'PutObjectRetention'],
    header: /^x-amz-bypass-governance-retention$/i,
    action: 's3:BypassGovernanceRetention',
    reason: 'object-lock',
  },
  {
    operations: ['CreateBucket'],
    // A private bucket needs no more than to be created (S3 API Reference, CreateBucket, Permissions).
    unless: ['x-amz-acl', 'private'],
    header: /^(x-amz-acl|x-amz-grant-.*)$/i,
    action: 's3:PutBucketAcl',
    reason: 'acl',
  },
  {
    operations: ['CreateBucket'],
    header: /^x-amz-bucket-object-lock-enabled$/i,
    action: 's3:PutBucketObjectLockConfiguration',
    reason: 'object-lock',
  },
  {
    operations: ['CreateBucket'],
    header: /^x-amz-bucket-object-lock-enabled$/i,
    action: 's3:PutBucketVersioning',
    reason: 'object-lock',
  },
  {
    operations: ['CreateBucket'],
    header: /^x-amz-object-ownership$/i,
    action: 's3:PutBucketOwnershipControls',
    reason: 'acl',
  },
];

/** Reads an object under SSE-KMS: `kms:Decrypt`; writes one: `kms:GenerateDataKey`; a multipart write both (S3 User Guide, UsingKMSEncryption.html). */
const keyUse = new Map<string, readonly string[]>([
  ['GetObject', ['kms:Decrypt']],
  ['PutObject', ['kms:GenerateDataKey']],
  ['CopyObject', ['kms:GenerateDataKey']],
  ['CreateMultipartUpload', ['kms:GenerateDataKey', 'kms:Decrypt']],
  ['UploadPart', ['kms:GenerateDataKey', 'kms:Decrypt']],
  ['UploadPartCopy', ['kms:GenerateDataKey', 'kms:Decrypt']],
  ['CompleteMultipartUpload', ['kms:GenerateDataKey', 'kms:Decrypt']],
]);

const keyHeader = 'x-amz-server-side-encryption-aws-kms-key-id';
const keyArn = /^arn:[a-z-]+:kms:([a-z0-9-]+):[0-9]{12}:key\/.+$/;

function keyPermissions({ call }: Sighting): readonly Permission[] {
  const actions = keyUse.get(call.operation.eventName) ?? [];
  const key = textOf(call.target.response[keyHeader]) ?? textOf(call.target.request[keyHeader]);
  const found = key === undefined ? null : keyArn.exec(key.text);
  if (key === undefined || found === null) return [];
  return actions.map((action) => ({
    action,
    resources: [patternOf(key)],
    reason: 'kms' as const,
    condition: [
      { operator: 'StringEquals', key: 'kms:ViaService', values: [`s3.${found[1] ?? ''}.amazonaws.com`] },
    ],
  }));
}

/** The object that a copy reads; `*` when the log does not say. */
function copySource(request: Members, partition: string): { readonly action: string } & Resources {
  const source = request['x-amz-copy-source'];
  if (typeof source !== 'object' || Array.isArray(source) || !('bucket' in source)) {
    return { action: 's3:GetObject', resources: ['*'], star: 'request-omitted' };
  }
  const name = { bucket: textOf(source['bucket']), key: textOf(source['key']) };
  return {
    action: source['versionId'] === undefined ? 's3:GetObject' : 's3:GetObjectVersion',
    resources: [objectPattern(name, partition)],
  };
}

/** A missing object: with `s3:ListBucket` S3 answers 404, without it 403 (S3 API Reference, GetObject, Permissions). */
const missing = new Set(['NoSuchKey', 'NotFound', '404']);

/** What an S3 request needs beside its own action. */
export function s3Extras(sighting: Sighting): readonly Permission[] {
  const { call, mentions } = sighting;
  const { eventName } = call.operation;
  const { request } = call.target;
  const { partition } = mentions.place;
  const name = requested(mentions);
  const extras: Permission[] = [...keyPermissions(sighting)];
  if (eventName === 'CopyObject' || eventName === 'UploadPartCopy') {
    extras.push({ ...copySource(request, partition), reason: 'dependent' });
  }
  const headers = Object.keys(request);
  for (const { operations, header, unless, action, reason } of headerRules) {
    if (!operations.includes(eventName)) continue;
    const isPlain = (member: string): boolean => member === unless?.[0] && request[member] === unless[1];
    if (!headers.some((member) => header.test(member) && !isPlain(member))) continue;
    const onBucket = eventName === 'CreateBucket';
    extras.push({
      action,
      resources: [onBucket ? bucketPattern(name.bucket, partition) : objectPattern(name, partition)],
      reason,
    });
  }
  if ((eventName === 'GetObject' || eventName === 'HeadObject') && missing.has(call.context.errorCode)) {
    extras.push({
      action: 's3:ListBucket',
      resources: [bucketPattern(name.bucket, partition)],
      reason: 'list-on-missing',
    });
  }
  return extras;
}

/** Operations on the objects of a directory bucket: authorised once, by the session (S3 User Guide, s3-express-create-session.html). */
const isSessionOperation = (eventName: string): boolean =>
  /^(Get|Put|Head|Copy|Delete|Rename)Objects?(Attributes)?$|Multipart|^UploadPart|^ListObjects|^ListParts$|^HeadBucket$|^CreateSession$/.test(
    eventName,
  );

/** The action of an operation on a directory bucket; undefined when the bucket-level action has the operation's name. */
export const sessionAction = (eventName: string): string | undefined =>
  isSessionOperation(eventName) ? 's3express:CreateSession' : undefined;
