import type {
  CloudTrailClient,
  GetEventSelectorsResponse,
  Trail as DescribedTrail,
} from '@aws-sdk/client-cloudtrail';
import { InputError } from '../iam/input-error.ts';
import { byCodeUnit } from '../iam/order.ts';
import { clientOf, quietSdk, type AwsAccess } from './access.ts';
import { asked } from './failure.ts';

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
  const sdk = await loadSdk();
  const trails = new Map((await describe(sdk, access)).map((trail) => [trail.arn, trail]));
  // Trails of one Region show only there.
  for (const { arn, home } of await listed(sdk, access)) {
    if (trails.has(arn)) continue;
    for (const trail of await describe(sdk, { ...access, region: home }, arn)) trails.set(arn, trail);
  }
  const states: TrailState[] = [];
  for (const trail of [...trails.values()].sort((a, b) => byCodeUnit(a.arn, b.arn))) {
    const refusals: string[] = [];
    const orUnknown = (error: unknown): undefined => {
      if (!isRefusal(error)) throw error;
      refusals.push(error.message);
    };
    const logging = await statusOf(sdk, access, trail).catch(orUnknown);
    const selectors = await selectorsOf(sdk, access, trail).catch(orUnknown);
    states.push({ ...trail, logging, selectors, refusals });
  }
  return states;
}

/**
 * The selectors of every trail that logs, of all Regions, the account that the credentials belong to. A trail that is
 * stopped shows nothing; one of a single Region would be taken for all: both are left out, and said. Needs
 * cloudtrail:DescribeTrails, cloudtrail:GetTrailStatus and cloudtrail:GetEventSelectors.
 * https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DescribeTrails.html
 * @throws InputError when AWS cannot be reached or refuses.
 */
export async function liveTrails(access: AwsAccess): Promise<LiveTrails> {
  const sdk = await loadSdk();
  const selectors: object[] = [];
  const leftOut: string[] = [];
  for (const trail of await describe(sdk, access)) {
    if (!trail.allRegions) {
      leftOut.push(
        `trail ${trail.arn}: left out, it logs ${trail.home} alone; if that is all there is, give its get-event-selectors as a file`,
      );
      continue;
    }
    const logging = await statusOf(sdk, access, trail);
    const found = logging ? await selectorsOf(sdk, access, trail) : undefined;
    if (found === undefined) leftOut.push(`trail ${trail.arn}: left out, it does not log`);
    else selectors.push(found);
  }
  return { selectors, leftOut };
}

async function loadSdk(): Promise<Sdk> {
  quietSdk();
  return import('@aws-sdk/client-cloudtrail');
}

/** The trails of a Region with what shows of others there, or the one that is named. */
async function describe(sdk: Sdk, access: AwsAccess, arn?: string): Promise<Trail[]> {
  const names = arn === undefined ? {} : { trailNameList: [arn] };
  const { trailList = [] } = await withClient(sdk, access, (client) =>
    asked('cloudtrail:DescribeTrails', () => client.send(new sdk.DescribeTrailsCommand(names)), [
      'trailList',
    ]),
  );
  return trailList.flatMap(trailOf);
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

/** The account's own trails, wherever they are. https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListTrails.html */
const listed = (sdk: Sdk, access: AwsAccess): Promise<Pick<Trail, 'arn' | 'home'>[]> =>
  withClient(sdk, access, async (client) => {
    const found: Pick<Trail, 'arn' | 'home'>[] = [];
    let token: string | undefined;
    do {
      const NextToken = token;
      const page = await asked(
        'cloudtrail:ListTrails',
        () => client.send(new sdk.ListTrailsCommand(NextToken === undefined ? {} : { NextToken })),
        ['Trails'],
      );
      for (const { TrailARN: arn, HomeRegion: home } of page.Trails ?? [])
        if (arn !== undefined && home !== undefined) found.push({ arn, home });
      token = page.NextToken === '' ? undefined : page.NextToken;
      if (token !== undefined && token === NextToken)
        throw new InputError('AWS: cloudtrail:ListTrails says there is more and not where; try again');
    } while (token !== undefined);
    return found;
  });

/** Whether it logs; false for a trail that was deleted meanwhile. */
const statusOf = (sdk: Sdk, access: AwsAccess, trail: Trail): Promise<boolean> =>
  atHome(sdk, access, trail, async (client) => {
    const status = await asked(
      'cloudtrail:GetTrailStatus',
      () => client.send(new sdk.GetTrailStatusCommand({ Name: trail.arn })),
      ['IsLogging'],
    );
    return status.IsLogging === true;
  }).then((logging) => logging ?? false);

/** Undefined for a trail that was deleted meanwhile. */
const selectorsOf = (sdk: Sdk, access: AwsAccess, trail: Trail): Promise<object | undefined> =>
  atHome(sdk, access, trail, async (client) =>
    plain(
      trail,
      await asked(
        'cloudtrail:GetEventSelectors',
        () => client.send(new sdk.GetEventSelectorsCommand({ TrailName: trail.arn })),
        ['TrailARN'],
      ),
    ),
  );

/** Asks in the trail's home Region, which knows it best; elsewhere it shows as a shadow. */
async function atHome<T>(
  sdk: Sdk,
  access: AwsAccess,
  { home }: Trail,
  use: (client: CloudTrailClient) => Promise<T>,
): Promise<T | undefined> {
  try {
    return await withClient(sdk, home === '' ? access : { ...access, region: home }, use);
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
  const client = await clientOf((settings) => new sdk.CloudTrailClient(settings), access, 'cloudtrail');
  try {
    return await use(client);
  } finally {
    client.destroy();
  }
}

const isRefusal = (error: unknown): error is InputError =>
  error instanceof InputError && error.cause instanceof Error && error.cause.name.startsWith('AccessDenied');

/** With the members of describe-trails that say whose events they are. */
const plain = (
  { organization, allRegions, home }: Trail,
  { TrailARN, EventSelectors, AdvancedEventSelectors }: GetEventSelectorsResponse,
): object => ({
  TrailARN,
  IsOrganizationTrail: organization,
  IsMultiRegionTrail: allRegions,
  HomeRegion: home,
  EventSelectors: EventSelectors ?? [],
  ...(AdvancedEventSelectors === undefined ? {} : { AdvancedEventSelectors }),
});
