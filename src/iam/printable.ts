/** Control characters, line ends, and the marks that change direction or hide text (Unicode Technical Report 36). */
const unsafe = /[\p{Cc}\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/gu;

/** Of most texts it is quicker to see that there is nothing to look for. */
const plain = /^[ -~]*$/;

/** A text from a log or a policy, safe to print: no name can move the cursor, hide text or forge a line. */
export const printable = (text: string): string =>
  plain.test(text) ? text : text.replace(unsafe, (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`);

/** The same on one short line, for messages. */
export const printableShort = (text: string): string =>
  printable(text.length > 400 ? `${text.slice(0, 400)}…` : text);

/** JSON, or another text with its escapes, safe to print: such characters but line feeds are written by their numbers. */
export const escaped = (text: string): string =>
  plain.test(text)
    ? text
    : text.replace(unsafe, (c) => (c === '\n' ? c : `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`));

/** A value as JSON in a line, or in several with `indent`, safe to print. */
export const printableJson = (value: unknown, indent?: number): string =>
  `${escaped(JSON.stringify(value, null, indent))}\n`;
