import { withClient, type AwsAccess } from './access.ts';
import { pagesOf } from './failure.ts';

/** A key as CloudTrail lists it. */
export interface PublicKey {
  readonly fingerprint: string;
  /** DER, PKCS #1. */
  readonly der: Uint8Array;
}

/**
 * The public keys that CloudTrail signed digests of a Region with since a time; each Region has its own. Needs
 * cloudtrail:ListPublicKeys. https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListPublicKeys.html
 * @throws InputError when AWS cannot be reached or refuses
 */
export async function listPublicKeys(access: AwsAccess, region: string, since: Date): Promise<PublicKey[]> {
  const sdk = await import('@aws-sdk/client-cloudtrail');
  return withClient(
    (settings) => new sdk.CloudTrailClient(settings),
    { ...access, region },
    'cloudtrail',
    async (client) => {
      const keys: PublicKey[] = [];
      const pages = pagesOf(
        'cloudtrail:ListPublicKeys',
        // Without an end, up to now: a backfill digest is signed with the key of the day it was made.
        (NextToken) => client.send(new sdk.ListPublicKeysCommand({ StartTime: since, NextToken })),
        ['PublicKeyList'],
        (page) => page.NextToken || undefined,
      );
      for await (const { PublicKeyList: page = [] } of pages)
        for (const { Fingerprint, Value } of page)
          if (Fingerprint !== undefined && Value !== undefined)
            keys.push({ fingerprint: Fingerprint, der: Value });
      return keys;
    },
  );
}
