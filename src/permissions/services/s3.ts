import { actionInfo, type ActionInfo } from '../../iam/catalogue.ts';
import { isMembers, type Members } from '../../cloudtrail/members.ts';
import { arnIn, isArn } from '../arn-format.ts';
import type { Finder, Mentions, Sighting } from '../mentions.ts';
import type { Permission } from '../mapping.ts';
import { patternOf, textOf, type Text } from '../text.ts';

/** The bucket that a request names; it may be the ARN of an access point. */
const bucketIn = (mentions: Mentions): Text | undefined => mentions.first('bucketname', 'bucket');

const accessPoint = /^arn:[a-z-]+:s3(-object-lambda)?:[a-z0-9-]*:[0-9]*:accesspoint\/[^/]+$/;

/** Names of directory buckets end so (S3 User Guide, directory-bucket-naming-rules.html). */
export const isDirectoryBucket = (name: string): boolean => name.endsWith('--x-s3');

/** `arn:aws:s3:::bucket` or the access point's ARN. */
function bucketPattern(bucket: Text | undefined, { place }: Mentions): string {
  if (bucket === undefined) return `arn:${place.partition}:s3:::*`;
  return isArn(bucket.text) ? patternOf(bucket) : `arn:${place.partition}:s3:::${patternOf(bucket)}`;
}

/**
 * The access points that a bucket's name stands for: itself, or of an alias those that the log lists beside it (S3 User Guide,
 * access-points-alias.html). Undefined for a bucket.
 */
function accessPointsOf(bucket: Text, { arns, place }: Mentions): readonly string[] | undefined {
  if (accessPoint.test(bucket.text)) return [patternOf(bucket)];
  if (!bucket.text.endsWith('-s3alias')) return undefined;
  const listed = arns.filter(({ from, value }) => from === 'resources' && accessPoint.test(value.text));
  return listed.length > 0
    ? listed.map(({ value }) => patternOf(value))
    : [arnIn(place, 's3', 'accesspoint/*')];
}

/** General rules know neither that a key may hold anything, nor access points in place of buckets. */
export const findS3: Finder = ({ mentions, call }) => {
  const bucket = bucketIn(mentions);
  if (bucket === undefined) {
    const shown = mentions.arns.filter(
      ({ from, name }) => from === 'resources' && name.startsWith('AWS::S3::'),
    );
    if (shown.length === 0) return new Map();
    const of = (type: string): string[] =>
      shown.filter(({ name }) => name === type).map(({ value }) => patternOf(value));
    return new Map([
      ['bucket', of('AWS::S3::Bucket')],
      ['object', of('AWS::S3::Object')],
      ['accesspointobject', []],
    ]);
  }
  // `DeleteObjects` names its keys in the body, which CloudTrail leaves out.
  const hidden = call.operation.eventName === 'DeleteObjects';
  const key = hidden ? undefined : mentions.first('key', 'keyname', 'objectkey');
  const inside = key === undefined ? '*' : patternOf(key);
  const points = accessPointsOf(bucket, mentions);
  const own = points === undefined ? [bucketPattern(bucket, mentions)] : [];
  return new Map([
    ['bucket', own],
    ['object', own.map((one) => `${one}/${inside}`)],
    ['accesspointobject', (points ?? []).map((point) => `${point}/object/${inside}`)],
    ...(points === undefined ? [] : [['accesspoint', points] as const]),
  ]);
};

/** Directory buckets: `arn:aws:s3express:region:account:bucket/name--azid--x-s3`. */
export const findS3Express: Finder = ({ mentions }) => {
  const bucket = bucketIn(mentions);
  if (bucket === undefined) return new Map();
  const name = patternOf(bucket);
  return new Map([
    ['bucket', [isArn(bucket.text) ? name : arnIn(mentions.place, 's3express', `bucket/${name}`)]],
  ]);
};

/** The action on the version when the request names one: it is authorised instead of the plain one (S3 User Guide, using-with-s3-policy-actions.html). */
export const versionedAction = (action: ActionInfo, request: Members): ActionInfo | undefined =>
  request['versionId'] === undefined
    ? undefined
    : actionInfo(action.name.replace(/Object(?!Version)/, 'ObjectVersion'));

