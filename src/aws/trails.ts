import type { CloudTrailClient, GetEventSelectorsResponse, Trail } from '@aws-sdk/client-cloudtrail';
import { clientOf, quietSdk, type AwsAccess } from './access.ts';
import { asked } from './failure.ts';

type Sdk = typeof import('@aws-sdk/client-cloudtrail');

/** What the trails of an account record now. */
export interface LiveTrails {
  /** Each as `aws cloudtrail get-event-selectors` prints it. */
  readonly selectors: readonly object[];
  /** Trails that count for nothing, a line each with the reason. */
  readonly leftOut: readonly string[];
}

/**
 * The selectors of every trail that logs, of all Regions, the account that the credentials belong to. A trail that is
 * stopped shows nothing; one of a single Region would be taken for all: both are left out, and said. Needs
 * cloudtrail:DescribeTrails, cloudtrail:GetTrailStatus and cloudtrail:GetEventSelectors.
 * https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DescribeTrails.html
 * @throws InputError when AWS cannot be reached or refuses.
 */
export async function liveTrails(access: AwsAccess): Promise<LiveTrails> {
  quietSdk();
  const sdk = await import('@aws-sdk/client-cloudtrail');
  const trails = await withClient(sdk, access, (client) =>
    asked('cloudtrail:DescribeTrails', () => client.send(new sdk.DescribeTrailsCommand({}))),
  );
  const selectors: object[] = [];
  const leftOut: string[] = [];
  for (const trail of trails.trailList ?? []) {
    const name = trail.TrailARN ?? trail.Name ?? '';
    if (name === '') continue;
    if (trail.IsMultiRegionTrail !== true) {
      leftOut.push(
        `trail ${name}: left out, it logs ${trail.HomeRegion ?? 'one Region'} alone; if that is all there is, give its get-event-selectors as a file`,
      );
      continue;
    }
    const found = await selectorsOf(sdk, access, trail, name);
    if (found === undefined) leftOut.push(`trail ${name}: left out, it does not log`);
    else selectors.push(found);
  }
  return { selectors, leftOut };
}

/** Undefined when the trail is stopped, or was deleted meanwhile. */
async function selectorsOf(
  sdk: Sdk,
  access: AwsAccess,
  trail: Trail,
  name: string,
): Promise<object | undefined> {
  // A trail of all Regions shows in each of them as a shadow; its home Region knows it best.
  const home = trail.HomeRegion === undefined ? access : { ...access, region: trail.HomeRegion };
  try {
    return await withClient(sdk, home, async (client) => {
      const status = await asked('cloudtrail:GetTrailStatus', () =>
        client.send(new sdk.GetTrailStatusCommand({ Name: name })),
      );
      if (status.IsLogging !== true) return undefined;
      return plain(
        await asked('cloudtrail:GetEventSelectors', () =>
          client.send(new sdk.GetEventSelectorsCommand({ TrailName: name })),
        ),
      );
    });
  } catch (error) {
    if (error instanceof Error && error.cause instanceof sdk.TrailNotFoundException) return undefined;
    throw error;
  }
}

async function withClient<T>(
  sdk: Sdk,
  access: AwsAccess,
  use: (client: CloudTrailClient) => Promise<T>,
): Promise<T> {
  const client = await clientOf((settings) => new sdk.CloudTrailClient(settings), access);
  try {
    return await use(client);
  } finally {
    client.destroy();
  }
}

const plain = ({ TrailARN, EventSelectors, AdvancedEventSelectors }: GetEventSelectorsResponse): object => ({
  TrailARN,
  EventSelectors: EventSelectors ?? [],
  ...(AdvancedEventSelectors === undefined ? {} : { AdvancedEventSelectors }),
});
