import type { Call, Operation } from '../cloudtrail/call.ts';
import { leafText, punch } from '../cloudtrail/fold.ts';
import { bitOfDay, dayOfTime, monthOfDay, type Month } from '../iam/days.ts';
import { byCodeUnit } from '../iam/order.ts';

/** What came of reading one log object; a row of the ledger. */
export interface ObjectEntry {
  /** Folder and file name, or bucket and prefix; together they identify the object. */
  readonly folder: string;
  readonly name: string;
  readonly size: number;
  /** Changes when the object may have changed: an ETag, or a modification time. */
  readonly etag: string;
  /** SHA-256 of the uncompressed content. */
  readonly hash: Buffer;
  readonly read: number;
  readonly used: number;
  readonly duplicate: number;
  readonly skipped: Readonly<Record<string, number>>;
  /** Why it could not be read to its end; '' when it could. */
  readonly fault: string;
}

/** How far a shard of a source has been read; what the text means is the source's business. */
export interface SourceMark {
  readonly source: string;
  readonly shard: string;
  readonly mark: string;
}

/** The source of marks that say of which Regions alone a source was read; '' for all of them. */
export const chosenRegions = 'regions';

/** A text that no other shard gives. */
export const shardOf = ({ source, shard }: SourceMark): string => JSON.stringify([source, shard]);

/** The category in coverage of what was seen in a partial object: it covers no day. */
export const partialCategory = 'event-history';

/** How often a fact was delivered, and its earliest event: decides nothing. */
export interface FactSample {
  calls: number;
  sampleTime: number;
  sampleEvent: string;
  sampleObject: number;
}

/** Adds calls, and takes the earlier sample. */
export function addSample(
  to: FactSample,
  { calls, sampleTime, sampleEvent, sampleObject }: FactSample,
): void {
  to.calls += calls;
  if (sampleTime > to.sampleTime || (sampleTime === to.sampleTime && sampleEvent >= to.sampleEvent)) return;
  to.sampleTime = sampleTime;
  to.sampleEvent = sampleEvent;
  to.sampleObject = sampleObject;
}

export interface PendingFact extends FactSample {
  readonly principal: number;
  readonly operation: number;
  readonly context: number;
  readonly target: number;
  /** A month, or for facts with names the day. */
  readonly period: number;
  days: number;
  /** JSON of the names in the target's holes; '' for none. */
  readonly names: string;
}

/** The order of the index's rows; the names of a day aside. */
export const byKey = (a: PendingFact, b: PendingFact): number =>
  a.principal - b.principal ||
  a.operation - b.operation ||
  a.context - b.context ||
  a.target - b.target ||
  a.period - b.period;

/** Sorts facts by key and names, and makes one of those that have the same. */
export function foldFacts(facts: PendingFact[]): readonly PendingFact[] {
  facts.sort((a, b) => byKey(a, b) || byCodeUnit(a.names, b.names));
  const folded: PendingFact[] = [];
  let last: PendingFact | undefined;
  for (const fact of facts) {
    if (last?.names === fact.names && byKey(last, fact) === 0) {
      last.days |= fact.days;
      addSample(last, fact);
    } else folded.push((last = fact));
  }
  return folded;
}

/** How a principal's calls to a service arrived in a month: the days of each circumstance. */
export interface PendingFacets {
  readonly principal: number;
  readonly source: string;
  readonly month: Month;
  /** By facet, `kind value`. */
  readonly days: Map<string, number>;
}

/** Of what something was delivered; '' for "a log object was", `source` and `detail` too. */
export interface Covered {
  readonly account: string;
  readonly region: string;
  /** `management`, `data`, `network`, `other`; `event-history` covers no day. */
  readonly category: string;
  readonly source: string;
  /** `read` or `write` of management events, the type of a resource (`AWS::S3::Object`) of data events; '' where the record does not say. */
  readonly detail: string;
}

/** Gives each distinct text a small number, in order of first appearance. */
export class Interned {
  /** By number. */
  readonly texts: string[] = [];
  private readonly ids = new Map<string, number>();

  id(text: string): number {
    const known = this.ids.get(text);
    if (known !== undefined) return known;
    const id = this.texts.push(text) - 1;
    this.ids.set(text, id);
    return id;
  }
}

/** The folded facts of some log objects, waiting for one commit. Bounded by its caller through `size`. */
export class Batch {
  /** Rows of the index as texts that `columnsOf` takes apart; targets are their bodies. */
  readonly principals = new Interned();
  readonly operations = new Interned();
  readonly contexts = new Interned();
  readonly targets = new Interned();
  /** As they were added: `foldFacts` makes one of those of a kind. */
  readonly facts: PendingFact[] = [];
  readonly facets = new Map<string, PendingFacets>();
  readonly coverage = new Map<string, Covered & { readonly month: Month; days: number }>();
  readonly objects: ObjectEntry[] = [];
  /** Names of the objects that samples point to; an object is numbered before its ledger entry is known. */
  readonly sources: { readonly folder: string; readonly name: string; readonly partial: boolean }[] = [];
  /** The last mark of each shard. */
  readonly marks = new Map<string, SourceMark>();
  /** The day of the newest of its objects' deliveries; 0 while it has none. */
  newestDelivery = 0;
  private facetDays = 0;
  /** Operation, context, day and category of the calls whose coverage is noted. */
  private readonly covered = new Set<string>();
  private readonly days = new Map<number, { readonly month: Month; readonly bit: number }>();

