import { dayText } from '../../iam/days.ts';
import { isAdministrator, openPaths } from '../../iam/decide/escalation.ts';
import type { PolicyDocument } from '../../iam/policy/policy.ts';
import type { Proposal } from '../../synth/proposal.ts';
import { answer, counted, grouped } from '../review/words.ts';
import { byRisk, risks, waysLeft, type RowRisk } from '../review/attention.ts';
import type { UnseenFacts, UnseenHolder } from '../review/unused-principal.ts';
import { fragmentOf } from './detail.ts';
import { html } from './html.ts';

/** One principal in the overview. What is not known, or not proposed, is absent. */
export interface OverviewRow {
  readonly kind: string;
  readonly account: string;
  readonly name: string;
  readonly remark: string;
  /** Of its own view. */
  readonly fragment?: string;
  readonly risk: RowRisk;
  /** Actions: allowed today, proposed; and of these used, and kept though not seen in use. */
  readonly before?: number | undefined;
  readonly after?: number;
  readonly used?: number;
  readonly kept?: number;
  /** Whether it may do everything, or can give itself more rights: today, and as proposed. */
  readonly rules: readonly [boolean, boolean];
  /** Ways to more rights that stay. */
  readonly ways?: number;
  /** Not seen in the window at all. */
  readonly isUnused: boolean;
  /** All that were observed; what the proposal denies of them, what today's policies do not allow though nothing else can have, and what something else allows. */
  readonly uses?: number;
  readonly denied?: number;
  readonly contradicted?: number;
  readonly elsewhere?: number;
  readonly broadened?: boolean | null | undefined;
  /** The last day with a use. */
  readonly last?: number;
}

const rules = (documents: readonly PolicyDocument[], boundary: PolicyDocument | undefined): boolean =>
  isAdministrator(documents, boundary) || openPaths(documents, boundary).length > 0;

export function rowOf(p: Proposal): OverviewRow {
  const { kind, account, name } = p.identity;
  const isUnused = p.attention.some((one) => one.kind === 'never-seen');
  let last = -Infinity;
  for (const { days } of [...p.verdicts.uses, ...p.unmapped])
    for (const day of days) last = Math.max(last, day);
  return {
    kind,
    account,
    name,
    fragment: fragmentOf(p.identity),
    risk: p.risk,
    before: p.diff && p.actionsBefore,
    after: p.actionsAfter,
    used: p.counts.used,
    kept: p.counts.held + p.counts.unseen,
    rules: [rules(p.today ?? [], p.boundary), rules(p.documents, p.boundary)],
    ways: waysLeft(p.attention),
    isUnused,
    uses: p.proof.uses,
    denied: p.proof.denied,
    contradicted: p.proof.contradicted,
    elsewhere: p.proof.grantedElsewhere,
    broadened: p.diff?.broadened,
    ...(last === -Infinity ? {} : { last }),
    remark: [
      ...(isUnused ? ['never seen in the log'] : []),
      ...(p.blocks.length > 0 ? ['nothing removed yet'] : []),
    ].join('; '),
  };
}

/** A principal of which nothing is proposed: with `facts` because it was never seen, else its policies are not known. */
export function rowWithout(
  { kind, account, name }: Pick<UnseenHolder, 'kind' | 'account' | 'name'>,
  why: string,
  facts: UnseenFacts | undefined,
): OverviewRow {
  const who = { kind, account, name };
  if (!facts) return { ...who, remark: why, risk: 'unknown', rules: [false, false], isUnused: false };
  // Nothing is proposed, so that all of it stays.
  const { actions, attention, isAdministrator: isOne } = facts;
  const ways = waysLeft(attention);
  return {
    ...who,
    remark: `${why}${facts.isCovered ? '' : ', of which too few days are covered to say more'}; nothing is proposed, it holds ${counted(actions, 'action')}`,
    risk: attention[0]?.risk ?? 'none',
    before: actions,
    rules: [isOne || ways > 0, isOne || ways > 0],
    ways,
    isUnused: facts.isCovered,
  };
}

/** Most dangerous first; then who may do most. */
const byDanger = (a: OverviewRow, b: OverviewRow): number =>
  byRisk(a, b) || (b.before ?? b.after ?? -1) - (a.before ?? a.after ?? -1);

/** What the dot of a row and the row have in common; the script narrows the table by it. */
export const dotOf = ({ before, after, risk }: OverviewRow): string =>
  before === undefined ? '' : `${before} ${after ?? 0} ${risk}`;

interface Column {
  readonly title: string;
  /** Said in full, where the title is short. */
  readonly meaning: string;
  /** What to sort by: a number or a lower-case text; undefined sorts last. */
  readonly value: (row: OverviewRow) => number | string | undefined;
  /** HTML, where it is not the number. @param most actions of anybody */
  readonly cell?: (row: OverviewRow, most: number) => string;
  /** Stands in every table. */
  readonly isFixed?: true;
}

/** What a cell without a value shows. */
const none = '<span class="none">–</span>';

const cellOf = ({ value, cell }: Column, row: OverviewRow, most: number): string => {
  const key = value(row);
  return cell ? cell(row, most) : typeof key === 'number' ? grouped(key) : none;
};

