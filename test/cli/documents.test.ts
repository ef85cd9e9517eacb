import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { isObject } from '../../src/iam/json.ts';
import { main, project, run, temporaryFolder } from './cli.ts';

const documents = ['README.md', 'docs/commands.md'];

/** The lines of a document's `sh` blocks, and the exit code a line promises with `# exit N`. */
function commandsOf(document: string): { readonly line: string; readonly code: number }[] {
  const text = readFileSync(join(project, document), 'utf8');
  return [...text.matchAll(/^```sh\n(.*?)^```/gms)]
    .flatMap(([, block = '']) => block.replaceAll('\\\n', ' ').split('\n'))
    .filter((line) => line.trim() !== '' && !line.startsWith('#'))
    .map((line) => ({ line, code: Number(/# exit (\d+)/.exec(line)?.[1] ?? 0) }));
}

/** What stands in it from the start. */
const given = ['samples', 'docs', 'bin'];

/** A folder like the project's root, for commands that write. */
function workplace(): { cwd: string; path: string } {
  const cwd = temporaryFolder();
  for (const name of ['samples', 'docs']) symlinkSync(join(project, name), join(cwd, name));
  const bin = join(cwd, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'iam-minimize'), `#!/bin/sh\nexec '${process.execPath}' '${main}' "$@"\n`);
  chmodSync(join(bin, 'iam-minimize'), 0o755);
  return { cwd, path: [bin, process.env['PATH'] ?? ''].join(delimiter) };
}

const manifest: unknown = JSON.parse(readFileSync(join(project, 'package.json'), 'utf8'));
const scriptNames =
  isObject(manifest) && isObject(manifest['scripts']) ? Object.keys(manifest['scripts']) : [];

describe.each(documents)('the commands of %s', (document) => {
  const { cwd, path } = workplace();
  const commands = commandsOf(document);

  test('are there', () => expect(commands.some(({ line }) => line.startsWith('iam-minimize'))).toBe(true));

  const scripts = commands.filter(({ line }) => line.startsWith('npm '));

  test('name scripts that exist', () => {
    const names = scripts.map(({ line }) => /^npm (?:run )?([\w:-]+)/.exec(line)?.[1]);
    expect(names.filter((name) => name === undefined || ![...scriptNames, 'ci'].includes(name))).toEqual([]);
  });

  test.each(commands.filter((command) => !scripts.includes(command)))('$line', ({ line, code }) => {
    const { status, stderr } = spawnSync('bash', ['-c', `set -o pipefail; ${line}`], {
      cwd,
      maxBuffer: 1 << 28,
      encoding: 'utf8',
      env: { ...process.env, PATH: path, NO_COLOR: '1' },
    });
    expect({ status, stderr }).toMatchObject({ status: code });
  });

  test.runIf(document === 'README.md')('leave nothing behind that git would keep', () => {
    const made = readdirSync(cwd).filter((name) => !given.includes(name));
    expect(made).toEqual(expect.arrayContaining(['report.html', 'policies']));
    const paths = made.map((name) => (statSync(join(cwd, name)).isDirectory() ? `${name}/` : name));
    const { stdout } = spawnSync('git', ['check-ignore', '--no-index', ...paths], {
      cwd: project,
      encoding: 'utf8',
    });
    expect(stdout.trim().split('\n')).toEqual(paths);
  });
});

describe('README.md', () => {
  test('npm link makes the command', () => {
    const prefix = temporaryFolder();
    const env = { ...process.env, npm_config_prefix: prefix, npm_config_update_notifier: 'false' };
    const linked = spawnSync('npm', ['link'], { cwd: project, encoding: 'utf8', env });
    expect(linked).toMatchObject({ status: 0 });
    const ran = spawnSync(join(prefix, 'bin/iam-minimize'), ['--version'], { encoding: 'utf8' });
    expect(ran).toMatchObject({
      status: 0,
      stdout: `${String(isObject(manifest) && manifest['version'])}\n`,
    });
  });

  test('shows lines that generate prints', () => {
    const readme = readFileSync(join(project, 'README.md'), 'utf8');
    const shown = /^role\/app .*?^(?=wrote )/ms.exec(readme)?.[0] ?? '';
    const printed = readFileSync(join(project, 'test/golden/generate-app.txt'), 'utf8').split('\n');
    const lines = shown.split('\n').filter((line) => line !== '' && !line.includes('…'));
    expect(lines.length).toBeGreaterThan(12);
    expect(lines.filter((line) => !printed.includes(line))).toEqual([]);
  });
});

describe('docs/commands.md', () => {
  const text = readFileSync(join(project, 'docs/commands.md'), 'utf8');
  const help = run(['--help']).out;

  test('has a section for every command', () => {
    const names = [...help.matchAll(/^ {2}([a-z-]+)(?: <[a-z.]+>)* {2}/gm)].map(([, name]) => name);
    expect(names.length).toBeGreaterThan(10);
    expect(names.filter((name) => !new RegExp(`^## \`${name}\\b`, 'm').test(text))).toEqual([]);
  });

  test('shows usage and flags as --help does; npm run docs writes them', () => {
    const { status, stderr } = spawnSync(process.execPath, ['scripts/docs.mjs', '--check'], {
      cwd: project,
      encoding: 'utf8',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  });
});
