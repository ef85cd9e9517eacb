// Pictures of the report on the sample account for the documentation: npm run docs:screenshots (needs /usr/bin/chromium).
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const project = fileURLToPath(new URL('..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'iam-minimize-'));
const db = join(folder, 'samples.db');
const page = join(folder, 'report.html');

/** @param {readonly string[]} args */
function run(...args) {
  const { status } = spawnSync(process.execPath, [join(project, 'dist/cli/main.js'), ...args, '--db', db], {
    cwd: project,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) throw new Error(`${args.join(' ')}: exit code ${String(status)}`);
}

const today = [
  '--current',
  'samples/current',
  '--min-window',
  '5d',
  '--trail-config',
  'samples/trail-config.json',
];

/** @type {readonly { name: string, colorScheme: 'light' | 'dark', hash: string, height: number }[]} */
const pictures = [
  { name: 'report-light.png', colorScheme: 'light', hash: '', height: 900 },
  { name: 'report-dark.png', colorScheme: 'dark', hash: '#role/111122223333/app', height: 1400 },
];

try {
  run('ingest', 'samples/trail', '--quiet');
  run('report', '--out', page, ...today);
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium' });
  for (const { name, colorScheme, hash, height } of pictures) {
    const tab = await browser.newPage({ colorScheme, viewport: { width: 1280, height } });
    await tab.goto(`file://${page}${hash}`);
    await tab.screenshot({ path: join(project, 'docs', name), fullPage: hash === '' });
  }
  await browser.close();
} finally {
  rmSync(folder, { recursive: true });
}
