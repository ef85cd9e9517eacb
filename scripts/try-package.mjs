// The package as it is published, tried in an empty folder: it installs, is small, and does the quick start on its own samples.
// With the newest Node: npx -p node@26 node scripts/try-package.mjs
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const project = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'iam-minimize-package-'));
const mostBytes = 10_000_000;
console.log(`Node ${process.version}`);

/**
 * Runs a command, shows it, and gives what it says.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {string} cwd
 */
function run(command, args, cwd = folder) {
  console.log(`$ ${[command, ...args].join(' ')}`);
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status === 0) return stdout;
  throw new Error(`exit ${String(status)}\n${stdout}${stderr}`);
}

try {
  /** @type {{ filename: string, unpackedSize: number }[]} */
  // oxlint-disable-next-line typescript/no-unsafe-assignment -- npm wrote it
  const packed = JSON.parse(run('npm', ['pack', '--json', '--pack-destination', folder], project));
  const [{ filename, unpackedSize } = { filename: '', unpackedSize: Infinity }] = packed;
  console.log(`${filename}: ${unpackedSize} bytes unpacked`);
  if (unpackedSize > mostBytes) throw new Error(`more than ${mostBytes} bytes unpacked`);
  run('npm', ['init', '-y']);
  run('npm', ['install', '--no-audit', '--no-fund', `./${filename}`]);
  const own = join(folder, 'node_modules/iam-minimize');
  const tool = (/** @type {string[]} */ ...args) => run('npx', ['iam-minimize', ...args]);
  tool('ingest', join(own, 'samples/trail'));
  const current = ['--current', join(own, 'samples/current'), '--min-window', '5d'];
  const trail = ['--trail-config', join(own, 'samples/trail-config.json')];
  tool('generate', '--principal', 'app', ...current, ...trail, '--out', 'out');
  tool('diff', 'out', join(own, 'samples/expected'));
  tool('report', '--out', 'report.html', ...current, ...trail);
  tool('index', 'check');
  run('node', [
    '--input-type=module',
    '-e',
    "import { openIndex } from 'iam-minimize'; openIndex('iam-minimize.db').close()",
  ]);
  console.log('the package works');
} finally {
  rmSync(folder, { recursive: true, force: true });
}
