import { identities, type Identity } from '../cloudtrail/identity.ts';
import { noFacet } from '../cloudtrail/call.ts';
import type { Window } from '../iam/days.ts';
import { memo } from '../iam/memo.ts';
import { groupBy, sortedUnique } from '../iam/order.ts';
import { actionsOf } from '../permissions/operation.ts';
import { outcomeOf } from '../permissions/outcome.ts';
import type { IndexReader, ObservedFact } from '../store/reader.ts';
import { coveredDaysOf } from '../synth/usage/deliveries.ts';
import type { Activity, Seen } from './account.ts';

/** Refusals of so many last days are new where there were none before. */
const newDays = 7;
const mostEvents = 3;

/** What the index shows of a window. */
export function activityOf(index: IndexReader, window: Window): Activity {
  const coverage = index.coverage();
  const coveredOf = memo((account: string) => coveredDaysOf(coverage, [account]));
  return {
    lastDay: window.until,
    seen: identities(index.principals()).flatMap((identity) => {
      const { ids, kind, account, name, arn } = identity;
      const all = index.facts(ids, { kind, account, name, arn, uniqueId: '' }, window);
      const facts = [...all].filter(isOwn);
      return facts.length === 0 ? [] : [seenOf(identity, facts, index.facets(ids, window), window)];
    }),
    gaps: (account, days) =>
      days - coveredOf(account).filter((day) => day <= window.until && day > window.until - days).length,
  };
}

/** Not what a service did in its name. */
const isOwn = ({ call: { principal, context } }: ObservedFact): boolean =>
  context.invokedBy === '' || principal.kind === 'service';

const isSignIn = ({ call }: ObservedFact): boolean => call.operation.eventName === 'ConsoleLogin';
const isConsole = ({ call }: ObservedFact): boolean => call.operation.eventType.startsWith('AwsConsole');

const eventsOf = (facts: readonly ObservedFact[]): readonly string[] =>
  sortedUnique(facts.map(({ sample }) => sample.eventID).filter(Boolean)).slice(0, mostEvents);

function seenOf(
  identity: Identity,
  facts: readonly ObservedFact[],
  facets: ReturnType<IndexReader['facets']>,
  window: Window,
): Seen {
  const valuesOf = (kind: string): string[] =>
    sortedUnique(facets.filter((facet) => facet.kind === kind).map(({ value }) => value)).filter(
      (value) => value !== noFacet,
    );
  const keys = valuesOf('access-key');
  const api = new Set(facts.filter((fact) => !isConsole(fact)).flatMap(({ days }) => days));
  const called = facts.filter(({ call }) => outcomeOf(call) === 'allowed');
  const refused = newlyRefused(facts, window);
  return {
    identity,
    lastDay: facts.reduce((last, { days }) => Math.max(last, days.at(-1) ?? 0), 0),
    keyDays: keys.length === 0 ? 0 : api.size,
    keys,
    networks: valuesOf('ip'),
    // What a lasting key signs has no MFA attribute: such calls are a person's, in the console or after GetSessionToken
    // (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html#condition-keys-multifactorauthpresent).
    usesConsole: facts.some(isConsole) || valuesOf('mfa').includes('true'),
    mfaAtSignIn: valuesOf('sign-in-mfa'),
    sources: sortedUnique(called.map(({ call }) => call.operation.eventSource)),
    actions: sortedUnique(
      called.flatMap(({ call: { operation } }) => {
        const known = actionsOf(operation.eventSource, operation.eventName);
        return known.kind === 'actions' ? known.actions.map((action) => action.name) : [];
      }),
    ),
    events: eventsOf(facts),
    signIns: eventsOf(facts.filter(isSignIn)),
    assumed: new Map(
      called.flatMap(({ call: { operation, target }, sample }) => {
        const role = target.request['roleArn'];
        const isAssumed = operation.eventName.startsWith('AssumeRole') && typeof role === 'string';
        return isAssumed ? [[role, sample.eventID]] : [];
      }),
    ),
    refused: sortedUnique(refused.map(nameOf)),
    refusals: eventsOf(refused),
  };
}

const nameOf = ({ call: { operation } }: ObservedFact): string =>
  `${operation.eventSource.split('.', 1).join('')}:${operation.eventName}`;

/** What AWS refused on none but the last days of the window. */
function newlyRefused(facts: readonly ObservedFact[], { since, until }: Window): readonly ObservedFact[] {
  const split = until - newDays;
  if (since > split) return [];
  const refused = groupBy(
    facts.filter(({ call }) => outcomeOf(call) === 'denied'),
    nameOf,
  );
  return [...refused.values()].filter((of) => of.every(({ days }) => (days[0] ?? since) > split)).flat();
}