  /** Rows this batch would write: what its memory grows with. */
  get size(): number {
    return this.facts.length + this.facetDays + this.coverage.size;
  }

  /** Numbers the object whose calls are added next; see `LogObject` for `partial`. */
  source(folder: string, name: string, partial = false): number {
    return this.sources.push({ folder, name, partial }) - 1;
  }

  /** Folds a call in that was delivered so many `times`; 0 for a repeat within one object, which changes nothing else. */
  add(call: Call, source: number, times: number): void {
    const { principal: p, operation: o, context: c } = call;
    const principal = this.principals.id(keyOf(p.kind, p.account, p.name, p.arn, p.uniqueId));
    const readOnly = o.readOnly === undefined ? '-1' : o.readOnly ? '1' : '0';
    const operation = this.operations.id(
      keyOf(o.eventSource, o.eventName, o.eventType, o.category, readOnly),
    );
    const context = this.contexts.id(
      keyOf(c.region, c.account, c.errorCode, c.invokedBy, c.session, c.sourceIdentity),
    );
    const holed = punch(call.target);
    const target = this.targets.id(holed.body);
    const day = dayOfTime(call.time);
    const { month, bit } = this.calendar(day);
    const names = holed.leaves.length > 0 ? leafText(holed.leaves) : '';
    const period = names === '' ? month : day;
    this.facts.push({
      principal,
      operation,
      context,
      target,
      period,
      days: bit,
      names,
      calls: call.counts ? times : 0,
      sampleTime: call.time,
      sampleEvent: call.eventID,
      sampleObject: source,
    });
    // Most calls come in the circumstances of others: noted once a day.
    const category = this.sources[source]?.partial ? partialCategory : o.category;
    const types = o.category === 'data' ? call.resourceTypes : none;
    const place = `${operation}.${context}.${day}.${category}.${types.join()}`;
    if (!this.covered.has(place)) {
      this.covered.add(place);
      for (const detail of types.length > 0 ? types : [accessOf(o)])
        this.cover(
          { account: c.account, region: c.region, category, source: o.eventSource, detail },
          month,
          bit,
        );
    }
    if (call.facets.length === 0) return;
    const facets = this.facetsOf(principal, o.eventSource, month);
    for (const facet of call.facets) this.addFacet(facets, facet, bit);
  }

  /** How a principal's calls to a source arrived in a month. */
  facetsOf(principal: number, source: string, month: Month): PendingFacets {
    const key = `${principal}.${month}.${source}`;
    let known = this.facets.get(key);
    if (!known) this.facets.set(key, (known = { principal, source, month, days: new Map() }));
    return known;
  }

  addFacet({ days }: PendingFacets, facet: string, bits: number): void {
    const known = days.get(facet);
    if (known === undefined) this.facetDays++;
    if (known === undefined || (known | bits) !== known) days.set(facet, (known ?? 0) | bits);
  }

  /** Notes that a log was delivered, or an event of a kind seen, on these days of a month. */
  cover(what: Covered, month: Month, days: number): void {
    const { account, region, category, source, detail } = what;
    const key = keyOf(account, region, category, source, String(month), detail);
    const row = this.coverage.get(key);
    if (row) row.days |= days;
    else this.coverage.set(key, { ...what, month, days });
  }

  /** Notes that a shard has been read to here: to be called when all up to here is in this batch or in an earlier one. */
  mark(mark: SourceMark): void {
    this.marks.set(shardOf(mark), mark);
  }

  /** Notes that an object was delivered on a day; `whenRead` is the day of those that do not say so. */
  deliver(day: number | undefined, whenRead: number): void {
    // A clock from before there was CloudTrail (13 November 2013) says nothing.
    this.newestDelivery = Math.max(this.newestDelivery, day ?? (whenRead < 16_022 ? 100_000 : whenRead));
  }

  private calendar(day: number): { readonly month: Month; readonly bit: number } {
    const known = this.days.get(day);
    if (known) return known;
    const found = { month: monthOfDay(day), bit: bitOfDay(day) };
    this.days.set(day, found);
    return found;
  }
}

const none: readonly string[] = [];

/** Of management events: a trail may log only some of them. */
const accessOf = ({ category, readOnly }: Operation): string =>
  category !== 'management' || readOnly === undefined ? '' : readOnly ? 'read' : 'write';

/** A text that no other list of the same length gives, whatever characters logs put in: the lengths come first. */
const keyOf = (a: string, b: string, c: string, d: string, e: string, f = ''): string =>
  `${a.length},${b.length},${c.length},${d.length},${e.length},${a}${b}${c}${d}${e}${f}`;

/** The first `count` of the six texts that `keyOf` joined. */
export function columnsOf(key: string, count: number): readonly string[] {
  const lengths = key.split(',', 5);
  let at = lengths.join().length + 1;
  const columns = lengths.map((length) => key.slice(at, (at += Number(length))));
  return [...columns, key.slice(at)].slice(0, count);
}
