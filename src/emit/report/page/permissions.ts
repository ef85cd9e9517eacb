import { aloud, element, thousands } from './dom.ts';
import type { NamedAction } from './data.ts';
import type { State } from './shape.ts';
import { shareBar } from './share-bar.ts';

/** How many actions are in each state. */
type Counts = Record<State, number>;

const levels: readonly (readonly [letter: string, title: string])[] = [
  ['l', 'List'],
  ['r', 'Read'],
  ['w', 'Write'],
  ['t', 'Tagging'],
  ['p', 'Permissions management'],
];

/** Services shown at first. */
const firstServices = 12;

/** Used, kept unseen and removed actions by service and access level: a picture whose numbers are its text. */
export function permissionsTable(
  states: readonly (readonly [NamedAction, State])[],
  compared: boolean,
): HTMLElement {
  const services = new Map<string, Map<string, Counts>>();
  const all = new Map<string, Counts>();
  for (const [{ service, level }, state] of states) {
    const own = services.get(service) ?? new Map<string, Counts>();
    services.set(service, own);
    for (const counts of [own, all]) {
      count(counts, level, state);
      count(counts, 'all', state);
    }
  }
  const order = [...services].sort(
    ([, a], [, b]) => of(b, 'all').u - of(a, 'all').u || total(of(b, 'all')) - total(of(a, 'all')),
  );
  const used = order.filter(([, counts]) => of(counts, 'all').u > 0).length;
  const body = element('tbody', {});
  const show = (most: number): void => {
    body.replaceChildren(...order.slice(0, most).map(([service, counts]) => row(service, counts, compared)));
  };
  const most = Math.max(used, firstServices);
  show(most);
  const table = element(
    'table',
    { class: 'matrix' },
    element(
      'caption',
      { class: 'aloud' },
      'Actions used, kept unseen and removed, by service and access level',
    ),
    element(
      'thead',
      {},
      element(
        'tr',
        {},
        ...['Service', 'All', ...levels.map(([, title]) => title)].map((title) =>
          element('th', { scope: 'col' }, title),
        ),
      ),
    ),
    body,
    element('tfoot', {}, row(`all ${order.length} services`, all, compared)),
  );
  const frame = element(
    'div',
    { class: 'scroll', role: 'region', 'aria-label': 'Permissions by service', tabindex: 0 },
    table,
  );
  if (order.length <= most) return frame;
  const button = element('button', { type: 'button', class: 'more' }, `Show all ${order.length} services`);
  button.addEventListener('click', () => {
    show(order.length);
    button.remove();
    frame.focus();
  });
  return element('div', {}, frame, button);
}

const none: Counts = { '.': 0, u: 0, o: 0, n: 0, x: 0 };
const of = (counts: ReadonlyMap<string, Counts>, level: string): Counts => counts.get(level) ?? none;
const total = ({ u, o, n, x }: Counts): number => u + o + n + x;

function count(counts: Map<string, Counts>, level: string, state: State): void {
  const known = counts.get(level) ?? { ...none };
  known[state]++;
  counts.set(level, known);
}

const row = (service: string, counts: ReadonlyMap<string, Counts>, compared: boolean): HTMLElement =>
  element(
    'tr',
    {},
    element('th', { scope: 'row' }, service),
    ...['all', ...levels.map(([letter]) => letter)].map((level) => cell(of(counts, level), compared)),
  );

function cell(counts: Counts, compared: boolean): HTMLElement {
  const held = total(counts);
  if (held === 0) return element('td', { class: 'none' }, '–');
  if (!compared) return element('td', {}, thousands(counts.u));
  const parts: [string, number][] = [
    ['used', counts.u],
    ['unseen', counts.o],
    ['lost', counts.x],
  ];
  const more = [
    ...(counts.o > 0 ? [`, ${thousands(counts.o)} kept unseen`] : []),
    ...(counts.x > 0 ? [`, ${thousands(counts.x)} removed though unseen`] : []),
  ];
  return element(
    'td',
    {},
    shareBar(parts, held),
    element(
      'span',
      {},
      element('b', {}, thousands(counts.u)),
      ` of ${thousands(held)}`,
      aloud(` used${more.join('')}`),
    ),
  );
}
