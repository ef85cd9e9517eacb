import { element, plural, thousands } from './dom.ts';
import { shareBar } from './share-bar.ts';
import type { BacktestBar } from './shape.ts';

const meanings: Readonly<Record<string, string>> = {
  exact: 'only names that were seen',
  balanced: 'machine-made names and crowds of names as patterns',
  'action-level': 'actions used, on every resource',
  'service-level': 'every action of the services used',
  current: 'today’s policies',
};

/** Strategies side by side: what each would have broken later, and what it takes away. */
export function backtestTable(bars: readonly BacktestBar[]): HTMLElement {
  const [, trials = 0] = bars[0] ?? [];
  const head = [
    'Policy made from the past',
    'Later uses denied',
    'Actions',
    'Not used later',
    'Of them can write',
    'Actions removed',
  ];
  return element(
    'div',
    { class: 'scroll', role: 'region', 'aria-label': 'Backtest', tabindex: 0 },
    element(
      'p',
      {},
      `${plural(trials, 'trial')}: a policy is made from some days and tried on the days that follow.`,
    ),
    element(
      'table',
      { class: 'backtest' },
      element('thead', {}, element('tr', {}, ...head.map((title) => element('th', { scope: 'col' }, title)))),
      element('tbody', {}, ...bars.map(strategyRow)),
    ),
  );
}

const strategyRow = (bar: BacktestBar): HTMLElement => {
  const [strategy, , uses, denied, actions, unused, unusedWrite, reduction] = bar;
  return element(
    'tr',
    {},
    element('th', { scope: 'row' }, strategy, element('small', {}, meanings[strategy] ?? '')),
    shareCell('denied', denied, uses, `${thousands(denied)} of ${thousands(uses)}`),
    ...[actions, unused, unusedWrite].map((n) => element('td', { class: 'number' }, thousands(n))),
    reductionCell(reduction),
  );
};

function reductionCell(reduction: number | null): HTMLElement {
  if (reduction === null) return element('td', { class: 'none' }, '–');
  if (reduction < 0) return element('td', {}, 'more than today');
  return shareCell('used', reduction, 1, `${(100 * reduction).toFixed(1)}%`);
}

const shareCell = (className: string, part: number, whole: number, text: string): HTMLElement =>
  whole === 0
    ? element('td', { class: 'none' }, 'no later use')
    : element('td', {}, shareBar([[className, part]], whole), element('span', {}, text));
