import { principalJson } from './changes.ts';
import { gapDays } from '../review/review.ts';
import { windowJson } from '../review/words.ts';
import { seenOf } from '../review/section.ts';
import type { DiffItem } from '../../iam/compare/diff.ts';
import { dayText } from '../../iam/days.ts';
import { documentJson, statementJson } from '../../iam/policy/policy-json.ts';
import { printableJson } from '../../iam/printable.ts';
import type { UnseenFacts, UnseenHolder } from '../review/unused-principal.ts';
import type { Broken, Trial } from '../../synth/backtest.ts';
import type { Left, Renewal } from '../../synth/renewal.ts';
import type { Recorded, Restored } from '../../synth/renewal/regression.ts';

/** A renewal, where it stands in the tree, and which of its files differ from those there. */
export interface Entry extends Renewal {
  /** Below the tree: `111122223333/role/app`. */
  readonly folder: string;
  /** `recorded`: the policies are the same, and today's hold something that was not on record. */
  readonly state: 'new' | 'changed' | 'recorded' | 'same';
  /** A policy made without the new days, tried on them; undefined where the days before show nothing. */
  readonly trial: Trial | undefined;
}

/** A principal that stays as it is, and its folder in the tree; '' without one. */
export interface LeftEntry extends Left {
  readonly folder: string;
  /** Of one that is never seen, what it holds. */
  readonly unused?: { readonly holder: UnseenHolder; readonly facts: UnseenFacts };
}

/** Where it stands, or would. */
export const placeOf = ({ folder, account, kind, name }: LeftEntry): string =>
  folder === '' ? [account, kind, name].filter(Boolean).join('/') : folder;

/** Whether its files are taken away. */
export const isGone = ({ reason }: Left): boolean => reason === 'gone' || reason === 'deleted';

/** What a scheduled run found. */
export interface Retightened {
  /** Whether any file of the tree differs. */
  readonly changed: boolean;
  readonly entries: readonly Entry[];
  readonly left: readonly LeftEntry[];
  /** Log objects that could not be read to their end. */
  readonly unread: number;
  readonly newDays: number;
  /** Of those who have a trial; undefined where nobody has. */
  readonly backtest: Broken | undefined;
}

/** The text of `retighten.json`, and what `retighten --json` prints; see docs/schema/retighten.json. */
export function retightenedJson({ changed, entries, left, unread, newDays }: Retightened): object {
  return {
    changed,
    unreadObjects: unread,
    newDays,
    principals: entries.map(entryJson),
    left: left.map(({ kind, account, name, folder, reason }) => ({ kind, account, name, folder, reason })),
  };
}

function entryJson(entry: Entry): object {
  const { proposal, changes, folder, state, trial } = entry;
  const { since, until } = proposal.window;
  const of = (wanted: DiffItem['kind']): object[] =>
    changes
      .filter((item) => item.kind === wanted)
      .map(({ action, resource, condition, from, isDeny }) => ({
        action,
        resource,
        ...(condition ? { condition } : {}),
        ...(from === undefined ? {} : { from }),
        ...(isDeny ? { isDeny } : {}),
      }));
  return {
    principal: principalJson(proposal.identity),
    folder,
    state,
    window: {
      ...windowJson(proposal.window),
      days: until - since + 1,
      gaps: gapDays(proposal),
    },
    blocks: proposal.blocks,
    broadened: proposal.diff?.broadened ?? null,
    denied: proposal.proof.denied,
    backtest: trial === undefined ? null : { uses: trial.uses, denied: trial.denied, broke: trial.broke },
    added: of('added'),
    narrowed: of('narrowed'),
    removed: of('removed'),
    regressions: proposal.regressions.map(({ action, resource, uses, recorded, restored, ...more }) => ({
      action,
      resource,
      refused: seenOf(uses),
      recorded: dayText(recorded),
      restored,
      resourceKnown: more.isNamed,
      statements: more.statements.map(statementJson),
    })),
    new: proposal.fresh.map(({ action, resource, uses }) => ({ action, resource, evidence: seenOf(uses) })),
    actionsBefore: proposal.actionsBefore,
    actionsAfter: proposal.actionsAfter,
  };
}

/** The text of `recorded.json`: what a principal was known to hold, so that what is missed later can be told. */
export const recordedText = (recorded: readonly Recorded[], restored: readonly Restored[]): string =>
  printableJson(
    {
      recorded: recorded.map(({ day, documents }) => ({
        day: dayText(day),
        documents: documents.map(documentJson),
      })),
      restored: restored.map(({ action, resource, day }) => ({ action, resource, day: dayText(day) })),
    },
    2,
  );
