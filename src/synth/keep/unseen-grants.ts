/** Room `keep`: what of today stays although no use speaks for it, and why. */
import { canBeOn, expandActions, serviceOf } from '../../iam/catalogue.ts';
import { claimOf } from '../../iam/decide/claim.ts';
import { conditionHolds } from '../../iam/decide/condition.ts';
import { words } from '../../iam/json.ts';
import { memo } from '../../iam/memo.ts';
import { groupBy } from '../../iam/order.ts';
import { actionPattern, matches } from '../../iam/pattern/pattern.ts';
import { byOperatorAndKey, type Condition, type Statement } from '../../iam/policy/policy.ts';
import { servicesOfSource } from '../../permissions/event-source.ts';
import { testimony, type LastAccessed } from '../../permissions/last-accessed.ts';
import type { Deliveries } from '../usage/deliveries.ts';
import { cannotUse, type Trust } from '../../permissions/unusable.ts';
import { appliesTo, type CompiledStatement } from '../../iam/decide/compiled.ts';
import { isTakenAway, type Held } from '../held/current-grants.ts';
import type { Grant } from '../held/grant.ts';
import {
  Silence,
  type BlindSpot,
  type Grounds,
  type MissingEvents,
  type RegionLimit,
  type SilenceReason,
} from './silence.ts';

/** Why a permission stays, or was given up, although no use speaks for it. */
export type UnseenReason = SilenceReason | 'account-missing' | 'too-young' | 'used-before';

type Spot = Pick<Unseen, 'reason' | 'missing' | 'regions' | 'except'>;

/** A permission held today of which silence says nothing. */
export interface Unseen {
  readonly action: string;
  readonly resource: string;
  readonly reason: UnseenReason;
  /** With `data-events-off`: which events a trail leaves out, or is not known to log. */
  readonly missing?: MissingEvents;
  /** False: given up all the same, because no policy names its service and nobody called it, or silence was to be believed. */
  readonly kept: boolean;
  /** It stays in these Regions only, or everywhere but in these. */
  readonly regions?: readonly string[];
  readonly except?: readonly string[];
}

interface KeepOptions extends Grounds {
  /** `drop`: a person has decided that unseen is unused. */
  readonly unobservable: 'keep' | 'drop';
  /** IAM prefixes of the services that the principal used, or may have used. */
  readonly services: ReadonlySet<string>;
  /** Who may assume the role, where that is known. */
  readonly trust?: Trust | undefined;
  readonly lastAccessed?: LastAccessed | undefined;
}

/**
 * What must stay because the log could not have shown it, at today's resources and conditions, cut to the Regions of which that holds.
 * Of what a policy reaches by a pattern over services only, an action that no known event shows stays in the services that
 * anybody in the account called; the rest is listed as given up. The notes say what was given up for lack of any log.
 */
export function unseen(
  held: Held,
  options: KeepOptions,
): {
  readonly grants: readonly Grant[];
  readonly list: readonly Unseen[];
  readonly notes: readonly string[];
} {
  const silence = new Silence(options);
  const called = calledServices(options);
  const known = knownFor(options);
  const { accounts, partition, minWindow, unobservable, trust, shown = [] } = options;
  const sets = [called, shown].map((set) => [...set].sort());
  const { limits } = held;
  const refusals = held.refusals.filter(({ isUnconditional }) => isUnconditional);
  const around = [refusals, limits].map((list) => list?.map(({ source }) => source.actions));
  const ground = JSON.stringify([accounts, partition, minWindow, unobservable, trust, sets, around]);
  const isOut = (action: string): boolean =>
    isTakenAway(action, refusals) || limits?.some((limit) => appliesTo(limit, action)) === false;
  const parts = held.allows.map(({ source }) => {
    const key = `${ground} ${JSON.stringify(source)}`;
    const part = known?.get(key) ?? unseenOf(source, isOut, silence, called, options);
    known?.set(key, part);
    return part;
  });
  const lists = parts.map(({ list }) => list).filter((list) => list.length > 0);
  return {
    grants: parts.flatMap(({ grants }) => grants),
    list: lists.length === 1 ? lists.flat() : deduplicated(lists.flat()),
    notes: [
      ...unseenAccess(options),
      ...(parts.some((part) => part.givesUpElsewhere) ? regionNotes(silence, options) : []),
    ],
  };
}

/** What of one statement stays. */
interface OfStatement {
  readonly grants: readonly Grant[];
  readonly list: readonly Unseen[];
  /** Whether anything that names no Region is given up where nothing was delivered. */
  readonly givesUpElsewhere: boolean;
}

/** So many statements are remembered, for many principals hold the same. */
const mostStatements = 40;

const remembered = new WeakMap<
  Deliveries,
  { readonly trails: Grounds['trails']; readonly known: Map<string, OfStatement> }
>();

