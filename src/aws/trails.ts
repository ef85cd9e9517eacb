import type { CloudTrailClient, Trail as DescribedTrail, TrailInfo } from '@aws-sdk/client-cloudtrail';
import { InputError } from '../iam/input-error.ts';
import { byCodeUnit } from '../iam/order.ts';
import { withClient, type AwsAccess } from './access.ts';
import { asked, pagesOf } from './failure.ts';

type Sdk = typeof import('@aws-sdk/client-cloudtrail');

/** A trail as it is set up. */
export interface Trail {
  readonly name: string;
  readonly arn: string;
  readonly bucket: string;
  /** What stands before `AWSLogs/` in the keys, without the slash between; '' for nothing. */
  readonly prefix: string;
  /** Of an organization, all of whose accounts it logs. */
  readonly organization: boolean;
  readonly home: string;
  readonly allRegions: boolean;
  /** ARN of the key that log files are encrypted with; undefined for SSE-S3. */
  readonly kmsKey: string | undefined;
  /** Whether digest files are delivered, with which log files can be validated. */
  readonly digests: boolean;
}

/** A trail and what it records now; undefined where AWS does not tell. */
export interface TrailState extends Trail {
  readonly logging: boolean | undefined;
  /** As `aws cloudtrail get-event-selectors` prints them. */
  readonly selectors: object | undefined;
  /** Why something is undefined: a line each. */
  readonly refusals: readonly string[];
}

/** What the trails of an account record now. */
export interface LiveTrails {
  /** Each as `aws cloudtrail get-event-selectors` prints it. */
  readonly selectors: readonly object[];
  /** Trails that count for nothing, a line each with the reason. */
  readonly leftOut: readonly string[];
}

/**
 * Every trail of the account that the credentials belong to, in all Regions, by ARN; a trail that shows in several
 * Regions is one. Needs cloudtrail:ListTrails, cloudtrail:DescribeTrails, cloudtrail:GetTrailStatus and
 * cloudtrail:GetEventSelectors; without the last two, or for another account's organization trail, that much is unknown.
 * https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DescribeTrails.html
 * @throws InputError when AWS cannot be reached or refuses
 */
export async function accountTrails(access: AwsAccess): Promise<readonly TrailState[]> {
  const reader = await TrailReader.open(access);
  const trails = new Map((await reader.described()).map((trail) => [trail.arn, trail]));
  // Trails of one Region show only there.
  for (const { TrailARN: arn, HomeRegion: home } of await reader.listed()) {
    if (arn === undefined || home === undefined || trails.has(arn)) continue;
    for (const trail of await reader.described(home, arn)) trails.set(arn, trail);
  }
  const states: TrailState[] = [];
  for (const trail of [...trails.values()].sort((a, b) => byCodeUnit(a.arn, b.arn))) {
    const refusals: string[] = [];
    const orUnknown = (error: unknown): undefined => {
      if (!isRefusal(error)) throw error;
      refusals.push(error.message);
    };
    const logging = await reader.isLogging(trail).catch(orUnknown);
    const selectors = await reader.selectors(trail).catch(orUnknown);
    states.push({ ...trail, logging, selectors, refusals });
  }
  return states;
}

/**
 * The selectors of every trail that logs, of all Regions, the account that the credentials belong to. A trail that is
 * stopped shows nothing; one of a single Region would be taken for all: both are left out, and said. Needs
 * cloudtrail:DescribeTrails, cloudtrail:GetTrailStatus and cloudtrail:GetEventSelectors.
 * @throws InputError when AWS cannot be reached or refuses.
 */
export async function liveTrails(access: AwsAccess): Promise<LiveTrails> {
  const reader = await TrailReader.open(access);
  const selectors: object[] = [];
  const leftOut: string[] = [];
  for (const trail of await reader.described()) {
    const found =
      trail.allRegions && (await reader.isLogging(trail)) ? await reader.selectors(trail) : undefined;
    if (found !== undefined) selectors.push(found);
    else
      leftOut.push(
        trail.allRegions
          ? `trail ${trail.arn}: left out, it does not log`
          : `trail ${trail.arn}: left out, it logs ${trail.home} alone; if that is all there is, give its get-event-selectors as a file`,
      );
  }
  return { selectors, leftOut };
}

