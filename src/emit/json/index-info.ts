import { dayText, type Window } from '../../iam/days.ts';
import type { IndexSummary } from '../../synth/usage/index-summary.ts';

const windowJson = ({ since, until }: Window): object => ({ since: dayText(since), until: dayText(until) });

/** `index info --json`. */
export function indexJson(s: IndexSummary): object {
  return {
    versions: { schema: s.schema, facts: s.factsVersion },
    integrity: s.integrity,
    objects: {
      read: s.totals.objects,
      bytes: s.totals.bytes,
      faults: s.faults.map(({ folder, name, fault }) => ({ object: `${folder}/${name}`, reason: fault })),
    },
    events: {
      read: s.totals.read,
      used: s.totals.used,
      duplicate: s.totals.duplicate,
      skipped: Object.fromEntries(s.skipped.map(({ reason, records }) => [reason, records])),
    },
    facts: s.facts,
    late: s.late.map(({ account, days }) => ({ account, days: days.map(dayText) })),
    coverage: s.coverage.map((c) => ({
      account: c.account,
      region: c.region,
      categories: c.categories,
      days: c.days,
      ...windowJson(c.window),
      gaps: c.gaps.map(windowJson),
    })),
  };
}
