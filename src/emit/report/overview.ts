import { dayText } from '../../iam/days.ts';
import type { Proposal } from '../../synth/proposal.ts';
import { actionCounts, isManagement } from '../review/change-lines.ts';
import { answer, grouped } from '../review/words.ts';
import type { UnseenHolder } from '../json/unused-principal.ts';
import { fragmentOf } from './detail.ts';
import { html } from './html.ts';
import type { State } from './page/shape.ts';
import { none, share, shareCell, type Shares } from './share-bar.ts';

/** One principal in the overview. What is not known is undefined. */
export interface OverviewRow extends Shares {
  readonly kind: string;
  readonly account: string;
  readonly name: string;
  /** Of its own view; undefined where there is none. */
  readonly fragment: string | undefined;
  readonly after: number | undefined;
  readonly managementBefore: number | undefined;
  readonly managementAfter: number | undefined;
  readonly documents: number | undefined;
  /** All that were observed; what the proposal and what something else allows of them. */
  readonly uses: number;
  readonly allowed: number;
  readonly elsewhere: number;
  readonly denied: number | undefined;
  readonly broadened: boolean | null | undefined;
  /** The last day with a use. */
  readonly last: number | undefined;
  /** Why there is no view of its own. */
  readonly remark: string;
}

export function rowOf(p: Proposal, states: ReadonlyMap<string, State>): OverviewRow {
  const { kind, account, name } = p.identity;
  const counts = { u: 0, o: 0, n: 0, x: 0, '.': 0 };
  for (const state of states.values()) counts[state]++;
  const management = p.diff && actionCounts(p.diff.items, isManagement);
  let last = -Infinity;
  for (const { days } of [...p.verdicts.map(({ use }) => use), ...p.unmapped])
    for (const day of days) last = Math.max(last, day);
  return {
    kind,
    account,
    name,
    fragment: fragmentOf(p.identity),
    before: p.diff && p.actionsBefore,
    after: p.actionsAfter,
    managementBefore: management?.before,
    managementAfter: management?.after,
    used: counts.u,
    unseen: counts.o,
    removed: counts.n + counts.x,
    documents: p.documents.length,
    uses: p.proof.uses,
    allowed: p.proof.allowed,
    elsewhere: p.proof.grantedElsewhere,
    denied: p.proof.denied,
    broadened: p.diff?.broadened,
    last: last === -Infinity ? undefined : last,
    remark: p.blocks.length > 0 ? 'nothing removed: window too short' : '',
  };
}

/** A principal of which nothing is proposed: never seen, or its policies cannot be read. */
export const rowWithout = (
  { kind, account, name }: Pick<UnseenHolder, 'kind' | 'account' | 'name'>,
  remark: string,
): OverviewRow => ({
  kind,
  account,
  name,
  remark,
  fragment: undefined,
  before: undefined,
  after: undefined,
  managementBefore: undefined,
  managementAfter: undefined,
  used: 0,
  unseen: 0,
  removed: 0,
  documents: undefined,
  uses: 0,
  allowed: 0,
  elsewhere: 0,
  denied: undefined,
  broadened: undefined,
  last: undefined,
});

interface Column {
  readonly title: string;
  /** Said in full, where the title is short. */
  readonly meaning: string;
  readonly isText?: true;
  /** What to sort by: a number or a lower-case text; undefined sorts last. */
  readonly value: (row: OverviewRow) => number | string | undefined;
  /** HTML. */
  readonly cell: (row: OverviewRow) => string;
}

const number = (n: number | undefined): string => (n === undefined ? none : grouped(n));
const pair = (before: number | undefined, after: number | undefined): string =>
  before === undefined ? none : `${grouped(before)} <span class="to">→</span> ${number(after)}`;
const columns: readonly Column[] = [
  {
    title: 'Principal',
    meaning: 'Principal, by name',
    isText: true,
    value: ({ name }) => name.toLowerCase(),
    cell: principalCell,
  },
  {
    title: 'Actions today',
    meaning: 'Actions that today’s policies allow',
    value: ({ before }) => before,
    cell: ({ before }) => number(before),
  },
  {
    title: 'Proposed',
    meaning: 'Actions that the proposed policies allow',
    value: ({ after }) => after,
    cell: ({ after }) => number(after),
  },
  { title: 'Removed', meaning: 'Share of actions removed', value: share, cell: shareCell },
  {
    title: 'Permissions management',
    meaning: 'Actions that change who may do what: today, proposed',
    value: ({ managementBefore }) => managementBefore,
    cell: (row) => pair(row.managementBefore, row.managementAfter),
  },
  {
    title: 'Kept unseen',
    meaning: 'Actions kept because the log could not have shown them',
    value: ({ unseen, before }) => before && unseen,
    cell: ({ unseen, before }) => number(before && unseen),
  },
  {
    title: 'Documents',
    meaning: 'Policy documents proposed',
    value: ({ documents }) => documents,
    cell: ({ documents }) => number(documents),
  },
  {
    title: 'Wider',
    meaning: 'Whether the proposal allows more than today',
    value: ({ broadened }) => (broadened === undefined ? undefined : Number(broadened ?? 0.5)),
    cell: ({ broadened }) =>
      broadened === undefined ? none : answer(broadened, (text) => `<strong class="bad">${text}</strong>`),
  },
  {
    title: 'Denied',
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

/** The column the table is sorted by at first, most first. */
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

/** The table of all principals; it reads well without its script, which sorts and filters it. */
export function overviewTable(rows: readonly OverviewRow[]): string {
  const by = columns[firstColumn];
  const sorted = by ? [...rows].sort((a, b) => Number(by.value(b) ?? -1) - Number(by.value(a) ?? -1)) : rows;
  const head = columns.map(
    ({ title, meaning, isText }, i) =>
      `<th scope="col"${isText ? '' : ' class="number"'}${i === firstColumn ? ' aria-sort="descending"' : ''}><button type="button" title="${html(meaning)}">${html(title)}</button></th>`,
  );
  const body = sorted.map((row) => {
    const cells = columns.map(({ value, cell, isText }, i) => {
      const key = value(row);
      const sortKey = key === undefined ? '' : ` data-key="${html(String(key))}"`;
      return i === 0
        ? `<th scope="row"${sortKey}>${cell(row)}</th>`
        : `<td${isText ? '' : ' class="number"'}${sortKey}>${cell(row)}</td>`;
    });
    return `<tr>${cells.join('')}</tr>\n`;
  });
  return `<table id="principals"><caption class="aloud">Principals</caption><thead><tr>${head.join('')}</tr></thead>\n<tbody>\n${body.join('')}</tbody></table>`;
}
