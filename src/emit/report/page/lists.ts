import { code, element, plural } from './dom.ts';
import type { Detail, ShownSection } from './shape.ts';

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
