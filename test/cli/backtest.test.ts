import { join } from 'node:path';
import { expect, test } from 'vitest';
import { event, writeLog } from '../ingest/trail.ts';
import { run, temporaryFolder } from './cli.ts';

const folder = temporaryFolder();

test('backtest leaves out pairs of windows whose test days hold nothing, and says how many', () => {
  const db = join(folder, 'index.db');
  const days = ['01', '02', '03', '10'];
  writeLog(
    join(folder, 'log.json'),
    days.map((day) => event('app', 'ListObjects', `2026-03-${day}T12:00:00Z`)),
  );
  expect(run(['ingest', join(folder, 'log.json'), '--db', db]).code).toBe(0);
  const flags = ['--train', '2d', '--test', '1d', '--step', '1d', '--json', '--db', db];
  const { code, out, err } = run(['backtest', '--principal', 'app', ...flags]);
  expect(code).toBe(0);
  expect(err).toBe('6 pairs of windows left out: the index holds nothing of the test days\n');
  const tested = out.match(/"test":\{"since":"[^"]+"/g) ?? [];
  expect(new Set(tested)).toEqual(
    new Set(['2026-03-03', '2026-03-10'].map((day) => `"test":{"since":"${day}"`)),
  );
});
