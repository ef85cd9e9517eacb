import { isObject, type JsonObject } from '../../src/iam/json.ts';
import { jsonServer, Refusal } from './json-server.ts';

/** One call of LookupEvents as it arrived. */
export interface Lookup {
  readonly region: string;
  /** Seconds since 1970. */
  readonly from: number;
  readonly to: number;
  readonly filter: string;
  readonly token: string | undefined;
}

/** What goes wrong; the numbers count the requests of the whole server, from 0. */
export interface HistoryMishaps {
  /** The code a request fails with. */
  readonly fails?: (lookup: Lookup, number: number) => string | undefined;
  /** Whether the next page's token is the one that was asked with (or one that leads nowhere new). */
  readonly repeatsToken?: (lookup: Lookup, number: number) => boolean;
  /** The order of all events that a lookup finds, newest first unless said. */
  readonly order?: (events: readonly JsonObject[]) => readonly JsonObject[];
  /** Told of each request before it is answered: events may arrive now. */
  readonly before?: (lookup: Lookup, number: number) => void;
}

export interface FakeHistory {
  readonly url: string;
  readonly requests: readonly Lookup[];
  readonly close: () => Promise<void>;
}

const timeOf = (record: JsonObject): number => Date.parse(String(record['eventTime'])) / 1000;

/** The attributes that LookupEvents knows an event by. */
function attributeOf(record: JsonObject, key: string): unknown {
  const identity = isObject(record['userIdentity']) ? record['userIdentity'] : {};
  switch (key) {
    case 'EventName':
      return record['eventName'];
    case 'EventSource':
      return record['eventSource'];
    case 'AccessKeyId':
      return identity['accessKeyId'];
    default:
      return String(identity['arn']).split('/').at(-1);
  }
}

const answerOf = (record: JsonObject): object => ({
  EventId: record['eventID'],
  EventName: record['eventName'],
  EventTime: timeOf(record),
  CloudTrailEvent: JSON.stringify(record),
});

function lookupOf(asked: JsonObject, region: string): Lookup {
  const attributes = Array.isArray(asked['LookupAttributes']) ? asked['LookupAttributes'] : [];
  if (attributes.length > 1) throw new Refusal('InvalidLookupAttributesException');
  const token = asked['NextToken'];
  return {
    region,
    from: Number(asked['StartTime']),
    to: Number(asked['EndTime']),
    filter: attributes
      .filter(isObject)
      .map((a) => `${String(a['AttributeKey'])}=${String(a['AttributeValue'])}`)
      .join(),
    token: typeof token === 'string' ? token : undefined,
  };
}

/**
 * A server that answers LookupEvents as CloudTrail does: the management events of the Region the
 * request is signed for, newest first, 50 a page; a token goes with the parameters that brought it.
 */
export async function fakeHistory(
  events: readonly object[],
  { fails, repeatsToken, order = (found) => found, before }: HistoryMishaps = {},
): Promise<FakeHistory> {
  const requests: Lookup[] = [];

  const answer = (lookup: Lookup, number: number, pageSize: number): object => {
    const { region, from, to, filter, token } = lookup;
    if (from > to) throw new Refusal('InvalidTimeRangeException');
    const failure = fails?.(lookup, number);
    if (failure !== undefined) throw new Refusal(failure);
    const parameters = `${region} ${from} ${to} ${filter}`;
    const [, start = '0'] = token === undefined ? [] : token.split('#');
    if (token !== undefined && !token.startsWith(`${parameters}#`))
      throw new Refusal('InvalidNextTokenException');
    const [key = '', value] = filter === '' ? [] : filter.split('=');
    const found = events
      .filter(isObject)
      .filter((record) => record['managementEvent'] === true && record['awsRegion'] === region)
      .filter((record) => timeOf(record) >= from && timeOf(record) <= to)
      .filter((record) => value === undefined || attributeOf(record, key) === value)
      .sort((a, b) => timeOf(b) - timeOf(a));
    const page = order(found).slice(Number(start), Number(start) + pageSize);
    const end = Number(start) + pageSize;
    const next = repeatsToken?.(lookup, number) ? (token ?? `${parameters}#0`) : `${parameters}#${end}`;
    return {
      Events: page.map(answerOf),
      ...(end < found.length ? { NextToken: next } : {}),
    };
  };

  const server = await jsonServer(({ region, asked }) => {
    const lookup = lookupOf(asked, region);
    const number = requests.push(lookup) - 1;
    before?.(lookup, number);
    return answer(lookup, number, Math.min(50, Number(asked['MaxResults'] ?? 50)));
  });
  return { requests, ...server };
}
