import { aloud, code, disclosure, element, plural } from './dom.ts';
import { fullName, type NamedAction, type Report } from './data.ts';
import { evidenceList } from './evidence.ts';
import { statementsBehind } from './policy.ts';
import type { Change, Detail, State } from './shape.ts';

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
export function changeList(
  detail: Detail,
  states: readonly (readonly [NamedAction, State])[],
  report: Report,
): HTMLElement {
  const removed = groups(
    states.filter(([, state]) => state === 'n' || state === 'x'),
    ([action]) => action.service,
  );
  const changed = groups(detail.changes, ([, place]) => report.action(place).service);
  const own = [...changed].map(([service, changes]) =>
    element(
      'section',
      { class: 'service' },
      element('h4', {}, service === '' ? 'any service' : service),
      element(
        'ul',
        { class: 'changes' },
        ...changes.map((change) => element('li', {}, changeLine(change, detail, report))),
        ...removedLines(removed.get(service) ?? []).map((line) => element('li', {}, line)),
      ),
    ),
  );
  const gone = [...removed].filter(([service]) => !changed.has(service));
  if (own.length + gone.length === 0)
    return element('p', {}, 'Nothing: what is held today is what it uses, or nothing may be removed yet.');
  return element('div', {}, ...own, ...moreLine(detail), ...goneServices(gone));
}

const moreLine = ({ moreChanges }: Detail): readonly HTMLElement[] =>
  moreChanges === 0
    ? []
    : [element('p', {}, `${plural(moreChanges, 'more change')} not shown here; generate --json shows all.`)];

function changeLine(
  [mark, place, from, to, remarks, evidence]: Change,
  detail: Detail,
  report: Report,
): HTMLElement {
  const action = report.action(place);
  const name = fullName(action);
  const resource = element('span', { class: 'resource' });
  if (from !== null)
    resource.append(
      element('del', {}, code(report.text(from))),
      element('span', { class: 'to' }, ' → '),
      aloud('now '),
    );
  resource.append(code(report.text(to)));
  const notes = element('span', { class: 'notes' }, ...(action.isEscalation ? [badge()] : []));
  if (remarks !== null) notes.append(element('bdi', {}, report.text(remarks)));
  const line = [
    element('span', { class: `mark ${words[mark] ?? ''}`, 'aria-hidden': 'true' }, mark === '-' ? '−' : mark),
    aloud(`${words[mark] ?? ''} `),
    element('span', { class: 'action' }, code(name)),
    resource,
    notes,
  ];
  return disclosure(
    line,
    () =>
      element(
        'div',
        { class: 'behind' },
        ...(evidence === null ? [] : [evidenceList(evidence, name, detail, report)]),
        statementsBehind(name, detail, report),
      ),
    'change',
  );
}

const badge = (): HTMLElement => element('span', { class: 'badge' }, 'privilege escalation');

/** Removed actions of one service: those that escalate privileges first. */
const removedLines = (list: Removed): readonly HTMLElement[] =>
  [
    { some: list.filter(([action]) => action.isEscalation), text: 'unused', notes: [badge()] },
    {
      some: list.filter(([action, state]) => !action.isEscalation && state === 'n'),
      text: 'unused',
      notes: [],
    },
    {
      some: list.filter(([action, state]) => !action.isEscalation && state === 'x'),
      text: 'given up, though the log could not have shown them',
      notes: [],
    },
  ]
    .filter(({ some }) => some.length > 0)
    .map(({ some, text, notes }) => {
      const line = [
        element('span', { class: 'mark removed', 'aria-hidden': 'true' }, '−'),
        aloud('removed '),
        element('span', { class: 'action' }, plural(some.length, 'action')),
        element('span', { class: 'resource' }, text),
        element('span', { class: 'notes' }, ...notes),
      ];
      const made = disclosure(line, () => names(some), 'change');
      made.open = notes.length > 0 && some.length <= namedEscalations;
      return made;
    });

const names = (some: Removed): HTMLElement =>
  element('p', { class: 'names' }, some.map(([{ name }]) => name).join('  '));

/** Services of which nothing stays: one line that opens all of them. */
function goneServices(gone: readonly (readonly [string, Removed])[]): readonly HTMLElement[] {
  if (gone.length === 0) return [];
  const actions = gone.flatMap(([, list]) => list);
  const escalating = actions.filter(([action]) => action.isEscalation).length;
  const title = `${plural(gone.length, 'service')} of which nothing stays: ${plural(actions.length, 'action')} removed`;
  return [
    disclosure(
      [
        title,
        ...(escalating > 0
          ? [' ', element('span', { class: 'badge' }, `${escalating} privilege escalation`)]
          : []),
      ],
      () =>
        element(
          'div',
          {},
          ...gone.map(([service, list]) =>
            disclosure([code(service), ` ${plural(list.length, 'action')}`], () => names(list), 'quiet'),
          ),
        ),
      'gone',
    ),
  ];
}

function groups<V>(list: readonly V[], key: (value: V) => string): Map<string, V[]> {
  const found = new Map<string, V[]>();
  for (const value of list) {
    const group = found.get(key(value));
    if (group) group.push(value);
    else found.set(key(value), [value]);
  }
  return found;
}
