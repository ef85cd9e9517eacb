import { grouped } from '../review/words.ts';

/** What a cell without a value shows. */
export const none = '<span class="none">–</span>';

interface Granted {
  readonly before: number | undefined;
  readonly after: number | undefined;
  readonly used: number;
  readonly kept: number;
}

/**
 * Actions today and proposed, with a bar on a log scale up to the most of anybody: of two actions that stay of 20,000 something must be
 * seen. The numbers are what is read aloud.
 */
export function grantedCell({ before, after, used, kept }: Granted, most: number): string {
  if (before === undefined && after === undefined) return none;
  const width = (n: number): string => ((100 * Math.log10(1 + n)) / Math.log10(1 + most)).toFixed(1);
  const part = (className: string, n: number): string =>
    n === 0 ? '' : `<rect class="${className}" width="${width(n)}" height="10"/>`;
  return (
    `<span class="pair">${before === undefined ? '' : `${grouped(before)} <span class="to">→</span> `}<b>${after === undefined ? '–' : grouped(after)}</b></span>` +
    `<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true">` +
    `${part('removed', before ?? 0)}${part('unseen', used + kept)}${part('used', used)}</svg>`
  );
}
