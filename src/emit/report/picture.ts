import { groupBy } from '../../iam/order.ts';
import { risks } from '../review/attention.ts';
import { counted, grouped, someOf } from '../review/words.ts';
import { html } from './html.ts';
import { dotOf, type OverviewRow } from './overview.ts';

const width = 640;
const height = 330;
const left = 52;
const bottom = 44;
const edge = 12;
/** Principals of one dot that are named. */
const named = 3;

/**
 * Each principal as a dot, actions today to the right and proposed upwards, both on log scales: what lies far below the line loses much.
 * Principals of the same numbers and risk share a dot. The script makes dots and risks narrow the table, which says the same in text.
 */
export function picture(rows: readonly OverviewRow[]): string {
  const compared = rows.filter(({ before }) => before !== undefined);
  if (compared.length === 0)
    return '<p class="card empty">What principals may do today is not known, so that nothing can be compared: run <code>report</code> with <code>--current aws</code>, or with a file of <code>aws iam get-account-authorization-details</code>.</p>';
  const most = Math.max(10, ...compared.flatMap(({ before = 0, after = 0 }) => [before, after]));
  const scale = (n: number): number => Math.log10(1 + n) / Math.log10(1 + most);
  const x = (n: number): string => (left + scale(n) * (width - left - edge)).toFixed(1);
  const y = (n: number): string => (height - bottom - scale(n) * (height - bottom - edge)).toFixed(1);
  const ticks = (
    [
      [0, '0'],
      [10, '10'],
      [100, '100'],
      [1000, '1k'],
      [10_000, '10k'],
    ] as const
  ).filter(([n]) => n <= most);
  const dots = [...groupBy([...compared].reverse(), dotOf)].map(([key, same], i) => {
    const [first] = same;
    if (!first) return '';
    const { before = 0, after, risk } = first;
    const names = someOf(
      same.map(({ name }) => name),
      named,
    );
    const label = `${names}: ${counted(before, 'action')} today, ${after === undefined ? 'never seen and nothing' : grouped(after)} proposed, risk ${risk}`;
    return `<circle class="dot ${risk}" cx="${x(before)}" cy="${y(after ?? 0)}" r="${Math.min(14, 4.5 + Math.sqrt(same.length)).toFixed(1)}" role="button" aria-pressed="false" tabindex="${i === 0 ? 0 : -1}" data-dot="${key}" aria-label="${html(label)}"><title>${html(label)}</title></circle>`;
  });
  const counts = groupBy(rows, ({ risk }) => risk);
  const buttons = risks
    .filter((risk) => counts.has(risk))
    .map(
      (risk) =>
        `<button type="button" class="risk ${risk}" aria-pressed="false" data-risk="${risk}">${risk} <b>${counts.get(risk)?.length ?? 0}</b></button>`,
    );
  return (
    `<figure class="card picture"><figcaption><b>What each may do today, and what it would keep</b> A dot is a principal; far below the line it loses much. ` +
    `Choose a dot, or a risk: <span class="risks" role="group" aria-label="Risk">${buttons.join('')}</span></figcaption>` +
    `<svg viewBox="0 0 ${width} ${height}" role="group" aria-label="Principals by actions today and proposed; arrow keys go from dot to dot">` +
    ticks
      .map(
        ([n, text]) =>
          `<path class="grid" d="M${x(n)} ${edge}V${height - bottom}M${left} ${y(n)}H${width - edge}"/>` +
          `<text x="${x(n)}" y="${height - bottom + 17}" text-anchor="middle">${text}</text>` +
          `<text x="${left - 8}" y="${Number(y(n)) + 4}" text-anchor="end">${text}</text>`,
      )
      .join('') +
    `<path class="same-line" d="M${x(0)} ${y(0)}L${x(most)} ${y(most)}"/>` +
    `<text x="${width - edge}" y="${height - 6}" text-anchor="end">actions today →</text><text x="4" y="${edge + 2}" class="up">↑ proposed</text>` +
    `${dots.join('')}</svg></figure>`
  );
}
