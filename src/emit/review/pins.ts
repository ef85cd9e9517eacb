import { dayText } from '../../iam/days.ts';
import { printable } from '../../iam/printable.ts';
import type { Pinned } from '../../synth/keep/pins.ts';
import { pad } from './change-lines.ts';

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
