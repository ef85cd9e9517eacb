import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { account, event } from './trail.ts';
import { storedObjects, type FakeObjects } from '../aws/s3-fake.ts';

/** A signing key as CloudTrail has one per Region. */
export interface SigningKey {
  readonly fingerprint: string;
  readonly privateKey: KeyObject;
  readonly der: Buffer;
}

export function signingKey(): SigningKey {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const der = publicKey.export({ type: 'pkcs1', format: 'der' });
  return { privateKey, der, fingerprint: createHash('md5').update(der).digest('hex') };
}

/** A key as CloudTrail lists it. */
export const listedKey = ({ fingerprint, der }: SigningKey): object => ({
  Fingerprint: fingerprint,
  Value: der.toString('base64'),
});

/** What `aws cloudtrail list-public-keys` prints. */
export const listOfKeys = (...keys: readonly SigningKey[]): string =>
  JSON.stringify({ PublicKeyList: keys.map(listedKey) });

const bucket = 'trail-bucket';
const region = 'eu-west-1';
const pad = (n: number): string => String(n).padStart(2, '0');
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

/** An object as CloudTrail delivers it. */
export interface Delivered {
  readonly key: string;
  readonly content: Buffer;
  /** Of a digest: `x-amz-meta-signature`. */
  readonly signature?: string;
}

/** One hour of a trail: its log file, and the digest that names it. */
export interface Hour {
  readonly log: Delivered;
  readonly digest: Delivered;
}

/** Hours since 2026-03-02T00:00Z, a log file with one event each and a digest each; `null` in `previous` starts a chain. */
export function trailOf(
  hours: readonly number[],
  key: SigningKey,
  previous: { readonly key: string; readonly content: Buffer; readonly signature: string } | null = null,
): Hour[] {
  const made: Hour[] = [];
  let before = previous;
  for (const hour of hours) {
    const log = logOf(hour);
    const digest = digestOf(hour, [log], key, before);
    made.push({ log, digest });
    before = digest;
  }
  return made;
}

const timeOf = (hour: number, minute: number, second: number): string =>
  `2026-03-${pad(2 + Math.floor(hour / 24))}T${pad(hour % 24)}:${pad(minute)}:${pad(second)}Z`;

/** The log file of an hour, delivered in the middle of it. */
export function logOf(hour: number, tail = `tail${hour}`): Delivered {
  const time = timeOf(hour, 25, 0);
  const name = `${account}_CloudTrail_${region}_${time.replaceAll(/[-:]/g, '').slice(0, 13)}Z_${tail}.json.gz`;
  const records = [
    event(`role-${hour}`, 'ListBucket', timeOf(hour, 20, 0), { eventID: `e-${hour}-${tail}` }),
  ];
  return {
    key: `AWSLogs/${account}/CloudTrail/${region}/${time.slice(0, 10).replaceAll('-', '/')}/${name}`,
    content: Buffer.from(JSON.stringify({ Records: records })),
  };
}

/** The digest of an hour, from its minute 1 to that of the next. */
export function digestOf(
  hour: number,
  logs: readonly Delivered[],
  key: SigningKey,
  previous: { readonly key: string; readonly content: Buffer; readonly signature: string } | null,
  suffix: '' | '_backfill' = '',
): Delivered & { readonly signature: string } {
  const end = timeOf(hour + 1, 1, 31);
  const name = `${account}_CloudTrail-Digest_${region}_my-trail_${region}_${end.replaceAll(/[-:]/g, '')}${suffix}.json.gz`;
  const path = `AWSLogs/${account}/CloudTrail-Digest/${region}/${end.slice(0, 10).replaceAll('-', '/')}/${name}`;
  const content = Buffer.from(
    JSON.stringify({
      awsAccountId: account,
      digestStartTime: timeOf(hour, 1, 31),
      digestEndTime: end,
      digestS3Bucket: bucket,
      digestS3Object: path,
      digestPublicKeyFingerprint: key.fingerprint,
      digestSignatureAlgorithm: 'SHA256withRSA',
      newestEventTime: timeOf(hour, 20, 0),
      oldestEventTime: timeOf(hour, 20, 0),
      previousDigestS3Bucket: previous && bucket,
      previousDigestS3Object: previous && previous.key,
      previousDigestHashValue: previous && sha256(previous.content),
      previousDigestHashAlgorithm: previous && 'SHA-256',
      previousDigestSignature: previous && previous.signature,
      logFiles: logs.map((log) => ({
        s3Bucket: bucket,
        s3Object: log.key,
        hashValue: sha256(log.content),
        hashAlgorithm: 'SHA-256',
        newestEventTime: timeOf(hour, 20, 0),
        oldestEventTime: timeOf(hour, 20, 0),
      })),
    }),
  );
  const signed = `${end}\n${bucket}/${path}\n${sha256(content)}\n${previous ? previous.signature : 'null'}`;
  const signature = sign('RSA-SHA256', Buffer.from(signed), key.privateKey).toString('hex');
  return { key: path, content, signature };
}

/** Writes delivered objects below a folder, packed, as `aws s3 sync` does. */
export function writeDelivered(folder: string, objects: readonly Delivered[]): void {
  for (const { key, content } of objects) {
    const file = join(folder, key);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, gzipSync(content));
  }
}

export const objectsOf = (hours: readonly Hour[]): Delivered[] =>
  hours.flatMap(({ log, digest }) => [log, digest]);

/** The bucket as CloudTrail fills it, signatures in the metadata. */
export const bucketOf = (objects: readonly Delivered[]): FakeObjects =>
  storedObjects(
    Object.fromEntries(objects.map((object) => [object.key, gzipSync(object.content)])),
    Object.fromEntries(
      objects.map((object) => [object.key, object.signature ? { signature: object.signature } : {}]),
    ),
  );
