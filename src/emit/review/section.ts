/** Room `review`: what terminal, Markdown and page say alike of a proposal. */
import { dayText } from '../../iam/days.ts';
import { byCodeUnit, groupBy } from '../../iam/order.ts';
import type { Evidence } from '../../synth/usage/gathering.ts';

/** `~` narrowed, `-` removed, `=` kept, `+` added, `?` unclear, `!` not in these policies or wrong. */
export type Mark = '~' | '-' | '=' | '+' | '?' | '!' | ' ';

/** One line of a review; every surface writes it in its own way. Names are as they are in logs and policies. */
export interface Row {
  readonly mark: Mark;
  /** An action, a count of actions, a name, or (alone) what there is to say. */
  readonly what: string;
  /** An action whose service's ARNs are written short, where `what` is a count. */
  readonly of?: string;
  /** The actions that a count stands for, named below. */
  readonly names?: readonly string[];
  readonly where?: string;
  readonly seen?: EvidenceJson | undefined;
  readonly why?: string;
  /** A command, which no line break may cut. */
  readonly isCommand?: true;
}

/** A row of an action on a resource. */
export const rowOn = (
  mark: Mark,
  { action, resource }: { readonly action: string; readonly resource: string },
  seen: EvidenceJson | undefined,
  why: string,
): Row => ({ mark, what: action, where: resource, seen, why });

/** A part of the review: its title, what it is about, and its rows. The title is in our own words: no name stands in it. */
export interface Section {
  readonly title: string;
  readonly about?: string;
  /** Cut where there is little room. */
  readonly rows: readonly Row[];
  /** Rows that a person is shown first; as many as of any section unless said. */
  readonly most?: number;
}

/** Evidence as `--json` shows it; days as `2026-03-02`. */
export type EvidenceJson = ReturnType<typeof evidenceJson>;

export const evidenceJson = ({ days, calls, sample }: Omit<Evidence, 'sources'>) => ({
  days: days.size,
  firstDay: dayText(Math.min(...days)),
  lastDay: dayText(Math.max(...days)),
  callsAsDelivered: calls,
  sampleEventID: sample.eventID,
});

/** Several pieces of evidence as one; calls that speak for two things (readings of a name, companions of an action) count once. */
export function joinEvidence(all: readonly Evidence[]): Omit<Evidence, 'sources'> | undefined {
  const [first] = all;
  if (!first) return undefined;
  const known = new Map<string, Evidence>();
  const more = new Set<string>();
  const days = new Set<number>();
  let calls = 0;
  let { sample } = first;
  for (const evidence of all) {
    const same = known.get(evidence.sample.eventID);
    if (same) {
      const text = wordsOf(evidence);
      if (text === wordsOf(same) || more.has(text)) continue;
      more.add(text);
    } else known.set(evidence.sample.eventID, evidence);
    for (const day of evidence.days) days.add(day);
    calls += evidence.calls;
    const { time, eventID } = evidence.sample;
    if (time < sample.time || (time === sample.time && byCodeUnit(eventID, sample.eventID) < 0))
      sample = evidence.sample;
  }
  return { days, calls, sample };
}

const wordsOf = ({ sample: { time, eventID }, calls, days }: Evidence): string =>
  `${time} ${eventID} ${calls} ${[...days].join()}`;

/** How often and when calls were seen; undefined of none. */
export function seenOf(calls: readonly Evidence[]): EvidenceJson | undefined {
  const joined = joinEvidence(calls);
  return joined && evidenceJson(joined);
}

/** Things put together by a key, in the order of their keys if wanted, with the evidence of all. */
export function alike<T>(
  things: readonly T[],
  key: (one: T) => readonly unknown[],
  evidence: (one: T) => Evidence,
  isSorted = false,
): readonly { readonly first: T; readonly all: readonly T[]; readonly seen: EvidenceJson }[] {
  const groups = [...groupBy(things, (one) => JSON.stringify(key(one)))];
  if (isSorted) groups.sort(([a], [b]) => byCodeUnit(a, b));
  return groups.flatMap(([, all]) => {
    const seen = seenOf(all.map(evidence));
    return seen ? [{ first: all[0], all, seen }] : [];
  });
}
