import { createHash } from 'node:crypto';
import { isObject, type JsonObject } from '../../iam/json.ts';
import { dayOfStamp } from '../objects/object-key.ts';

/** What the name of a digest file says. */
interface DigestName {
  readonly account: string;
  readonly region: string;
  /** Digests of one chain differ in nothing else of their names than the time. */
  readonly chain: string;
  /** Days since 1970 of the end of its hour. */
  readonly day: number;
  /** A backfill digest vouches for log files that come late, of any earlier hour. */
  readonly isBackfill: boolean;
}

/**
 * A digest file: which log files CloudTrail delivered in an hour, and which digest came before.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-digest-file-structure.html
 */
export interface Digest {
  /** Where CloudTrail put it. */
  readonly bucket: string;
  readonly key: string;
  /** As written: the signature covers the text. Both are UTC, `2026-03-02T10:01:31Z`. */
  readonly start: string;
  readonly end: string;
  readonly fingerprint: string;
  /** SHA-256 of the whole uncompressed file, hexadecimal. */
  readonly hash: string;
  /** Undefined in the first digest after validation was switched on. */
  readonly previous: { readonly key: string; readonly hash: string; readonly signature: string } | undefined;
  /** SHA-256 of the uncompressed content, hexadecimal, for each log file. */
  readonly logs: readonly { readonly bucket: string; readonly key: string; readonly hash: string }[];
}

const digestName =
  /^((\d{12})_CloudTrail-Digest_([a-z0-9-]+)_[\w.-]+_[a-z0-9-]+)_(\d{8})T\d{6}Z(_backfill)?\.json(?:\.gz)?$/;

/** Reads the name of a digest file; undefined for any other name. */
export function parseDigestName(name: string): DigestName | undefined {
  const [, chain, account, region, stamp, backfill = ''] = digestName.exec(name) ?? [];
  if (chain === undefined || account === undefined || region === undefined || stamp === undefined)
    return undefined;
  return {
    account,
    region,
    chain: chain + backfill,
    day: dayOfStamp(stamp),
    isBackfill: backfill !== '',
  };
}

/** The last part of a key, as the file may be called after unpacking: without `.gz`. It is unique per delivered file. */
export const plainName = (key: string): string => key.slice(key.lastIndexOf('/') + 1).replace(/\.gz$/, '');

/** Reads a digest file's uncompressed content; a text says why it is none. */
export function parseDigest(content: Buffer): Digest | string {
  let json: unknown;
  try {
    json = JSON.parse(content.toString('utf8'));
  } catch {
    return 'not valid JSON';
  }
  if (!isObject(json)) return 'no JSON object';
  if (json['digestSignatureAlgorithm'] !== 'SHA256withRSA') return 'not signed with SHA256withRSA';
  const { digestS3Bucket: bucket, digestS3Object: key, digestPublicKeyFingerprint: fingerprint } = json;
  const { digestStartTime: start, digestEndTime: end } = json;
  if (typeof bucket !== 'string' || typeof key !== 'string') return 'it does not say where it belongs';
  if (!isTime(start) || !isTime(end)) return 'no digestStartTime or digestEndTime';
  if (typeof fingerprint !== 'string') return 'no digestPublicKeyFingerprint';
  const previous = previousOf(json);
  if (previous === 'malformed') return 'its reference to the digest before it is incomplete';
  const logs = logsOf(json['logFiles']);
  if (logs === undefined) return 'its list of log files is malformed';
  const hash = createHash('sha256').update(content).digest('hex');
  return { bucket, key, start, end, fingerprint, hash, previous, logs };
}

const isTime = (value: unknown): value is string =>
  typeof value === 'string' && /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/.test(value);

const hashOf = (algorithm: unknown, hash: unknown): string | undefined =>
  algorithm === 'SHA-256' && typeof hash === 'string' && /^[0-9a-f]{64}$/i.test(hash)
    ? hash.toLowerCase()
    : undefined;

function previousOf(json: JsonObject): Digest['previous'] | 'malformed' {
  const key = json['previousDigestS3Object'] ?? undefined;
  const signature = json['previousDigestSignature'] ?? undefined;
  if (key === undefined && signature === undefined) return undefined;
  const hash = hashOf(json['previousDigestHashAlgorithm'], json['previousDigestHashValue']);
  if (typeof key !== 'string' || typeof signature !== 'string' || hash === undefined) return 'malformed';
  return { key, hash, signature };
}

function logsOf(value: unknown): Digest['logs'] | undefined {
  if (!Array.isArray(value)) return undefined;
  const logs = value.flatMap((log: unknown) => {
    const { s3Bucket: bucket, s3Object: key, hashAlgorithm, hashValue } = isObject(log) ? log : {};
    const hash = hashOf(hashAlgorithm, hashValue);
    return typeof bucket === 'string' && typeof key === 'string' && hash !== undefined
      ? [{ bucket, key, hash }]
      : [];
  });
  return logs.length === value.length ? logs : undefined;
}
