import { code, element, isoDay, plural, thousands } from './dom.ts';
import type { Report } from './data.ts';
import type { Detail, ShownEvidence } from './shape.ts';

/** What stands behind a change: when it was seen, by which calls, on what. */
export function evidenceList(
  [days, first, last, calls, sample, operations, resources, distinct]: ShownEvidence,
  action: string,
  { name }: Detail,
  report: Report,
): HTMLElement {
  const span = first === last ? isoDay(first) : `${isoDay(first)} to ${isoDay(last)}`;
  const more = distinct - resources.length;
  const list = element('dl', { class: 'evidence' });
  const add = (term: string, ...content: readonly (Node | string)[]): void =>
    list.append(element('div', {}, element('dt', {}, term), element('dd', {}, ...content)));
  add('Seen', `on ${plural(days, 'day')}, ${span}, ${plural(calls, 'call')} as delivered`);
  add('Needed by', code(report.text(operations)));
  if (resources.length > 0)
    add(
      'On',
      ...resources.flatMap((place) => [code(report.text(place)), element('br')]),
      ...(more > 0 ? [`and ${thousands(more)} more`] : []),
    );
  add('Sample event', code(sample === '' ? 'no event ID' : sample));
  // A name that a shell would read as more than a word is not offered for pasting.
  if (/^[\w+=,.@/-]+$/.test(name) && /^[\w:-]+$/.test(action))
    add('Ask', code(`iam-minimize why ${action} --principal ${name}`));
  return list;
}
