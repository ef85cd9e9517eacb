import { dayText } from '../../iam/days.ts';
import { sortedUnique } from '../../iam/order.ts';
import type { Doubt } from '../../synth/keep/doubts.ts';
import type { Pinned } from '../../synth/keep/pins.ts';
import { seenOf } from './evidence.ts';
import type { Mark, Row } from './section.ts';
import { someOf } from './words.ts';

const because: Record<Doubt['reason'], string> = {
  contradicted: 'not allowed by these policies as read',
  'may-need': 'may have needed it',
  'unmapped-call': 'needs what nobody knows',
};

/** `ecs RunTask may have needed it` */
export function doubtText({ reason, calls }: Doubt): string {
  const names = sortedUnique(
    calls.map(({ eventSource, eventName }) => `${eventSource.split('.')[0] ?? ''} ${eventName}`),
  );
  return `${someOf(names, 2)} ${because[reason]}`;
}

/** What calls may have needed: kept, or not held. */
export const doubtRow = (doubt: Doubt): Row => ({
  mark: doubt.kept ? '=' : '!',
  what: doubt.action,
  where: someOf(doubt.resources, 3),
  seen: seenOf(doubt.calls),
  why: doubtText(doubt),
});

const pinMarks: Readonly<Record<Pinned['state'], Mark>> = {
  kept: '=',
  restored: '+',
  expired: '!',
  'not-held': '!',
  'not-known': '!',
};

/** What a person wants kept, a row each. */
export const pinRow = (pin: Pinned): Row => ({
  mark: pinMarks[pin.state],
  what: pin.action,
  where: pin.resource,
  why: `${pinState(pin)}; ${pin.owner}: ${pin.reason}`,
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
