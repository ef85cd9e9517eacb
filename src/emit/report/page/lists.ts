import { code, disclosure, element, plural } from './dom.ts';
import type { Report } from './data.ts';
import type { Detail, ShownSection } from './shape.ts';

/** What stays though the log could not have shown it, and why. */
export const unseenList = ({ unseen }: Detail, report: Report): HTMLElement =>
  element(
    'ul',
    { class: 'changes' },
    ...unseen.map(([service, namesAt, resource, reason]) => {
      const names = report.text(namesAt).split(' ');
      const [first = ''] = names;
      const title =
        names.length === 1
          ? code(service === '' ? first : `${service}:${first}`)
          : plural(names.length, 'action');
      const line = [
        element('span', { class: 'mark kept', 'aria-hidden': 'true' }, '='),
        element('span', { class: 'action' }, ...(names.length === 1 ? [] : [code(service), ' ']), title),
        element('span', { class: 'resource' }, code(report.text(resource))),
        element('span', { class: 'notes' }, report.text(reason)),
      ];
      return element(
        'li',
        {},
        names.length === 1
          ? element('div', { class: 'change' }, ...line)
          : disclosure(line, () => element('p', { class: 'names' }, names.join('  ')), 'change'),
      );
    }),
  );

/** What a reviewer must see first. */
export const attentionList = ({ attention }: Detail): HTMLElement =>
  element(
    'ul',
    { class: 'changes look' },
    ...attention.map(([mark, what, where, why]) =>
      element(
        'li',
        { class: where === '' ? 'whole' : '' },
        element('span', { class: 'mark', 'aria-hidden': 'true' }, mark),
        element('span', { class: 'action' }, where === '' ? what : code(what)),
        ...(where === '' ? [] : [element('span', { class: 'resource' }, code(where))]),
        element('span', { class: 'notes' }, why),
      ),
    ),
  );

/** A list of what, where and why. */
export const sectionList = ({ rows, more }: ShownSection): HTMLElement =>
  element(
    'div',
    {},
    element(
      'ul',
      { class: 'plain' },
      ...rows.map(([what, where, why]) =>
        element(
          'li',
          {},
          element('bdi', { class: where === '' ? '' : 'what' }, what),
          ...(where === '' ? [] : [' ', code(where)]),
          ...(why === '' ? [] : [' ', element('bdi', { class: 'notes' }, why)]),
        ),
      ),
    ),
    ...(more > 0 ? [element('p', {}, `and ${plural(more, 'more line')}; generate --json shows all.`)] : []),
  );
