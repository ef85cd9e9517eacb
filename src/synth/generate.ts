/** Layer `synth`: the facts of a principal and what it holds today become a proposal, and its proof; given its data. */
import { widenedNotes } from '../permissions/widened.ts';
import { expandActions } from '../iam/catalogue.ts';
import { isAdministrator } from '../iam/decide/escalation.ts';
import { actionsWithout, diffPolicies } from '../iam/compare/diff.ts';
import { includesPolicy } from '../iam/compare/inclusion.ts';
import { memo } from '../iam/memo.ts';
import { isAllow, isDeny, type PolicyDocument } from '../iam/policy/policy.ts';
import { isRefusedByOthers } from '../permissions/refused-call.ts';
import { policySize } from '../iam/policy/quota.ts';
import type { Identity } from '../cloudtrail/identity.ts';
import {
  grantedBy,
  held as heldOf,
  isTakenAway,
  ready,
  type Held,
  withoutOtherReadings,
} from './held/current-grants.ts';
import { countsOf, planOf, staying, type GenerateInput, type Proposal } from './proposal.ts';
import { attentionOf, highest, type FirstRun } from './attention.ts';
import { lastChange } from './held/today.ts';
import { blocksOf } from './keep/blocks.ts';
import { whyNotHeld, doubts } from './keep/doubts.ts';
import { names, pinned } from './keep/pins.ts';
import { young } from './keep/policy-versions.ts';
import { asWritten, unseen } from './keep/unseen-grants.ts';
import { judge, Replay } from './proof/replay.ts';
import { freshUses } from './renewal/new-use.ts';
import { regressionsOf, type Regression } from './renewal/regression.ts';
import { exceptions } from './held/merged-policies.ts';
import { asToday, synthesize } from './shape/synthesis.ts';
import { anywhere } from './usage/merged-evidence.ts';
import { isSilent, type Use } from './usage/use.ts';

