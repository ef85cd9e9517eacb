import { groupBy } from '../../iam/order.ts';
import type { Proposal } from '../../synth/proposal.ts';
import type { UnseenFacts } from '../review/unused-principal.ts';
import { waysLeft } from '../review/attention.ts';
import { cellsOf, counted, grouped, table, type Columns } from '../review/words.ts';

/** One of many principals, in short. */
export type OverviewLine = ReturnType<typeof overviewLine>;

export const overviewLine = (p: Proposal) => ({
  kind: p.identity.kind,
  name: p.identity.name,
  account: p.identity.account,
  /** Distinct actions; undefined where today's policies are not known. */
  today: p.diff && p.actionsBefore,
  after: p.actionsAfter,
  used: p.counts.used,
  unseen: p.blocks.length > 0 ? 0 : p.counts.unseen,
  escalations: waysLeft(p.attention),
  risk: p.risk,
  /** `2 escalation, new` */
  attention: [...groupBy(p.attention, ({ kind }) => kind)]
    .map(([kind, list]) => (list.length > 1 ? `${list.length} ${kind}` : kind))
    .join(', '),
  broadened: p.diff?.broadened,
  /** Whether the proposal differs from today. */
  changes: p.diff === undefined || p.diff.items.some(({ kind }) => kind !== 'kept'),
});

const columns: Columns<OverviewLine> = {
  Principal: ({ kind, name }) => `${kind}/${name}`,
  Account: ({ account }) => account,
  Today: ({ today = '-' }) => today,
  Proposed: ({ after }) => after,
  Used: ({ used }) => used,
  Unseen: ({ unseen }) => unseen,
  Escalation: ({ escalations }) => escalations,
  Risk: ({ risk }) => risk,
  'Look at': ({ attention }) => attention,
};

/** The cells of a table of principals, in text and Markdown alike; the head first. */
export const overviewCells = (lines: readonly OverviewLine[]): ReturnType<typeof cellsOf> =>
  cellsOf(columns, lines);

/** A table of principals. */
export function overviewTable(lines: readonly OverviewLine[]): string {
  const [head = [], ...rows] = overviewCells(lines);
  return table([head.map((title) => String(title).toUpperCase()), ...rows]);
}

/** `Plan: 8 to change, 3 as they are, 2 never seen; 12,345 -> 456 actions; escalation left in 2; none broadened` */
export function totalsText(lines: readonly OverviewLine[], unused: readonly UnseenFacts[]): string {
  const changing = lines.filter(({ changes }) => changes).length;
  const known = lines.filter(({ today }) => today !== undefined);
  const before = known.reduce((total, { today = 0 }) => total + today, 0);
  const after = known.reduce((total, line) => total + line.after, 0);
  const ways = [
    ...lines.map(({ escalations }) => escalations),
    ...unused.map(({ attention }) => waysLeft(attention)),
  ];
  const open = ways.filter((n) => n > 0).length;
  const wider = lines.filter(({ broadened }) => broadened === true).length;
  const unknown = lines.filter(({ broadened }) => broadened === null).length;
  return [
    `Plan: ${grouped(changing)} to change, ${grouped(lines.length - changing)} as they are${unused.length > 0 ? `, ${grouped(unused.length)} never seen` : ''}`,
    ...(known.length > 0 ? [`${grouped(before)} -> ${counted(after, 'action')}`] : []),
    open > 0 ? `escalation left in ${grouped(open)}` : 'no escalation left',
    wider > 0
      ? `${grouped(wider)} BROADENED`
      : unknown > 0
        ? `${grouped(unknown)} of which it cannot be told whether broadened`
        : 'none broadened',
  ].join('; ');
}
