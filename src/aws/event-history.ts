import type { LookupAttributeKey } from '@aws-sdk/client-cloudtrail';
import { InputError } from '../iam/input-error.ts';
import { clientOf, type AwsAccess } from './access.ts';
import { asked } from './failure.ts';

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

export interface HistoryPage {
  /** Each event's JSON as CloudTrail recorded it, at most 50, newest first. */
  readonly events: readonly string[];
  /** Seconds since 1970 of the earliest event; undefined on an empty page. */
  readonly earliest: number | undefined;
  /** Where the next page begins; undefined on the last. */
  readonly next: string | undefined;
}

/** The event history of one Region. */
export interface EventHistory {
  /**
   * One call. The same span and filter must go with a token as brought it.
   * @returns undefined when AWS no longer takes the token
   * @throws InputError when AWS cannot be reached or refuses, or throttles in spite of retries
   */
  page(span: HistorySpan, filter?: HistoryFilter, token?: string): Promise<HistoryPage | undefined>;
  close(): void;
}

/** The Region that is asked unless another is named. @throws InputError without any */
export async function configuredRegion(access: AwsAccess): Promise<string> {
  const { client } = await clientIn(access);
  try {
    return await client.config.region();
  } finally {
    client.destroy();
  }
}

/**
 * Opens the event history of a Region. Needs cloudtrail:LookupEvents.
 * https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html
 */
export async function eventHistory(access: AwsAccess): Promise<EventHistory> {
  const { sdk, client } = await clientIn(access);
  return {
    close: () => client.destroy(),
    async page({ from, to }, filter, token) {
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
          // An event without its record is counted as one that cannot be read.
          events: events.map(({ CloudTrailEvent: text = '' }) => text),
          earliest: times.length === 0 ? undefined : Math.min(...times),
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

async function clientIn(access: AwsAccess) {
  const sdk = await import('@aws-sdk/client-cloudtrail');
  const client = await clientOf((settings) => new sdk.CloudTrailClient(settings), access, 'cloudtrail');
  return { sdk, client };
}