/** The smallest policies that still allow what was observed, never wider than today, proven by replay. */
export function propose(input: GenerateInput): Proposal {
  const { identity, observed, today, form = 'policies' } = input;
  const held = today && heldOf(today.identity, today.boundary, lastChange(today));
  const uses = held ? withoutOtherReadings(observed.uses, held) : observed.uses;
  const blocks = held ? blocksOf(input) : [];
  const [block] = blocks;
  const kept =
    held && !block
      ? unseen(held, {
          ...input,
          accounts: identity.accounts,
          partition: identity.arn.split(':')[1] ?? 'aws',
          services: observed.services,
          ...(observed.shown ? { shown: observed.shown } : {}),
          trust: today.trust,
          lastAccessed: today.lastAccessed,
        })
      : { grants: [], list: [], notes: [] };
  const contradicted = held
    ? uses.filter((use) => grantedBy(use, held).length === 0 && whyNotHeld(use, held) === 'contradicted')
    : [];
  const doubted = held && !block ? doubts(held, observed, contradicted) : { grants: [], list: [] };
  const recent = young(today ?? { identity: [] }, input.window, input.minAge ?? 0);
  const keepsYoung = input.unobservable === 'keep';
  const regressions = lost(input);
  const back = regressions.filter((one) => one.restored);
  const pins = pinned(input.pins ?? [], held, input.window.until, back);
  const restored = back.flatMap(({ grants }) => grants);
  const named = new Set(uses.filter(({ resource }) => !unnamed.test(resource)).map(({ action }) => action));
  const inconclusive = observed.inconclusive.map((use) => ({
    use,
    grants: held && (block || !isKnownBetter(use, named)) ? grantedBy(use, held) : [],
  }));
  const last = input.history?.last ?? [];
  const stays = held && block && isEnough(last, held, back, uses) ? heldOf(last, today?.boundary) : held;
  const accounts = identity.parts && identity.accounts;
  const {
    documents,
    files,
    proven,
    granted,
    uncut,
    folds,
    steps,
    overflow: faults,
  } = stays && block
    ? asToday({ kind: identity.kind, accounts, uses, form }, stays, restored)
    : synthesize({
        kind: identity.kind,
        accounts,
        uses: anywhere(uses),
        unseen: kept.grants,
        doubtful: [
          ...doubted.grants,
          ...pins.grants,
          ...inconclusive.flatMap(({ grants }) => grants),
          ...restored,
        ],
        whole: keepsYoung ? recent.statements : [],
        held,
        strategy: input.strategy,
        form,
      });
  const { verdicts, proof } = judge(observed, uses, new Replay(proven, held, uncut));
  const diff = held && diffPolicies(held.documents, granted);
  const failed = inconclusive.map(({ use, grants: g }) => ({ use, kept: g.length > 0 }));
  const silent =
    stays && block
      ? asWritten(stays.allows, block.reason)
      : [...kept.list, ...asWritten(recent.statements, 'too-young', keepsYoung)];
  const all = diff ? actionsWithout('removed', diff.items).map(lower) : allowedActions(granted);
  const why = staying(all, {
    verdicts,
    doubts: doubted.list,
    pins: pins.list,
    inconclusive: failed,
    unseen: silent,
  });
  const counts = countsOf(why);
  const overflow = block ? faults : withRemedy(faults, files, counts.unseen);
  const fresh = freshUses(uses, documents, {
    window: input.window,
    gaps: input.gaps,
    newDays: input.newDays ?? newDays,
  });
  const attention = attentionOf({
    verdicts,
    proof,
    broadened: diff?.broadened,
    overflow,
    granted,
    boundary: held?.boundary,
    isAdministrator: held !== undefined && isAdministrator(held.documents, held.boundary),
    doubts: doubted.list,
    fresh,
    inconclusive: failed,
    isSilent: isSilent(observed) && observed.possible.length === 0,
    blocks,
    would: block?.reason === 'window-short' ? firstRun(input, blocks.length) : undefined,
  });
  return {
    identity,
    window: input.window,
    gaps: input.gaps,
    form,
    documents,
    files,
    today: held?.documents,
    boundary: held?.boundary,
    proof,
    verdicts,
    diff,
    plan: planOf(files, today ?? {}, form, diff?.items.some((item) => item.kind !== 'kept') ?? false),
    folds,
    overflow,
    unseen: silent,
    stays: why,
    unobservable: input.unobservable,
    doubts: doubted.list,
    attention,
    risk: highest(attention),
    fresh,
    counts,
    refusals: {
      ...observed.refusals,
      byOthers: observed.denied.filter(
        ({ kind: { refusedBy } }) => refusedBy !== undefined && isRefusedByOthers(refusedBy),
      ),
    },
    pins: pins.list,
    regressions,
    unmapped: observed.unmapped,
    inconclusive: failed,
    actionsBefore: diff ? actionsWithout('added', diff.items).length : 0,
    actionsAfter: counts.all,
    bytes: documents.reduce((sum, document) => sum + policySize(document), 0),
    excluded: observed.excluded,
    blocks: blocks.map(({ note }) => note),
    notes: [
      ...kept.notes,
      ...(held && !input.trails ? dataNotes(input.deliveries.dataTypes(identity.accounts)) : []),
      ...observed.notes,
      // With today's policies the line of the change says of many names that they are.
      ...widenedNotes((observed.widened ?? []).filter(({ why }) => !held || why !== 'many-names')),
      ...identityNotes(identity, documents),
      ...recent.notes,
      ...steps,
    ],
  };
}

/** Why it does not fit, with the way out where silence is what keeps much of it. */
const withRemedy = (faults: readonly string[], files: readonly string[], unseen: number): readonly string[] =>
  faults.map((fault, i) => {
    const apart = files.filter((file) => file.includes('unseen')).length;
    const where = apart > 0 ? `, ${apart} of these policies` : '';
    return i > 0 || unseen === 0
      ? fault
      : `${fault}; --unobservable drop leaves out what is kept unseen: ${unseen} action${unseen === 1 ? '' : 's'}${where}`;
  });

