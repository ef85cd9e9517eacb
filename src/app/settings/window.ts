import { parseDay, type Window } from '../../iam/days.ts';
import { InputError } from '../../iam/input-error.ts';

/** `--since`, `--until`, `--as-of`: a day (`YYYY-MM-DD`), or for `--since` and `--until` days back (`90d`). */
export interface WindowFlags {
  readonly since?: string | undefined;
  readonly until?: string | undefined;
  readonly asOf?: string | undefined;
}

/**
 * The window that flags choose out of the covered days. Relative days count back from `--as-of`, else from the last
 * covered day, never from the clock; `7d` is the seven days that end there.
 */
export function windowOf(flags: WindowFlags, covered: Window): Window {
  const end = flags.asOf === undefined ? covered.until : parseDay(flags.asOf, '--as-of');
  const until = flags.until === undefined ? end : dayOr(flags.until, '--until', (days) => end - days);
  const since =
    flags.since === undefined ? covered.since : dayOr(flags.since, '--since', (days) => until - days + 1);
  if (since > until && flags.since !== undefined) {
    throw new InputError(`--since ${flags.since}: lies after the end of the window; give an earlier day`);
  }
  return { since, until };
}

/** A day as written, or what `relative` makes of days back (`90d`). @throws InputError for anything else */
export function dayOr(text: string, flag: string, relative: (days: number) => number): number {
  const days = /^(\d{1,5})d$/.exec(text)?.[1];
  return days === undefined ? parseDay(text, flag) : relative(Number(days));
}

/** A number of days, written `30d`. @throws InputError for anything else */
export function daysOf(text: string, flag: string): number {
  const days = Number(/^([1-9]\d{0,3})d$/.exec(text)?.[1]);
  if (Number.isNaN(days)) throw new InputError(`${flag} ${text}: write days as 30d`);
  return days;
}
