import type { Trail as DescribedTrail, TrailInfo } from '@aws-sdk/client-cloudtrail';
import { InputError } from '../iam/input-error.ts';
import { byCodeUnit } from '../iam/order.ts';
import type { AwsAccess } from './access.ts';
import { withCloudTrail } from './cloudtrail.ts';
import { asked, orGone, pagesOf } from './failure.ts';

/** A trail as it is set up. */
export type Trail = ReturnType<typeof trailOf>[number];

/** A trail and what it records now; undefined where AWS does not tell. */
export interface TrailState extends Trail {
  readonly logging: boolean | undefined;
  /** As `aws cloudtrail get-event-selectors` prints them. */
  readonly selectors: object | undefined;
  /** Why something is undefined: a line each. */
  readonly refusals: readonly string[];
}

/**
 * Every trail of the account that the credentials belong to, in all Regions, by ARN; a trail that shows in several
 * Regions is one. Needs cloudtrail:ListTrails, cloudtrail:DescribeTrails, cloudtrail:GetTrailStatus and
 * cloudtrail:GetEventSelectors; without the last two, or for another account's organization trail, that much is unknown.
 * https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_DescribeTrails.html
 */
export async function accountTrails(access: AwsAccess): Promise<readonly TrailState[]> {
  const trails = new Map((await described(access)).map((trail) => [trail.arn, trail]));
  // Trails of one Region show only there.
  for (const { TrailARN: arn, HomeRegion: home } of await listed(access)) {
    if (arn === undefined || home === undefined || trails.has(arn)) continue;
    for (const trail of await described(inRegion(access, home), arn)) trails.set(arn, trail);
  }
  const states: TrailState[] = [];
  for (const trail of [...trails.values()].sort((a, b) => byCodeUnit(a.arn, b.arn))) {
    const refusals: string[] = [];
    const orUnknown = (error: unknown): undefined => {
      if (!isRefusal(error)) throw error;
      refusals.push(error.message);
    };
    const logging = await isLogging(trail, access).catch(orUnknown);
    const selectors = await selectorsOf(trail, access).catch(orUnknown);
    states.push({ ...trail, logging, selectors, refusals });
  }
  return states;
}

/**
 * The selectors of every trail that logs, of all Regions, the account that the credentials belong to, as the AWS CLI prints them, and
 * a line for each trail that counts for nothing: one that is stopped shows nothing; one of a single Region would be taken for all.
 * Needs cloudtrail:DescribeTrails, cloudtrail:GetTrailStatus and cloudtrail:GetEventSelectors.
 */
export async function liveTrails(access: AwsAccess) {
  const selectors: object[] = [];
  const leftOut: string[] = [];
  for (const trail of await described(access)) {
    const found =
      trail.allRegions && (await isLogging(trail, access)) ? await selectorsOf(trail, access) : undefined;
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

/** The trails of a Region with what shows of others there, or the one that is named. */
const described = (access: AwsAccess, arn?: string): Promise<Trail[]> =>
  withCloudTrail(access, async (client, sdk) => {
    const command = new sdk.DescribeTrailsCommand(arn === undefined ? {} : { trailNameList: [arn] });
    const answer = await asked('cloudtrail:DescribeTrails', () => client.send(command), ['trailList']);
    return (answer.trailList ?? []).flatMap(trailOf);
  });

/** The account's own trails, wherever they are. https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_ListTrails.html */
const listed = (access: AwsAccess): Promise<TrailInfo[]> =>
  withCloudTrail(access, async (client, sdk) => {
    const found: TrailInfo[] = [];
    const pages = pagesOf(
      'cloudtrail:ListTrails',
      (NextToken) => client.send(new sdk.ListTrailsCommand({ NextToken })),
      ['Trails'],
      (page) => page.NextToken || undefined,
    );
    for await (const { Trails: trails = [] } of pages) found.push(...trails);
    return found;
  });

/** A trail's home knows it best, elsewhere it shows as a shadow. */
const inRegion = (access: AwsAccess, home: string): AwsAccess =>
  home === '' ? access : { ...access, region: home };

/** Whether it logs; false for a trail that was deleted meanwhile. */
const isLogging = ({ arn, home }: Trail, access: AwsAccess): Promise<boolean> =>
  withCloudTrail(inRegion(access, home), async (client, sdk) => {
    const command = new sdk.GetTrailStatusCommand({ Name: arn });
    const answer = asked('cloudtrail:GetTrailStatus', () => client.send(command), ['IsLogging']);
    return (await orGone(answer, sdk.TrailNotFoundException))?.IsLogging === true;
  });

/** With the members of describe-trails that say whose events they are; undefined for a trail that was deleted meanwhile. */
const selectorsOf = (trail: Trail, access: AwsAccess): Promise<object | undefined> =>
  withCloudTrail(inRegion(access, trail.home), async (client, sdk) => {
    const command = new sdk.GetEventSelectorsCommand({ TrailName: trail.arn });
    const answer = asked('cloudtrail:GetEventSelectors', () => client.send(command), ['TrailARN']);
    const found = await orGone(answer, sdk.TrailNotFoundException);
    return (
      found && {
        TrailARN: found.TrailARN,
        IsOrganizationTrail: trail.organization,
        IsMultiRegionTrail: trail.allRegions,
        HomeRegion: trail.home,
        EventSelectors: found.EventSelectors ?? [],
        ...(found.AdvancedEventSelectors && { AdvancedEventSelectors: found.AdvancedEventSelectors }),
      }
    );
  });

function trailOf({ TrailARN: arn = '', ...trail }: DescribedTrail) {
  const found = {
    name: trail.Name ?? arn,
    arn,
    bucket: trail.S3BucketName ?? '',
    /** What stands before `AWSLogs/` in the keys, without the slash between; '' for nothing. */
    prefix: trail.S3KeyPrefix ?? '',
    /** Of an organization, all of whose accounts it logs. */
    organization: trail.IsOrganizationTrail === true,
    home: trail.HomeRegion ?? arn.split(':')[3] ?? '',
    allRegions: trail.IsMultiRegionTrail === true,
    /** ARN of the key that log files are encrypted with; undefined for SSE-S3. */
    kmsKey: trail.KmsKeyId,
    /** Whether digest files are delivered, with which log files can be validated. */
    digests: trail.LogFileValidationEnabled === true,
  };
  return arn === '' ? [] : [found];
}

const isRefusal = (error: unknown): error is InputError =>
  error instanceof InputError && error.cause instanceof Error && error.cause.name.startsWith('AccessDenied');
