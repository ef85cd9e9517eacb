import { activityChart } from './activity.ts';
import { changeList } from './changes.ts';
import type { Report } from './data.ts';
import { code, element, plural } from './dom.ts';
import { permissionsTable } from './permissions.ts';
import { policiesBeside } from './policy.ts';
import type { Detail, ShownSection } from './shape.ts';

/** The view of one principal. */
export function detailView(detail: Detail, report: Report): HTMLElement {
  const { kind, name, arn, compared } = detail;
  const states = report.states(detail);
  return element(
    'article',
    element('p.way', element('a', { href: '#' }, '← All principals')),
    element('h2', { tabindex: -1 }, element('bdi', name), ' ', element('span.kind', kind)),
    element('p.arn', code(arn)),
    detail.verdict.map((line, i) => element(i === 0 ? 'p.verdict' : 'p.about', line)),
    detail.warnings.map((line) => element('p.warning', line)),
    detail.attention.length > 0 && card('Look here first', '', attentionList(detail)),
    card(
      compared ? 'What changes' : 'What was used',
      'Open a line for the evidence and the statements behind it.',
      changeList(detail, states, report),
    ),
    card(compared ? 'Policies today and proposed' : 'Proposed policies', '', policiesBeside(detail, report)),
    card(
      compared ? 'Granted against used' : 'Used',
      `Actions used${compared ? ' of those that today’s policies allow' : ''}, by service and access level.`,
      permissionsTable(states, compared),
    ),
    card('Activity', '', activityChart(detail)),
    detail.sections.map((section) => card(section.title, '', sectionList(section))),
  );
}

const card = (title: string, about: string, content: Node): HTMLElement =>
  element('section.card', element('h3', title), about !== '' && element('p.about', about), content);

/** What a reviewer must see first. */
const attentionList = ({ attention }: Detail): HTMLElement =>
  element(
    'ul.changes.look',
    attention.map(([mark, what, where, why]) =>
      element(
        where === '' ? 'li.whole' : 'li',
        element('span.mark', { 'aria-hidden': 'true' }, mark),
        element('span.action', where === '' ? what : code(what)),
        where !== '' && element('span.resource', code(where)),
        element('span.notes', why),
      ),
    ),
  );

/** A list of what, where and why. */
const sectionList = ({ rows, more }: ShownSection): HTMLElement =>
  element(
    'div',
    element(
      'ul.plain',
      rows.map(([what, where, why]) =>
        element(
          'li',
          element(where === '' ? 'bdi' : 'bdi.what', what),
          where !== '' && [' ', code(where)],
          why !== '' && [' ', element('bdi.notes', why)],
        ),
      ),
    ),
    more > 0 && element('p', `and ${plural(more, 'more line')}; generate --json shows all.`),
  );
