import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A folder for what several test files need and one makes, as `sampleIndex` does; gone after the run. */
export function setup(): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'iam-minimize-run-'));
  process.env['IAM_MINIMIZE_TEST_FOLDER'] = folder;
  return () => rmSync(folder, { recursive: true, force: true });
}
