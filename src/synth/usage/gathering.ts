import { byCodeUnit, sortedUnique } from '../../iam/order.ts';
import type { Sample } from '../../store/reader.ts';

/** When something was seen, how often, and one event to look at. */
export interface Evidence {
  /** Days since 1970. */
  days: ReadonlySet<number>;
  /** As delivered. */
  calls: number;
  /** The earliest. */
  sample: Sample;
  /** Event sources of the calls; '' among them where a service made one with the principal's credentials. */
  sources: ReadonlySet<string>;
}

/** What tells one thing from another, in the order things are sorted by. */
type Key = readonly [string, string, string];

/** Things that facts speak for, each once, with the evidence of all its facts. */
export class Gathered<T extends Evidence> {
  /** By the first part of their identities, then the last, of which there are few, then the second: no text is made of them. */
  private readonly known = new Map<string, Map<string, Map<string, T>>>();
  private readonly days: Shared<number>;
  private readonly sources: Shared<string>;

  constructor(days: Shared<number>, sources: Shared<string>) {
    this.days = days;
    this.sources = sources;
  }

  add([first, second, last]: Key, describe: (evidence: Evidence) => T, seen: Evidence): void {
    const groups = this.known.get(first) ?? new Map<string, Map<string, T>>();
    const group = groups.get(last) ?? new Map<string, T>();
    this.known.set(first, groups.set(last, group));
    const known = group.get(second);
    if (!known) {
      group.set(second, describe(seen));
      return;
    }
    const joined = describe(this.join(known, seen));
    // Of the calls that needed it, which one is named must not hang on the order in which they were read.
    if (byCodeUnit(JSON.stringify(descriptionOf(joined)), JSON.stringify(descriptionOf(known))) < 0)
      group.set(second, joined);
    else {
      known.days = joined.days;
      known.calls = joined.calls;
      known.sample = joined.sample;
      known.sources = joined.sources;
    }
  }

  /** In the order of their identities, without those that others have too. */
  sorted(others?: Gathered<T>): T[] {
    const list: T[] = [];
    for (const [first, groups] of sortedEntries(this.known)) {
      const byLast = sortedEntries(groups);
      for (const second of sortedUnique(byLast.flatMap(([, group]) => [...group.keys()])))
        for (const [last, group] of byLast) {
          const value = group.get(second);
          if (value && !others?.known.get(first)?.get(last)?.has(second)) list.push(value);
        }
    }
    return list;
  }

  private join(a: Evidence, b: Evidence): Evidence {
    const isEarlier = a.sample.time - b.sample.time || byCodeUnit(a.sample.eventID, b.sample.eventID);
    return {
      days: this.days.union(a.days, b.days),
      calls: a.calls + b.calls,
      sample: isEarlier <= 0 ? a.sample : b.sample,
      sources: this.sources.union(a.sources, b.sources),
    };
  }
}

/** Sets that repeat from use to use, each held once: the same few days and sources stand behind very many. */
export class Shared<T extends number | string> {
  private readonly known = new Map<string, ReadonlySet<T>>();

  of(values: readonly T[]): ReadonlySet<T> {
    const key = sortedUnique(values.map(String)).join();
    const set = this.known.get(key) ?? new Set(values);
    this.known.set(key, set);
    return set;
  }

  union(a: ReadonlySet<T>, b: ReadonlySet<T>): ReadonlySet<T> {
    return a === b || [...b].every((value) => a.has(value)) ? a : this.of([...a, ...b]);
  }
}

const descriptionOf = ({
  days: _days,
  calls: _calls,
  sample: _sample,
  sources: _sources,
  ...description
}: Evidence): object => description;

const sortedEntries = <V>(map: ReadonlyMap<string, V>): [string, V][] =>
  [...map].sort(([a], [b]) => byCodeUnit(a, b));
