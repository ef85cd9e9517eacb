import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { project, sampleIndex, temporaryFolder } from '../cli/cli.ts';

test('the sample uses the package by its name and prints a line for each principal', () => {
  const folder = temporaryFolder();
  cpSync(join(project, 'samples/library'), folder, { recursive: true });
  mkdirSync(join(folder, 'node_modules'));
  symlinkSync(project, join(folder, 'node_modules/iam-minimize'));
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['review.mjs', sampleIndex(folder), join(project, 'samples/current')],
    { cwd: folder, encoding: 'utf8' },
  );
  expect({ status, stderr: stderr.split('\n').filter((line) => /error/i.test(line)) }).toEqual({
    status: 0,
    stderr: [],
  });
  expect(stdout).toMatch(
    /^role app: \d+ of \d+ uses still allowed, 0 denied; loses [1-9]\d* ways to escalate; s3:GetObject allowed$/m,
  );
  expect(stdout.trim().split('\n').length).toBeGreaterThan(3);
});
