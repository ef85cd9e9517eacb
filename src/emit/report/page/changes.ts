import { aloud, code, disclosure, element, isoDay, plural, thousands } from './dom.ts';
import { fullName, type NamedAction, type Report } from './data.ts';
import { statementsBehind } from './policy.ts';
import type { Change, Detail, ShownEvidence, State } from './shape.ts';

const words: Readonly<Record<string, string>> = {
  '-': 'removed',
  '~': 'narrowed',
  '=': 'kept',
  '+': 'added',
};

/** Escalating names that are shown without asking. */
const namedEscalations = 8;

type Removed = readonly (readonly [NamedAction, State])[];

/** What changes, service by service: each line opens what stands behind it; removed actions open as names. */
export function changeList(detail: Detail, states: Removed, report: Report): HTMLElement {
  const removed = groups(
    states.filter(([, state]) => state === 'n' || state === 'x'),
    ([action]) => action.service,
  );
  const changed = groups(detail.changes, ([, place]) => report.action(place).service);
  const gone = [...removed].filter(([service]) => !changed.has(service));
  if (changed.size + gone.length === 0)
    return element('p', 'Nothing: what is held today is what it uses, or nothing may be removed yet.');
  return element(
    'div',
    [...changed].map(([service, changes]) =>
      element(
        'section.service',
        element('h4', service === '' ? 'any service' : service),
        element(
          'ul.changes',
          changes.map((change) => element('li', changeLine(change, detail, report))),
          removedLines(removed.get(service) ?? []).map((line) => element('li', line)),
        ),
      ),
    ),
    detail.moreChanges > 0 &&
      element('p', `${plural(detail.moreChanges, 'more change')} not shown here; generate --json shows all.`),
    gone.length > 0 && goneServices(gone),
  );
}

function changeLine(
  [mark, place, from, to, remarks, evidence]: Change,
  detail: Detail,
  report: Report,
): HTMLElement {
  const action = report.action(place);
  const name = fullName(action);
  const line = [
    element(`span.mark.${words[mark] ?? ''}`, { 'aria-hidden': 'true' }, mark === '-' ? '−' : mark),
    aloud(`${words[mark] ?? ''} `),
    element('span.action', code(name)),
    element(
      'span.resource',
      from !== null && [element('del', code(report.text(from))), element('span.to', ' → '), aloud('now ')],
      code(report.text(to)),
    ),
    element(
      'span.notes',
      action.isEscalation && badge(),
      remarks !== null && element('bdi', report.text(remarks)),
    ),
  ];
  return disclosure('change', line, () =>
    element(
      'div.behind',
      evidence !== null && evidenceList(evidence, name, detail, report),
      statementsBehind(name, detail, report),
    ),
  );
}

const badge = (): HTMLElement => element('span.badge', 'privilege escalation');

/** Removed actions of one service: those that escalate privileges first. */
function removedLines(list: Removed): readonly HTMLElement[] {
  const plain = list.filter(([action]) => !action.isEscalation);
  const lines = [
    { some: list.filter(([action]) => action.isEscalation), text: 'unused', isEscalation: true },
    { some: plain.filter(([, state]) => state === 'n'), text: 'unused', isEscalation: false },
    {
      some: plain.filter(([, state]) => state === 'x'),
      text: 'given up, though the log could not have shown them',
      isEscalation: false,
    },
  ];
  return lines
    .filter(({ some }) => some.length > 0)
    .map(({ some, text, isEscalation }) => {
      const line = [
        element('span.mark.removed', { 'aria-hidden': 'true' }, '−'),
        aloud('removed '),
        element('span.action', plural(some.length, 'action')),
        element('span.resource', text),
        element('span.notes', isEscalation && badge()),
      ];
      const made = disclosure('change', line, () => names(some));
      made.open = isEscalation && some.length <= namedEscalations;
      return made;
    });
}

const names = (some: Removed): HTMLElement => element('p.names', some.map(([{ name }]) => name).join('  '));

/** Services of which nothing stays: one line that opens all of them. */
function goneServices(gone: readonly (readonly [string, Removed])[]): HTMLElement {
  const actions = gone.flatMap(([, list]) => list);
  const escalating = actions.filter(([action]) => action.isEscalation).length;
  const line = [
    `${plural(gone.length, 'service')} of which nothing stays: ${plural(actions.length, 'action')} removed`,
    escalating > 0 && [' ', element('span.badge', `${escalating} privilege escalation`)],
  ];
  return disclosure('gone', line, () =>
    element(
      'div',
      gone.map(([service, list]) =>
        disclosure('quiet', [code(service), ` ${plural(list.length, 'action')}`], () => names(list)),
      ),
    ),
  );
}

/** What stands behind a change: when it was seen, by which calls, on what. */
function evidenceList(
  [days, first, last, calls, sample, operations, resources, distinct]: ShownEvidence,
  action: string,
  { name }: Detail,
  report: Report,
): HTMLElement {
  const span = first === last ? isoDay(first) : `${isoDay(first)} to ${isoDay(last)}`;
  const more = distinct - resources.length;
  const on = resources.map((place) => [code(report.text(place)), element('br')]);
  // A name that a shell would read as more than a word is not offered for pasting.
  const isPlain = /^[\w+=,.@/-]+$/.test(name) && /^[\w:-]+$/.test(action);
  return element(
    'dl.evidence',
    term('Seen', `on ${plural(days, 'day')}, ${span}, ${plural(calls, 'call')} as delivered`),
    term('Needed by', code(report.text(operations))),
    resources.length > 0 && term('On', ...on.flat(), more > 0 ? `and ${thousands(more)} more` : ''),
    term('Sample event', code(sample === '' ? 'no event ID' : sample)),
    isPlain && term('Ask', code(`iam-minimize why ${action} --principal ${name}`)),
  );
}

const term = (title: string, ...content: readonly (Node | string)[]): HTMLElement =>
  element('div', element('dt', title), element('dd', content));

function groups<V>(list: readonly V[], key: (value: V) => string): Map<string, V[]> {
  const found = new Map<string, V[]>();
  for (const value of list) {
    const group = found.get(key(value));
    if (group) group.push(value);
    else found.set(key(value), [value]);
  }
  return found;
}
