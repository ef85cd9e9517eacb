import { drawn } from './dom.ts';

/** Shares of a whole as a bar; what it says must stand beside it as text. */
export function shareBar(
  parts: readonly (readonly [className: string, n: number])[],
  whole: number,
): SVGElement {
  const bar = drawn('svg', {
    class: 'bar',
    viewBox: '0 0 100 10',
    preserveAspectRatio: 'none',
    'aria-hidden': 'true',
  });
  bar.append(drawn('rect', { class: 'rest', width: 100, height: 10 }));
  let x = 0;
  for (const [className, n] of parts) {
    if (n === 0 || whole === 0) continue;
    const width = Math.min(100 - x, Math.max(2, (100 * n) / whole));
    bar.append(drawn('rect', { class: className, x, width, height: 10 }));
    x += width;
  }
  return bar;
}
