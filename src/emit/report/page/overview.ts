/** Makes the table of principals sortable by its headings and narrows it to what is typed. */
export function startOverview(): void {
  const table = document.querySelector<HTMLTableElement>('#principals');
  const input = document.querySelector<HTMLInputElement>('#filter');
  const count = document.getElementById('count');
  const body = table?.tBodies[0];
  if (!table || !body || !input || !count) throw new Error('the page has no table of principals');
  const rows = [...body.rows];
  const words = new Map(rows.map((row) => [row, (row.cells[0]?.textContent ?? '').toLowerCase()]));

  const narrow = (): void => {
    const wanted = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const row of rows) {
      const text = words.get(row) ?? '';
      row.hidden = !wanted.every((word) => text.includes(word));
      if (!row.hidden) shown++;
    }
    count.textContent = shown === rows.length ? '' : `${shown} of ${rows.length} shown`;
  };
  input.addEventListener('input', narrow);
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
