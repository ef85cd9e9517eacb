import { actionInfo, serviceOf } from '../../iam/catalogue.ts';
import { actionPattern, matches } from '../../iam/pattern/pattern.ts';
import { memo } from '../../iam/memo.ts';
import { groupBy, inKeyOrder, sortedUnique } from '../../iam/order.ts';
import { loggingRegion } from '../../permissions/event-source.ts';
import {
  loggedAccess,
  observabilityOf,
  type Access,
  type Observability,
} from '../../permissions/observability.ts';
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
  /** Actions that no page says anything of but events of the principal show, with their sources: `ssm:GetConnectionStatus ssm`. */
  readonly shown?: ReadonlySet<string>;
  /** Covered days from which on silence says something; of a Region nothing was delivered of it never does. */
  readonly minWindow: number;
}

/** Which events a trail leaves out, or is not known to log. */
export type MissingEvents =
  'data' | 'network activity' | 'management' | 'management read' | 'management write';

/** That silence says nothing of a permission, and where. */
export interface BlindSpot {
  readonly reason: SilenceReason;
  /** With `data-events-off`: which events these are. */
  readonly missing?: MissingEvents;
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

type Cause = Pick<BlindSpot, 'reason' | 'missing'>;

const off = (missing: MissingEvents): Cause => ({ reason: 'data-events-off', missing });

/** What would show an action: one object for all actions that the same events show. */
interface Shown extends Pick<Observability, 'category' | 'resourceType'> {
  /** A trail must log all of these to have the events. */
  readonly access: readonly Access[];
  /** Event sources. */
  readonly sources: readonly string[];
  /** The Regions that log it wherever it is called; undefined where that is its own. */
  readonly loggedIn: readonly string[] | undefined;
}

function shownBy(
  action: string,
  { category, resourceType }: Pick<Observability, 'category' | 'resourceType'>,
  stems: readonly string[],
  partition: string,
): Shown {
  const logging = (stems.length > 0 ? stems : [serviceOf(action)]).flatMap(
    (stem) => loggingRegion(stem, partition) ?? [],
  );
  const isSettled = category !== 'implied' && logging.length > 0 && logging.length >= stems.length;
  return {
    category,
    resourceType,
    access: loggedAccess(action),
    sources: sortedUnique(stems.map((stem) => `${stem}.amazonaws.com`)),
    loggedIn: isSettled ? sortedUnique(logging) : undefined,
  };
}

/** By partition, then by action: what shows it, or why nothing can. */
const shownIn = memo((partition: string) => {
  const known = new Map<string, Shown>();
  return memo((action: string): Shown | Cause => {
    const { category, operations, resourceType } = observabilityOf(action);
    // An action newer than the catalogue: which event would show it is not known.
    if (!actionInfo(action) || category === 'no-known-event') return { reason: 'no-known-event' };
    if (category === 'never') return { reason: 'never-logged' };
    if (category === 'network') return off('network activity');
    const stems = operations.map((operation) => operation.slice(0, operation.indexOf('/')));
    const shown = shownBy(action, { category, resourceType }, stems, partition);
    const key = JSON.stringify(shown);
    const same = known.get(key) ?? shown;
    known.set(key, same);
    return same;
  }, 50_000);
});

/**
 * A trail may leave out the events of these services although it logs all others
 * (https://docs.aws.amazon.com/awscloudtrail/latest/userguide/logging-management-events-with-cloudtrail.html).
 */
const leftOutAtWill = ['kms.amazonaws.com', 'rdsdata.amazonaws.com'];

interface Judged {
  readonly spots: readonly BlindSpot[];
  /** Whether it is given up where nothing was delivered, although it names no Region. */
  readonly givesUp?: boolean;
}

/** Judges whether the log would have shown the use of a permission. */
export class Silence {
  private readonly grounds: Grounds;
  /** By limit, then by place, then by what shows the action. */
  private readonly spots = new Map<RegionLimit, Map<string, Map<Shown, readonly BlindSpot[]>>>();
  private readonly causes = new Map<Shown, Map<string, Cause | undefined>>();
  /** Regions of which anything was delivered. */
  readonly regions: readonly string[];
  /** Answers by which something that names no Region is given up where nothing was delivered. */
  readonly givingUpElsewhere = new Set<readonly BlindSpot[]>();

