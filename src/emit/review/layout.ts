import { styleText } from 'node:util';
import type { EvidenceJson, Row, Section } from './section.ts';
import { grouped, servicesText } from './words.ts';
import { serviceOf } from '../../iam/catalogue.ts';
import { printable } from '../../iam/printable.ts';

/** What all resources share unless they say otherwise. */
export interface Home {
  readonly region: string;
  readonly account: string;
}

/** How sections become lines of text. */
export interface Layout {
  /** Columns; a name that is longer is never broken. */
  readonly width: number;
  readonly colors: Colors;
  /** Rows of a section; all of them without. */
  readonly most?: number;
  /** ARNs of this place are written short; all in full without. */
  readonly home?: Home;
}

/** What is written on. */
export interface TerminalOptions {
  readonly color: boolean;
  readonly width: number;
  /** All rows of each section; else so many before "and N more". */
  readonly full: boolean;
}

const terminalRows = 25;

export const onTerminal = ({ color, width, full }: TerminalOptions): Layout => ({
  width,
  colors: colors(color),
  ...(full ? {} : { most: terminalRows }),
});

/** Widest column of actions. */
const widestName = 34;
/** Columns of calls, days and the last day. */
const seenWidth = 28;
const seenHead = `${'calls'.padStart(9)}${'days'.padStart(6)}   ${'last'.padEnd(10)}`;
const indent = '      ';

/** Sections as lines; the first with evidence says what its columns are. */
export function sectionLines(sections: readonly Section[], layout: Layout): readonly string[] {
  let isHeaded = false;
  return sections.flatMap((section) => {
    const hasSeen = !isHeaded && section.rows.some(({ seen }) => seen !== undefined);
    isHeaded ||= hasSeen;
    return [...titleLines(section, layout, hasSeen), ...rowLines(section, layout)];
  });
}

function titleLines({ title, about }: Section, layout: Layout, isHead: boolean): readonly string[] {
  const text = about === undefined ? title : `${title}   ${about}`;
  const strong = (line: string): string => layout.colors.strong(title) + line.slice(title.length);
  if (isHead && text.length <= seenColumn(layout))
    return [strong(text.padEnd(seenColumn(layout)) + seenHead.trimEnd())];
  return [
    ...filled(text, layout.width, '  ').map((line, i) => (i === 0 ? strong(line) : line)),
    ...(isHead ? [' '.repeat(seenColumn(layout)) + seenHead.trimEnd()] : []),
  ];
}

/** The rows of a section, cut after `most`. */
export function rowLines({ rows, most: own = Infinity }: Section, layout: Layout): readonly string[] {
  const most = layout.most === undefined ? rows.length : Math.min(own, layout.most);
  const wide = Math.min(widestName, Math.max(0, ...rows.filter(isNamed).map(({ what }) => what.length)));
  const over = rows.length - most;
  return [
    ...rows.slice(0, most).flatMap((row) => linesOf(row, wide, layout)),
    ...(over > 0 ? [`    and ${grouped(over)} more (--full shows all)`] : []),
  ];
}

const isNamed = ({ where, seen, why }: Row): boolean =>
  where !== undefined || seen !== undefined || why !== undefined;

const seenColumn = ({ width }: Layout): number => Math.min(width, 110) - seenWidth;

const paint: Readonly<Partial<Record<Row['mark'], keyof Colors>>> = {
  '~': 'narrowed',
  '-': 'removed',
  '+': 'added',
  '!': 'strong',
};

