import type { AccessCheck } from '../../aws/access-analyzer.ts';
import type { Comparison } from '../../current/comparison.ts';
import { changeJson, diffObject } from '../json/changes.ts';
import { actionCounts, isManagement, policyChanges } from '../review/changes.ts';
import { colors, onTerminal, sectionLines, type Colors, type TerminalOptions } from '../review/layout.ts';
import { answer, counted, grouped, undecidedLines } from '../review/words.ts';
import { printable } from '../../iam/printable.ts';

/** The first line for several principals. @param unknown of how many it cannot be told whether they allow more */
export function diffTotals(
  totals: Readonly<Record<'compared' | 'differing' | 'broadened' | 'unknown', number>>,
  color: boolean,
): string {
  const { compared, differing, broadened, unknown } = totals;
  const of = broadened > 0 ? broadened : unknown;
  const which = of > 0 ? ` (${grouped(of)} of ${grouped(compared)})` : '';
  const word = answer(broadened > 0 ? true : unknown > 0 ? null : false, colors(color).removed);
  return `broadened: ${word}${which}   ${grouped(differing)} of ${grouped(compared)} differ\n`;
}

/** What changes for one principal: whether it may do more, then the changes. What stays is not listed. */
export function diffText(
  comparison: Comparison,
  check: AccessCheck | undefined,
  terminal: TerminalOptions,
  isAlone: boolean,
): string {
  const { diff, differs, notes } = comparison;
  const c = colors(terminal.color);
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
    ...sectionLines(policyChanges(changes, items), onTerminal(terminal)).map((line) => `${line}\n`),
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
  return name.trimEnd() + (heldBy === 'both' ? '' : `  only in ${heldBy.toUpperCase()}`);
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