  constructor(grounds: Grounds) {
    this.grounds = grounds;
    this.regions = sortedUnique(grounds.accounts.flatMap((account) => grounds.deliveries.regions(account)));
  }

  /** Where silence about an action on a resource says nothing, and why; empty where it says that it was not used. */
  blindSpots(action: string, resource: string, limit: RegionLimit): readonly BlindSpot[] {
    const known = shownIn(this.grounds.partition)(action);
    const shown = 'reason' in known && known.reason === 'no-known-event' ? this.seen(action) : known;
    if ('reason' in shown) return [shown];
    // Of a resource its Region alone decides, but where trails log data events of some.
    const place = shown.category === 'data' ? resource : regionField(resource);
    const places = this.spots.get(limit) ?? new Map<string, Map<Shown, readonly BlindSpot[]>>();
    const here = places.get(place) ?? new Map<Shown, readonly BlindSpot[]>();
    const spots = here.get(shown) ?? this.spotsOf(shown, resource, limit);
    this.spots.set(limit, places.set(place, here.set(shown, spots)));
    return spots;
  }

  /** What shows an action of which no page says: the events of the principal's own calls, if it made any. */
  private readonly seen = memo((action: string): Shown | Cause => {
    const { shown = new Set(), partition } = this.grounds;
    const start = `${action.toLowerCase()} `;
    const stems = [...shown].filter((one) => one.startsWith(start)).map((one) => one.slice(start.length));
    return stems.length === 0
      ? { reason: 'no-known-event' }
      : shownBy(action, { category: 'management', resourceType: '' }, stems, partition);
  });

  private spotsOf(shown: Shown, resource: string, limit: RegionLimit): readonly BlindSpot[] {
    const { spots, givesUp } = this.judged(shown, resource, limit);
    if (givesUp) this.givingUpElsewhere.add(spots);
    return spots;
  }

  private judged(shown: Shown, resource: string, { named, allows }: RegionLimit): Judged {
    const field = regionField(resource);
    const own = /^[a-z0-9-]+$/.test(field) ? [field] : (shown.loggedIn ?? named?.filter(allows));
    const regions = own ?? this.regions.filter((region) => allows(region) && fits(resource, region));
    if (regions.length === 0) return { spots: [{ reason: 'gap' }] };
    const open = regions.flatMap((region) => {
      const cause = this.causeIn(region, own !== undefined, shown, resource);
      return cause ? [{ region, cause }] : [];
    });
    const isEverywhere = own !== undefined || !this.leavesOutRegions();
    const [first] = open;
    const isWhole = open.length === regions.length || shown.category === 'implied';
    const givesUp = isEverywhere && own === undefined && !(first && isWhole);
    if (!first) return { spots: isEverywhere ? [] : [{ reason: 'gap', except: regions }], givesUp };
    // Under which Region a role is looked up when it is passed is not documented, so that cannot be cut.
    if (isWhole) return { spots: [first.cause] };
    if (!isEverywhere) {
      const covered = regions.filter((region) => !open.some((one) => one.region === region));
      return { spots: [{ reason: 'gap', except: covered }] };
    }
    const alike = groupBy(open, ({ cause: { reason, missing = '' } }) => `${reason} ${missing}`);
    const spots = inKeyOrder(alike).map((list) => ({
      ...list[0].cause,
      regions: list.map(({ region }) => region),
    }));
    return { spots, givesUp };
  }

  /** Whether Regions are known to be left out, by the trails or when logs were read: then no other is covered, delivered or not. */
  private leavesOutRegions(): boolean {
    const { accounts, deliveries } = this.grounds;
    return (
      deliveries.trails.areRegionsChosen ||
      accounts.some((account) =>
        this.trailsOf(account)?.selectors.every(({ onlyRegion }) => onlyRegion !== ''),
      )
    );
  }

