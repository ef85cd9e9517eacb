import { dayText } from '../../iam/days.ts';
import { groupBy, sortedUnique } from '../../iam/order.ts';
import { printable } from '../../iam/printable.ts';
import type { Doubt } from '../../synth/keep/doubts.ts';
import type { Pinned } from '../../synth/keep/pins.ts';
import type { Attention } from '../../synth/attention.ts';
import { pad } from './change-lines.ts';
import { seenText } from './evidence.ts';

const because: Record<Doubt['reason'], string> = {
  contradicted: 'not allowed by these policies as read',
  'may-need': 'may have needed it',
  'unmapped-call': 'needs what nobody knows',
};

/**
 * What may be needed although no event shows it, and stays: a line for each set of calls and resources.
 * @param said what is said first, and not again
 */
export function keptLines(doubts: readonly Doubt[], said: readonly Attention[]): readonly string[] {
  const first = said.flatMap((item) => (item.kind === 'kept-roles' ? [item.doubt] : []));
  return linesOf(doubts.filter((doubt) => doubt.kept && !first.includes(doubt)));
}

/** What may be needed and is not held. */
export const notHeldLines = (doubts: readonly Doubt[]): readonly string[] =>
  linesOf(doubts.filter(({ kept }) => !kept));

const linesOf = (doubts: readonly Doubt[]): readonly string[] =>
  [
    ...groupBy(doubts, (one) => JSON.stringify([one.kept, one.reason, one.resources, namesOf(one)])).values(),
  ].flatMap((alike) => {
    const [first] = alike;
    if (!first) return [];
    const more = alike.length > 1 ? ` and ${alike.length - 1} more` : '';
    const where = first.resources.length > 0 ? `${placesOf(first)}   ` : '';
    return [
      `  ${first.kept ? '=' : '!'} ${pad(first.action + more)}  ${where}${printable(reasonText(first))}`,
    ];
  });

/** `ecs RunTask may have needed it: 21 calls on 7 days, last 2026-03-08, event 1b2c` */
export const reasonText = (doubt: Doubt): string => `${doubtText(doubt)}: ${seenText(doubt.calls)}`;

/** `ecs RunTask may have needed it` */
export function doubtText(doubt: Doubt): string {
  const names = namesOf(doubt);
  const more = names.length > 2 ? ` and ${names.length - 2} others` : '';
  return `${names.slice(0, 2).join(', ')}${more} ${because[doubt.reason]}`;
}

const namesOf = ({ calls }: Doubt): readonly string[] =>
  sortedUnique(calls.map(({ eventSource, eventName }) => `${eventSource.split('.')[0] ?? ''} ${eventName}`));

export const placesOf = ({ resources }: Doubt): string =>
  printable(
    resources.length > 3
      ? `${resources.slice(0, 3).join(', ')} and ${resources.length - 3} more`
      : resources.join(', '),
  );

/** What a person wants kept, a line each. */
export const pinLines = (pins: readonly Pinned[]): readonly string[] =>
  pins.map((pin) => {
    const what = `${pad(pin.action)}  ${printable(pin.resource)}`;
    return `  ${pin.state === 'kept' ? '=' : pin.state === 'restored' ? '+' : '!'} ${what}   ${pinState(pin)}   ${printable(`${pin.owner}: ${pin.reason}`)}`;
  });

/** Until when a pin holds, or why it does nothing. */
export function pinState({ state, expires }: Pinned): string {
  switch (state) {
    case 'kept':
      return `until ${dayText(expires)}`;
    case 'restored':
      return `given back, until ${dayText(expires)}`;
    case 'expired':
      return `expired ${dayText(expires)}, not applied`;
    case 'not-held':
      return 'not held today, adds nothing';
    case 'not-known':
      return 'adds nothing without --current';
  }
}

/** A pin in machine output. */
export const pinJson = ({ action, resource, owner, reason, expires, state, actions }: Pinned): object => ({
  action,
  resource,
  owner,
  reason,
  expires: dayText(expires),
  state,
  actions,
});
