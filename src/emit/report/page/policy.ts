import { element, thousands } from './dom.ts';
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
function policyBox({ name, document: json, characters }: PolicyFile): HTMLElement {
  const text = policyText(json);
  const button = element('button', { type: 'button' }, 'Copy');
  const said = element('span.said', { role: 'status' });
  const shown = element('pre', { tabindex: 0, 'aria-label': name }, text);
  button.addEventListener('click', () => {
    copied(text, shown).then(
      (done) => (said.textContent = done ? 'Copied' : 'Selected: press Ctrl+C'),
      () => (said.textContent = 'Select the text to copy it'),
    );
  });
  const size = characters !== undefined && element('span.notes', `${thousands(characters)} characters`);
  return element('div.policy', element('div.bar-of-tools', element('h4', name), size, button, said), shown);
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

/** Two columns; one where there is nothing for the first. */
const beside = (before: readonly PolicyFile[], after: readonly PolicyFile[]): HTMLElement =>
  element(
    before.length === 0 ? 'div' : 'div.beside',
    [before, after].map((files) => element('div', files.map(policyBox))),
  );

/** What is held today, and what is proposed. */
export const policiesBeside = (detail: Detail, report: Report): HTMLElement =>
  beside(todayOf(detail, report), detail.documents);

const todayOf = ({ today }: Detail, report: Report): PolicyFile[] =>
  today.map(([name, place]) => ({ name: `${name} (today)`, document: report.policy(place) }));

/** The statements behind a change: of today's policies, and of those proposed, that name the action. */
export function statementsBehind(action: string, detail: Detail, report: Report): HTMLElement {
  const naming = (files: readonly PolicyFile[]): PolicyFile[] =>
    files
      .flatMap(({ name, document }) =>
        statementsOf(document).map((statement, i) => ({
          name: `${name}, statement ${i + 1}`,
          document: statement,
        })),
      )
      .filter(({ document }) => isAbout(document, action))
      .slice(0, mostStatements)
      .map(({ name, document }) => ({ name, document: shortened(document, action) }));
  return beside(naming(todayOf(detail, report)), naming(detail.documents));
}

/** Statements of one side that are shown. */
const mostStatements = 3;

type Members = Readonly<Record<string, unknown>>;
const isMember = (value: unknown): value is Members => typeof value === 'object' && value !== null;
const statementsOf = (document: object): Members[] =>
  isMember(document) ? [document['Statement']].flat().filter(isMember) : [];
const patternsOf = (value: unknown): string[] => [value].flat().filter((one) => typeof one === 'string');

/** Whether a pattern of actions includes one; in few steps, whatever a policy writes. */
function isMeantBy(pattern: string, action: string): boolean {
  const [p, a] = [pattern.toLowerCase(), action.toLowerCase()];
  let [i, j, star, from] = [0, 0, -1, 0];
  while (j < a.length) {
    if (p[i] === '*') [star, from] = [i++, j];
    else if (p[i] === '?' || p[i] === a[j]) [i, j] = [i + 1, j + 1];
    else if (star < 0) return false;
    else [i, j] = [star + 1, ++from];
  }
  return /^\**$/.test(p.slice(i));
}

const isAbout = (statement: Members, action: string): boolean =>
  'NotAction' in statement
    ? !patternsOf(statement['NotAction']).some((one) => isMeantBy(one, action))
    : patternsOf(statement['Action']).some((one) => isMeantBy(one, action));

/** A statement with only those of its actions that are about one. */
function shortened(statement: Members, action: string): object {
  const [first, ...more] = patternsOf(statement['Action']).filter((one) => isMeantBy(one, action));
  return first === undefined
    ? statement
    : { ...statement, Action: more.length === 0 ? first : [first, ...more] };
}
