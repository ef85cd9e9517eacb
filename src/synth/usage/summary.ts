import { canHoldPolicies, identities, type Identity } from '../../cloudtrail/identity.ts';
import type { Window } from '../../iam/days.ts';
import type { IndexReader, LateDays, LedgerTotals } from '../../store/reader.ts';
import { byCodeUnit, groupBy, sortedUnique } from '../../iam/order.ts';
import { CallKinds } from './call-kinds.ts';
import { coveredDaysOf, gapsIn, knownDays } from './deliveries.ts';

/** One principal in numbers. */
export interface PrincipalSummary {
  readonly identity: Identity;
  readonly actions: number;
  readonly services: number;
  /** Days since 1970; undefined for a principal without activity in the window. */
  readonly first: number | undefined;
  readonly last: number | undefined;
  /** As delivered. */
  readonly calls: number;
  /** Whether there are at most so many in the window. */
  readonly isAtMost: boolean;
  /** Distinct kinds of calls that were refused. */
  readonly denied: number;
  /** Distinct kinds of calls whose permission is not known. */
  readonly unmapped: number;
}

/** So many principals are asked about at once. */
const atOnce = 1000;

/** Every principal in the index, those without activity in the window too; first those who can be given a policy, the busiest first. */
export function summarize(index: IndexReader, window: Window): readonly PrincipalSummary[] {
  const all = identities(index.principals());
  const kinds = new CallKinds(index, window);
  const summaries: PrincipalSummary[] = [];
  for (let at = 0; at < all.length; at += atOnce)
    for (const one of talliesOf(kinds, all.slice(at, at + atOnce))) summaries.push(one);
  const others = ({ identity }: PrincipalSummary): number => Number(!canHoldPolicies(identity.kind));
  return summaries.sort((a, b) => others(a) - others(b) || b.calls - a.calls);
}

/** What the facts of one principal add up to. */
const tallyOf = () => ({
  actions: new Set<string>(),
  services: new Set<string>(),
  denied: new Set<string>(),
  unmapped: new Set<string>(),
  calls: 0,
  isAtMost: false,
  first: undefined as number | undefined,
  last: undefined as number | undefined,
});

function talliesOf(kinds: CallKinds, some: readonly Identity[]): readonly PrincipalSummary[] {
  const tallies = new Map(some.map((identity) => [identity, tallyOf()]));
  for (const { identity, reading, days, calls, isCut } of kinds.of(some)) {
    const tally = tallies.get(identity);
    if (!tally) continue;
    const { eventSource, eventName } = reading.operation;
    tally.services.add(eventSource);
    tally.calls += calls;
    if (isCut) tally.isAtMost = true;
    tally.first = Math.min(tally.first ?? Infinity, ...days);
    tally.last = Math.max(tally.last ?? -Infinity, ...days);
    if (reading.outcome === 'denied') tally.denied.add(`${eventSource} ${eventName}`);
    else if (reading.mapping === 'unmapped') tally.unmapped.add(`${eventSource} ${eventName}`);
    else for (const action of reading.actions) tally.actions.add(action);
  }
  // Spelled out: what is spread takes twice the memory, of very many.
  return [...tallies].map(([identity, tally]) => ({
    identity,
    actions: tally.actions.size,
    services: tally.services.size,
    denied: tally.denied.size,
    unmapped: tally.unmapped.size,
    calls: tally.calls,
    isAtMost: tally.isAtMost,
    first: tally.first,
    last: tally.last,
  }));
}

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
  readonly totals: LedgerTotals;
  /** The first day that is left; of days before it there are only totals. */
  readonly pruned: number | undefined;
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
    totals: index.totals(),
    pruned: index.pruned(),
    skipped: index.skips(),
    facts: facts + namedFacts,
    coverage: coverage.sort((a, b) => byCodeUnit(a.account, b.account) || byCodeUnit(a.region, b.region)),
    late: index.lateDays(),
    faults: index.faults(),
  };
}
