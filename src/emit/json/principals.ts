import { dayText } from '../../iam/days.ts';
import type { PrincipalSummary } from '../../synth/usage/principal-summary.ts';

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
