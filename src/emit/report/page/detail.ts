import { activityChart } from './activity.ts';
import { changeList } from './changes.ts';
import type { Report } from './data.ts';
import { code, element } from './dom.ts';
import { attentionList, sectionList } from './lists.ts';
import { permissionsTable } from './permissions.ts';
import { policiesBeside } from './policy.ts';
import type { Detail } from './shape.ts';

/** The view of one principal. */
export function detailView(detail: Detail, report: Report): HTMLElement {
  const { kind, name, arn, compared } = detail;
  const states = report.states(detail);
  return element(
    'article',
    {},
    element('p', { class: 'way' }, element('a', { href: '#' }, '← All principals')),
    element('h2', { tabindex: -1 }, element('bdi', {}, name), ' ', element('span', { class: 'kind' }, kind)),
    element('p', { class: 'arn' }, code(arn)),
    ...detail.verdict.map((line, i) => element('p', { class: i === 0 ? 'verdict' : 'about' }, line)),
    ...detail.warnings.map((line) => element('p', { class: 'warning' }, line)),
    ...(detail.attention.length > 0 ? [card('Look here first', '', attentionList(detail))] : []),
    card(
      compared ? 'What changes' : 'What was used',
      'Open a line for the evidence and the statements behind it.',
      changeList(detail, states, report),
    ),
    card(compared ? 'Policies today and proposed' : 'Proposed policies', '', policiesBeside(detail, report)),
    card(
      compared ? 'Granted against used' : 'Used',
      compared
        ? 'Actions used of those that today’s policies allow, by service and access level.'
        : 'Actions used, by service and access level.',
      permissionsTable(states, compared),
    ),
    card('Activity', '', activityChart(detail)),
    ...detail.sections.map((section) => card(section.title, '', sectionList(section))),
  );
}

const card = (title: string, about: string, ...content: readonly Node[]): HTMLElement =>
  element(
    'section',
    { class: 'card' },
    element('h3', {}, title),
    ...(about === '' ? [] : [element('p', { class: 'about' }, about)]),
    ...content,
  );