/** Reads an object under SSE-KMS: `kms:Decrypt`; writes one: `kms:GenerateDataKey`; a multipart write both (S3 User Guide, UsingKMSEncryption.html). */
const keyUse: readonly (readonly [operation: RegExp, action: string])[] = [
  [/^(GetObject|CreateMultipartUpload|UploadPart(Copy)?|CompleteMultipartUpload)$/, 'kms:Decrypt'],
  [
    /^((Put|Copy)Object|CreateMultipartUpload|UploadPart(Copy)?|CompleteMultipartUpload)$/,
    'kms:GenerateDataKey',
  ],
];

const keyHeader = 'x-amz-server-side-encryption-aws-kms-key-id';
const keyArn = /^arn:[a-z-]+:kms:([a-z0-9-]+):[0-9]{12}:key\/.+$/;

/** The permissions on the key that an object is encrypted with, through S3 alone. */
export function keyPermissions({ call }: Sighting): readonly Permission[] {
  const key = textOf(call.target.response[keyHeader]) ?? textOf(call.target.request[keyHeader]);
  const found = key === undefined ? null : keyArn.exec(key.text);
  if (key === undefined || found === null) return [];
  const values = [`s3.${found[1] ?? ''}.amazonaws.com`];
  return keyUse
    .filter(([operation]) => operation.test(call.operation.eventName))
    .map(([, action]) => ({
      action,
      resources: [patternOf(key)],
      reason: 'kms',
      condition: [{ operator: 'StringEquals', key: 'kms:ViaService', values }],
    }));
}

/** The object that a copy reads; `*` when the log does not say. */
function copySource(request: Members, mentions: Mentions): Permission {
  const source = request['x-amz-copy-source'];
  if (!isMembers(source) || !('bucket' in source))
    return { action: 's3:GetObject', resources: ['*'], star: 'request-omitted', reason: 'dependent' };
  const [bucket, key] = [textOf(source['bucket']), textOf(source['key'])];
  const inside = bucket !== undefined && accessPoint.test(bucket.text) ? '/object/' : '/';
  return {
    action: source['versionId'] === undefined ? 's3:GetObject' : 's3:GetObjectVersion',
    resources: [`${bucketPattern(bucket, mentions)}${inside}${key === undefined ? '*' : patternOf(key)}`],
    reason: 'dependent',
  };
}

/** A missing object: with `s3:ListBucket` S3 answers 404, without it 403 (S3 API Reference, GetObject, Permissions). */
const missing = new Set(['NoSuchKey', 'NotFound', '404']);

/** What an S3 request needs beside its own action. */
export function s3Extras(sighting: Sighting): readonly Permission[] {
  const { call } = sighting;
  const { eventName } = call.operation;
  const extras: Permission[] = [...keyPermissions(sighting)];
  if (eventName === 'CopyObject' || eventName === 'UploadPartCopy')
    extras.push(copySource(call.target.request, sighting.mentions));
  if ((eventName === 'GetObject' || eventName === 'HeadObject') && missing.has(call.context.errorCode)) {
    const bucket = bucketPattern(bucketIn(sighting.mentions), sighting.mentions);
    extras.push({ action: 's3:ListBucket', resources: [bucket], reason: 'list-on-missing' });
  }
  return extras;
}

/** Operations on the objects of a directory bucket: authorised once, by the session (S3 User Guide, s3-express-create-session.html). */
const inSession =
  /^(Get|Put|Head|Copy|Delete|Rename)Objects?(Attributes)?$|Multipart|^UploadPart|^ListObjects|^ListParts$|^HeadBucket$|^CreateSession$/;

/** The action of an operation on a directory bucket; undefined when the bucket-level action has the operation's name. */
export const sessionAction = (eventName: string): ActionInfo | undefined =>
  inSession.test(eventName) ? actionInfo('s3express:CreateSession') : undefined;
