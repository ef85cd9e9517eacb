import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

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
    // A build machine that runs out of memory or processes kills a child: the second try is counted as one, and named in the output.
    retry: process.env['CI'] === undefined ? 0 : 1,
  },
});
