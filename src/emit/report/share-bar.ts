import { html } from './html.ts';

/** Actions of a principal: held today, and of them used, kept though unseen, and removed. */
export interface Shares {
  readonly before: number | undefined;
  readonly used: number;
  readonly unseen: number;
  readonly removed: number;
}

/** What a cell without a value shows. */
export const none = '<span class="none">–</span>';

/** What goes of what is held today; undefined where that is not known. */
export const share = ({ before, removed }: Shares): number | undefined =>
  before === undefined || before === 0 ? undefined : removed / before;

/** Used, kept unseen, removed, as shares of a bar; the number beside it says what is read aloud. */
export function shareCell(row: Shares): string {
  const removed = share(row);
  if (removed === undefined) return none;
  const total = row.used + row.unseen + row.removed;
  const width = (n: number): number => (n === 0 ? 0 : Math.max(2, Math.round((100 * n) / total)));
  const used = width(row.used);
  const unseen = width(row.unseen);
  const text =
    removed > 0.99 && removed < 1 ? '>99' : removed < 0.01 && removed > 0 ? '<1' : Math.round(100 * removed);
  return (
    `<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect class="removed" width="100" height="10"/>` +
    `<rect class="unseen" width="${Math.min(100, used + unseen)}" height="10"/><rect class="used" width="${used}" height="10"/></svg>` +
    `<span class="percent">${html(String(text))}%</span>`
  );
}
