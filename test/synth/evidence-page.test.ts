import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

const read = (path: string): string => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');

/** Rows of the decision table: what becomes of a permission, and why. */
const rows = read('docs/evidence.md')
  .split('\n')
  .filter((line) => line.startsWith('| ') && !/^\| (-|what is known)/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()))
  .map(([, known = '', outcome = '', reason = '']) => ({
    known,
    outcome,
    reason: reason.replaceAll('`', ''),
  }));

/** The reasons that the schema of `generate --json` knows. */
function reasonsOf(text: string): readonly string[] {
  const lists = [...text.matchAll(/"reason": \{\s*"enum": \[([^\]]*)\]/g)].map(([, list = '']) => list);
  return lists.flatMap((list) => [...list.matchAll(/"([a-z-]+)"/g)].map(([, reason = '']) => reason));
}

test('every row keeps with a reason or gives up without one', () => {
  expect(rows.length).toBeGreaterThan(15);
  expect(rows.filter(({ outcome, reason }) => (outcome === 'stays') !== (reason !== ''))).toEqual([]);
  expect(new Set(rows.map(({ known }) => known)).size).toBe(rows.length);
});

test('every reason that silence keeps for stands in the table, once', () => {
  const silent = [
    'never-logged',
    'no-known-event',
    'data-events-off',
    'gap',
    'window-short',
    'account-missing',
    'too-young',
    'used-before',
  ];
  expect(reasonsOf(read('docs/schema/generate.json'))).toEqual(expect.arrayContaining(silent));
  const stated = rows.map(({ reason }) => reason).filter(Boolean);
  expect(stated).toEqual(expect.arrayContaining(silent));
  expect(new Set(stated).size).toBe(stated.length);
});
