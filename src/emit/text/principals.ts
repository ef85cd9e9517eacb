import { dayText } from '../../iam/days.ts';
import type { PrincipalSummary } from '../../synth/usage/principal-summary.ts';
import { table } from '../review/words.ts';

const dayOrDash = (day: number | undefined): string => (day === undefined ? '-' : dayText(day));

/** `principals` as a table, the busiest kinds first as they come. */
export function principalTable(summaries: readonly PrincipalSummary[]): string {
  return table([
    ['KIND', 'ACCOUNT', 'NAME', 'ACTIONS', 'SERVICES', 'FIRST', 'LAST', 'DENIED', 'UNMAPPED'],
    ...summaries.map((s) => [
      s.identity.kind,
      s.identity.account || '-',
      s.identity.name || s.identity.arn || '-',
      s.actions,
      s.services,
      dayOrDash(s.first),
      dayOrDash(s.last),
      s.denied,
      s.unmapped,
    ]),
  ]);
}
