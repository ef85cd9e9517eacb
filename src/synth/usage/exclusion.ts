import type { ObservedCall } from '../../cloudtrail/call.ts';
import { sessionShape } from '../../cloudtrail/principal.ts';
import { parseDay } from '../../iam/days.ts';
import { InputError } from '../../iam/input-error.ts';
import { actionPattern, matches, type Pattern } from '../../iam/pattern/pattern.ts';

/** Names of a call that a pattern may be of. */
const namesOf = {
  session: ({ context }: ObservedCall) => [context.session],
  'source-identity': ({ context }: ObservedCall) => [context.sourceIdentity],
  event: ({ operation: { eventSource, eventName } }: ObservedCall) =>
    ['', `${eventSource.replace(/\.amazonaws\.com$/, '')}:`, `${eventSource}:`].map((of) => of + eventName),
} as const;

/** Evidence to leave out: an incident, a migration, a break-glass session. */
export type Exclusion =
  | { readonly kind: keyof typeof namesOf; readonly text: string; readonly pattern: Pattern }
  | { readonly kind: 'day'; readonly text: string; readonly since: number; readonly until: number };

/**
 * Reads `session=NAME`, `source-identity=NAME`, `event=NAME` (an event name, or `source:name`), `day=YYYY-MM-DD` or
 * `day=FIRST..LAST`. Names may hold `*` and `?`, and compare case-insensitively.
 * @throws InputError for anything else
 */
export function parseExclusion(text: string): Exclusion {
  const [, kind = '', value] = /^([a-z-]+)=(.+)$/s.exec(text) ?? [];
  if (value !== undefined && kind === 'day') {
    const [since = 0, until = since] = value.split('..').map((day) => parseDay(day, '--exclude day'));
    return { kind, text, since, until };
  }
  if (value !== undefined && (kind === 'session' || kind === 'source-identity' || kind === 'event'))
    return { kind, text, pattern: actionPattern(kind === 'session' ? sessionShape(value) : value) };
  throw new InputError(
    `--exclude ${JSON.stringify(text)}: use session=NAME, source-identity=NAME, event=NAME, day=YYYY-MM-DD or day=FIRST..LAST`,
  );
}

/** The days of a fact that no exclusion covers. @param matched gets the texts of those that cover any */
export function daysLeft(
  call: ObservedCall,
  days: readonly number[],
  exclusions: readonly Exclusion[],
  matched: Set<string>,
): readonly number[] {
  let left = days;
  for (const exclusion of exclusions) {
    const covered = coveredBy(exclusion, call, days);
    if (covered.length === 0) continue;
    matched.add(exclusion.text);
    left = left.filter((day) => !covered.includes(day));
  }
  return left;
}

function coveredBy(exclusion: Exclusion, call: ObservedCall, days: readonly number[]): readonly number[] {
  if (exclusion.kind === 'day') return days.filter((day) => day >= exclusion.since && day <= exclusion.until);
  const names = namesOf[exclusion.kind](call);
  return names.some((name) => name !== '' && matches(exclusion.pattern, name.toLowerCase())) ? days : [];
}
