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
  const head = ['Policy made from the past', 'Later uses denied', 'Actions removed', 'Actions'];
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

const strategyRow = ([strategy, , useDays, deniedUseDays, actions, reduction]: BacktestBar): HTMLElement =>
  element(
    'tr',
    {},
    element('th', { scope: 'row' }, strategy, element('small', {}, meanings[strategy] ?? '')),
    shareCell('denied', deniedUseDays, useDays),
    reductionCell(reduction),
    element('td', { class: 'number' }, thousands(actions)),
  );

function reductionCell(reduction: number | null): HTMLElement {
  if (reduction === null) return element('td', { class: 'none' }, '–');
  return reduction < 0 ? element('td', {}, 'more than today') : shareCell('used', reduction, 1);
}

const shareCell = (className: string, part: number, whole: number): HTMLElement =>
  whole === 0
    ? element('td', { class: 'none' }, 'no later use')
    : element(
        'td',
        {},
        shareBar([[className, part]], whole),
        element('span', {}, `${((100 * part) / whole).toFixed(1)}%`),
      );
