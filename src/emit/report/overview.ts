import { dayText } from '../../iam/days.ts';
import { isAdministrator, openPaths } from '../../iam/decide/escalation.ts';
import type { PolicyDocument } from '../../iam/policy/policy.ts';
import type { Risk } from '../../synth/attention.ts';
import type { Proposal } from '../../synth/proposal.ts';
import { actionCounts, isManagement } from '../review/change-lines.ts';
import { answer, counted, grouped } from '../review/words.ts';
import type { UnseenHolder } from '../json/unused-principal.ts';
import { fragmentOf } from './detail.ts';
import { html } from './html.ts';
import { grantedCell, none } from './share-bar.ts';

/** One principal in the overview. What is not known is undefined. */
export interface OverviewRow {
  readonly kind: string;
  readonly account: string;
  readonly name: string;
  /** Of its own view; undefined where there is none. */
  readonly fragment: string | undefined;
  readonly risk: Risk | 'none';
  /** Actions: allowed today, proposed; and of these used, and kept though not seen in use. */
  readonly before: number | undefined;
  readonly after: number | undefined;
  readonly used: number;
  readonly kept: number;
  readonly managementBefore: number | undefined;
  readonly managementAfter: number | undefined;
  /** Whether it may do everything, or can give itself more rights. */
  readonly rulesToday: boolean;
  readonly rulesAfter: boolean;
  /** Ways to more rights that stay. */
  readonly ways: number;
  /** Not seen in the window at all. */
  readonly isUnused: boolean;
  /** All that were observed; what the proposal does not allow of them, and what something else does. */
  readonly uses: number;
  readonly denied: number | undefined;
  readonly elsewhere: number;
  readonly broadened: boolean | null | undefined;
  /** The last day with a use. */
  readonly last: number | undefined;
  readonly remark: string;
}

const rules = (documents: readonly PolicyDocument[]): boolean =>
  isAdministrator(documents) || openPaths(documents).length > 0;

export function rowOf(p: Proposal): OverviewRow {
  const { kind, account, name } = p.identity;
  const management = p.diff && actionCounts(p.diff.items, isManagement);
  const isUnused = p.attention.some((one) => one.kind === 'never-seen');
  let last = -Infinity;
  for (const { days } of [...p.verdicts.map(({ use }) => use), ...p.unmapped])
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
    managementBefore: management?.before,
    managementAfter: management?.after,
    rulesToday: rules(p.today ?? []),
    rulesAfter: rules(p.documents),
    ways: p.attention.filter((one) => one.kind === 'escalation').length,
    isUnused,
    uses: p.proof.uses,
    denied: p.proof.denied,
    elsewhere: p.proof.grantedElsewhere,
    broadened: p.diff?.broadened,
    last: last === -Infinity ? undefined : last,
    remark: [
      ...(isUnused ? ['never seen in the log'] : []),
      ...(p.blocks.length > 0 ? ['nothing removed yet'] : []),
    ].join('; '),
  };
}

/** What somebody holds of whom nothing is proposed. */
export interface Unproposed {
  readonly documents: readonly PolicyDocument[];
  /** That they allow. */
  readonly actions: number;
}

/** A principal of which nothing is proposed: with `held` because it was never seen, else its policies cannot be read. */
export const rowWithout = (
  { kind, account, name }: Pick<UnseenHolder, 'kind' | 'account' | 'name'>,
  remark: string,
  held: Unproposed | undefined,
): OverviewRow => ({
  kind,
  account,
  name,
  remark:
    held === undefined
      ? remark
      : `${remark}; nothing is proposed, it holds ${counted(held.actions, 'action')}`,
  fragment: undefined,
  risk: held === undefined ? 'none' : 'medium',
  before: held?.actions,
  after: undefined,
  used: 0,
  kept: 0,
  managementBefore: undefined,
  managementAfter: undefined,
  // Nothing is proposed, so that all of it stays.
  rulesToday: rules(held?.documents ?? []),
  rulesAfter: rules(held?.documents ?? []),
  ways: 0,
  isUnused: held !== undefined,
  uses: 0,
  denied: undefined,
  elsewhere: 0,
  broadened: undefined,
  last: undefined,
});

