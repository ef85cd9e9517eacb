import type { Principal } from '../../cloudtrail/principal.ts';
import { canHoldPolicies, identities, type Identity } from '../../cloudtrail/identity.ts';
import type { Window } from '../../iam/days.ts';
import { nothingKnown } from '../../permissions/mapping.ts';
import { outcomeOf } from '../../permissions/outcome.ts';
import { permissionsOf } from '../../permissions/permissions.ts';
import type { IndexReader, LateDays, LedgerTotals } from '../../store/reader.ts';
import { byCodeUnit, groupBy, sortedUnique } from '../../iam/order.ts';
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
  /** Distinct kinds of calls that were refused. */
  readonly denied: number;
  /** Distinct kinds of calls whose permission is not known. */
  readonly unmapped: number;
}

/** So many principals are asked about at once. */
const atOnce = 2000;

/** Every principal in the index, those without activity in the window too; first those who can be given a policy, the busiest first. */
export function summarize(index: IndexReader, window: Window): readonly PrincipalSummary[] {
  const all = identities(index.principals());
  const summaries: PrincipalSummary[] = [];
  for (let at = 0; at < all.length; at += atOnce)
    summaries.push(...summariesOf(index, all.slice(at, at + atOnce), window));
  const others = ({ identity }: PrincipalSummary): number => Number(!canHoldPolicies(identity.kind));
  return summaries.sort((a, b) => others(a) - others(b) || b.calls - a.calls);
}

/** What the facts of one principal add up to. */
const tallyOf = (identity: Identity) => ({
  identity,
  actions: new Set<string>(),
  services: new Set<string>(),
  denied: new Set<string>(),
  unmapped: new Set<string>(),
  calls: 0,
  first: undefined as number | undefined,
  last: undefined as number | undefined,
});

function summariesOf(
  index: IndexReader,
  some: readonly Identity[],
  window: Window,
): readonly PrincipalSummary[] {
  const rows = new Map<number, Principal>();
  const tallies = new Map<Principal, ReturnType<typeof tallyOf>>();
  for (const identity of some) {
    const { kind, account, name, arn, ids } = identity;
    const principal = { kind, account, name, arn, uniqueId: '' };
    tallies.set(principal, tallyOf(identity));
    for (const id of ids) rows.set(id, principal);
  }
  for (const { call, calls, days } of index.facts([...rows.keys()], rows, window)) {
    const tally = tallies.get(call.principal);
    if (!tally) continue;
    const { eventSource, eventName } = call.operation;
    tally.services.add(eventSource);
    tally.calls += calls;
    tally.first = Math.min(tally.first ?? Infinity, ...days);
    tally.last = Math.max(tally.last ?? -Infinity, ...days);
    if (outcomeOf(call) === 'denied') {
      tally.denied.add(`${eventSource} ${eventName}`);
      continue;
    }
    const mapping = permissionsOf(call, nothingKnown);
    if (mapping.kind === 'mapped') for (const p of mapping.permissions) tally.actions.add(p.action);
    else if (mapping.kind === 'unmapped') tally.unmapped.add(`${eventSource} ${eventName}`);
  }
  return [...tallies.values()].map((tally) => ({
    ...tally,
    actions: tally.actions.size,
    services: tally.services.size,
    denied: tally.denied.size,
    unmapped: tally.unmapped.size,
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
