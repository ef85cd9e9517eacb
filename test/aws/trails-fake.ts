import type { JsonObject } from '../../src/iam/json.ts';
import { jsonServer, Refusal, type JsonCall } from './json-server.ts';

/** A trail as the fake knows it. */
export interface FakeTrail {
  readonly name: string;
  /** us-east-1 unless said. */
  readonly home?: string;
  /** 111122223333 unless said. */
  readonly account?: string;
  readonly isMultiRegion?: boolean;
  readonly isLogging?: boolean;
  /** More of its DescribeTrails answer. */
  readonly settings?: object;
  /** Members of its GetEventSelectors answer. */
  readonly selectors: object;
}

export interface FakeTrails {
  readonly url: string;
  /** Operation and Region of each request, `GetTrailStatus eu-west-1`. */
  readonly requests: readonly string[];
  /** The ARN that each request is about; `*` for none. */
  readonly about: readonly string[];
  readonly close: () => Promise<void>;
}

const homeOf = ({ home = 'us-east-1' }: FakeTrail): string => home;
const arnOf = (trail: FakeTrail): string =>
  `arn:aws:cloudtrail:${homeOf(trail)}:${trail.account ?? '111122223333'}:trail/${trail.name}`;

const described = (trail: FakeTrail): object => ({
  Name: trail.name,
  TrailARN: arnOf(trail),
  HomeRegion: homeOf(trail),
  IsMultiRegionTrail: trail.isMultiRegion ?? true,
  S3BucketName: 'example-trail',
  ...trail.settings,
});

/** One item of a list a page. */
function onePage(name: string, list: readonly object[], asked: JsonObject): object {
  const at = Number(asked['NextToken'] ?? 0);
  return { [name]: list.slice(at, at + 1), ...(at + 1 < list.length ? { NextToken: String(at + 1) } : {}) };
}

/**
 * A server that answers like CloudTrail: a trail of one Region is described only there, one of all Regions everywhere.
 * @param refused what fails, with the code it fails with: an operation, or operation and trail (`GetTrailStatus main`)
 * @param publicKeys what ListPublicKeys says in each Region, one key a page
 */
export async function fakeTrails(
  trails: readonly FakeTrail[],
  refused: Readonly<Record<string, string>> = {},
  publicKeys: Readonly<Record<string, readonly object[]>> = {},
): Promise<FakeTrails> {
  const requests: string[] = [];
  const about: string[] = [];

  const answer = ({ operation, region, asked }: JsonCall): object => {
    const code = refused[operation];
    if (code !== undefined) throw new Refusal(code);
    if (operation === 'DescribeTrails') {
      const names = Array.isArray(asked['trailNameList']) ? asked['trailNameList'] : [];
      const shown = trails.filter((trail) =>
        names.length > 0
          ? names.includes(arnOf(trail))
          : (trail.isMultiRegion ?? true) || homeOf(trail) === region,
      );
      return { trailList: shown.map(described) };
    }
    if (operation === 'ListTrails') {
      // Those that other accounts share are not of this account.
      const own = trails.filter(({ account = '111122223333' }) => account === '111122223333');
      return onePage(
        'Trails',
        own.map((trail) => ({ TrailARN: arnOf(trail), Name: trail.name, HomeRegion: homeOf(trail) })),
        asked,
      );
    }
    if (operation === 'ListPublicKeys') return onePage('PublicKeyList', publicKeys[region] ?? [], asked);
    const trail = trails.find((one) => arnOf(one) === (asked['Name'] ?? asked['TrailName']));
    if (trail === undefined) throw new Refusal('TrailNotFoundException');
    const own = refused[`${operation} ${trail.name}`];
    if (own !== undefined) throw new Refusal(own);
    return operation === 'GetTrailStatus'
      ? { IsLogging: trail.isLogging ?? true, LatestDeliveryTime: 1_772_000_000 }
      : { TrailARN: arnOf(trail), ...trail.selectors };
  };

  const server = await jsonServer((call) => {
    const { operation, region, asked } = call;
    requests.push(`${operation} ${region}`);
    about.push([asked['Name'], asked['TrailName']].find((name) => typeof name === 'string') ?? '*');
    return answer(call);
  });
  return { requests, about, ...server };
}
