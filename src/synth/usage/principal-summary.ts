import type { Principal } from '../../cloudtrail/principal.ts';
import { identities, type Identity } from '../../cloudtrail/identity.ts';
import type { Window } from '../../iam/days.ts';
import { nothingKnown } from '../../permissions/mapping.ts';
import { outcomeOf } from '../../permissions/outcome.ts';
import { permissionsOf } from '../../permissions/permissions.ts';
import type { IndexReader } from '../../store/reader.ts';

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

/** Every principal in the index with activity in the window, or with none if it is only known from outside it. */
export function summarize(index: IndexReader, window: Window): readonly PrincipalSummary[] {
  const all = identities(index.principals());
  const summaries: PrincipalSummary[] = [];
  for (let at = 0; at < all.length; at += atOnce)
    summaries.push(...summariesOf(index, all.slice(at, at + atOnce), window));
  return summaries;
}

/** What the facts of one principal add up to. */
class Tally {
  readonly actions = new Set<string>();
  readonly services = new Set<string>();
  readonly denied = new Set<string>();
  readonly unmapped = new Set<string>();
  calls = 0;
  first = Infinity;
  last = -Infinity;
}

function summariesOf(
  index: IndexReader,
  some: readonly Identity[],
  window: Window,
): readonly PrincipalSummary[] {
  const rows = new Map<number, Principal>();
  const tallies = new Map<Principal, Tally>();
  const found = some.map((identity) => {
    const { kind, account, name, arn, ids } = identity;
    const principal = { kind, account, name, arn, uniqueId: '' };
    const tally = new Tally();
    tallies.set(principal, tally);
    for (const id of ids) rows.set(id, principal);
    return { identity, tally };
  });
  for (const { call, calls, days } of index.facts([...rows.keys()], rows, window)) {
    const tally = tallies.get(call.principal) ?? new Tally();
    const { eventSource, eventName } = call.operation;
    tally.services.add(eventSource);
    tally.calls += calls;
    tally.first = Math.min(tally.first, days[0] ?? tally.first);
    tally.last = Math.max(tally.last, days.at(-1) ?? tally.last);
    if (outcomeOf(call) === 'denied') {
      tally.denied.add(`${eventSource} ${eventName}`);
      continue;
    }
    const mapping = permissionsOf(call, nothingKnown);
    if (mapping.kind === 'mapped') for (const p of mapping.permissions) tally.actions.add(p.action);
    else if (mapping.kind === 'unmapped') tally.unmapped.add(`${eventSource} ${eventName}`);
  }
  return found.map(({ identity, tally: { actions, services, first, last, calls, denied, unmapped } }) => ({
    identity,
    actions: actions.size,
    services: services.size,
    first: Number.isFinite(first) ? first : undefined,
    last: Number.isFinite(last) ? last : undefined,
    calls,
    denied: denied.size,
    unmapped: unmapped.size,
  }));
}
