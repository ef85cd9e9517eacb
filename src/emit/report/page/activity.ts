import { drawn, element, isoDay, plural } from './dom.ts';
import type { Detail } from './shape.ts';

const height = 96;
const foot = 18;
/** Of a day, where there is room. */
const widest = 32;

/** How many distinct uses each day of the window saw, as bars; days without any log are shaded. */
export function activityChart({ since, activity }: Detail): HTMLElement {
  const top = Math.max(1, ...activity);
  const active = activity.filter((n) => n > 0).length;
  const gaps = activity.filter((n) => n < 0).length;
  const width = Math.max(240, Math.min(1140, widest * activity.length));
  const step = Math.min(widest, width / Math.max(1, activity.length));
  const gap = step > 6 ? Math.min(6, step / 5) : 0;
  if (active === 0)
    return element(
      'p',
      'No event of it is in the window: ask whether it is still needed, or ingest more days.',
    );
  const text = `Seen on ${active} of ${plural(activity.length, 'day')}, up to ${plural(top, 'distinct use')} a day${gaps > 0 ? `; nothing was delivered on ${plural(gaps, 'day')}` : ''}.`;
  const bars = activity.map((n, i) => {
    const tall = n < 0 ? height : (height * n) / top;
    const box = { x: i * step + gap / 2, y: height - tall, width: step - gap, height: tall };
    return n !== 0 && drawn('rect', { class: n < 0 ? 'gap' : 'used', ...box });
  });
  const chart = drawn(
    'svg',
    { class: 'activity', width, viewBox: `0 0 ${width} ${height + foot}`, role: 'img', 'aria-label': text },
    bars,
    drawn('rect', { class: 'axis', x: 0, y: height, width, height: 1 }),
    drawn('text', { x: 0, y: height + foot - 3 }, isoDay(since)),
    drawn(
      'text',
      { x: width, y: height + foot - 3, 'text-anchor': 'end' },
      isoDay(since + activity.length - 1),
    ),
  );
  return element('div', element('p', text), chart);
}
