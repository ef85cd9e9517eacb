import type { ObservedCall } from '../../cloudtrail/call.ts';
import { sessionShape } from '../../cloudtrail/session.ts';
import { parseDay } from '../../iam/days.ts';
import { InputError } from '../../iam/input-error.ts';
import { actionPattern, matches, type Pattern } from '../../iam/pattern/pattern.ts';

/** Evidence to leave out: an incident, a migration, a break-glass session. */
export type Exclusion =
  | {
      readonly kind: 'session' | 'source-identity' | 'event';
      readonly text: string;
      readonly pattern: Pattern;
    }
  | { readonly kind: 'day'; readonly text: string; readonly since: number; readonly until: number };

/**
 * Reads `session=NAME`, `source-identity=NAME`, `event=NAME` (an event name, or `source:name`), `day=YYYY-MM-DD` or
 * `day=FIRST..LAST`. Names may hold `*` and `?`, and compare case-insensitively.
 * @throws InputError for anything else
 */
export function parseExclusion(text: string): Exclusion {
  const [, kind = '', value] = /^([a-z-]+)=(.+)$/s.exec(text) ?? [];
  if (value !== undefined) {
    switch (kind) {
      case 'session':
        return { kind, text, pattern: actionPattern(sessionShape(value)) };
      case 'source-identity':
      case 'event':
        return { kind, text, pattern: actionPattern(value) };
      case 'day': {
        const [first = '', last = first] = value.split('..');
        return {
          kind,
          text,
          since: parseDay(first, '--exclude day'),
          until: parseDay(last, '--exclude day'),
        };
      }
      default:
        break;
    }
  }
  throw new InputError(
    `--exclude ${JSON.stringify(text)}: use session=NAME, source-identity=NAME, event=NAME, day=YYYY-MM-DD or day=FIRST..LAST`,
  );
}

/** The days of a fact that no exclusion covers. */
export function daysLeft(
  call: ObservedCall,
  days: readonly number[],
  exclusions: readonly Exclusion[],
): readonly number[] {
  let left = days;
  for (const exclusion of exclusions) {
    if (exclusion.kind === 'day') left = left.filter((day) => day < exclusion.since || day > exclusion.until);
    else if (isExcluded(call, exclusion.kind, exclusion.pattern)) return [];
  }
  return left;
}

function isExcluded(
  { context, operation }: ObservedCall,
  kind: 'session' | 'source-identity' | 'event',
  pattern: Pattern,
): boolean {
  switch (kind) {
    case 'session':
      return context.session !== '' && matches(pattern, context.session.toLowerCase());
    case 'source-identity':
      return context.sourceIdentity !== '' && matches(pattern, context.sourceIdentity.toLowerCase());
    case 'event': {
      const name = operation.eventName.toLowerCase();
      const service = operation.eventSource.replace(/\.amazonaws\.com$/, '');
      return (
        matches(pattern, name) ||
        matches(pattern, `${service}:${name}`) ||
        matches(pattern, `${operation.eventSource}:${name}`)
      );
    }
  }
}
