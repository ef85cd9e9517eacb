import { printableShort } from '../../iam/printable.ts';

/** Characters of a pull request's text or a comment that GitHub takes; more is refused. */
export const gitHubLimit = 65_536;

/**
 * A name as a code span: there is no Markdown, HTML, mention, reference or link in one. The backquote that would end it
 * and the `|` that would end a table cell are written as the control characters are, by their number.
 */
export const code = (name: string): string =>
  `\`${name === '' ? '""' : printableShort(name).replace(/[`|]/g, (c) => `\\u{${c.charCodeAt(0).toString(16)}}`)}\``;

/** Lines as a code block; the one kind of line that would end it gets its first backquote by number. */
export const fenced = (lines: readonly string[], language: 'diff' | 'json' | 'text'): string =>
  `\`\`\`${language}\n${lines.map((line) => `${line.replace(/^( *)`(?=``)/, '$1\\u{60}')}\n`).join('')}\`\`\`\n`;

/** A part that is folded until somebody opens it. @param title in our own words: it is HTML */
export const folded = (title: string, body: string): string =>
  `<details><summary>${title}</summary>\n\n${body}\n</details>\n\n`;

/** A table; cells in our own words, or code spans. The first column is to the left, the others to the right. */
export const tableMarkdown = (head: readonly string[], rows: readonly (readonly string[])[]): string =>
  [head, head.map((_, i) => (i === 0 ? ':--' : '--:')), ...rows]
    .map((row) => `| ${row.join(' | ')} |\n`)
    .join('');

/** Room for each of some texts, `room` in all: those shorter than their share leave the rest to the others. */
export function shares(sizes: readonly number[], room: number): readonly number[] {
  const found = sizes.map(() => 0);
  let left = room;
  const bySize = [...sizes.entries()].sort(([i, a], [j, b]) => a - b || i - j);
  for (const [nth, [i, size]] of bySize.entries()) {
    const share = Math.max(0, Math.min(size, Math.floor(left / (sizes.length - nth))));
    found[i] = share;
    left -= share;
  }
  return found;
}
