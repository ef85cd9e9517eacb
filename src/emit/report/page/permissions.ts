import { aloud, element, thousands } from './dom.ts';
import type { NamedAction } from './data.ts';
import type { State } from './shape.ts';

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

/** What is used of what is held, by service and access level, as a heat map whose numbers are its text. */
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
  const body = element('tbody');
  const show = (most: number): void => {
    body.replaceChildren(...order.slice(0, most).map(([service, counts]) => row(service, counts, compared)));
  };
  const most = Math.max(used, firstServices);
  show(most);
  const heads = ['Service', 'All', ...levels.map(([, title]) => title)];
  const frame = element(
    'div.scroll',
    { role: 'region', 'aria-label': 'Permissions by service', tabindex: 0 },
    element(
      'table.matrix',
      element('caption.aloud', 'Actions used of those held, and kept besides, by service and access level'),
      element(
        'thead',
        element(
          'tr',
          heads.map((title) => element('th', { scope: 'col' }, title)),
        ),
      ),
      body,
      element('tfoot', row(`all ${order.length} services`, all, compared)),
    ),
  );
  const button = element('button.more', { type: 'button' }, `Show all ${order.length} services`);
  button.addEventListener('click', () => {
    show(order.length);
    button.remove();
    frame.focus();
  });
  return element('div', compared && legend(), frame, order.length > most && button);
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
    element('th', { scope: 'row' }, service),
    ['all', ...levels.map(([letter]) => letter)].map((level) => cell(of(counts, level), compared)),
  );

/** From these shares of what is held on, another shade. */
const shades = [0, 0.05, 0.25, 0.75];

function cell(counts: Counts, compared: boolean): HTMLElement {
  const held = total(counts);
  if (held === 0) return element('td.none', '–');
  const shade = counts.u === 0 ? 0 : shades.filter((from) => counts.u / held > from).length;
  return element(
    `td.heat-${compared ? shade : 0}`,
    element('b', thousands(counts.u)),
    compared && [` of ${thousands(held)}`, aloud(' used')],
    counts.o > 0 && element('small', `${thousands(counts.o)} more kept`),
    counts.x > 0 && element('small', `${thousands(counts.x)} given up unseen`),
  );
}

const legend = (): HTMLElement =>
  element(
    'ul.key',
    ['none used', 'some', 'more than 5%', 'more than 25%', 'more than 75% used'].map((text, shade) =>
      element('li', element(`span.swatch.heat-${shade}`), text),
    ),
  );
