import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { changeTree, finishChange, type TreeChange } from '../../src/app/tree/tree-change.ts';
import { project, temporaryFolder } from './cli.ts';
import { killedAt } from './killed.ts';

const folder = temporaryFolder();
const root = join(folder, 'policies');

const before: Readonly<Record<string, string>> = {
  'a/one.json': '1\n',
  'a/two.json': '2\n',
  'b/three.json': '3\n',
  'note.txt': 'of somebody else\n',
};
const after: Readonly<Record<string, string>> = {
  'a/one.json': 'new 1\n',
  'a/two.json': '2\n',
  'c/d/four.json': 'new 4\n',
  'note.txt': 'of somebody else\n',
};
const change: TreeChange = {
  write: [
    { path: ['a', 'one.json'], text: 'new 1\n' },
    { path: ['c', 'd', 'four.json'], text: 'new 4\n' },
  ],
  remove: [['b', 'three.json']],
};

function start(): void {
  rmSync(folder, { recursive: true, force: true });
  for (const [name, text] of Object.entries(before)) {
    mkdirSync(join(root, name, '..'), { recursive: true });
    writeFileSync(join(root, name), text);
  }
}

const contents = (): Readonly<Record<string, string>> =>
  Object.fromEntries(
    readdirSync(root, { recursive: true, encoding: 'utf8' })
      .filter((name) => statSync(join(root, name)).isFile())
      .sort()
      .map((name) => [name, readFileSync(join(root, name), 'utf8')]),
  );

test('a change as a whole', () => {
  start();
  changeTree(root, change);
  expect(contents()).toEqual(after);
  expect(readdirSync(folder)).toEqual(['policies']);
  expect(readdirSync(root).sort()).toEqual(['a', 'c', 'note.txt']);
});

const program = `
const { changeTree } = await import(${JSON.stringify(pathToFileURL(join(project, 'dist/app/tree/tree-change.js')).href)});
changeTree(${JSON.stringify(root)}, ${JSON.stringify(change)});
`;

test('killed before each step: as it was, or made whole by the next run', () => {
  const seen = new Set<string>();
  let isOver = false;
  for (let step = 1; !isOver; step++) {
    start();
    const { signal, status, stderr } = spawnSync(
      process.execPath,
      ['--input-type=module', '--eval', program],
      { encoding: 'utf8', env: { ...process.env, ...killedAt({ kind: 'file', number: step }) } },
    );
    expect(stderr).toBe('');
    isOver = status === 0;
    expect(signal).toBe(isOver ? null : 'SIGKILL');
    const isDecided = readdirSync(folder).some(
      (name) => name !== 'policies' && readdirSync(join(folder, name)).includes('journal.json'),
    );
    const now = contents();
    const wasBefore = JSON.stringify(now) === JSON.stringify(before);
    expect(isDecided ? [now] : [before, after]).toContainEqual(now);
    finishChange(root);
    expect(contents()).toEqual(!isDecided && wasBefore ? before : after);
    expect(readdirSync(folder)).toEqual(['policies']);
    seen.add(`${isDecided} ${wasBefore}`);
  }
  // Killed before the decision, after it with nothing moved yet, amid the moves, and when all was done.
  expect([...seen].sort()).toEqual(['false false', 'false true', 'true false', 'true true']);
});

test('what is left over is out of the sight of git, and no path leaves the tree', () => {
  start();
  const outside = { write: [{ path: ['..', 'x'], text: '' }], remove: [] };
  expect(() => changeTree(root, outside)).toThrow(/would leave/);
  const [leftover = ''] = readdirSync(folder).filter((name) => name !== 'policies');
  expect(readFileSync(join(folder, leftover, '.gitignore'), 'utf8')).toBe('*\n');
});
