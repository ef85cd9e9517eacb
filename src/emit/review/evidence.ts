import { dayText } from '../../iam/days.ts';
import { byCodeUnit } from '../../iam/order.ts';
import type { Evidence } from '../../synth/usage/gathering.ts';

/** Evidence as `--json` shows it. */
export interface EvidenceJson {
  readonly days: number;
  readonly firstDay: string;
  readonly lastDay: string;
  readonly callsAsDelivered: number;
  readonly sampleEventID: string;
}

export function evidenceJson({ days, calls, sample }: Evidence): EvidenceJson {
  let first = Infinity;
  let last = -Infinity;
  for (const day of days) {
    first = Math.min(first, day);
    last = Math.max(last, day);
  }
  return {
    days: days.size,
    firstDay: dayText(first),
    lastDay: dayText(last),
    callsAsDelivered: calls,
    sampleEventID: sample.eventID,
  };
}

/** Several pieces of evidence as one. */
export function joinEvidence(list: readonly Evidence[]): Evidence | undefined {
  const [first] = list;
  if (!first) return undefined;
  const days = new Set<number>();
  const sources = new Set<string>();
  let calls = 0;
  let { sample } = first;
  for (const evidence of list) {
    for (const day of evidence.days) days.add(day);
    for (const source of evidence.sources) sources.add(source);
    calls += evidence.calls;
    const { time, eventID } = evidence.sample;
    if (time < sample.time || (time === sample.time && byCodeUnit(eventID, sample.eventID) < 0))
      sample = evidence.sample;
  }
  return { days, calls, sample, sources };
}