/** What it takes for the silence of data events to say anything. */
const dataNotes = (types: readonly string[]): readonly string[] =>
  types.length === 0
    ? []
    : [
        `the index shows data events of ${types.join(', ')}: --trail-config FILE|aws says of what they are logged, so that what they do not show can go`,
      ];

/** Days at the end of the window whose first uses are new, unless said. */
const newDays = 7;

/** What would be left if the days that are covered were enough; undefined where none are, or something else is in the way too. */
function firstRun(input: GenerateInput, blocks: number): FirstRun | undefined {
  const { covered: minWindow } = input;
  if (minWindow < 1 || blocks > 1) return undefined;
  const { used, held, unseen: silent } = propose({ ...input, minWindow }).counts;
  return { minWindow, used: used + held, unseen: silent };
}

/** A resource that says only where and of what type: the call named none. */
const unnamed = /^(?:\*|arn:[^:]*:[^:]*:[^:]*:[^:]+:(?:[^:/*]+[:/])?\*)$/;

/** Whether a call names and proves nothing, and other calls say on what its action is used. @param named the actions of these */
const isKnownBetter = ({ action, resource, star }: Use, named: ReadonlySet<string>): boolean =>
  star !== 'action-takes-no-resource' && unnamed.test(resource) && named.has(action);

/**
 * Whether the last proposal can stay while nothing may be removed: it is not wider than today's policies and what is given back, and
 * allows what was observed. A gap in the logs must not undo what was reviewed.
 */
function isEnough(
  last: readonly PolicyDocument[],
  held: Held,
  back: readonly Regression[],
  uses: readonly Use[],
): boolean {
  const given = { version: '2012-10-17', statements: back.flatMap(({ statements }) => statements) } as const;
  if (last.length === 0 || includesPolicy([...held.documents, given], last).included !== 'yes') return false;
  const replay = new Replay(last, held);
  return uses.every((use) =>
    ['allowed', 'granted-elsewhere', 'contradicted'].includes(replay.verdict(use).kind),
  );
}

function lost({ observed, history, today, pins = [], window }: GenerateInput): readonly Regression[] {
  if (!history) return [];
  const now = today ?? { identity: history.last, boundary: undefined };
  return regressionsOf(observed.denied, history, now, (what) =>
    pins.some((pin) => names(pin, what, window.until)),
  );
}

const lower = (action: string): string => action.toLowerCase();

const lowered = memo((pattern: string): readonly string[] =>
  (/[*?]/.test(pattern) ? expandActions(pattern) : [pattern]).map(lower),
);

/** Distinct actions, in lower case, that Allow statements name, wildcards expanded, without those that a Deny takes away from everything. */
export function allowedActions(documents: readonly PolicyDocument[]): ReadonlySet<string> {
  const statements = documents.flatMap((document) => document.statements);
  const found = new Set<string>();
  for (const statement of statements.filter(isAllow)) {
    const { kind, patterns } = statement.actions;
    const own = new Set(patterns.flatMap(lowered));
    for (const action of kind === 'only' ? own : lowered('*'))
      if (kind === 'only' || !own.has(action)) found.add(action);
  }
  const refusals = statements.filter(isDeny).map(ready);
  return refusals.length === 0
    ? found
    : new Set([...found].filter((action) => !isTakenAway(action, refusals)));
}

function identityNotes(
  { kind, name, uniqueIds, accounts, parts }: Identity,
  documents: readonly PolicyDocument[],
): readonly string[] {
  if (parts)
    return [
      `one policy for ${kind} ${name}, made for ${accounts.join(', ')} and no other account`,
      ...exceptions(documents),
      ...parts.flatMap((part) => identityNotes(part, documents).map((note) => `in ${part.account}: ${note}`)),
    ];
  if (uniqueIds.length < 2 || kind === 'permission-set') return [];
  return [
    `${kind} ${name} was deleted and made again (${uniqueIds.length} unique ids); the evidence of all is used`,
  ];
}
