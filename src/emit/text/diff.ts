import type { Comparison } from '../../current/comparison.ts';
import type { DiffItem } from '../../iam/compare/diff.ts';
import { groupBy } from '../../iam/order.ts';
import { printable } from '../../iam/printable.ts';
import { serviceOf } from '../../iam/catalogue.ts';
import { actionCounts, changeLine, isManagement, limited, terminalLines } from '../review/change-lines.ts';
import { colors, type Colors } from '../review/colors.ts';
import { answer, counted, grouped, undecidedLines } from '../review/words.ts';

/** Actions of one service that change in the same way and are named one by one; more become a count. */
const namedAlike = 3;
/** Services without anything else than such a count that get a section of their own; more become one line. */
const namedServices = 8;

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

/** What changes for one principal: whether it may do more, then the changes by service. What stays is not listed. */
export function diffText(comparison: Comparison, color: boolean, isAlone: boolean): string {
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
    ...undecidedLines(diff),
    ...notes.map((note) => `  ${printable(note)}\n`),
    ...(differs && changes.length === 0
      ? ['  every known action stays as it is; those AWS may add could differ, or it cannot be told\n']
      : []),
    ...sections(changes, c),
  ];
  const title = isAlone ? '' : `\n${c.strong(titleOf(comparison))}\n`;
  return differs ? [title, head, ...lines].join('') : `${title}broadened: no   no difference\n`;
}

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

function sections(changes: readonly DiffItem[], c: Colors): readonly string[] {
  const services = [...groupBy(changes, (item) => serviceOf(item.action))];
  const quiet = services.filter(([, items]) => isOneCount(items));
  const folded = new Set(quiet.length > namedServices ? quiet.map(([service]) => service) : []);
  const shown = services.filter(([service]) => !folded.has(service));
  const alike = groupBy(
    changes.filter((item) => folded.has(serviceOf(item.action))),
    likeness,
  );
  return [
    ...shown.map(
      ([service, items]) => `${c.strong(service.toUpperCase())}\n${limited(lines(items, c), terminalLines)}`,
    ),
    ...[...alike.values()].map((items) => foldedLine(items, c)),
  ];
}

/** Whether a service says nothing but "so many actions, in one way", without privilege escalation. */
const isOneCount = (items: readonly DiffItem[]): boolean =>
  !items.some((item) => item.privilegeEscalation) && groupBy(items, likeness).size === 1;

/** What is the same in changes that differ in their action alone. */
const likeness = ({ kind, resource, from, to, condition, isDeny }: DiffItem): string =>
  [kind, resource, from, to, condition && JSON.stringify(condition), isDeny].join('\0');

function foldedLine(items: readonly DiffItem[], c: Colors): string {
  const [first] = items;
  if (first === undefined) return '';
  const services = new Set(items.map((item) => serviceOf(item.action))).size;
  return (
    `${c.strong(counted(services, 'more service'))} (--json shows all)\n` +
    `${changeLine(first, [], c, counted(items.length, 'action'))}\n`
  );
}

/** Privilege escalation first and by name; changes alike in everything but the action become a count. */
function lines(items: readonly DiffItem[], c: Colors): readonly string[] {
  const loud = items.filter((item) => item.privilegeEscalation);
  const quiet = [
    ...groupBy(
      items.filter((item) => !item.privilegeEscalation),
      likeness,
    ).values(),
  ];
  return [
    ...loud.map((item) => changeLine(item, [], c)),
    ...quiet.flatMap((alike) => {
      const [first] = alike;
      if (first === undefined || alike.length <= namedAlike)
        return alike.map((item) => changeLine(item, [], c));
      return [changeLine(first, [], c, counted(alike.length, 'action'))];
    }),
  ];
}
