import { serviceOf } from '../../iam/catalogue.ts';
import { byCodeUnit, groupBy, sortedUnique } from '../../iam/order.ts';
import { allHeld, type Held } from '../held/current-grants.ts';
import type { Grant } from '../held/grant.ts';
import type { Evidence } from '../usage/gathering.ts';
import type { PossibleUse, UnknownCall, Use } from '../usage/use.ts';
import { heldOfPossible, withAllReceivers } from './may-need.ts';
import { perhapsNeeded, reads, type Unread } from './unmapped-calls.ts';

/** Why evidence of calls speaks against giving something up. */
export type DoubtReason = 'contradicted' | 'may-need' | 'unmapped-call';

/** A call that was seen. */
export type SeenCall = Evidence & Pick<UnknownCall, 'eventSource' | 'eventName'>;

/** An action that calls may have needed although they do not show it. */
export interface Doubt {
  readonly action: string;
  readonly reason: DoubtReason;
  /** What of it stays, as patterns; `*` for all but some. */
  readonly resources: readonly string[];
  readonly calls: readonly SeenCall[];
  /** False: nothing of it is held, so nothing stays. */
  readonly kept: boolean;
}

/** What a principal's calls leave in doubt. */
export interface Doubtful {
  /** Uses that nothing but an identity policy can allow, and today's do not. */
  readonly contradicted: readonly Use[];
  readonly unmapped: readonly UnknownCall[];
  readonly possible: readonly PossibleUse[];
}

/** What of today's policies stays because calls may have needed it, under today's conditions; sorted by reason and action. */
export function doubts(
  held: Held,
  { contradicted, unmapped, possible }: Doubtful,
): { readonly grants: readonly Grant[]; readonly list: readonly Doubt[] } {
  const grants: Grant[] = [];
  const list: Doubt[] = [];
  const add = (
    reason: DoubtReason,
    action: string,
    calls: readonly SeenCall[],
    own: readonly Grant[],
  ): void => {
    grants.push(...own);
    list.push({ action, reason, resources: resourcesOf(own), calls, kept: own.length > 0 });
  };
  const unread: (SeenCall & Unread)[] = [...unmapped];
  for (const [action, uses] of groupBy(contradicted, (use) => use.action)) {
    const own = allHeld(action, held);
    if (own.length > 0) add('contradicted', action, uses, own);
    else
      unread.push(...uses.map((use) => ({ ...use, readOnly: reads(action), services: [serviceOf(action)] })));
  }
  for (const [action, uses] of groupBy(possible, (use) => use.action)) {
    const own = withAllReceivers(uses.flatMap((use) => heldOfPossible(use, held)));
    add('may-need', action, uses, own);
  }
  const perhaps = new Map<string, SeenCall[]>();
  for (const calls of groupBy(unread, callKey).values()) {
    const [first] = calls;
    for (const action of first ? perhapsNeeded(first, held) : [])
      perhaps.set(action, [...(perhaps.get(action) ?? []), ...calls]);
  }
  for (const [action, calls] of perhaps) {
    const own = allHeld(action, held);
    if (own.length > 0) add('unmapped-call', action, calls, own);
  }
  return { grants, list: list.sort((a, b) => byCodeUnit(orderKey(a), orderKey(b))) };
}

const resourcesOf = (grants: readonly Grant[]): readonly string[] =>
  sortedUnique(grants.flatMap(({ resources: { kind, patterns } }) => (kind === 'only' ? patterns : ['*'])));

const callKey = ({ eventSource, eventName, readOnly }: Unread): string =>
  `${eventSource} ${eventName} ${String(readOnly)}`;

const orderKey = ({ reason, action }: Doubt): string => `${reason} ${action}`;
