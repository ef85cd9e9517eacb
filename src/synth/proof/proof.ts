import type { Held } from '../held/current-grants.ts';
import { withoutOtherReadings } from '../held/readings.ts';
import type { Observed, Use } from '../usage/use.ts';
import type { Replay, Verdict } from './replay.ts';

/** Every observed use is in exactly one of the seven after `uses`. */
export interface Proof {
  readonly uses: number;
  readonly allowed: number;
  readonly denied: number;
  readonly grantedElsewhere: number;
  readonly contradicted: number;
  readonly undetermined: number;
  readonly unmapped: number;
  readonly noPermission: number;
  readonly callsAsDelivered: number;
}

/** A use, and what becomes of it under some policies. */
export interface Judged {
  readonly use: Use;
  readonly verdict: Verdict;
}

/** What becomes of all that was seen; of the readings of one need each that may be the true one. */
export function judge(
  observed: Observed,
  held: Held | undefined,
  replay: Replay,
): { readonly verdicts: readonly Judged[]; readonly proof: Proof } {
  const uses = held ? withoutOtherReadings(observed.uses, held) : observed.uses;
  const verdicts = uses.map((use) => ({ use, verdict: replay.verdict(use) }));
  const count = (kind: Verdict['kind']): number =>
    verdicts.filter(({ verdict }) => verdict.kind === kind).length;
  const { unmapped, noPermission, callsAsDelivered } = observed;
  return {
    verdicts,
    proof: {
      uses: verdicts.length + unmapped.length + noPermission,
      allowed: count('allowed'),
      denied: count('denied'),
      grantedElsewhere: count('granted-elsewhere'),
      contradicted: count('contradicted'),
      undetermined: count('undetermined'),
      unmapped: unmapped.length,
      noPermission,
      callsAsDelivered,
    },
  };
}
