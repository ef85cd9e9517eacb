#!/usr/bin/env node
// From a fresh clone to a proposal on the sample logs: npm run quickstart
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const project = fileURLToPath(new URL('..', import.meta.url));
const db = 'quickstart.db';
const out = 'out/quickstart';
const main = 'dist/cli/main.js';

/**
 * Packages of a lock file by folder; what a platform may leave out is left out.
 * @param {string} file
 * @returns {ReadonlyMap<string, string>} folder -> version
 */
function required(file) {
  /** @type {{ packages: Record<string, { version?: string, optional?: boolean }> }} */
  // oxlint-disable-next-line typescript/no-unsafe-assignment -- npm wrote it: https://docs.npmjs.com/cli/configuring-npm/package-lock-json
  const { packages } = JSON.parse(readFileSync(join(project, file), 'utf8'));
  const versions = new Map();
  for (const [folder, { version, optional }] of Object.entries(packages)) {
    if (folder !== '' && !optional) versions.set(folder, version ?? '');
  }
  return versions;
}

/** Whether node_modules holds what package-lock.json asks for. */
function isInstalled() {
  if (!existsSync(join(project, 'node_modules/.package-lock.json'))) return false;
  const installed = required('node_modules/.package-lock.json');
  return [...required('package-lock.json')].every(([folder, version]) => installed.get(folder) === version);
}

/**
 * Runs a command in the project and shows it; ends the script with its exit code when it fails.
 * @param {string} title
 * @param {string} command
 * @param {readonly string[]} args
 */
function run(title, command, args, shown = [command, ...args].join(' ')) {
  console.log(`\n== ${title}\n$ ${shown}`);
  const { status, error } = spawnSync(command, args, { cwd: project, stdio: 'inherit' });
  if (status === 0) return;
  console.error(
    `quickstart: "${shown}" ${error ? `could not start: ${error.message}` : `ended with exit code ${status}`}`,
  );
  process.exit(status ?? 1);
}

/**
 * @param {string} title
 * @param {readonly string[]} args
 */
const tool = (title, args) =>
  run(title, process.execPath, [main, ...args, '--db', db], ['iam-minimize', ...args, '--db', db].join(' '));

if (isInstalled()) console.log('== 1 of 4  Packages are installed already');
else run('1 of 4  Install the packages of package-lock.json', 'npm', ['ci', '--no-audit', '--no-fund']);
run('2 of 4  Build', 'npm', ['run', '--silent', 'build']);
for (const file of [db, `${db}-wal`, `${db}-shm`]) rmSync(join(project, file), { force: true });
tool('3 of 4  Read a week of made-up CloudTrail logs into an index', ['ingest', 'samples/trail']);
tool('4 of 4  Propose policies for the role "app" and show what would change', [
  'generate',
  '--principal',
  'app',
  '--current',
  'samples/current',
  '--min-window',
  '5d',
  '--trail-config',
  'samples/trail-config.json',
  '--out',
  out,
]);
console.log(`The policy is in ${out}/111122223333/role/app, with the diff and its evidence beside it. Next:
  npx iam-minimize principals --db ${db}                                  who else is in these logs
  npx iam-minimize why s3:GetObject --principal app --db ${db}            which calls needed a permission
  npx iam-minimize ingest /path/to/AWSLogs && npx iam-minimize principals      the same with your own logs`);
