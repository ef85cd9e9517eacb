import { grouped } from '../review/words.ts';
import type { OverviewRow } from './overview.ts';

/** The numbers of the whole, for a first look. */
export function tiles(rows: readonly OverviewRow[]): string {
  const compared = rows.filter(({ before }) => before !== undefined);
  const denied = sum(rows, (row) => row.denied);
  const allowed = sum(rows, (row) => row.allowed);
  const elsewhere = sum(rows, (row) => row.elsewhere);
  const wider = rows.filter(({ broadened }) => broadened === true || broadened === null).length;
  const after = sum(rows, (row) => row.after);
  const actions =
    compared.length === 0
      ? tile('Actions', grouped(after), 'used, over all principals')
      : tile(
          'Actions allowed',
          change(
            sum(compared, (row) => row.before),
            sum(compared, (row) => row.after),
          ),
          'today and proposed, over all principals',
        ) +
        tile(
          'Permissions management',
          change(
            sum(compared, (row) => row.managementBefore),
            sum(compared, (row) => row.managementAfter),
          ),
          'actions that change who may do what',
        );
  return (
    `<dl class="tiles">${actions}` +
    tile(
      'Replay',
      `${grouped(allowed)} of ${grouped(sum(rows, (row) => row.uses))}`,
      `observed uses allowed by the proposals, ${grouped(elsewhere)} by something else, ${denied > 0 ? grouped(denied) : 'none'} denied`,
      denied > 0,
    ) +
    (compared.length === 0
      ? ''
      : tile(
          'Wider than today',
          grouped(wider),
          wider === 0 ? 'no proposal allows more than today' : 'proposals allow more than today, or may',
          wider > 0,
        )) +
    '</dl>'
  );
}

const sum = (list: readonly OverviewRow[], value: (row: OverviewRow) => number | undefined): number =>
  list.reduce((total, row) => total + (value(row) ?? 0), 0);

const tile = (label: string, value: string, note: string, isBad = false): string =>
  `<div${isBad ? ' class="bad"' : ''}><dt>${label}</dt><dd><strong>${value}</strong><span>${note}</span></dd></div>`;

const change = (before: number, now: number): string =>
  `${grouped(before)} <span class="to">→</span> ${grouped(now)}`;