  /** @param isOwn whether it is used in this Region or nowhere; else accounts of which nothing was delivered there say nothing */
  private causeIn(region: string, isOwn: boolean, shown: Shown, resource: string): Cause | undefined {
    const { accounts, deliveries } = this.grounds;
    const { category } = shown;
    const known = this.causes.get(shown) ?? new Map<string, Cause | undefined>();
    this.causes.set(shown, known);
    for (const account of accounts) {
      if (!isOwn && !deliveries.isDelivered(account, region)) continue;
      const key = `${account} ${region} ${category === 'data' ? resource : ''}`;
      if (!known.has(key))
        known.set(
          key,
          category === 'data'
            ? this.dataCause(account, region, shown, resource)
            : this.managementCause(account, region, shown),
        );
      const cause = known.get(key);
      if (cause) return cause;
    }
    return undefined;
  }

  private trailsOf(account: string): TrailConfig | undefined {
    const { trails, deliveries } = this.grounds;
    return trailsFor(trails, account, deliveries.trails.organization.has(account));
  }

  private undelivered(account: string, region: string): Cause | undefined {
    const { deliveries, minWindow } = this.grounds;
    if (!deliveries.isDelivered(account, region)) return { reason: 'gap' };
    return deliveries.days(account, region).length < minWindow ? { reason: 'window-short' } : undefined;
  }

  /** Whether enough whole days are left from a day on. */
  private isEnough(account: string, region: string, from: number): boolean {
    const { deliveries, minWindow } = this.grounds;
    return deliveries.days(account, region).filter((day) => day >= from).length >= minWindow;
  }

  private managementCause(account: string, region: string, { sources, access }: Shown): Cause | undefined {
    const { deliveries } = this.grounds;
    const undelivered = this.undelivered(account, region);
    if (undelivered) return undelivered;
    const seen = (detail: string, source: string): number =>
      deliveries.firstSeen(account, region, { category: 'management', detail, source }) ?? Infinity;
    const excluded = sources.filter((source) => leftOutAtWill.includes(source));
    const own = this.trailsOf(account);
    if (!own) {
      if (excluded.some((source) => seen('', source) === Infinity)) return off('management');
      // Trails of writes only are common, of reads only not: a log without reads is no witness of reads, one without writes had none.
      return access.includes('read') && seen('read', '') === Infinity ? off('management read') : undefined;
    }
    const here = inRegion(own, region);
    const all = sources.length > 0 ? sources : [''];
    const unlogged = access.find((kind) => !all.every((source) => logsManagement(here, source, kind)));
    if (unlogged) return off(`management ${unlogged}`);
    // What the trail logs now it logged before its last change only if events of the kind say so.
    const since = deliveries.lastTrailChange(account) + 1;
    const left = excluded.find(
      (source) => !this.isEnough(account, region, Math.min(since, seen('', source))),
    );
    if (left) return off('management');
    const unseen = access.find((kind) => !this.isEnough(account, region, Math.min(since, seen(kind, ''))));
    return unseen && off(`management ${unseen}`);
  }

  private dataCause(
    account: string,
    region: string,
    { resourceType, access }: Shown,
    resource: string,
  ): Cause | undefined {
    const { deliveries } = this.grounds;
    const own = this.trailsOf(account);
    const here = own && inRegion(own, region);
    if (!here || !access.every((kind) => logsData(here, resourceType, kind, resource))) return off('data');
    const undelivered = this.undelivered(account, region);
    if (undelivered) return undelivered;
    const kind = { category: 'data', detail: resourceType, source: '' } as const;
    const first = deliveries.firstSeen(account, region, kind) ?? Infinity;
    const from = Math.max(first, deliveries.lastTrailChange(account) + 1);
    return first < Infinity && this.isEnough(account, region, from) ? undefined : off('data');
  }
}

const regionField = (resource: string): string => /^arn:[^:]*:[^:]*:([^:]*):/.exec(resource)?.[1] ?? '';

/** Whether the Region that an ARN pattern names by a pattern can be this one. */
function fits(resource: string, region: string): boolean {
  const field = regionField(resource);
  return field === '' || /[$]/.test(field) || matches(actionPattern(field), region);
}
