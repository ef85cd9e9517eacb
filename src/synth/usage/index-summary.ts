import type { Window } from '../../iam/days.ts';
import { byCodeUnit, groupBy, sortedUnique } from '../../iam/order.ts';
import type { IndexReader, LateDays, LedgerTotals } from '../../store/reader.ts';
import { coveredDaysOf, gapsIn, knownDays } from './coverage.ts';

/** What was delivered of one account in one Region. */
export interface CoverageSummary {
  readonly account: string;
  readonly region: string;
  readonly categories: readonly string[];
  /** Covered days: those of event history alone are none. */
  readonly days: number;
  /** First and last day with anything. */
  readonly window: Window;
  /** Runs of days between the first and last day of the account that this Region does not cover. */
  readonly gaps: readonly Window[];
}

export interface IndexSummary {
  readonly schema: number;
  readonly factsVersion: string;
  /** `ok`, or SQLite's words. */
  readonly integrity: string;
  readonly totals: LedgerTotals;
  readonly skipped: readonly { readonly reason: string; readonly records: number }[];
  readonly facts: number;
  readonly coverage: readonly CoverageSummary[];
  /** Days that events are dated on after the newest delivery, by account: left out of every window. */
  readonly late: readonly LateDays[];
  readonly faults: readonly { readonly folder: string; readonly name: string; readonly fault: string }[];
}

export function indexSummary(index: IndexReader): IndexSummary {
  const rows = index.coverage();
  const byAccount = groupBy(rows, (row) => row.account);
  const coverage = [...byAccount].flatMap(([account, ofAccount]) => {
    const window = knownDays(ofAccount);
    return [...groupBy(ofAccount, (row) => row.region)].map(([region, ofRegion]) => {
      const days = coveredDaysOf(ofRegion);
      return {
        account,
        region,
        categories: sortedUnique(ofRegion.map((row) => row.category).filter(Boolean)),
        days: days.length,
        window: knownDays(ofRegion),
        gaps: gapsIn(days, window),
      };
    });
  });
  const { facts, namedFacts } = index.sizes();
  const { schema, facts: factsVersion } = index.versions();
  return {
    schema,
    factsVersion,
    integrity: index.integrity(),
    totals: index.totals(),
    skipped: index.skips(),
    facts: facts + namedFacts,
    coverage: coverage.sort((a, b) => byCodeUnit(a.account, b.account) || byCodeUnit(a.region, b.region)),
    late: index.lateDays(),
    faults: index.faults(),
  };
}
