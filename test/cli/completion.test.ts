import { spawnSync } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { expect, test } from 'vitest';
import { main, run, temporaryFolder } from './cli.ts';

const bin = temporaryFolder();
writeFileSync(join(bin, 'iam-minimize'), `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`);
chmodSync(join(bin, 'iam-minimize'), 0o755);

/** What bash offers for a line, with the script loaded as its first lines tell. */
function offered(...words: readonly string[]): readonly string[] {
  const { stdout, stderr } = spawnSync(
    'bash',
    [
      '--norc',
      '-c',
      `eval "$(iam-minimize completion)"
       COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _iam-minimize_yargs_completions
       printf '%s\\n' "\${COMPREPLY[@]}"`,
      'bash',
      'iam-minimize',
      ...words,
    ],
    {
      encoding: 'utf8',
      env: { ...process.env, PATH: [bin, process.env['PATH'] ?? ''].join(delimiter), SHELL: '/bin/bash' },
    },
  );
  expect(stderr).toBe('');
  return stdout.split('\n').filter(Boolean);
}

test.each([
  { words: ['gen'], expected: ['generate'] },
  { words: ['generate', '--strategy', ''], expected: ['exact', 'balanced'] },
  { words: ['generate', '--unobs'], expected: ['--unobservable'] },
  { words: ['lint', '--princ'], expected: [] },
  { words: ['index', ''], expected: ['info', 'check', 'prune'] },
  { words: ['data', 'r'], expected: ['refresh'] },
])('bash completes $words', ({ words, expected }) => {
  expect(offered(...words)).toEqual(expected);
});

test('every command that --help shows is offered', () => {
  const shown = [...run(['--help']).out.matchAll(/^ {2}([a-z-]+)(?: [[<][a-z.]+[>\]])* {2}/gm)].map(
    ([, name]) => name,
  );
  expect(shown.length).toBeGreaterThan(10);
  expect(offered('')).toEqual(shown);
});
