import { createPublicKey, verify, type KeyObject } from 'node:crypto';
import type { PublicKey } from '../../aws/cloudtrail.ts';
import { InputError, parsedJson } from '../../iam/input-error.ts';
import { isObject } from '../../iam/json.ts';
import type { Digest } from './digest.ts';

/** CloudTrail's public keys by fingerprint. */
export type PublicKeys = ReadonlyMap<string, KeyObject>;

/** The keys that can be read; one that cannot verifies nothing. */
export function publicKeys(listed: readonly PublicKey[]): PublicKeys {
  const keys = new Map<string, KeyObject>();
  for (const { fingerprint, der } of listed) {
    const key = readKey(Buffer.from(der));
    if (key !== undefined) keys.set(fingerprint, key);
  }
  return keys;
}

/** AWS documents PKCS #1; its own sample answer holds a key in the newer frame (SPKI) too. */
function readKey(key: Buffer): KeyObject | undefined {
  for (const type of ['pkcs1', 'spki'] as const) {
    try {
      const read = createPublicKey({ key, format: 'der', type });
      if (read.asymmetricKeyType === 'rsa') return read;
    } catch {
      continue;
    }
  }
  return undefined;
}

/**
 * Reads the output of `aws cloudtrail list-public-keys`.
 * https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_PublicKey.html
 * @throws InputError when it is something else
 */
export function parseListedKeys(text: string, what: string): PublicKey[] {
  const json = parsedJson(text, what, 'give the output of aws cloudtrail list-public-keys');
  const list = isObject(json) ? json['PublicKeyList'] : undefined;
  if (!Array.isArray(list))
    throw new InputError(`${what}: no "PublicKeyList"; give the output of aws cloudtrail list-public-keys`);
  return list.map((entry: unknown) => {
    const { Fingerprint: fingerprint, Value: value } = isObject(entry) ? entry : {};
    if (typeof fingerprint !== 'string' || typeof value !== 'string')
      throw new InputError(`${what}: a key without "Fingerprint" or "Value"; fetch the list again`);
    return { fingerprint, der: Buffer.from(value, 'base64') };
  });
}

/** Whether CloudTrail signed this digest: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-custom-validation.html */
export function isSigned(digest: Digest, signature: string, key: KeyObject): boolean {
  const { end, bucket, key: path, hash, previous } = digest;
  // Where there is no digest before, the text "null" is signed (as aws cloudtrail validate-logs verifies it).
  const signed = `${end}\n${bucket}/${path}\n${hash}\n${previous?.signature ?? 'null'}`;
  return verify('RSA-SHA256', Buffer.from(signed), key, Buffer.from(signature, 'hex'));
}
