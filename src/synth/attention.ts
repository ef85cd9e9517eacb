import { actionInfo, spelled } from '../iam/catalogue.ts';
import { isAdministrator, openPaths, publishedPaths, type OpenPath } from '../iam/decide/escalation.ts';
import { byCodeUnit, groupBy, sortedUnique } from '../iam/order.ts';
import { resourcePattern } from '../iam/pattern/pattern.ts';
import { isPassedWithin, passedTo, type PolicyDocument } from '../iam/policy/policy.ts';
import type { Block } from './keep/blocks.ts';
import type { Doubt } from './keep/doubts.ts';
import type { Proof, Verdicts } from './proof/replay.ts';
import type { Fresh } from './renewal/new-use.ts';
import type { SeenCall, Use } from './usage/use.ts';

/** How much hangs on a look: whether rights are lost or left that nobody should have, whether something may be wrong, or whether it is good to know. */
export type Risk = 'high' | 'medium' | 'low';

/** What a reviewer must see first, and how much hangs on it. */
export type Attention = Cause & { readonly risk: Risk };

/** By kind. Actions are spelled as in the catalogue. */
type Cause =
  /** Uses that the proposal would deny. */
  | { readonly kind: 'denied'; readonly uses: number }
  /** It allows more than today's policies, or (not known) that cannot be told. */
  | { readonly kind: 'broadened'; readonly isKnown: boolean }
  /** Why it exceeds what IAM takes. */
  | { readonly kind: 'does-not-fit'; readonly line: string }
  /** So much of what was done is not in today's policies that they are hardly all it holds. */
  | { readonly kind: 'contradictions'; readonly uses: number; readonly of: number }
  /** A way to more rights that stays: the action, and what it takes beside it; `*` of an administrator. */
  | {
      readonly kind: 'escalation';
      readonly action: string;
      readonly resources: readonly string[];
      /** Services that the role may be passed to; empty: any, or none is passed. */
      readonly receivers: readonly string[];
      /** Other actions, by combination; one empty list where it takes none. */
      readonly beside: readonly (readonly string[])[];
      /** '' where the ways differ in it. */
      readonly effect: string;
      /** Calls that used or may have needed it; empty where it is kept unseen. */
      readonly calls: readonly SeenCall[];
    }
  /** Today it may do everything, and it never used that to say who may do what. */
  | { readonly kind: 'unused-administrator' }
  /** No event of it is in the window. */
  | { readonly kind: 'never-seen' }
  /** Roles that stay passable because a call may have passed them without naming them. */
  | { readonly kind: 'kept-roles'; readonly doubt: Doubt }
  /** It went through, and neither today's policies nor anything else can have allowed it. */
  | UsedAttention<'contradicted'>
  /** Used for the first time in the last days. `firstDay`: days since 1970. */
  | (UsedAttention<'new'> & { readonly firstDay: number })
  /** It failed in a way that proves nothing; kept or not. */
  | (UsedAttention<'inconclusive'> & { readonly errorCode: string; readonly kept: boolean })
  /** Nothing is removed yet; what would be if the covered days were enough, where any are. */
  | { readonly kind: 'first-run'; readonly would?: FirstRun };

interface UsedAttention<Kind extends string> {
  readonly kind: Kind;
  readonly action: string;
  readonly resources: readonly string[];
  readonly calls: readonly SeenCall[];
}

/** What a first run would come to with `--min-window` of as many days as are covered. */
export interface FirstRun {
  readonly minWindow: number;
  readonly used: number;
  readonly unseen: number;
}

/** In the order of the review. */
const riskOf: Readonly<Record<Cause['kind'], Risk>> = {
  denied: 'high',
  broadened: 'high',
  'does-not-fit': 'high',
  contradictions: 'high',
  escalation: 'high',
  'unused-administrator': 'medium',
  'never-seen': 'medium',
  'kept-roles': 'medium',
  contradicted: 'medium',
  new: 'medium',
  inconclusive: 'low',
  'first-run': 'low',
};

