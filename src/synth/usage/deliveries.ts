import { type Window, daysOf } from '../../iam/days.ts';
import { InputError } from '../../iam/input-error.ts';
import { sortedUnique } from '../../iam/order.ts';
import { partialCategory } from '../../store/batch.ts';
import type { CoverageRow } from '../../store/reader.ts';

const always: Window = { since: -Infinity, until: Infinity };

/** The days on which anything of some accounts was delivered (all accounts when none is given), ascending. */
export const coveredDaysOf = (
  rows: readonly CoverageRow[],
  accounts?: readonly string[],
): readonly number[] => knownDaysOf(rows.filter(delivered), accounts);

/** Whether silence on the days of a row says anything: event history shows only some kinds of events. */
export const delivered = ({ category }: CoverageRow): boolean => category !== partialCategory;

/** Days of which the index holds anything of some accounts, delivered logs or event history, ascending. */
export function knownDaysOf(rows: readonly CoverageRow[], accounts?: readonly string[]): readonly number[] {
  const days = new Set<number>();
  const months = new Map<number, number>();
  for (const row of rows) {
    if (accounts && !accounts.includes(row.account)) continue;
    months.set(row.month, (months.get(row.month) ?? 0) | row.days);
  }
  for (const [month, bits] of months) for (const day of daysOf(month, bits, always)) days.add(day);
  return [...days].sort((a, b) => a - b);
}

/** First and last day of which the index holds anything. @throws InputError when nothing has been ingested */
export function knownDays(rows: readonly CoverageRow[], accounts?: readonly string[]): Window {
  const days = knownDaysOf(rows, accounts);
  const [since] = days;
  const until = days.at(-1);
  if (since === undefined || until === undefined) {
    throw new InputError('the index holds no events yet; load some with: iam-minimize ingest SOURCE');
  }
  return { since, until };
}

/** Days of a window without any delivery, as runs of days. */
export function gapsIn(days: readonly number[], window: Window): readonly Window[] {
  const gaps: { since: number; until: number }[] = [];
  let expected = window.since;
  for (const day of days) {
    if (day < window.since || day > window.until) continue;
    if (day > expected) gaps.push({ since: expected, until: day - 1 });
    expected = day + 1;
  }
  if (expected <= window.until) gaps.push({ since: expected, until: window.until });
  return gaps;
}

/** What was delivered of one account and Region. */
interface Place {
  /** Every delivered day of the index, in the window or not. */
  readonly all: Set<number>;
  /** Days of the window on which events were seen, by category, detail and source; '' stands for any of them. */
  readonly seen: Map<string, Set<number>>;
}

/** Which events: `management` with `read` or `write`, `data` with a resource type; '' is any. */
export interface EventKind {
  readonly category: 'management' | 'data';
  readonly detail: string;
  /** Event source; '' is any. */
  readonly source: string;
}

/** What the index shows of trails, of how their logs were read, and of what came of calls. */
interface Trails {
  /** Whether logs were read of chosen Regions alone: then nothing delivered of another Region says nothing. */
  readonly areRegionsChosen: boolean;
  /** Accounts whose log files lie as those of an organization's trail do. */
  readonly organization: ReadonlySet<string>;
  /** The days on which a call in an account may have changed what a trail logs. */
  readonly changes: readonly { readonly account: string; readonly days: readonly number[] }[];
  /** `ACCOUNT SOURCE` of the event sources that refused every call of a window. */
  readonly refusing: (window: Window) => ReadonlySet<string>;
}

const keyOf = ({ category, detail, source }: EventKind): string => `${category} ${detail} ${source}`;

/** What was delivered in a window, by account and Region: silence says something only there. */
export class Deliveries {
  readonly window: Window;
  readonly trails: Trails;
  private readonly rows: readonly CoverageRow[];
  private readonly places = new Map<string, Map<string, Place>>();
  private readonly sourcesBy = new Map<string, Set<string>>();

