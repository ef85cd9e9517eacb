import type { HistoryFilter, EventHistory, HistoryPage, HistorySpan } from '../aws/cloudtrail.ts';
import { dayText, type Window } from '../iam/days.ts';
import { InputError } from '../iam/input-error.ts';
import { isObject } from '../iam/json.ts';
import type { IndexWriter } from '../store/writer.ts';
import { ingest, newReport, type IngestOptions, type IngestReport } from './ingest.ts';
import type { LogObject } from './objects/log-object.ts';
import type { Source } from './source.ts';

/** How far back the event history goes, in days. */
export const historyDays = 90;

/** Two calls a second per account and Region: https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_LookupEvents.html */
const callMillis = 500;
/** How long after its end a window is read again each time: events come late, and how late nobody says. */
const settledAfter = 86_400;
/** A day that seems to have more pages than this is read and committed by hours. */
const pagesOfDay = 48;
/** Tries at one second whose pages do not come to an end. */
const maxTries = 3;

/** Time as the source sees it: milliseconds since 1970, and a way to let them pass. */
interface Clock {
  readonly now: () => number;
  readonly sleep: (millis: number) => Promise<void>;
}

export interface HistoryOptions {
  readonly regions: readonly string[];
  /** Opens the history of a Region. */
  readonly open: (region: string) => Promise<EventHistory>;
  /** Days, at most today. */
  readonly window: Window;
  readonly filter?: HistoryFilter;
  /** If not empty, the account of the credentials must be one of them. */
  readonly accounts: readonly string[];
  readonly clock: Clock;
}

/**
 * The event history of the account that the credentials belong to, as log objects: a day each, or where a day is long an
 * hour each. Windows are fixed, and each stands in the ledger once it was read from its first page to its last, in the
 * transaction of its facts: a run that was stopped goes on with the window it was in. Windows that ended less than a day
 * ago are read again.
 */
export const historySource = (options: HistoryOptions): Source => ({
  bytes: undefined,
  read: (index, run) => readHistory(options, index, run),
});

async function readHistory(
  { regions, open, window, filter, accounts, clock }: HistoryOptions,
  index: IndexWriter,
  run: IngestOptions,
): Promise<IngestReport> {
  const failed = new AbortController();
  const signal = run.signal ? AbortSignal.any([run.signal, failed.signal]) : failed.signal;
  const lookups: Lookup[] = [];
  try {
    for (const region of regions) lookups.push(new Lookup(region, await open(region), clock, signal));
    const account = await accountOf(lookups, window, clock.now());
    const { report = newReport() } = run;
    if (account === undefined) return report;
    if (accounts.length > 0 && !accounts.includes(account)) {
      throw new InputError(
        `event-history: the credentials belong to ${account}, which --accounts leaves out; give --profile`,
      );
    }
    const ends = await Promise.allSettled(
      lookups.map(async (lookup) => {
        const folder = `event-history/${account}/${lookup.region}${filter ? `?${filter.key}=${filter.value}` : ''}`;
        const windows = new Windows(lookup, filter, folder, index, clock.now());
        try {
          const one = { ...run, concurrency: 1, threads: 0, signal, report };
          await ingest(windows.objects(window), index, one);
        } catch (error) {
          if (error instanceof Stopped) return;
          failed.abort();
          throw error;
        }
      }),
    );
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
    return report;
  } finally {
    for (const lookup of lookups) lookup.close();
  }
}

/** Whose history it is: no call that needs no more permissions says so, but each event does. */
async function accountOf(
  lookups: readonly Lookup[],
  { since, until }: Window,
  nowMillis: number,
): Promise<string | undefined> {
  const to = Math.min(until * 86_400 + 86_399, Math.floor(nowMillis / 1000));
  for (const lookup of lookups) {
    const page = await lookup.page({ from: since * 86_400, to });
    for (const text of page?.events ?? []) {
      const account = recipientOf(text);
      if (account !== undefined) return account;
    }
  }
  return undefined;
}

function recipientOf(text: string): string | undefined {
  try {
    const event: unknown = JSON.parse(text);
    const account = isObject(event) ? event['recipientAccountId'] : undefined;
    return typeof account === 'string' && /^\d{12}$/.test(account) ? account : undefined;
  } catch {
    return undefined; // Counted as malformed where the window is read.
  }
}

/** Ends the reading of a window between two pages. */
class Stopped extends Error {}

/** The history of one Region at the pace that AWS allows. */
class Lookup {
  readonly region: string;
  private readonly history: EventHistory;
  private readonly clock: Clock;
  private readonly signal: AbortSignal;
  private nextCall = 0;

  constructor(region: string, history: EventHistory, clock: Clock, signal: AbortSignal) {
    this.region = region;
    this.history = history;
    this.clock = clock;
    this.signal = signal;
  }