/** The highest risk of a list; `none` of an empty one. */
export const highest = (list: readonly Attention[]): Risk | 'none' =>
  (['high', 'medium', 'low'] as const).find((risk) => list.some((one) => one.risk === risk)) ?? 'none';

/** What is known of a proposal by which its reviewer is led. */
export interface AttentionInput {
  readonly verdicts: Verdicts;
  readonly proof: Proof;
  /** Whether more is allowed than today; null: cannot be told; undefined: today is not known. */
  readonly broadened: boolean | null | undefined;
  readonly overflow: readonly string[];
  readonly granted: readonly PolicyDocument[];
  /** Today's. */
  readonly boundary: PolicyDocument | undefined;
  /** Whether today's policies allow everything. */
  readonly isAdministrator: boolean;
  readonly doubts: readonly Doubt[];
  readonly fresh: readonly Fresh[];
  readonly inconclusive: readonly { readonly use: Use; readonly kept: boolean }[];
  readonly isSilent: boolean;
  readonly blocks: readonly Block[];
  readonly would: FirstRun | undefined;
}

const leastActions = 3;
const leastShare = 0.05;

/** The verdict on a proposal, most dangerous first. */
export function attentionOf(input: AttentionInput): readonly Attention[] {
  const { verdicts, proof, broadened, overflow, doubts, blocks, would } = input;
  const contradicted = verdicts.usesOf('contradicted');
  const actions = new Set(contradicted.map(({ action }) => action)).size;
  const isMuch = actions >= leastActions && contradicted.length > leastShare * proof.uses;
  const used = verdicts.usesOf('allowed');
  const isManaged = used.some(({ action }) => actionInfo(action)?.accessLevel === 'Permissions management');
  const open = escalationsOf(input.granted, input.boundary, used, doubts);
  const list: readonly (Cause | false)[] = [
    proof.denied > 0 && { kind: 'denied', uses: proof.denied },
    (broadened === true || broadened === null) && { kind: 'broadened', isKnown: broadened === true },
    ...overflow.map((line): Cause => ({ kind: 'does-not-fit', line })),
    isMuch && { kind: 'contradictions', uses: contradicted.length, of: proof.uses },
    ...open,
    input.isAdministrator && !isManaged && { kind: 'unused-administrator' },
    input.isSilent && { kind: 'never-seen' },
    ...doubts
      .filter(({ action, kept }) => kept && action === passRole)
      .filter(({ resources }) => !open.some((one) => isSaid(one, resources)))
      .map((doubt): Cause => ({ kind: 'kept-roles', doubt })),
    ...(isMuch ? [] : usedOn('contradicted', contradicted)),
    ...input.fresh.map(({ action, resource, firstDay, uses }): Cause => ({
      kind: 'new',
      action,
      resources: [resource],
      calls: uses,
      firstDay,
    })),
    ...[
      ...groupBy(input.inconclusive, ({ use, kept }) =>
        JSON.stringify([use.action, use.kind.errorCode, kept]),
      ).values(),
    ].flatMap((same): Cause[] => {
      const [{ use, kept }] = same;
      const uses = same.map((one) => one.use);
      return usedOn('inconclusive', uses).map((one) => ({ ...one, errorCode: use.kind.errorCode, kept }));
    }),
    blocks.length > 0 && { kind: 'first-run', ...(would ? { would } : {}) },
  ];
  return ranked(list);
}

const ranked = (list: readonly (Cause | false)[]): readonly Attention[] =>
  list.filter((one) => one !== false).map((one) => ({ ...one, risk: riskOf[one.kind] }));

/** The verdict on a principal that is never seen, and of which all that it holds stays. */
export const unusedAttention = (
  held: readonly PolicyDocument[],
  boundary?: PolicyDocument,
): readonly Attention[] => ranked([...escalationsOf(held, boundary, [], []), { kind: 'never-seen' }]);

