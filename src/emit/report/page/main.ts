import { carriedReport } from './data.ts';
import { detailView } from './detail.ts';
import { startOverview } from './overview.ts';

/** Shows what the address names behind `#`: the view of a principal, else the overview. */
function start(): void {
  const report = carriedReport();
  const overview = document.getElementById('overview');
  const place = document.getElementById('detail');
  if (!overview || !place) throw new Error('the page is not whole');
  const title = document.title;
  let scrolled = 0;
  let left = '';
  const show = (isFirst: boolean): void => {
    const id = location.hash.slice(1);
    const detail = report.principals.find((one) => one.id === id);
    if (!overview.hidden) scrolled = scrollY;
    overview.hidden = detail !== undefined;
    place.hidden = detail === undefined;
    document.title = detail ? `${detail.name} · ${title}` : title;
    if (detail) {
      left = id;
      place.replaceChildren(detailView(detail, report));
      scrollTo(0, 0);
      place.querySelector<HTMLElement>('h2')?.focus({ preventScroll: true });
    } else {
      place.replaceChildren();
      scrollTo(0, scrolled);
      if (!isFirst)
        overview.querySelector<HTMLElement>(`a[href="#${CSS.escape(left)}"]`)?.focus({ preventScroll: true });
    }
  };
  startOverview();
  show(true);
  addEventListener('hashchange', () => show(false));
  addEventListener('beforeprint', () => {
    for (const details of place.querySelectorAll<HTMLDetailsElement>('details.change')) details.open = true;
  });
}

start();
