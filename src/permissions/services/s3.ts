import { isArn } from '../arn-format.ts';
import { actionInfo, type ActionInfo } from '../../iam/catalogue.ts';
import type { Members } from '../../cloudtrail/members.ts';
import type { Finder, Mentions, Sighting } from '../mentions.ts';
import type { Permission } from '../mapping.ts';
import type { Resources } from '../resources.ts';
import { patternOf, textOf, type Text } from '../text.ts';

/** Bucket and key of a request; the bucket may be an access point ARN. */
interface ObjectName {
  readonly bucket: Text | undefined;
  readonly key: Text | undefined;
}

const requested = (mentions: Mentions): ObjectName => ({
  bucket: mentions.first('bucketname', 'bucket'),
  key: mentions.first('key', 'keyname', 'objectkey'),
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
  const { call } = sighting;
  const { eventName } = call.operation;
  const extras: Permission[] = [...keyPermissions(sighting)];
  if (eventName === 'CopyObject' || eventName === 'UploadPartCopy') {
    extras.push({
      ...copySource(call.target.request, sighting.mentions.place.partition),
      reason: 'dependent',
    });
  }
  if ((eventName === 'GetObject' || eventName === 'HeadObject') && missing.has(call.context.errorCode)) {
    extras.push({
      action: 's3:ListBucket',
      resources: [bucketPattern(requested(sighting.mentions).bucket, sighting.mentions.place.partition)],
      reason: 'list-on-missing',
    });
  }
  return extras;
}

/** Operations on the objects of a directory bucket: authorised once, by the session (S3 User Guide, s3-express-create-session.html). */
const inSession =
  /^(Get|Put|Head|Copy|Delete|Rename)Objects?(Attributes)?$|Multipart|^UploadPart|^ListObjects|^ListParts$|^HeadBucket$|^CreateSession$/;

/** The action of an operation on a directory bucket; undefined when the bucket-level action has the operation's name. */
export const sessionAction = (eventName: string): ActionInfo | undefined =>
  inSession.test(eventName) ? actionInfo('s3express:CreateSession') : undefined;
