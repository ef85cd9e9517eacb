import type { JsonObject } from '../../src/iam/json.ts';
import { jsonServer, Refusal } from './json-server.ts';

/** A trail as the fake knows it. */
export interface FakeTrail {
  readonly name: string;
  /** us-east-1 unless said. */
  readonly home?: string;
  readonly isMultiRegion?: boolean;
  readonly isLogging?: boolean;
  /** Members of its GetEventSelectors answer. */
  readonly selectors: object;
}

export interface FakeTrails {
  readonly url: string;
  /** Operation and Region of each request, `GetTrailStatus eu-west-1`. */
  readonly requests: readonly string[];
  readonly close: () => Promise<void>;
}

const arnOf = ({ name, home = 'us-east-1' }: FakeTrail): string =>
  `arn:aws:cloudtrail:${home}:111122223333:trail/${name}`;

/**
 * A server that answers like CloudTrail.
 * @param refused operations that fail, with the code they fail with
 * @param publicKeys what ListPublicKeys says in each Region, one key a page
 */
export async function fakeTrails(
  trails: readonly FakeTrail[],
  refused: Readonly<Record<string, string>> = {},
  publicKeys: Readonly<Record<string, readonly object[]>> = {},
): Promise<FakeTrails> {
  const requests: string[] = [];
  const answer = (operation: string, asked: JsonObject, region: string): object | undefined => {
    if (operation === 'ListPublicKeys') {
      const page = Number(asked['NextToken'] ?? 0);
      const keys = publicKeys[region] ?? [];
      const next = page + 1 < keys.length ? { NextToken: String(page + 1) } : {};
      return { PublicKeyList: keys.slice(page, page + 1), ...next };
    }
    if (operation === 'DescribeTrails') {
      return {
        trailList: trails.map((trail) => ({
          Name: trail.name,
          TrailARN: arnOf(trail),
          HomeRegion: trail.home ?? 'us-east-1',
          IsMultiRegionTrail: trail.isMultiRegion ?? true,
        })),
      };
    }
    const trail = trails.find((one) => arnOf(one) === (asked['Name'] ?? asked['TrailName']));
    if (trail === undefined) return undefined;
    return operation === 'GetTrailStatus'
      ? { IsLogging: trail.isLogging ?? true, LatestDeliveryTime: 1_772_000_000 }
      : { TrailARN: arnOf(trail), ...trail.selectors };
  };
  const server = await jsonServer(({ operation, region, asked }) => {
    requests.push(`${operation} ${region}`);
    const code = refused[operation];
    if (code !== undefined) throw new Refusal(code);
    const found = answer(operation, asked, region);
    if (found === undefined) throw new Refusal('TrailNotFoundException');
    return found;
  });
  return { requests, ...server };
}
