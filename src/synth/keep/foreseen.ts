import { actionInfo, readData, spelled } from '../../iam/catalogue.ts';
import { mapOf, words } from '../../iam/json.ts';
import { once } from '../../iam/memo.ts';
import { byCodeUnit, sortedUnique } from '../../iam/order.ts';
import { grantedBy, type Held } from '../held/current-grants.ts';
import type { Cluster, Duty } from '../usage/duties.ts';
import type { Use } from '../usage/use.ts';
import type { Pin } from './pins.ts';

/** A permission that is held today, was not used, and may well be: a pin to propose, never a grant. */
export interface Foreseen {
  readonly action: string;
  /** ARN patterns; `*`: whatever of it is held today. */
  readonly resources: readonly string[];
  /** `alike`: those with the same duty use it; `companion`: it undoes what the principal does. */
  readonly why: 'alike' | 'companion';
  /** Of a companion: what it undoes. */
  readonly with?: string;
  /** How many use it, of `among`: others with the same duty, or others that do what it undoes. */
  readonly seen: number;
  readonly among: number;
}

/** Of the others that do the same so many must have used it, and more than half of them. */
const fewestOthers = 2;
/** Of more things it is proposed on whatever is held. */
const mostResources = 5;

const companions = once(() => mapOf(readData('overrides/companions.json')['verbs'], words));

/** What undoes an action, of those that AWS has: `sqs:DeleteQueue` of `sqs:CreateQueue`. */
export function companionsOf(action: string): readonly string[] {
  const [, service = '', verb = '', rest = ''] = /^([^:]+):([A-Z][a-z]+)(.*)$/.exec(action) ?? [];
  return (companions().get(verb) ?? []).flatMap(
    (other) => actionInfo(`${service}:${other}${rest}`)?.name ?? [],
  );
}

/**
 * What a principal holds today and is likely to need, though it was not used: what more than half of those with the same duty use, and what
 * undoes what it does, unless others do that and never undo it. Most likely first.
 * @param uses the principal's own, for the things that it made
 * @param all every duty, its own among them
 */
export function foreseen(
  { identity, used }: Duty,
  uses: readonly Use[],
  all: readonly Duty[],
  clusters: readonly Cluster[],
  held: Held,
): readonly Foreseen[] {
  const others = (duties: readonly Duty[]): readonly Duty[] =>
    duties.filter((duty) => duty.identity !== identity);
  const mine = clusters.find(({ members }) => members.some((duty) => duty.identity === identity));
  const like = others(mine?.members ?? []);
  const alike = (mine?.actions ?? []).flatMap((action): Foreseen[] => {
    const seen = like.filter((duty) => duty.used.has(action)).length;
    return seen >= fewestOthers && seen * 2 > like.length
      ? [{ action, resources: ['*'], why: 'alike', seen, among: like.length }]
      : [];
  });
  const undoing = [...used.keys()].flatMap((made) =>
    companionsOf(made).flatMap((action): Foreseen[] => {
      const doing = others(all).filter((duty) => duty.used.has(made));
      const seen = doing.filter((duty) => duty.used.has(action)).length;
      // Others do the one and never the other.
      if (doing.length >= fewestOthers && seen === 0) return [];
      const resources = thingsOf(uses, made, action);
      return [{ action, resources, why: 'companion', with: made, seen, among: doing.length }];
    }),
  );
  const found = new Map<string, Foreseen>();
  for (const one of [...alike, ...undoing])
    if (!used.has(one.action) && !found.has(one.action) && isHeld(one, held)) found.set(one.action, one);
  const share = ({ seen, among }: Foreseen): number => (among === 0 ? 0 : seen / among);
  return [...found.values()].sort((a, b) => share(b) - share(a) || byCodeUnit(a.action, b.action));
}

const typesOf = (action: string): string =>
  sortedUnique((actionInfo(action)?.resourceTypes ?? []).map((type) => type.name)).join();

/** The things that an action was used on, where the other takes things of the same types. */
function thingsOf(uses: readonly Use[], made: string, action: string): readonly string[] {
  const things = sortedUnique(uses.filter((use) => use.action === made).map(({ resource }) => resource));
  const isSame = typesOf(made) !== '' && typesOf(made) === typesOf(action);
  return isSame && things.length > 0 && things.length <= mostResources ? things : ['*'];
}

const isHeld = ({ action, resources }: Foreseen, held: Held): boolean =>
  resources.some(
    (resource) =>
      grantedBy(
        { action: spelled(action), resource, condition: [], context: new Map(), star: undefined },
        held,
      ).length > 0,
  );

/** It as pins, with no owner yet: who signs for them is for a person to say. @param expires days since 1970 */
export const pinsFor = (found: readonly Foreseen[], expires: number): readonly Pin[] =>
  found.flatMap((one) =>
    one.resources.map((resource) => ({
      action: one.action,
      resource,
      owner: '',
      reason: reasonOf(one),
      expires,
    })),
  );

/** `4 of 5 like it call lambda:ListFunctions`, `it calls sqs:CreateQueue; 2 of 3 others that do call sqs:DeleteQueue`. */
export const reasonOf = ({ action, why, with: made = '', seen, among }: Foreseen): string =>
  why === 'alike'
    ? `${seen} of ${among} like it call ${action}`
    : `it calls ${made}; ${among === 0 ? 'nobody else does that' : `${seen} of ${among} others that do call ${action}`}`;
