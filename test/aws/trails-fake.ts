import { isObject, type JsonObject } from '../../src/iam/json.ts';
import { localServer } from './local-server.ts';

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
 * An HTTP server that answers like CloudTrail (AWS JSON 1.1: the operation is in X-Amz-Target), on a port of its own.
 * @param refused operations that fail, with the code they fail with
 */
export async function fakeTrails(
  trails: readonly FakeTrail[],
  refused: Readonly<Record<string, string>> = {},
): Promise<FakeTrails> {
  const requests: string[] = [];
  const answer = (operation: string, asked: JsonObject): object | undefined => {
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
  const server = await localServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const operation = String(request.headers['x-amz-target']).split('.').at(-1) ?? '';
      const region = /Credential=[^/]+\/\d+\/([^/]+)\//.exec(request.headers.authorization ?? '')?.[1] ?? '';
      requests.push(`${operation} ${region}`);
      const asked: unknown = JSON.parse(body);
      const code = refused[operation];
      const found = answer(operation, isObject(asked) ? asked : {});
      const [status, json] =
        code !== undefined
          ? [400, { __type: code, message: 'no\nno' }]
          : found === undefined
            ? [400, { __type: 'TrailNotFoundException', message: 'Unknown trail' }]
            : [200, found];
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(json));
    });
  });
  return { requests, ...server };
}
