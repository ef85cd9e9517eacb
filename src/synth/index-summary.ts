import type { Window } from '../iam/days.ts';
import { byCodeUnit, groupBy, sortedUnique } from '../iam/order.ts';
import type { IndexReader, LedgerTotals } from '../store/reader.ts';
import { coveredDaysOf, gapsIn } from './coverage.ts';

/** What was delivered of one account in one Region. */
export interface CoverageSummary {
  readonly account: string;
  readonly region: string;
  readonly categories: readonly string[];
  readonly days: number;
  readonly window: Window;
  /** Runs of days between the first and last covered day of the account on which this Region has nothing. */
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
  readonly faults: readonly { readonly folder: string; readonly name: string; readonly fault: string }[];
}

export function indexSummary(index: IndexReader): IndexSummary {
  const rows = index.coverage();
  const byAccount = groupBy(rows, (row) => row.account);
  const coverage = [...byAccount].flatMap(([account, ofAccount]) => {
    const all = coveredDaysOf(ofAccount);
    const window = { since: all[0] ?? 0, until: all.at(-1) ?? 0 };
    return [...groupBy(ofAccount, (row) => row.region)].map(([region, ofRegion]) => {
      const days = coveredDaysOf(ofRegion);
      return {
        account,
        region,
        categories: sortedUnique(ofRegion.map((row) => row.category).filter(Boolean)),
        days: days.length,
        window: { since: days[0] ?? 0, until: days.at(-1) ?? 0 },
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
    faults: index.faults(),
  };
}
