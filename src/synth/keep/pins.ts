import { expandActions } from '../../iam/catalogue.ts';
import { includes } from '../../iam/pattern/language.ts';
import { byCodeUnit, sortedUnique } from '../../iam/order.ts';
import { actionPattern, matches, resourcePattern } from '../../iam/pattern/pattern.ts';
import { allHeld, type Held } from '../held/current-grants.ts';
import type { Grant } from '../held/grant.ts';

/** Something held today that a person wants kept whatever the log says. */
export interface Pin {
  /** An action, or a pattern of actions of one service: `s3:GetObject`, `s3:Get*`. */
  readonly action: string;
  /** An ARN or a pattern of ARNs, as in a policy; `*` for all. */
  readonly resource: string;
  readonly owner: string;
  readonly reason: string;
  /** The last day it holds, in days since 1970. */
  readonly expires: number;
}

/** A pin and what became of it. */
export interface Pinned extends Pin {
  /** `restored`: it names a regression; `not-known`: without today's policies nothing can be kept of them. */
  readonly state: 'kept' | 'restored' | 'expired' | 'not-held' | 'not-known';
  /** The actions it keeps, wildcards expanded. */
  readonly actions: readonly string[];
}

/** Whether a pin speaks of all of something on a day. */
export const names = (
  pin: Pin,
  { action, resource }: { readonly action: string; readonly resource: string },
  day: number,
): boolean =>
  pin.expires >= day &&
  matches(actionPattern(pin.action), action.toLowerCase()) &&
  includes([resourcePattern(pin.resource, true)], resourcePattern(resource, true));

/**
 * What pins keep: their share of what is held today, under today's conditions, never more. @param day the last one of the window, not
 * the clock's: a pin that ends before it has expired @param regressions what a pin that names it gives back
 */
export function pinned(
  pins: readonly Pin[],
  held: Held | undefined,
  day: number,
  regressions: readonly { readonly action: string; readonly resource: string }[],
): { readonly grants: readonly Grant[]; readonly list: readonly Pinned[] } {
  const grants: Grant[] = [];
  const list = pins.map((pin): Pinned => {
    if (pin.expires < day) return { ...pin, state: 'expired', actions: [] };
    const restored = regressions.filter((regression) => names(pin, regression, day));
    if (!held && restored.length === 0) return { ...pin, state: 'not-known', actions: [] };
    const own = actionsOf(pin).flatMap((action) => (held ? allHeld(action, held, pin.resource) : []));
    grants.push(...own);
    return {
      ...pin,
      state: restored.length > 0 ? 'restored' : own.length > 0 ? 'kept' : 'not-held',
      actions: sortedUnique([...own, ...restored].map(({ action }) => action)),
    };
  });
  return { grants, list: list.sort((a, b) => byCodeUnit(orderKey(a), orderKey(b))) };
}

function actionsOf({ action }: Pin): readonly string[] {
  const known = expandActions(action);
  return known.length > 0 || /[*?]/.test(action) ? known : [action];
}

const orderKey = ({ action, resource, owner }: Pin): string => JSON.stringify([action, resource, owner]);