function linesOf(row: Row, wide: number, layout: Layout): readonly string[] {
  const { mark, what, of = what, names = [], seen, why = '' } = row;
  const tone = paint[mark];
  const colored = ([first = '', ...rest]: readonly string[]): readonly string[] => [
    tone ? layout.colors[tone](first) : first,
    ...rest,
  ];
  const name = printable(what);
  if (row.isCommand) return [`  ${name}`];
  if (!isNamed(row)) {
    const text = mark === ' ' ? `  ${name}` : `  ${mark} ${name}`;
    return [...colored(filled(text, layout.width, '    ')), ...namesBelow(names, layout)];
  }
  const where = placed(printable(row.where ?? ''), of, layout.home);
  const numbers = seen === undefined ? '' : seenText(seen);
  const column = seenColumn(layout);
  const both = `  ${mark} ${name.padEnd(wide)}  ${where}`.trimEnd();
  const alone = `  ${mark} ${name}`;
  const lines =
    both.length <= (numbers === '' ? layout.width : column)
      ? [both.padEnd(numbers === '' ? 0 : column) + numbers]
      : alone.length <= column
        ? [alone.padEnd(numbers === '' ? 0 : column) + numbers, ...listed(where, layout.width)]
        : [alone, ...listed(where, layout.width), ...(numbers === '' ? [] : [' '.repeat(column) + numbers])];
  const last = lines.at(-1) ?? '';
  const reason = printable(why);
  if (reason !== '' && last.length + 3 + reason.length <= layout.width)
    lines[lines.length - 1] = `${last}   ${reason}`;
  else if (reason !== '') lines.push(...filled(indent + reason, layout.width, indent));
  return [...colored(lines), ...namesBelow(names, layout)];
}

/** `1,204     7   2026-03-08` under its head. */
const seenText = ({ callsAsDelivered, days, lastDay }: EvidenceJson): string =>
  `${grouped(callsAsDelivered).padStart(9)}${grouped(days).padStart(6)}   ${lastDay}`;

const listed = (where: string, width: number): readonly string[] =>
  where === '' ? [] : filled(indent + where, width, indent);

/** Of one service without its name, which the row says; of very many how many of each service. */
function namesBelow(names: readonly string[], { width, most }: Layout): readonly string[] {
  if (most !== undefined && names.length > most * 4)
    return listed(`${servicesText(names, most)} (--full names them)`, width);
  const isOne = new Set(names.map(serviceOf)).size === 1;
  const shown = names.map((name) => printable(isOne ? name.slice(name.indexOf(':') + 1) : name));
  return listed(shown.join(', '), width);
}

/** Words in lines of a width; what has no space is not broken. The first line keeps its own indent. */
export function filled(text: string, width: number, below: string): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const [i, word] of text.split(' ').entries()) {
    if (i > 0 && line.trim() !== '' && line.length + 1 + word.length > width) {
      lines.push(line.trimEnd());
      line = below + word;
    } else line += i === 0 ? word : ` ${word}`;
  }
  return [...lines, line.trimEnd()];
}

/** ARNs of an action's service at home without what they share: `key/1234` for `arn:aws:kms:us-east-1:111122223333:key/1234`. */
function placed(where: string, action: string, home: Home | undefined): string {
  if (!home || !where.includes('arn:')) return where;
  const own = `arn:aws[a-z-]*:${literal(serviceOf(action))}:(?:${literal(home.region)})?:(?:${literal(home.account)})?:(?=[\\w-])`;
  return where.replace(new RegExp(own, 'g'), '');
}

const literal = (text: string): string => text.replace(/[^\w-]/g, '\\$&');

/** The sign of each mark that some sections use. */
export function legend(sections: readonly Section[]): string {
  const signs = {
    '~': 'narrowed',
    '-': 'removed',
    '=': 'kept',
    '+': 'added',
    '?': 'unclear',
    '!': 'not in these policies',
  };
  const used = new Set<string>(sections.flatMap(({ rows }) => rows.map(({ mark }) => mark)));
  return Object.entries(signs)
    .filter(([mark]) => used.has(mark))
    .map(([mark, sign]) => `${mark} ${sign}`)
    .join('  ');
}

/** Marks in a result: removed red, narrowed yellow, kept plain, warnings bold. */
export type Colors = Readonly<
  Record<'removed' | 'narrowed' | 'added' | 'strong' | 'faint', (text: string) => string>
>;

const plain = (text: string): string => text;
const style =
  (format: Parameters<typeof styleText>[0]) =>
  (text: string): string =>
    styleText(format, text, { validateStream: false });

export const colors = (on: boolean): Colors =>
  on
    ? {
        removed: style('red'),
        narrowed: style('yellow'),
        added: style('green'),
        strong: style('bold'),
        faint: style('dim'),
      }
    : { removed: plain, narrowed: plain, added: plain, strong: plain, faint: plain };
