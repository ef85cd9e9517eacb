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

/** Every principal in the index with activity in the window, or with none if it is only known from outside it. */
export function summarize(index: IndexReader, window: Window): readonly PrincipalSummary[] {
  return identities(index.principals()).map((identity) => summaryOf(index, identity, window));
}

function summaryOf(index: IndexReader, identity: Identity, window: Window): PrincipalSummary {
  const actions = new Set<string>();
  const services = new Set<string>();
  const denied = new Set<string>();
  const unmapped = new Set<string>();
  let calls = 0;
  let first = Infinity;
  let last = -Infinity;
  const { kind, account, name, arn } = identity;
  for (const fact of index.facts(identity.ids, { kind, account, name, arn, uniqueId: '' }, window)) {
    const { eventSource, eventName } = fact.call.operation;
    services.add(eventSource);
    calls += fact.calls;
    first = Math.min(first, fact.days[0] ?? first);
    last = Math.max(last, fact.days.at(-1) ?? last);
    if (outcomeOf(fact.call) === 'denied') {
      denied.add(`${eventSource} ${eventName}`);
      continue;
    }
    const mapping = permissionsOf(fact.call, nothingKnown);
    if (mapping.kind === 'mapped') for (const p of mapping.permissions) actions.add(p.action);
    else if (mapping.kind === 'unmapped') unmapped.add(`${eventSource} ${eventName}`);
  }
  return {
    identity,
    actions: actions.size,
    services: services.size,
    first: Number.isFinite(first) ? first : undefined,
    last: Number.isFinite(last) ? last : undefined,
    calls,
    denied: denied.size,
    unmapped: unmapped.size,
  };
}