/** What is known of statements by what was delivered; nothing with last accessed data, which are of one principal alone. */
function knownFor({ deliveries, trails, lastAccessed }: KeepOptions): Map<string, OfStatement> | undefined {
  if (lastAccessed) return undefined;
  const same = remembered.get(deliveries);
  const found = same && same.trails === trails ? same : { trails, known: new Map<string, OfStatement>() };
  if (found.known.size > mostStatements) found.known.clear();
  remembered.set(deliveries, found);
  return found.known;
}

/** @param isOut whether a Deny or today's boundary takes an action away from everything */
function unseenOf(
  statement: Statement,
  isOut: (action: string) => boolean,
  silence: Silence,
  called: ReadonlySet<string>,
  options: KeepOptions,
): OfStatement {
  const grants: Grant[] = [];
  const list: Unseen[] = [];
  let givesUpElsewhere = false;
  // It grants nothing.
  const isOfNone = statement.resources.kind === 'except' && statement.resources.patterns.includes('*');
  const limit = regionLimit(statement.conditions);
  const resources = resourceTexts(statement);
  for (const [action, isNamed] of isOfNone ? [] : actionsOf(statement)) {
    if (cannotUse(action, options.trust) || isOut(action)) continue;
    const kept = (reason: UnseenReason): boolean =>
      reason === 'used-before' ||
      (options.unobservable === 'keep' &&
        (isNamed ||
          !(reason === 'never-logged' || reason === 'no-known-event') ||
          called.has(serviceOf(action))));
    const said = witness(action, options);
    const open = resources
      .filter((resource) => canBeOn(action, resource))
      .flatMap((resource) => {
        const spots = silence.blindSpots(action, resource, limit);
        givesUpElsewhere ||= silence.givingUpElsewhere.has(spots);
        return heard(spots, said).map((spot) => ({ resource, spot }));
      });
    list.push(...open.map(({ resource, spot }) => ({ action, resource, ...spot, kept: kept(spot.reason) })));
    const own = open
      .filter(({ spot }) => kept(spot.reason))
      .map(({ resource, spot }) => cut(action, resource, statement, spot));
    // Under the same conditions one grant has all resources.
    for (const [conditions, alike] of groupBy(own, (grant) => grant.conditions)) {
      const patterns = alike.flatMap((grant) => grant.resources.patterns);
      grants.push({ action, resources: { kind: statement.resources.kind, patterns }, conditions });
    }
  }
  return { grants, list: deduplicated(list), givesUpElsewhere };
}

type Testimony = ReturnType<typeof testimony>;

/** What last accessed data say of an action. */
const witness = (
  action: string,
  { lastAccessed, services, deliveries: { window } }: KeepOptions,
): Testimony =>
  lastAccessed &&
  testimony(lastAccessed, action, { since: window.since, isSeen: services.has(serviceOf(action)) });

/** What is left in the dark after a witness spoke: `unused` stands in for events that nothing shows, `used-before` keeps what the log would give up. */
function heard(spots: readonly BlindSpot[], said: Testimony): readonly Spot[] {
  if (said === 'used-before' && spots.length === 0) return [{ reason: said }];
  return said === 'unused'
    ? spots.filter(({ reason }) => reason !== 'no-known-event' && reason !== 'data-events-off')
    : spots;
}

/** Services that were accessed in the window by IAM's own data, and by no event of the index. */
function unseenAccess({ lastAccessed, services, deliveries: { window } }: KeepOptions): readonly string[] {
  const missing = [...(lastAccessed?.services.values() ?? [])]
    .filter(({ lastDay = -Infinity }) => lastDay >= window.since && lastDay <= window.until)
    .map(({ service }) => service)
    .filter((service) => !services.has(service));
  return missing.length === 0
    ? []
    : [
        `IAM saw access to ${missing.sort().join(', ')} in the window and the index shows none: logs are missing, or these calls are data events`,
      ];
}

/** Services of which anybody in the principal's accounts was seen calling one, and those it used itself. */
const calledServices = ({ accounts, deliveries, services }: KeepOptions): ReadonlySet<string> =>
  new Set([
    ...services,
    ...accounts.flatMap((account) => deliveries.sources(account)).flatMap(servicesOfSource),
  ]);

const regionKey = 'aws:RequestedRegion';
const isOnRegion = ({ key }: Condition): boolean => key.toLowerCase() === regionKey.toLowerCase();

const everywhere: RegionLimit = { named: undefined, allows: () => true };

/** What conditions say of the Regions of a call. */
function regionLimit(conditions: readonly Condition[]): RegionLimit {
  const own = conditions.filter(isOnRegion);
  if (own.length === 0) return everywhere;
  const compiled = own.map((condition) => claimOf(condition, true));
  const [named] = own
    .filter(({ operator, values }) => operator === 'StringEquals' && !values.some((v) => v.includes('$')))
    .map(({ values }) => values);
  return {
    named,
    allows: (region) => {
      const context = { values: new Map([[regionKey.toLowerCase(), [region]]]), isComplete: false };
      return compiled.every((condition) => conditionHolds(condition, context) !== false);
    },
  };
}

