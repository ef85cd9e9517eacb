import { actionInfo, serviceOf } from '../../iam/catalogue.ts';
import { actionPattern, matches } from '../../iam/pattern/pattern.ts';
import { byCodeUnit, groupBy, sortedUnique } from '../../iam/order.ts';
import { loggingRegion } from '../../permissions/global-source.ts';
import { observabilityOf, type Observability } from '../../permissions/observability.ts';
import {
  inRegion,
  logsData,
  logsManagement,
  trailsFor,
  type TrailConfig,
} from '../../permissions/selectors.ts';
import type { Deliveries } from '../usage/deliveries.ts';

/** Why silence says nothing of a permission. */
export type SilenceReason = 'never-logged' | 'no-known-event' | 'data-events-off' | 'gap' | 'window-short';

/** What silence is judged by: whose log it is, what was delivered of it, and what its trails say that they log. */
export interface Grounds {
  /** In which the principal acts. */
  readonly accounts: readonly string[];
  /** `aws`, `aws-cn`, ... */
  readonly partition: string;
  readonly deliveries: Deliveries;
  /** Undefined: not known; then no data event is taken for granted. */
  readonly trails: TrailConfig | undefined;
  /** Covered days from which on silence says something; of a Region nothing was delivered of it never does. */
  readonly minWindow: number;
}

/** That silence says nothing of a permission, and where. */
export interface BlindSpot {
  readonly reason: SilenceReason;
  /** Only in these Regions; everywhere without. */
  readonly regions?: readonly string[];
  /** Everywhere but in these Regions. */
  readonly except?: readonly string[];
}

/** The Regions that a grant may be used in, as far as it says. */
export interface RegionLimit {
  /** Those that it names; undefined when it names none. */
  readonly named: readonly string[] | undefined;
  readonly allows: (region: string) => boolean;
}

type Access = 'read' | 'write';

/**
 * A trail may leave out the events of these services although it logs all others
 * (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-management-events-with-cloudtrail.html).
 */
const leftOutAtWill = ['kms.amazonaws.com', 'rdsdata.amazonaws.com'];

/** Judges whether the log would have shown the use of a permission. */
export class Silence {
  private readonly grounds: Grounds;
  private readonly known = new Map<string, SilenceReason | undefined>();
  /** Regions of which anything was delivered. */
  readonly regions: readonly string[];
  /** Whether anything that names no Region is given up where nothing was delivered. */
  givesUpElsewhere = false;

  constructor(grounds: Grounds) {
    this.grounds = grounds;
    this.regions = sortedUnique(grounds.accounts.flatMap((account) => grounds.deliveries.regions(account)));
  }

  /** Where silence about an action on a resource says nothing, and why; empty where it says that it was not used. */
  blindSpots(action: string, resource: string, { named, allows }: RegionLimit): readonly BlindSpot[] {
    const level = actionInfo(action)?.accessLevel;
    // An action newer than the catalogue: which event would show it is not known.
    if (level === undefined) return [{ reason: 'no-known-event' }];
    const shown = observabilityOf(action);
    if (shown.category === 'never') return [{ reason: 'never-logged' }];
    if (shown.category === 'no-known-event') return [{ reason: 'no-known-event' }];
    if (shown.category === 'network') return [{ reason: 'data-events-off' }];
    const access = level === 'Read' || level === 'List' ? 'read' : 'write';
    const own = this.ownRegions(action, shown, resource) ?? named?.filter(allows);
    const regions = own ?? this.regions.filter((region) => allows(region) && fits(resource, region));
    if (regions.length === 0) return [{ reason: 'gap' }];
    const judged = regions.map((region) => ({
      region,
      reason: this.reasonIn(region, own !== undefined, shown, access, resource),
    }));
    const open = judged.flatMap(({ region, reason }) => (reason ? [{ region, reason }] : []));
    const isEverywhere = own !== undefined || !this.logsOneRegion();
    const [first] = open;
    const isWhole = open.length === regions.length || shown.category === 'implied';
    if (isEverywhere && own === undefined && !(first && isWhole)) this.givesUpElsewhere = true;
    if (!first) return isEverywhere ? [] : [{ reason: 'gap', except: regions }];
    // Under which Region a role is looked up when it is passed is not documented, so that cannot be cut.
    if (isWhole) return [{ reason: first.reason }];
    if (!isEverywhere) {
      const covered = regions.filter((region) => !open.some((one) => one.region === region));
      return [{ reason: 'gap', except: covered }];
    }
    return [...groupBy(open, ({ reason }) => reason)]
      .sort(([a], [b]) => byCodeUnit(a, b))
      .map(([reason, list]) => ({ reason, regions: list.map(({ region }) => region) }));
  }

