import { element, plural, thousands } from './dom.ts';
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
  const cells = [
    uses === 0 ? 'no later use' : `${thousands(denied)} of ${thousands(uses)}`,
    ...[actions, unused, unusedWrite].map(thousands),
    reduction === null ? '–' : reduction < 0 ? 'more than today' : `${(100 * reduction).toFixed(1)}%`,
  ];
  return element(
    'tr',
    {},
    element('th', { scope: 'row' }, strategy, element('small', {}, meanings[strategy] ?? '')),
    ...cells.map((text) => element('td', { class: 'number' }, text)),
  );
};
