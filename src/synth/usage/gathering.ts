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
  /** By the last part of their identities, of which there are few, then by the rest. */
  private readonly known = new Map<string, Map<string, T>>();
  private readonly days: Shared<number>;
  private readonly sources: Shared<string>;

  constructor(days: Shared<number>, sources: Shared<string>) {
    this.days = days;
    this.sources = sources;
  }

  add([first, second, last]: Key, describe: (evidence: Evidence) => T, seen: Evidence): void {
    const group = this.known.get(last) ?? new Map<string, T>();
    this.known.set(last, group);
    const key = `${first}\u0000${second}`;
    const known = group.get(key);
    if (!known) {
      group.set(key, describe(seen));
      return;
    }
    const joined = describe(this.join(known, seen));
    // Of the calls that needed it, which one is named must not hang on the order in which they were read.
    if (byCodeUnit(JSON.stringify(descriptionOf(joined)), JSON.stringify(descriptionOf(known))) < 0)
      group.set(key, joined);
    else {
      known.days = joined.days;
      known.calls = joined.calls;
      known.sample = joined.sample;
      known.sources = joined.sources;
    }
  }

  /** In the order of their identities, without those that others have too. */
  sorted(others?: Gathered<T>): T[] {
    return [...this.known]
      .flatMap(([last, group]) =>
        [...group].flatMap(([key, value]) =>
          others?.known.get(last)?.has(key) ? [] : [{ key, last, value }],
        ),
      )
      .sort((a, b) => byCodeUnit(a.key, b.key) || byCodeUnit(a.last, b.last))
      .map(({ value }) => value);
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
