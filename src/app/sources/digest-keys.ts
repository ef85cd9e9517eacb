import type { DigestFile } from '../../ingest/digests/digest-chain.ts';
import type { KeysFor } from '../../ingest/verified.ts';
import type { AwsAccess } from '../../aws/access.ts';
import { listPublicKeys, type PublicKey } from '../../aws/cloudtrail.ts';
import { InputError } from '../../iam/input-error.ts';
import { readTextFile } from '../settings/text-file.ts';
import { parseListedKeys, publicKeys } from '../../ingest/digests/digest-signature.ts';
import { parseDigestName } from '../../ingest/digests/digest.ts';

/** Whether only log files are read that digest files vouch for. */
export interface DigestSettings {
  readonly verifyDigests?: boolean | undefined;
  /** Files of `aws cloudtrail list-public-keys`. */
  readonly digestKeys?: readonly string[] | undefined;
}

/** Where CloudTrail's public keys come from: files, else AWS; undefined when nothing is to be verified. */
export function keysForDigests(
  { verifyDigests, digestKeys: files = [] }: DigestSettings,
  access: AwsAccess,
): KeysFor | undefined {
  if (verifyDigests !== true) {
    if (files.length > 0) throw new InputError('--digest-keys goes with --verify-digests; give both');
    return undefined;
  }
  if (files.length === 0) return async (digests) => publicKeys(await listedKeys(digests, access));
  const keys = publicKeys(
    files.flatMap((file) => parseListedKeys(readTextFile(file, '--digest-keys'), file)),
  );
  return () => Promise.resolve(keys);
}

/** Asks AWS in each Region that signed one of these digests. */
async function listedKeys(digests: readonly DigestFile[], access: AwsAccess): Promise<PublicKey[]> {
  const oldest = new Map<string, number>();
  for (const { name, digest } of digests) {
    const region = parseDigestName(name)?.region;
    if (region === undefined || typeof digest === 'string') continue;
    const start = Date.parse(digest.start);
    oldest.set(region, Math.min(start, oldest.get(region) ?? start));
  }
  const lists = [...oldest].map(([region, start]) => listPublicKeys(access, region, new Date(start)));
  return (await Promise.all(lists)).flat();
}
