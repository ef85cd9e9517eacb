/** Control characters, line ends, and the marks that change direction or hide text (Unicode Technical Report 36). */
const unsafe = /[\p{Cc}\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb]/gu;

/** A text from a log or a policy, safe to print: no name can move the cursor, hide text or forge a line. */
export const printable = (text: string): string =>
  text.replace(unsafe, (c) => `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`);

/** The same on one short line, for messages. */
export const printableShort = (text: string): string =>
  printable(text.length > 400 ? `${text.slice(0, 400)}…` : text);
