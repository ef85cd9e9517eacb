import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sharedPath } from '../shared.ts';
import { run, temporaryFolder, today } from './cli.ts';

const folder = temporaryFolder();

/** Lint's exit code on what `generate` writes, errors, and statements that others make redundant. */
function faultsIn(name: string, db: string, flags: readonly string[]): object {
  const out = join(folder, name);
  run(['generate', '--all', '--db', db, '--out', out, ...flags]);
  const linted = run(['lint', out]);
  const faults = / error |shadowed-statement|duplicate-statement/;
  return { code: linted.code, faults: linted.out.split('\n').filter((line) => faults.test(line)) };
}

test.each([
  ['samples/trail', [], 'samples'],
  ['samples/trail', today, 'samples-today'],
  ['samples/trail', ['--strategy', 'exact'], 'samples-exact'],
  [sharedPath('cloudtrail', 'logs'), [], 'real'],
  [sharedPath('cloudtrail', 'logs'), ['--strategy', 'exact'], 'real-exact'],
] as const)(
  'lint finds no error and no redundant statement in the policies made from %s with %j',
  (source, flags, name) => {
    if (source === undefined) return;
    const db = join(folder, `${name}.db`);
    expect(run(['ingest', source, '--db', db, '--quiet']).code).not.toBe(2);
    expect(faultsIn(name, db, flags)).toEqual({ code: 0, faults: [] });
  },
);
