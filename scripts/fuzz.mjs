// Runs the test files that have laws with a seed of its own, which it prints: `npm run fuzz`, or `npm run fuzz test/synth` for
// some of them. FUZZ_SEED repeats a run. FUZZ_STEPS: how many inputs of each kind test/fuzz makes, by steps and not by the clock.
import { spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const seed = process.env['FUZZ_SEED'] ?? String(randomInt(2 ** 31));
const wanted = process.argv.slice(2);
const files = readdirSync('test', { recursive: true, encoding: 'utf8' })
  .map((name) => join('test', name))
  .filter((name) => name.endsWith('.test.ts') && readFileSync(name, 'utf8').includes("from 'fast-check'"))
  .filter((name) => wanted.length === 0 || wanted.some((part) => name.includes(part)))
  .sort();

console.log(`FUZZ_SEED=${seed} repeats this run of ${files.length} files`);
// Steps are the limit, and ten seconds of processor time for each; a clock would be the machine's.
const { status } = spawnSync('npx', ['vitest', 'run', '--testTimeout=0', ...files], {
  stdio: 'inherit',
  env: { ...process.env, FUZZ_SEED: seed, FUZZ_STEPS: process.env['FUZZ_STEPS'] ?? '3000' },
});
if (status !== 0) console.log(`FUZZ_SEED=${seed} repeats this run`);
process.exitCode = status ?? 1;