  /** The Regions whose log would show it, where ARN or service say; undefined where any may. */
  private ownRegions(
    action: string,
    { category, operations }: Observability,
    resource: string,
  ): readonly string[] | undefined {
    const field = regionField(resource);
    if (/^[a-z0-9-]+$/.test(field)) return [field];
    if (category === 'implied') return undefined;
    const stems = operations.map((operation) => operation.slice(0, operation.indexOf('/')));
    const logging = (stems.length > 0 ? stems : [serviceOf(action)]).map((stem) =>
      loggingRegion(stem, this.grounds.partition),
    );
    const regions = logging.filter((region) => region !== undefined);
    return regions.length > 0 && regions.length === logging.length ? sortedUnique(regions) : undefined;
  }

  /** Whether the trails are known to log one Region each: then others are not covered, delivered or not. */
  private logsOneRegion(): boolean {
    return this.grounds.accounts.some((account) => {
      const own = this.trailsOf(account);
      return own?.selectors.every(({ onlyRegion }) => onlyRegion !== '');
    });
  }

  /** @param isOwn whether it is used in this Region or nowhere; else accounts of which nothing was delivered there say nothing */
  private reasonIn(
    region: string,
    isOwn: boolean,
    shown: Observability,
    access: Access,
    resource: string,
  ): SilenceReason | undefined {
    const { accounts, deliveries } = this.grounds;
    const { category, resourceType } = shown;
    const sources = sortedUnique(
      shown.operations.map((operation) => `${operation.split('/')[0]}.amazonaws.com`),
    );
    for (const account of accounts) {
      if (!isOwn && !deliveries.isDelivered(account, region)) continue;
      const about = category === 'data' ? resource : '';
      const key = JSON.stringify([account, region, category, resourceType, sources, access, about]);
      if (!this.known.has(key))
        this.known.set(
          key,
          category === 'data'
            ? this.dataReason(account, region, resourceType, access, resource)
            : this.managementReason(account, region, sources, access),
        );
      const reason = this.known.get(key);
      if (reason) return reason;
    }
    return undefined;
  }

  private trailsOf(account: string): TrailConfig | undefined {
    const { trails, deliveries } = this.grounds;
    return trailsFor(trails, account, deliveries.organization.has(account));
  }

  private deliveryReason(account: string, region: string): SilenceReason | undefined {
    const { deliveries, minWindow } = this.grounds;
    if (!deliveries.isDelivered(account, region)) return 'gap';
    return deliveries.days(account, region).length < minWindow ? 'window-short' : undefined;
  }

  private managementReason(
    account: string,
    region: string,
    sources: readonly string[],
    access: Access,
  ): SilenceReason | undefined {
    const { deliveries } = this.grounds;
    const undelivered = this.deliveryReason(account, region);
    if (undelivered) return undelivered;
    const own = this.trailsOf(account);
    if (own) {
      const here = inRegion(own, region);
      const all = sources.length > 0 ? sources : [''];
      return all.every((source) => logsManagement(here, source, access)) ? undefined : 'data-events-off';
    }
    const isSeen = (detail: string, source: string): boolean =>
      deliveries.firstSeen(account, region, { category: 'management', detail, source }) !== undefined;
    if (sources.some((source) => leftOutAtWill.includes(source) && !isSeen('', source)))
      return 'data-events-off';
    // Trails of writes only are common, of reads only not: a log without reads is no witness of reads, one without writes had none.
    return access === 'read' && !isSeen('read', '') ? 'data-events-off' : undefined;
  }

  private dataReason(
    account: string,
    region: string,
    resourceType: string,
    access: Access,
    resource: string,
  ): SilenceReason | undefined {
    const { deliveries, minWindow } = this.grounds;
    const own = this.trailsOf(account);
    if (!own || !logsData(inRegion(own, region), resourceType, access, resource)) return 'data-events-off';
    const undelivered = this.deliveryReason(account, region);
    if (undelivered) return undelivered;
    const kind = { category: 'data', detail: resourceType, source: '' } as const;
    const first = deliveries.firstSeen(account, region, kind) ?? Infinity;
    const changed = deliveries.lastTrailChange(account);
    const days = deliveries.days(account, region).filter((day) => day >= first && day > changed);
    return first === Infinity || days.length < minWindow ? 'data-events-off' : undefined;
  }
}

const regionField = (resource: string): string => /^arn:[^:]*:[^:]*:([^:]*):/.exec(resource)?.[1] ?? '';

/** Whether the Region that an ARN pattern names by a pattern can be this one. */
function fits(resource: string, region: string): boolean {
  const field = regionField(resource);
  return field === '' || /[$]/.test(field) || matches(actionPattern(field), region);
}
