import { printable } from '../../iam/printable.ts';

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** A text from a log or a policy as content or attribute value of HTML; what could hide or turn text is escaped too. */
export const html = (text: string): string => printable(text).replace(/[&<>"']/g, (c) => entities[c] ?? c);

/**
 * A value as JSON inside a `<script>` element: nothing in it can end the element or start a comment
 * (https://html.spec.whatwg.org/multipage/scripting.html#restrictions-for-contents-of-script-elements).
 */
export const scriptJson = (value: unknown): string =>
  JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/g,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
