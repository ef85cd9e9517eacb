import { element, thousands } from './dom.ts';
import type { PolicyFile } from './shape.ts';

/** Characters that hide text or change its direction, as JSON can write them in a string: the document stays the same. */
const hidden = /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/g;

const policyText = (document: object): string =>
  JSON.stringify(document, null, 2).replace(
    hidden,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );

/** A policy document with a button that copies it. */
export function policyBox({ name, document: json, characters }: PolicyFile): HTMLElement {
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
      element('span', { class: 'notes' }, `${thousands(characters)} characters`),
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
