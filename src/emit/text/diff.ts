import type { AccessCheck } from '../../aws/access-analyzer.ts';
import type { Comparison } from '../../current/comparison.ts';
import { changeJson, diffObject } from '../json/changes.ts';
import { actionCounts, isManagement, policyChanges } from '../review/changes.ts';
import { colors, sectionLines, type Colors } from '../review/layout.ts';
import { answer, counted, grouped, undecidedLines } from '../review/words.ts';
import { printable } from '../../iam/printable.ts';

/** Rows of a section before "and N more". */
const terminalRows = 25;

/** How many were compared, how many differ, how many allow more. */
interface DiffTotals {
  readonly compared: number;
  readonly differing: number;
  readonly broadened: number;
  /** Of which that cannot be told. */
  readonly unknown: number;
}

/** The first line for several principals. */
export function diffTotals({ compared, differing, broadened, unknown }: DiffTotals, color: boolean): string {
  const c = colors(color);
  const of = broadened > 0 ? broadened : unknown;
  const which = of > 0 ? ` (${grouped(of)} of ${grouped(compared)})` : '';
  const word = answer(broadened > 0 ? true : unknown > 0 ? null : false, c.removed);
  return `broadened: ${word}${which}   ${grouped(differing)} of ${grouped(compared)} differ\n`;
}

/** What changes for one principal: whether it may do more, then the changes. What stays is not listed. */
export function diffText(
  comparison: Comparison,
  check: AccessCheck | undefined,
  { color, width, full }: { readonly color: boolean; readonly width: number; readonly full: boolean },
  isAlone: boolean,
): string {
  const { diff, differs, notes } = comparison;
  const c = colors(color);
  const { items } = diff;
  const actions = actionCounts(items, () => true);
  const management = actionCounts(items, isManagement);
  const head =
    `broadened: ${answer(diff.broadened, c.removed)}   ${grouped(actions.before)} -> ${counted(actions.after, 'action')}` +
    `   permissions management ${grouped(management.before)} -> ${grouped(management.after)}\n`;
  const changes = items.filter((item) => item.kind !== 'kept');
  const lines = [
    ...checkLines(check, c),
    ...undecidedLines(diff),
    ...notes.map((note) => `  ${printable(note)}\n`),
    ...(differs && changes.length === 0
      ? ['  every known action stays as it is; those AWS may add could differ, or it cannot be told\n']
      : []),
    ...sectionLines(policyChanges(changes, items), {
      width,
      colors: c,
      ...(full ? {} : { most: terminalRows }),
    }).map((line) => `${line}\n`),
  ];
  const title = isAlone ? '' : `\n${c.strong(titleOf(comparison))}\n`;
  return differs ? [title, head, ...lines].join('') : `${title}broadened: no   no difference\n`;
}

const checkLines = (check: AccessCheck | undefined, c: Colors): readonly string[] => {
  if (check === undefined) return [];
  if (check.passed) return ['Access Analyzer: no new access\n'];
  const said = check.reasons.map(({ says }) => `  ${printable(says)}\n`);
  return [`Access Analyzer: ${c.removed('new access')}\n`, ...said];
};

function titleOf({ principal, file, heldBy }: Comparison): string {
  const name =
    principal === undefined
      ? printable(file)
      : `${principal.kind}/${printable(principal.name)}  ${printable(principal.account)}`;
  switch (heldBy) {
    case 'both':
      return name.trimEnd();
    case 'old':
      return `${name.trimEnd()}  only in OLD`;
    case 'new':
      return `${name.trimEnd()}  only in NEW`;
  }
}

const reasons = {
  removed: 'no longer allowed',
  narrowed: 'allowed on less',
  kept: 'allowed as before',
  added: 'newly allowed',
} as const;

/** One line of `diff --json`; see docs/schema/diff.json. */
export function diffJson(
  { principal, file, heldBy, diff, differs, notes }: Comparison,
  check: AccessCheck | undefined,
): object {
  return {
    ...(principal === undefined ? { principal: null, file } : { principal }),
    heldBy,
    differs,
    diff: diffObject(diff, (item) => changeJson(item, reasons[item.kind])),
    notes,
    ...(check && {
      accessAnalyzer: {
        result: check.passed ? 'PASS' : 'FAIL',
        reasons: check.reasons.map(({ says }) => says),
      },
    }),
  };
}
