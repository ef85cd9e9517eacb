import { expect, test } from 'vitest';
import { limited, terminalLines } from '../../src/emit/review/change-lines.ts';

test('a section is cut for a terminal, and whole in a file', () => {
  const lines = Array.from({ length: terminalLines + 5 }, (_, i) => `line ${i}`);
  expect(limited(lines, terminalLines)).toMatch(/line 24\n {4}and 5 more \(--json shows all\)\n$/);
  expect(limited(lines, undefined)).toBe(`${lines.join('\n')}\n`);
  expect(limited(lines.slice(0, terminalLines), terminalLines)).not.toContain('more');
});
