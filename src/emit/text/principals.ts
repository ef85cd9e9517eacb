import { tableLines } from '../review/words.ts';
import { dayText } from '../../iam/days.ts';
import type { PrincipalSummary } from '../../synth/usage/summary.ts';

const dayOrDash = (day: number | undefined): string => (day === undefined ? '-' : dayText(day));

const titles = (calls: string): readonly string[] =>
  `KIND,ACCOUNT,NAME,${calls},ACTIONS,SERVICES,FIRST,LAST,DENIED,UNMAPPED`.split(',');

const cellsOf = (s: PrincipalSummary): readonly (string | number)[] => [
  s.identity.kind,
  s.identity.account || '-',
  s.identity.name || s.identity.arn || '-',
  s.calls,
  s.actions,
  s.services,
  dayOrDash(s.first),
  dayOrDash(s.last),
  s.denied,
  s.unmapped,
];

/** `principals` as the lines of a table; calls as delivered. */
export const principalTable = (summaries: readonly PrincipalSummary[]): Iterable<string> =>
  tableLines({
    *[Symbol.iterator]() {
      yield titles(summaries.some(({ isAtMost }) => isAtMost) ? 'CALLS AT MOST' : 'CALLS');
      for (const summary of summaries) yield cellsOf(summary);
    },
  });

/** `principals --json`: one object per line. */
export function principalJson(s: PrincipalSummary): object {
  const { kind, arn, account, name, accounts, uniqueIds } = s.identity;
  return {
    kind,
    arn,
    account,
    name,
    accounts,
    uniqueIds,
    actions: s.actions,
    services: s.services,
    firstDay: s.first === undefined ? null : dayText(s.first),
    lastDay: s.last === undefined ? null : dayText(s.last),
    callsAsDelivered: s.calls,
    denied: s.denied,
    unmapped: s.unmapped,
  };
}
