import type { CloudTrailClient, LookupAttributeKey } from '@aws-sdk/client-cloudtrail';
import { InputError } from '../iam/input-error.ts';
import { clientOf, withClient, type AwsAccess } from './access.ts';
import { asked, pagesOf } from './failure.ts';

type Sdk = typeof import('@aws-sdk/client-cloudtrail');

/** Asks CloudTrail in the Region of the access. */
export async function withCloudTrail<T>(
  access: AwsAccess,
  use: (client: CloudTrailClient, sdk: Sdk) => Promise<T>,
): Promise<T> {
  const sdk = await import('@aws-sdk/client-cloudtrail');
  const make = (settings: object): CloudTrailClient => new sdk.CloudTrailClient(settings);
  return withClient(make, access, 'cloudtrail', (client) => use(client, sdk));
}

/** The Region that is asked unless another is named. @throws InputError without any */
export const configuredRegion = (access: AwsAccess): Promise<string> =>
  withCloudTrail(access, (client) => client.config.region());

/** The one attribute that events of a lookup share; LookupEvents takes no more than one. */
export interface HistoryFilter {
  readonly key: Extract<LookupAttributeKey, 'Username' | 'AccessKeyId' | 'EventSource' | 'EventName'>;
  readonly value: string;
}

/** Seconds since 1970, both ends included. */
export interface HistorySpan {
  readonly from: number;
  readonly to: number;
}

/** The event history of one Region. */
export type EventHistory = Awaited<ReturnType<typeof eventHistory>>;
export type HistoryPage = NonNullable<Awaited<ReturnType<EventHistory['page']>>>;

/**
 * Opens the event history of a Region. Needs cloudtrail:LookupEvents.
 * https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
 */
export async function eventHistory(access: AwsAccess) {
  const sdk = await import('@aws-sdk/client-cloudtrail');
  const client = await clientOf((settings) => new sdk.CloudTrailClient(settings), access, 'cloudtrail');
  return {
    close: (): void => client.destroy(),
    /**
     * One call. The same span and filter must go with a token as brought it.
     * @returns undefined when AWS no longer takes the token
     * @throws InputError when AWS cannot be reached or refuses, or throttles in spite of retries
     */
    async page({ from, to }: HistorySpan, filter?: HistoryFilter, token?: string) {
      try {
        const command = new sdk.LookupEventsCommand({
          StartTime: new Date(from * 1000),
          EndTime: new Date(to * 1000),
          MaxResults: 50,
          LookupAttributes: filter && [{ AttributeKey: filter.key, AttributeValue: filter.value }],
          NextToken: token,
        });
        const { Events: events = [], NextToken: next } = await asked(
          'cloudtrail:LookupEvents',
          () => client.send(command),
          ['Events'],
        );
        const times = events.flatMap(({ EventTime: time }) => (time ? [time.getTime() / 1000] : []));
        return {
          /** JSON as CloudTrail recorded it, newest first. An event without its record is counted as one that cannot be read. */
          events: events.map(({ CloudTrailEvent: text = '' }) => text),
          /** Seconds since 1970; undefined on an empty page. */
          earliest: times.length === 0 ? undefined : Math.min(...times),
          /** Where the next page begins; undefined on the last. */
          next: next === '' ? undefined : next,
        };
      } catch (error) {
        if (token !== undefined && error instanceof InputError && isAboutToken(error.cause)) return undefined;
        throw error;
      }
    },
  };
}

const isAboutToken = (cause: unknown): boolean =>
  cause instanceof Error && /NextToken|ExpiredPagination/.test(cause.name);

/** A key as CloudTrail lists it. */
export interface PublicKey {
  readonly fingerprint: string;
  /** DER, PKCS #1. */
  readonly der: Uint8Array;
}

/**
 * The public keys that CloudTrail signed digests of a Region with since a time; each Region has its own. Needs
 * cloudtrail:ListPublicKeys. https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListPublicKeys.html
 */
export const listPublicKeys = (access: AwsAccess, region: string, since: Date): Promise<PublicKey[]> =>
  withCloudTrail({ ...access, region }, async (client, sdk) => {
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
  });
