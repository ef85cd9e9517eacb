import { expect, test } from 'vitest';
import { run } from './cli.ts';

test('of a folder the operations are counted, and --events prints as many events', () => {
  const summary = run(['explain', 'samples/trail']).out.trimEnd().split('\n');
  const events = run(['explain', 'samples/trail', '--events']).out.match(/^\S/gm) ?? [];
  const [, ...rows] = summary.slice(0, summary.indexOf(''));
  const counts = rows.map((row) => Number(row.trim().split(/\s+/)[0]?.replace(',', '')));
  expect(counts.reduce((a, b) => a + b)).toBe(events.length);
  expect(summary.at(-1)).toBe(
    `2,972 events of ${rows.length} operations; --events prints each with its resources`,
  );
});
