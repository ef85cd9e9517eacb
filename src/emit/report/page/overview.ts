/** Makes the table of principals sortable by its headings, and narrows it to what is typed and to the risks and dots that are chosen. */
export function startOverview(): void {
  const table = document.querySelector<HTMLTableElement>('#principals');
  const input = document.querySelector<HTMLInputElement>('#filter');
  const count = document.getElementById('count');
  const all = document.getElementById('all');
  const body = table?.tBodies[0];
  if (!table || !body || !input || !count || !all) throw new Error('the page has no table of principals');
  const rows = [...body.rows];
  const words = new Map(rows.map((row) => [row, (row.cells[0]?.textContent ?? '').toLowerCase()]));
  const risks = [...document.querySelectorAll<HTMLElement>('.risks button')];
  const dots = [...document.querySelectorAll<SVGElement>('.dot')];

  const narrow = (): void => {
    const wanted = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const ofRisks = chosen(risks, 'risk');
    const ofDots = chosen(dots, 'dot');
    let shown = 0;
    for (const row of rows) {
      const text = words.get(row) ?? '';
      const { risk = '', dot = '' } = row.dataset;
      row.hidden = !(wanted.every((word) => text.includes(word)) && isIn(ofRisks, risk) && isIn(ofDots, dot));
      if (!row.hidden) shown++;
    }
    const visible = new Set(rows.filter((row) => !row.hidden).map((row) => row.dataset['dot']));
    for (const dot of dots) dot.classList.toggle('faint', !visible.has(dot.dataset['dot']));
    const isAll = shown === rows.length;
    count.textContent = isAll ? '' : `${shown} of ${rows.length} shown`;
    all.hidden = isAll;
  };
  const toggle = (one: Element): void => {
    press(one, one.getAttribute('aria-pressed') !== 'true');
    narrow();
  };
  input.addEventListener('input', narrow);
  all.addEventListener('click', () => {
    input.value = '';
    for (const one of [...risks, ...dots]) press(one, false);
    narrow();
    input.focus();
  });
  for (const one of [...risks, ...dots]) one.addEventListener('click', () => toggle(one));
  for (const dot of dots)
    dot.addEventListener('keydown', (event) => {
      if (event.key === 'Enter' || event.key === ' ') toggle(dot);
      else if (!arrows.has(event.key)) return;
      else goTo(nextDot(dot, dots, event.key), dots);
      event.preventDefault();
    });
  narrow();

  const heads = [...(table.tHead?.rows[0]?.cells ?? [])];
  for (const [i, head] of heads.entries()) {
    head.querySelector('button')?.addEventListener('click', () => {
      const isText = i === 0;
      const now = head.getAttribute('aria-sort');
      const up = now === null ? isText : now === 'descending';
      for (const other of heads) other.removeAttribute('aria-sort');
      head.setAttribute('aria-sort', up ? 'ascending' : 'descending');
      body.append(...sorted(rows, i, up));
    });
  }
}

const isIn = (some: ReadonlySet<string>, own: string): boolean => some.size === 0 || some.has(own);
const press = (one: Element, isPressed: boolean): void => one.setAttribute('aria-pressed', String(isPressed));

const chosen = (list: readonly (HTMLElement | SVGElement)[], key: string): ReadonlySet<string> =>
  new Set(
    list.filter((one) => one.getAttribute('aria-pressed') === 'true').map((one) => one.dataset[key] ?? ''),
  );

const arrows: ReadonlyMap<string, readonly [axis: string, sign: number]> = new Map([
  ['ArrowRight', ['cx', 1]],
  ['ArrowLeft', ['cx', -1]],
  ['ArrowDown', ['cy', 1]],
  ['ArrowUp', ['cy', -1]],
]);

/** The next dot along an axis; the same at its end. */
function nextDot(from: SVGElement, dots: readonly SVGElement[], key: string): SVGElement {
  const [axis, sign] = arrows.get(key) ?? ['cx', 1];
  const place = (dot: SVGElement): number => sign * Number(dot.getAttribute(axis));
  const line = [...dots].sort((a, b) => place(a) - place(b));
  return line[line.indexOf(from) + 1] ?? from;
}

/** Only one dot is a stop of the tab key: 500 would be a wall. */
function goTo(dot: SVGElement, dots: readonly SVGElement[]): void {
  for (const one of dots) one.setAttribute('tabindex', one === dot ? '0' : '-1');
  dot.focus();
}

/** Rows by one column; those without a value last, equal ones as they were. */
function sorted(
  rows: readonly HTMLTableRowElement[],
  column: number,
  up: boolean,
): readonly HTMLTableRowElement[] {
  const sign = up ? 1 : -1;
  return rows
    .map((row) => ({ row, key: row.cells[column]?.dataset['key'] }))
    .sort((a, b) => {
      if (a.key === undefined || b.key === undefined)
        return Number(a.key === undefined) - Number(b.key === undefined);
      const [x, y] = column === 0 ? [a.key, b.key] : [Number(a.key), Number(b.key)];
      return x < y ? -sign : x > y ? sign : 0;
    })
    .map(({ row }) => row);
}
