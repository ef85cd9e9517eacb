import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { telling } from '../../src/app/sources/surroundings.ts';
import type { Terminal } from '../../src/cli/command.ts';
import { surroundingsOf } from '../../src/cli/surroundings.ts';

/** What stderr gets while four principals take a second each. */
function linesOf(interactive: boolean, quiet = false): string {
  let seconds = 100;
  const err = new PassThrough({ encoding: 'utf8' });
  const terminal: Terminal = {
    out: process.stdout,
    err,
    in: process.stdin,
    color: false,
    width: 80,
    interactive,
    clock: () => seconds * 1000,
    signal: new AbortController().signal,
  };
  const surroundings = surroundingsOf(terminal, { quiet });
  for (const one of telling([1, 2, 3, 4], surroundings)) {
    seconds += one === 2 ? 3 : 1;
    if (one === 2) surroundings.warn('two is odd');
  }
  return String(err.read());
}

test('a run over principals says on a terminal how far it is, at which rate, and how long the rest takes', () => {
  const lines = linesOf(true).split('\r\u001b[K');
  expect(lines.slice(1)).toEqual([
    '0 of 4 principals  0.0/s',
    '1 of 4 principals  1.0/s  25%  3 s left',
    'two is odd\n',
    '2 of 4 principals  0.5/s  50%  4 s left',
    '3 of 4 principals  0.6/s  75%  2 s left',
    '',
  ]);
});

test('nothing on a pipe, and nothing with --quiet', () => {
  expect([linesOf(false), linesOf(true, true)]).toEqual(['two is odd\n', 'two is odd\n']);
});
