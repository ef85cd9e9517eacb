import type { AwsAccess } from '../aws/access.ts';
import type { Identity } from '../cloudtrail/identity.ts';
import { dayOfTime } from '../iam/days.ts';
import type { Current } from '../current/current.ts';
import type { Today } from '../synth/held/today.ts';

/** Today's policies of one principal. While there are faults nothing may be decided from them. */
export interface FoundToday extends Today {
  readonly faults: readonly string[];
  /** Whether the input knows the principal at all. */
  readonly isKnown: boolean;
}

/** What everybody holds today, as `--current` names it; undefined without it. @throws InputError when it cannot be read */
export const readToday = async (
  source: string | undefined,
  access: AwsAccess,
): Promise<Current | undefined> =>
  source === undefined ? undefined : (await import('../current/current.ts')).readCurrent(source, access);

/** @param alone whether only this principal is asked about: then policies that name nobody are its own */
export function todayOf(
  current: Current,
  { kind, name, arn, accounts }: Identity,
  alone: boolean,
): FoundToday {
  const [account = ''] = accounts;
  const holder = current.forPrincipal({ kind, name, arn, account, uniqueId: '' });
  if (holder) {
    return {
      identity: holder.policies.map((p) => p.document),
      boundary: holder.boundary?.document,
      ...(holder.boundary?.arn === undefined ? {} : { boundaryArn: holder.boundary.arn }),
      made: holder.policies.map(({ createDate = '' }) => dayMade(createDate)),
      holdings: holder.policies,
      faults: holder.faults,
      isKnown: true,
    };
  }
  const isKnown = alone && current.unnamed.length > 0;
  return {
    identity: isKnown ? current.unnamed.map((p) => p.document) : [],
    boundary: undefined,
    holdings: isKnown ? current.unnamed : [],
    faults: [],
    isKnown,
  };
}

/** The UTC day of a time as AWS writes it (`2026-03-02T10:00:00+00:00`); undefined for anything else. */
function dayMade(time: string): number | undefined {
  const seconds = /^\d{4}-\d{2}-\d{2}T[\d:.]+(?:Z|[+-]\d{2}:?\d{2})$/.test(time)
    ? Date.parse(time) / 1000
    : NaN;
  return Number.isNaN(seconds) ? undefined : dayOfTime(seconds);
}
