import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

/** What the rooms that decide are covered by at least, in percent, by the tests that run in process: `npm run coverage`. */
const least = { lines: 95, branches: 90 };
const deciding = ['iam', 'permissions', 'synth', 'ingest'].map((layer) => `src/${layer}/**`);

/** A file for the counts of a run, for whoever adds up several; unset: none. */
const countsFile = process.env['VITEST_JSON'] ?? '';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/differential/**', 'test/engines/**'],
    reporters: countsFile === '' ? ['default'] : ['default', ['json', { outputFile: countsFile }]],
    // No reference data that happens to be on this machine.
    env: { XDG_CACHE_HOME: '/dev/null/none' },
    // Most tests wait for a program that they started; the default leaves one core of two idle.
    maxWorkers: Math.max(2, availableParallelism()),
    globalSetup: ['test/global-setup.ts'],
    setupFiles: ['test/setup.ts'],
    testTimeout: 120_000,
    server: { deps: { inline: ['dt-sql-parser'] } },
    hookTimeout: 120_000,
    coverage: {
      include: deciding,
      reporter: ['text', 'json', 'json-summary'],
      thresholds: Object.fromEntries(deciding.map((files) => [files, least])),
    },
    // A build machine that runs out of memory or processes kills a child: the second try is counted as one, and named in the output.
    retry: process.env['CI'] === undefined ? 0 : 1,
  },
});
