import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, realpathSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from 'vitest';

/** The root of the project. */
export const project = realpathSync(fileURLToPath(new URL('../../', import.meta.url)));

/** The program as it is shipped. */
export const main = join(project, 'dist/cli/main.js');
if (!existsSync(main)) throw new Error('dist/ is missing: npm run build');

/** How one run of the program ended. */
export interface Ran {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

interface RunOptions {
  readonly cwd?: string;
  readonly input?: string;
  readonly environment?: Readonly<Record<string, string>>;
}

/** Runs the program from the root of the project, without colours. `environment` is added to that of the tests. */
export function run(
  args: readonly string[],
  { cwd = project, input = '', environment = {} }: RunOptions = {},
): Ran {
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], {
    cwd,
    input,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    env: { ...process.env, NO_COLOR: '1', ...environment },
  });
  return { code: status, out: stdout, err: stderr };
}

/** A folder that is gone after the tests of a file. */
export function temporaryFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'iam-minimize-')));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** An index of the sample logs in a folder: a copy of the one that the first file to need it makes. */
export function sampleIndex(folder: string): string {
  const made = join(process.env['IAM_MINIMIZE_TEST_FOLDER'] ?? folder, 'samples.db');
  const db = join(folder, 'samples.db');
  if (existsSync(made)) {
    copyFileSync(made, db);
    return db;
  }
  const { code, err } = run(['ingest', 'samples/trail', '--db', db]);
  if (code !== 0) throw new Error(`ingest of the samples: exit ${String(code)}: ${err}`);
  // Whole at once: another file may look for it meanwhile, or make the same.
  copyFileSync(db, `${made}.${process.pid}`);
  renameSync(`${made}.${process.pid}`, made);
  return db;
}

/** Today's policies of the sample account and what its trail records. */
export const today = [
  '--current',
  'samples/current',
  '--min-window',
  '5d',
  '--trail-config',
  'samples/trail-config.json',
] as const;
