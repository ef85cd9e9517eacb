import { defineConfig } from 'vitest/config';

/** A file for the counts of a run, for whoever adds up several; unset: none. */
const countsFile = process.env['VITEST_JSON'] ?? '';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/differential/**'],
    reporters: countsFile === '' ? ['default'] : ['default', ['json', { outputFile: countsFile }]],
    // No reference data that happens to be on this machine.
    env: { XDG_CACHE_HOME: '/nonexistent' },
    setupFiles: ['test/setup.ts'],
    testTimeout: 120_000,
    server: { deps: { inline: ['dt-sql-parser'] } },
    hookTimeout: 120_000,
  },
});