const columns: readonly Column[] = [
  {
    title: 'Principal',
    meaning: 'Principal, by name',
    value: ({ name }) => name.toLowerCase(),
    cell: principalCell,
    isFixed: true,
  },
  {
    title: 'Risk',
    meaning: 'The highest risk of what a reviewer must look at',
    value: ({ risk }) => risks.length - 1 - risks.indexOf(risk),
    cell: ({ risk }) => `<span class="risk ${risk}">${risk}</span>`,
    isFixed: true,
  },
  {
    title: 'Actions today → proposed',
    meaning: 'Actions that today’s and the proposed policies allow, on a log scale',
    value: ({ before, after }) => before ?? after,
    cell: grantedCell,
    isFixed: true,
  },
  { title: 'Used', meaning: 'Proposed actions that were used', value: ({ used }) => used },
  {
    title: 'Kept, not used',
    meaning:
      'Proposed actions that were not seen in use: the log could not have shown them, or calls may have needed them',
    value: ({ kept }) => kept,
  },
  {
    title: 'Wider than today',
    meaning: 'Whether the proposal allows more than today',
    value: ({ broadened }) => (broadened === undefined ? undefined : Number(broadened ?? 0.5)),
    cell: ({ broadened }) =>
      broadened === undefined ? none : answer(broadened, (text) => `<strong class="bad">${text}</strong>`),
  },
  {
    title: 'Uses denied',
    meaning: 'Observed uses that the proposal would deny',
    value: ({ denied }) => denied,
    cell: ({ denied }) =>
      denied ? `<strong class="bad">${grouped(denied)}</strong>` : denied === undefined ? none : '0',
  },
  {
    title: 'Last used',
    meaning: 'Last day of the window on which it was seen',
    value: ({ last }) => last,
    cell: ({ last }) => (last === undefined ? none : `<span class="day">${dayText(last)}</span>`),
  },
];

/** The column the table is sorted by at first. */
const firstColumn = 1;

function principalCell({ name, kind, account, fragment, remark }: OverviewRow): string {
  const shown = `<bdi>${html(name)}</bdi>`;
  const link =
    fragment === undefined
      ? `<span class="name">${shown}</span>`
      : `<a class="name" href="#${html(fragment)}">${shown}</a>`;
  const note = remark === '' ? '' : ` · <em>${html(remark)}</em>`;
  return `${link}<small>${html(kind)} · ${html(account)}${note}</small>`;
}

/**
 * Actions today and proposed, with a bar on a log scale up to the most of anybody: of two actions that stay of 20,000 something must be
 * seen. The numbers are what is read aloud.
 */
function grantedCell({ before, after, used = 0, kept = 0 }: OverviewRow, most: number): string {
  if (before === undefined && after === undefined) return none;
  const width = (n: number): string => ((100 * Math.log10(1 + n)) / Math.log10(1 + most)).toFixed(1);
  const part = (className: string, n: number): string =>
    n === 0 ? '' : `<rect class="${className}" width="${width(n)}" height="10"/>`;
  const numbers = `<span class="pair">${before === undefined ? '' : `${grouped(before)} <span class="to">→</span> `}<b>${after === undefined ? '–' : grouped(after)}</b></span>`;
  // Where nothing is proposed, nothing is removed.
  if (after === undefined) return numbers;
  return (
    `${numbers}<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">` +
    `${part('removed', before ?? 0)}${part('unseen', used + kept)}${part('used', used)}</svg>`
  );
}

/** What a column says of all principals alike; undefined where they differ, or there is only one. */
function sameOfAll(column: Column, rows: readonly OverviewRow[]): string | undefined {
  if (column.isFixed || rows.length < 2) return undefined;
  const known = new Set(
    rows.filter((row) => column.value(row) !== undefined).map((row) => cellOf(column, row, 1)),
  );
  return known.size < 2 ? ([...known][0] ?? '') : undefined;
}

/** The table of all principals, and as a sentence what is the same for all; it reads well without its script, which sorts and filters it. */
export function overviewTable(rows: readonly OverviewRow[]): {
  readonly table: string;
  readonly same: string;
} {
  const most = Math.max(1, ...rows.map(({ before, after }) => before ?? after ?? 0));
  const same = new Map(columns.map((column) => [column, sameOfAll(column, rows)]));
  const shown = columns.filter((column) => same.get(column) === undefined);
  const head = shown.map(
    ({ title, meaning }, i) =>
      `<th scope="col"${i === firstColumn ? ' aria-sort="descending"' : ''}><button type="button" title="${html(meaning)}">${html(title)}</button></th>`,
  );
  const body = [...rows].sort(byDanger).map((row) => {
    const cells = shown.map((column, i) => {
      const key = column.value(row);
      const sortKey = key === undefined ? '' : ` data-key="${html(String(key))}"`;
      return i === 0
        ? `<th scope="row"${sortKey}>${cellOf(column, row, most)}</th>`
        : `<td data-title="${html(column.title)}"${sortKey}>${cellOf(column, row, most)}</td>`;
    });
    return `<tr data-risk="${row.risk}" data-dot="${dotOf(row)}">${cells.join('')}</tr>\n`;
  });
  const facts = [...same].flatMap(([{ title }, text]) =>
    text ? [`${html(title.toLowerCase())}: ${text}`] : [],
  );
  return {
    table: `<table id="principals"><caption class="aloud">Principals</caption><thead><tr>${head.join('')}</tr></thead>\n<tbody>\n${body.join('')}</tbody></table>`,
    same: facts.length === 0 ? '' : `<p class="same">The same for all: ${facts.join('; ')}.</p>`,
  };
}
