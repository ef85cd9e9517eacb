import { dayText } from '../iam/days.ts';
import { printable } from '../iam/printable.ts';
import type { Pinned } from '../synth/pins.ts';
import { limited, pad } from './change-text.ts';
import type { Colors } from './colors.ts';

/** The section of the review on what a person wants kept; nothing without pins. */
export function pinLines(pins: readonly Pinned[], c: Colors, most: number | undefined): readonly string[] {
  if (pins.length === 0) return [];
  const lines = pins.map((pin) => {
    const what = `${pad(pin.action)}  ${printable(pin.resource)}`;
    return `  ${pin.state === 'kept' ? '=' : '!'} ${what}   ${pinState(pin)}   ${printable(`${pin.owner}: ${pin.reason}`)}`;
  });
  return [`${c.strong('Pinned: kept whatever the log says')}\n${limited(lines, most)}`];
}

/** Until when a pin holds, or why it does nothing. */
export function pinState({ state, expires }: Pinned): string {
  switch (state) {
    case 'kept':
      return `until ${dayText(expires)}`;
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
