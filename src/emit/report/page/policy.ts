import { code, element, thousands } from './dom.ts';
import type { Detail, PolicyFile } from './shape.ts';
import type { Report } from './data.ts';

/** Characters that hide text or change its direction, as JSON can write them in a string: the document stays the same. */
const hidden = /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g;

const policyText = (document: object): string =>
  JSON.stringify(document, null, 2).replace(
    hidden,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** A policy document with a button that copies it. */
export function policyBox({
  name,
  document: json,
  characters,
}: Omit<PolicyFile, 'characters'> & { readonly characters?: number }): HTMLElement {
  const text = policyText(json);
  const button = element('button', { type: 'button' }, 'Copy');
  const said = element('span', { class: 'said', role: 'status' });
  const shown = element('pre', { tabindex: 0, 'aria-label': name }, text);
  button.addEventListener('click', () => {
    copied(text, shown).then(
      (done) => (said.textContent = done ? 'Copied' : 'Selected: press Ctrl+C'),
      () => (said.textContent = 'Select the text to copy it'),
    );
  });
  return element(
    'div',
    { class: 'policy' },
    element(
      'div',
      { class: 'bar-of-tools' },
      element('h4', {}, name),
      ...(characters === undefined
        ? []
        : [element('span', { class: 'notes' }, `${thousands(characters)} characters`)]),
      button,
      said,
    ),
    shown,
  );
}

/** Puts a text on the clipboard; false where the browser does not let it, and the text is selected instead. */
async function copied(text: string, shown: HTMLElement): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    getSelection()?.selectAllChildren(shown);
    return false;
  }
}

/** What is held today, and what is proposed, beside each other. */
export function policiesBeside(detail: Detail, report: Report): HTMLElement {
  const today = todayOf(detail, report);
  return element(
    'div',
    { class: today.length === 0 ? '' : 'beside' },
    ...(today.length === 0 ? [] : [element('div', {}, ...today.map(policyBox))]),
    element('div', {}, ...detail.documents.map(policyBox)),
  );
}

const todayOf = ({ today }: Detail, report: Report): { name: string; document: object }[] =>
  today.map(([name, place]) => ({ name: `${name} (today)`, document: report.policy(place) }));

/** The statements behind a change: of today's policies, and of those proposed, that name the action. */
export function statementsBehind(action: string, detail: Detail, report: Report): HTMLElement {
  const named = (files: readonly { name: string; document: object }[]): HTMLElement[] =>
    files
      .flatMap(({ name, document }) => statementsOf(document).map((statement, i) => ({ name, statement, i })))
      .filter(({ statement }) => isAbout(statement, action))
      .slice(0, mostStatements)
      .map(({ name, statement, i }) =>
        element(
          'div',
          {},
          element('p', { class: 'about' }, code(name), `, statement ${i + 1}`),
          element(
            'pre',
            { tabindex: 0, 'aria-label': `${name}, statement ${i + 1}` },
            policyText(shortened(statement, action)),
          ),
        ),
      );
  const [before, after] = [named(todayOf(detail, report)), named(detail.documents)];
  return element(
    'div',
    { class: 'statements beside' },
    element('div', {}, ...before),
    element('div', {}, ...after),
  );
}

/** Statements of one side that are shown. */
const mostStatements = 3;

const isMember = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null;
const statementsOf = (document: object): Readonly<Record<string, unknown>>[] =>
  isMember(document) ? [document['Statement']].flat().filter(isMember) : [];
const patternsOf = (value: unknown): string[] => [value].flat().filter((one) => typeof one === 'string');

/** Whether a pattern of actions includes one. */
const isMeantBy = (pattern: string, action: string): boolean =>
  new RegExp(
    `^${pattern
      .replace(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('*', '.*')
      .replaceAll('?', '.')}$`,
    'i',
  ).test(action);

const isAbout = (statement: Readonly<Record<string, unknown>>, action: string): boolean =>
  'NotAction' in statement
    ? !patternsOf(statement['NotAction']).some((one) => isMeantBy(one, action))
    : patternsOf(statement['Action']).some((one) => isMeantBy(one, action));

/** A statement with only those of its actions that are about one. */
function shortened(statement: Readonly<Record<string, unknown>>, action: string): object {
  const own = patternsOf(statement['Action']).filter((one) => isMeantBy(one, action));
  return 'Action' in statement && own.length > 0
    ? { ...statement, Action: own.length === 1 ? own[0] : own }
    : statement;
}
