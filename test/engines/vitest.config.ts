import { defineConfig } from 'vitest/config';

/** A file for the counts of a run, for whoever adds up several; unset: none. */
const countsFile = process.env['VITEST_JSON'] ?? '';

export default defineConfig({
  test: {
    include: ['test/engines/**/*.test.ts'],
    reporters: countsFile === '' ? ['default'] : ['default', ['json', { outputFile: countsFile }]],
    setupFiles: ['test/setup.ts'],
    // One server at a time: machines are small.
    fileParallelism: false,
    testTimeout: 300_000,
    hookTimeout: 300_000,
    retry: process.env['CI'] === undefined ? 0 : 1,
    server: { deps: { inline: ['dt-sql-parser'] } },
  },
});