  async page(span: HistorySpan, filter?: HistoryFilter, token?: string): Promise<HistoryPage | undefined> {
    const now = this.clock.now();
    const start = Math.max(now, this.nextCall);
    this.nextCall = start + callMillis;
    if (start > now) await this.clock.sleep(start - now);
    if (this.signal.aborted) throw new Stopped();
    try {
      return await this.history.page(span, filter, token);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      throw new InputError(`event-history in ${this.region}: ${error.message}`, { cause: error.cause });
    }
  }

  close(): void {
    this.history.close();
  }
}

/** The windows of one Region's history as log objects. */
class Windows {
  private readonly lookup: Lookup;
  private readonly filter: HistoryFilter | undefined;
  private readonly folder: string;
  private readonly index: IndexWriter;
  /** Seconds. */
  private readonly now: number;

  constructor(
    lookup: Lookup,
    filter: HistoryFilter | undefined,
    folder: string,
    index: IndexWriter,
    nowMillis: number,
  ) {
    this.lookup = lookup;
    this.filter = filter;
    this.folder = folder;
    this.index = index;
    this.now = Math.floor(nowMillis / 1000);
  }

  /** Oldest first: they are the first that AWS forgets. */
  async *objects({ since, until }: Window): AsyncGenerator<LogObject> {
    for (let day = since; day <= until; day++) {
      const span = this.upToNow(day * 86_400, 86_400);
      const whole = this.knownObject(dayText(day), span) ?? (await this.wholeDay(day, span));
      if (whole) yield whole;
      else yield* this.hours(day);
    }
  }

  /** The day as one object; undefined when it is long, or was begun by hours. */
  private async wholeDay(day: number, span: HistorySpan): Promise<LogObject | undefined> {
    if (hoursOf(day).some(({ name }) => this.index.ledger(this.folder, name))) return undefined;
    const first = await this.lookup.page(span, this.filter);
    // Newest first, so the earliest event tells how much of the day one page holds; only sizes hang on it.
    const held = span.to - (first?.earliest ?? span.from);
    const fits = first?.next === undefined || held * pagesOfDay >= span.to - span.from;
    return fits ? this.object(dayText(day), span, first) : undefined;
  }

  private *hours(day: number): Generator<LogObject> {
    for (const { name, from } of hoursOf(day)) {
      if (from > this.now) return;
      const span = this.upToNow(from, 3600);
      yield this.knownObject(name, span) ?? this.object(name, span);
    }
  }

  private upToNow(from: number, seconds: number): HistorySpan {
    return { from, to: Math.min(from + seconds - 1, this.now) };
  }

  /** A window that needs no call: it was read when it was over. */
  private knownObject(name: string, span: HistorySpan): LogObject | undefined {
    const row = this.index.ledger(this.folder, name);
    return row?.etag === 'settled' && row.fault === ''
      ? { ...this.object(name, span), size: row.size }
      : undefined;
  }

  private object(name: string, span: HistorySpan, first?: HistoryPage): LogObject {
    return {
      folder: this.folder,
      name,
      size: undefined,
      etag: span.to + settledAfter < this.now ? 'settled' : 'open',
      label: `${this.folder}/${name}`,
      partial: true,
      open: () => this.pages(span, first),
    };
  }

  /** All pages of a span. Where a token expires or comes twice it is read again in halves: it ends, and nothing is missed. */
  private async *pages(span: HistorySpan, first?: HistoryPage, tries = 1): AsyncGenerator<Buffer> {
    const tokens = new Set<string>();
    let page = first ?? (await this.lookup.page(span, this.filter));
    while (page) {
      yield bytesOf(page);
      const { next } = page;
      if (next === undefined) return;
      if (tokens.has(next)) break;
      tokens.add(next);
      page = await this.lookup.page(span, this.filter, next);
    }
    const { from, to } = span;
    if (from < to) {
      const middle = Math.floor((from + to) / 2);
      yield* this.pages({ from, to: middle });
      yield* this.pages({ from: middle + 1, to });
    } else if (tries < maxTries) {
      yield* this.pages(span, undefined, tries + 1);
    } else {
      throw new InputError(
        `AWS: cloudtrail:LookupEvents says there is more at ${new Date(from * 1000).toISOString()} in ${this.lookup.region}, and does not give it; try again`,
      );
    }
  }
}

const hoursOf = (day: number): { readonly name: string; readonly from: number }[] =>
  Array.from({ length: 24 }, (_, hour) => ({
    name: `${dayText(day)}T${String(hour).padStart(2, '0')}`,
    from: day * 86_400 + hour * 3600,
  }));

/** The page as the AWS command line prints it; an empty one too is a value. */
const bytesOf = ({ events }: HistoryPage): Buffer =>
  Buffer.from(`${JSON.stringify({ Events: events.map((text) => ({ CloudTrailEvent: text })) })}\n`);