  constructor(rows: readonly CoverageRow[], window: Window, trails: Partial<Trails> = {}) {
    this.window = window;
    this.trails = {
      areRegionsChosen: false,
      organization: new Set(),
      changes: [],
      refusing: () => new Set(),
      ...trails,
    };
    this.rows = rows;
    for (const row of rows) if (delivered(row)) this.add(row);
  }

  /** The same of other days. */
  during(window: Window): Deliveries {
    return new Deliveries(this.rows, window, this.trails);
  }

  private add({ account, region, category, detail, source, month, days }: CoverageRow): void {
    const regions = this.places.get(account) ?? new Map<string, Place>();
    const place: Place = regions.get(region) ?? { all: new Set(), seen: new Map() };
    this.places.set(account, regions.set(region, place));
    for (const day of daysOf(month, days, always)) place.all.add(day);
    const inside = daysOf(month, days, this.window);
    if ((category !== 'management' && category !== 'data') || inside.length === 0) return;
    const sources = this.sourcesBy.get(account) ?? new Set<string>();
    this.sourcesBy.set(account, sources.add(source));
    for (const kind of [
      { category, detail, source },
      { category, detail, source: '' },
      { category, detail: '', source },
    ] as const) {
      const known = place.seen.get(keyOf(kind)) ?? new Set();
      place.seen.set(keyOf(kind), known);
      for (const day of inside) known.add(day);
    }
  }

  /** Resource types of the data events of some accounts that were delivered in the window, sorted. */
  dataTypes(accounts: readonly string[]): readonly string[] {
    return sortedUnique(
      this.rows
        .filter(({ account, category }) => category === 'data' && accounts.includes(account))
        .filter(({ month, days }) => daysOf(month, days, this.window).length > 0)
        .map(({ detail }) => detail),
    );
  }

  /** Regions of an account of which anything was delivered in the window, sorted. */
  regions(account: string): readonly string[] {
    return [...(this.places.get(account)?.keys() ?? [])]
      .filter((region) => region !== '' && this.isDelivered(account, region))
      .sort();
  }

  isDelivered(account: string, region: string): boolean {
    for (const day of this.places.get(account)?.get(region)?.all ?? [])
      if (day >= this.window.since && day <= this.window.until) return true;
    return false;
  }

  /**
   * Whole days of the window that were delivered of an account and Region, ascending. The first and last delivered day of the index
   * do not count: of those a part may be missing.
   */
  days(account: string, region: string): readonly number[] {
    const all = [...(this.places.get(account)?.get(region)?.all ?? [])].sort((a, b) => a - b);
    return all.slice(1, -1).filter((day) => day >= this.window.since && day <= this.window.until);
  }

  /** The first day of the window on which events of a kind were seen; undefined for none. */
  firstSeen(account: string, region: string, kind: EventKind): number | undefined {
    const days = this.places.get(account)?.get(region)?.seen.get(keyOf(kind));
    return days && Math.min(...days);
  }

  /** The last day on which what the trails of an account log may have changed, up to the end of the window; `-Infinity` for none. */
  lastTrailChange(account: string): number {
    const { changes, organization } = this.trails;
    const own = changes.filter((one) => one.account === account || organization.has(account));
    return Math.max(-Infinity, ...own.flatMap(({ days }) => days).filter((day) => day <= this.window.until));
  }

  /** Event sources of which anybody in an account was seen calling one, sorted; a probe that was refused is no use of it. */
  sources(account: string): readonly string[] {
    const refusing = this.trails.refusing(this.window);
    const all = [...(this.sourcesBy.get(account) ?? [])];
    return all.filter((source) => !refusing.has(`${account} ${source}`)).sort();
  }

  /** The most whole days of any one Region of some accounts. */
  mostDays(accounts: readonly string[]): number {
    return Math.max(
      0,
      ...accounts.flatMap((account) =>
        this.regions(account).map((region) => this.days(account, region).length),
      ),
    );
  }
}