class TrailReader {
  private readonly sdk: Sdk;
  private readonly access: AwsAccess;

  private constructor(sdk: Sdk, access: AwsAccess) {
    this.sdk = sdk;
    this.access = access;
  }

  static async open(access: AwsAccess): Promise<TrailReader> {
    return new TrailReader(await import('@aws-sdk/client-cloudtrail'), access);
  }

  /** The trails of a Region with what shows of others there, or the one that is named. */
  async described(region?: string, arn?: string): Promise<Trail[]> {
    const command = new this.sdk.DescribeTrailsCommand(arn === undefined ? {} : { trailNameList: [arn] });
    const { trailList = [] } = await this.in(region, (client) =>
      asked('cloudtrail:DescribeTrails', () => client.send(command), ['trailList']),
    );
    return trailList.flatMap(trailOf);
  }

  /** The account's own trails, wherever they are. https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListTrails.html */
  listed(): Promise<TrailInfo[]> {
    return this.in(undefined, async (client) => {
      const found: TrailInfo[] = [];
      const pages = pagesOf(
        'cloudtrail:ListTrails',
        (NextToken) => client.send(new this.sdk.ListTrailsCommand({ NextToken })),
        ['Trails'],
        (page) => page.NextToken || undefined,
      );
      for await (const { Trails: trails = [] } of pages) found.push(...trails);
      return found;
    });
  }

  /** Whether it logs; false for a trail that was deleted meanwhile. */
  async isLogging({ arn, home }: Trail): Promise<boolean> {
    const command = new this.sdk.GetTrailStatusCommand({ Name: arn });
    const status = await this.orGone(
      this.in(home, (client) =>
        asked('cloudtrail:GetTrailStatus', () => client.send(command), ['IsLogging']),
      ),
    );
    return status?.IsLogging === true;
  }

  /** With the members of describe-trails that say whose events they are; undefined for a trail that was deleted meanwhile. */
  async selectors({ arn, home, organization, allRegions }: Trail): Promise<object | undefined> {
    const command = new this.sdk.GetEventSelectorsCommand({ TrailName: arn });
    const found = await this.orGone(
      this.in(home, (client) =>
        asked('cloudtrail:GetEventSelectors', () => client.send(command), ['TrailARN']),
      ),
    );
    return (
      found && {
        TrailARN: found.TrailARN,
        IsOrganizationTrail: organization,
        IsMultiRegionTrail: allRegions,
        HomeRegion: home,
        EventSelectors: found.EventSelectors ?? [],
        ...(found.AdvancedEventSelectors && { AdvancedEventSelectors: found.AdvancedEventSelectors }),
      }
    );
  }

  /** Asks in a Region: a trail's home knows it best, elsewhere it shows as a shadow. '' and undefined: the configured one. */
  private in<T>(region: string | undefined, use: (client: CloudTrailClient) => Promise<T>): Promise<T> {
    const access = region ? { ...this.access, region } : this.access;
    return withClient((settings) => new this.sdk.CloudTrailClient(settings), access, 'cloudtrail', use);
  }

  private async orGone<T>(answer: Promise<T>): Promise<T | undefined> {
    try {
      return await answer;
    } catch (error) {
      if (error instanceof Error && error.cause instanceof this.sdk.TrailNotFoundException) return undefined;
      throw error;
    }
  }
}

const trailOf = ({ TrailARN: arn = '', ...trail }: DescribedTrail): Trail[] =>
  arn === ''
    ? []
    : [
        {
          name: trail.Name ?? arn,
          arn,
          bucket: trail.S3BucketName ?? '',
          prefix: trail.S3KeyPrefix ?? '',
          organization: trail.IsOrganizationTrail === true,
          home: trail.HomeRegion ?? arn.split(':')[3] ?? '',
          allRegions: trail.IsMultiRegionTrail === true,
          kmsKey: trail.KmsKeyId,
          digests: trail.LogFileValidationEnabled === true,
        },
      ];

const isRefusal = (error: unknown): error is InputError =>
  error instanceof InputError && error.cause instanceof Error && error.cause.name.startsWith('AccessDenied');
