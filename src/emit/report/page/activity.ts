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
      {},
      'No event of it is in the window: ask whether it is still needed, or ingest more days.',
    );
  const text = `Seen on ${active} of ${plural(activity.length, 'day')}, up to ${plural(top, 'distinct use')} a day${gaps > 0 ? `; nothing was delivered on ${plural(gaps, 'day')}` : ''}.`;
  const chart = drawn('svg', {
    class: 'activity',
    width,
    viewBox: `0 0 ${width} ${height + foot}`,
    role: 'img',
    'aria-label': text,
  });
  activity.forEach((n, i) => {
    const tall = n < 0 ? height : (height * n) / top;
    const className = n < 0 ? 'gap' : 'used';
    const box = { x: i * step + gap / 2, y: height - tall, width: step - gap, height: tall };
    if (n !== 0) chart.append(drawn('rect', { class: className, ...box }));
  });
  chart.append(
    drawn('rect', { class: 'axis', x: 0, y: height, width, height: 1 }),
    drawn('text', { x: 0, y: height + foot - 3 }, isoDay(since)),
    drawn(
      'text',
      { x: width, y: height + foot - 3, 'text-anchor': 'end' },
      isoDay(since + activity.length - 1),
    ),
  );
  return element('div', {}, element('p', {}, text), chart);
}