/** One grant of a statement in the Regions of a spot: by the Region of the ARN where that is a pattern, else by a condition. */
function cut(
  action: string,
  resource: string,
  { resources, conditions }: Statement,
  { regions, except }: Spot,
): Grant {
  const all = resources.kind === 'except' ? resources : { kind: 'only' as const, patterns: [resource] };
  if (except) return { action, resources: all, conditions: limited(conditions).outside(except.join(' ')) };
  if (!regions) return { action, resources: all, conditions };
  const [, before, after] = /^(arn:[^:]*:[^:]*:)[^:$]*[*?][^:$]*(:.*)$/.exec(resource) ?? [];
  return before !== undefined && after !== undefined && all.kind === 'only'
    ? {
        action,
        resources: { kind: 'only', patterns: regions.map((r) => `${before}${r}${after}`) },
        conditions,
      }
    : { action, resources: all, conditions: limited(conditions).inside(regions.join(' ')) };
}

/** Conditions in, or outside of, some Regions: one list for all that are limited alike, for very many are. */
const limited = memo((conditions: readonly Condition[]) => ({
  inside: memo((regions: string) => withRegions(conditions, 'StringEquals', words(regions))),
  outside: memo((regions: string) => withRegions(conditions, 'StringNotEquals', words(regions))),
}));

/** Conditions with one more on the Region: one operator and key stand once in a statement, so values join or part there. */
function withRegions(
  conditions: readonly Condition[],
  operator: 'StringEquals' | 'StringNotEquals',
  regions: readonly string[],
): readonly Condition[] {
  const own = conditions.find((one) => isOnRegion(one) && one.operator === operator);
  if (!own) return [...conditions, { operator, key: regionKey, values: regions }].sort(byOperatorAndKey);
  // Two lists of Regions: what is in both holds, what is in either does not.
  const values =
    operator === 'StringEquals'
      ? own.values.filter((value) => regions.includes(value))
      : [...new Set([...own.values, ...regions])].sort();
  return values.length === 0
    ? conditions
    : conditions.map((condition) => (condition === own ? { ...own, values } : condition));
}

/** What the log says of Regions at all: said loudly, because it decides over everything that names none. */
function regionNotes({ regions }: Silence, { trails }: KeepOptions): readonly string[] {
  const [only] = regions;
  return regions.length === 1 && !trails
    ? [
        `the index holds ${String(only)} alone and --trail-config does not say what the trail logs: what was held elsewhere without naming its Region is given up as unused there`,
      ]
    : [
        `nothing was delivered of any Region but ${regions.join(', ')}: what was held elsewhere without naming its Region is given up there`,
      ];
}

/** What some statements held today allow, as written: all of it stays, or is given up, for one reason. */
export const asWritten = (
  statements: readonly CompiledStatement[],
  reason: Extract<UnseenReason, 'window-short' | 'account-missing' | 'too-young'>,
  kept = true,
): readonly Unseen[] =>
  deduplicated(
    statements.flatMap(({ source: statement }) =>
      (statement.actions.kind === 'only' ? statement.actions.patterns : ['*']).flatMap((action) =>
        resourceTexts(statement).map((resource): Unseen => ({ action, resource, reason, kept })),
      ),
    ),
  );

const resourceTexts = ({ resources }: Statement): readonly string[] =>
  resources.kind === 'only' ? resources.patterns : ['*'];

/** The actions a statement allows, and whether it names their service. */
function actionsOf({ actions }: Statement): ReadonlyMap<string, boolean> {
  const found = new Map<string, boolean>();
  if (actions.kind === 'except') {
    const excepted = actions.patterns.map(actionPattern);
    for (const action of expandActions('*'))
      if (!excepted.some((p) => matches(p, action.toLowerCase()))) found.set(action, false);
    return found;
  }
  for (const pattern of actions.patterns) {
    const named = /^[a-z0-9-]+:/i.test(pattern);
    const known = expandActions(pattern);
    for (const action of known) found.set(action, named || found.get(action) === true);
    // An action newer than the catalogue: which event would show it is not known.
    if (known.length === 0 && !/[*?]/.test(pattern)) found.set(pattern, true);
  }
  return found;
}

function deduplicated(list: readonly Unseen[]): readonly Unseen[] {
  const byKey = new Map<string, Unseen>();
  for (const item of list) {
    const key = `${item.action} ${item.resource} ${item.regions?.join() ?? ''}`;
    const known = byKey.get(key);
    if (!known || (item.kept && !known.kept)) byKey.set(key, item);
  }
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item);
}