/** Most dangerous first; then who may do most. */
const order: readonly OverviewRow['risk'][] = ['none', 'low', 'medium', 'high'];
export const byRisk = (a: OverviewRow, b: OverviewRow): number =>
  order.indexOf(b.risk) - order.indexOf(a.risk) || (b.before ?? b.after ?? -1) - (a.before ?? a.after ?? -1);

/** What the dot of a row and the row have in common; the script narrows the table by it. */
export const dotOf = ({ before, after, risk }: OverviewRow): string =>
  before === undefined ? '' : `${before} ${after ?? 0} ${risk}`;

interface Column {
  readonly title: string;
  /** Said in full, where the title is short. */
  readonly meaning: string;
  /** What to sort by: a number or a lower-case text; undefined sorts last. */
  readonly value: (row: OverviewRow) => number | string | undefined;
  /** HTML. @param most actions of anybody */
  readonly cell: (row: OverviewRow, most: number) => string;
  /** Stands in every table. */
  readonly isFixed?: true;
}

const number = (n: number | undefined): string => (n === undefined ? none : grouped(n));

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
    value: ({ risk }) => order.indexOf(risk),
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
  {
    title: 'Used',
    meaning: 'Proposed actions that were used',
    value: ({ after, used }) => after && used,
    cell: ({ after, used }) => number(after && used),
  },
  {
    title: 'Kept unseen',
    meaning:
      'Proposed actions that were not seen in use: the log could not have shown them, or calls may have needed them',
    value: ({ after, kept }) => after && kept,
    cell: ({ after, kept }) => number(after && kept),
  },
  {
    title: 'Permissions management',
    meaning: 'Actions that change who may do what: today, proposed',
    value: ({ managementBefore }) => managementBefore,
    cell: ({ managementBefore: before, managementAfter: after }) =>
      before === undefined
        ? none
        : `<span>${grouped(before)} <span class="to">→</span> ${number(after)}</span>`,
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
    cell: ({ denied }) => (denied ? `<strong class="bad">${grouped(denied)}</strong>` : number(denied)),
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

/** What a column says of all principals alike; undefined where they differ, or there is only one. */
function sameOfAll({ value, cell, isFixed }: Column, rows: readonly OverviewRow[]): string | undefined {
  if (isFixed || rows.length < 2) return undefined;
  const known = new Set(rows.filter((row) => value(row) !== undefined).map((row) => cell(row, 1)));
  return known.size < 2 ? ([...known][0] ?? '') : undefined;
}

/** The table of all principals, and as a sentence what is the same of all; it reads well without its script, which sorts and filters it. */
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
  const body = [...rows].sort(byRisk).map((row) => {
    const cells = shown.map(({ title, value, cell }, i) => {
      const key = value(row);
      const sortKey = key === undefined ? '' : ` data-key="${html(String(key))}"`;
      return i === 0
        ? `<th scope="row"${sortKey}>${cell(row, most)}</th>`
        : `<td data-title="${html(title)}"${sortKey}>${cell(row, most)}</td>`;
    });
    return `<tr data-risk="${row.risk}" data-dot="${dotOf(row)}">${cells.join('')}</tr>\n`;
  });
  const facts = [...same].flatMap(([{ title }, text]) =>
    text ? [`${html(title.toLowerCase())} ${text}`] : [],
  );
  return {
    table: `<table id="principals"><caption class="aloud">Principals</caption><thead><tr>${head.join('')}</tr></thead>\n<tbody>\n${body.join('')}</tbody></table>`,
    same: facts.length === 0 ? '' : `<p class="same">The same of all: ${facts.join(', ')}.</p>`,
  };
}
