import { clientOf, quietSdk, type AwsAccess } from './access.ts';
import { asked } from './failure.ts';

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
  quietSdk();
  const sdk = await import('@aws-sdk/client-cloudtrail');
  const client = await clientOf(
    (settings) => new sdk.CloudTrailClient(settings),
    { ...access, region },
    'cloudtrail',
  );
  try {
    const keys: PublicKey[] = [];
    let token: string | undefined;
    do {
      // Without an end, up to now: a backfill digest is signed with the key of the day it was made.
      const request = { StartTime: since, ...(token === undefined ? {} : { NextToken: token }) };
      const page = await asked(
        'cloudtrail:ListPublicKeys',
        () => client.send(new sdk.ListPublicKeysCommand(request)),
        ['PublicKeyList'],
      );
      for (const { Fingerprint, Value } of page.PublicKeyList ?? [])
        if (Fingerprint !== undefined && Value !== undefined)
          keys.push({ fingerprint: Fingerprint, der: Value });
      token = page.NextToken;
    } while (token !== undefined && token !== '');
    return keys;
  } finally {
    client.destroy();
  }
}