/** Uses of one action together. */
const usedOn = <Kind extends string>(kind: Kind, uses: readonly Use[]): UsedAttention<Kind>[] =>
  [...groupBy(uses, ({ action }) => action)].map(([action, calls]) => ({
    kind,
    action,
    resources: sortedUnique(calls.map(({ resource }) => resource)),
    calls,
  }));

const passRole = 'iam:PassRole';

const isSaid = (one: Escalation, roles: readonly string[]): boolean =>
  one.action === passRole && roles.every((role) => one.resources.includes(role));

type Escalation = Cause & { readonly kind: 'escalation' };

/** Ways to more rights that stay, those together whose first action the same statements allow; those without any call first. */
function escalationsOf(
  granted: readonly PolicyDocument[],
  boundary: PolicyDocument | undefined,
  used: readonly Use[],
  doubts: readonly Doubt[],
): readonly Escalation[] {
  const open = openPaths(granted, boundary);
  // Whatever else is denied, every way is open.
  if (isAdministrator(granted, boundary) && open.length === publishedPaths().length) return [everything];
  const uses = groupBy(used, ({ action }) => action.toLowerCase());
  const callsOf = (lower: string, by: OpenPath['statements'][number]): readonly SeenCall[] => {
    const own = (uses.get(lower) ?? []).filter((use) => isAllowedBy(use, by));
    const doubted = doubts.filter(({ action, kept }) => kept && action.toLowerCase() === lower);
    return own.length > 0 ? own : doubted.flatMap(({ calls }) => calls);
  };
  const alike = groupBy(open, (path) =>
    JSON.stringify([path.actions[0], allowing([path]).map(({ ref }) => ref)]),
  );
  return [...alike.values()]
    .map((paths): Escalation => {
      const [
        {
          actions: [lower = ''],
          effect,
        },
      ] = paths;
      const isOne = paths.every((path) => path.effect === effect);
      return {
        kind: 'escalation',
        action: spelled(lower),
        resources: sortedUnique(
          allowing(paths).flatMap(({ resources: { kind, patterns } }) =>
            kind === 'only' ? patterns.map(({ text }) => text) : ['*'],
          ),
        ),
        receivers: receiversOf(paths),
        beside: smallest(paths.map(({ actions }) => actions.slice(1).map(spelled))),
        effect: isOne ? effect : '',
        calls: callsOf(lower, allowing(paths)),
      };
    })
    .sort((a, b) => Math.sign(a.calls.length) - Math.sign(b.calls.length) || byCodeUnit(a.action, b.action));
}

/** All ways at once. */
const everything: Escalation = {
  kind: 'escalation',
  action: '*',
  resources: ['*'],
  receivers: [],
  beside: [[]],
  effect: 'may do everything',
  calls: [],
};

/** The statements that allow the first action of some paths. */
const allowing = (paths: readonly OpenPath[]): OpenPath['statements'][number] =>
  paths.flatMap(({ statements: [first = []] }) => first);

/** Combinations that hold no other as a part. */
const smallest = (all: readonly (readonly string[])[]): readonly (readonly string[])[] =>
  all.filter(
    (one) => !all.some((other) => other.length < one.length && other.every((action) => one.includes(action))),
  );

const isAllowedBy = (use: Use, statements: OpenPath['statements'][number]): boolean => {
  const resource = resourcePattern(use.resource, true);
  return statements.some(
    ({ resources, source: { conditions } }) =>
      (resources.kind === 'except' || resources.meeting(resource).length > 0) &&
      isPassedWithin(use, conditions),
  );
};

/** The services that some statements let roles be passed to; none where one of them does not say. */
function receiversOf(paths: readonly OpenPath[]): readonly string[] {
  const lists = allowing(paths).map(({ source: { conditions } }) =>
    conditions.flatMap((condition) => passedTo(condition) ?? []),
  );
  return lists.some((list) => list.length === 0) ? [] : sortedUnique(lists.flat());
}
