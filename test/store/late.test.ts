import { join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../cli/cli.ts';
import { deliveredName, event, scratch, writeLog } from '../ingest/trail.ts';

const on = (day: string): object => event('app', 'ListBucket', `${day}T10:00:00Z`);

test.each([
  ['delivered files', (day: string): string => deliveredName(day, 'abcd')],
  ['files of other names', (day: string): string => `${day}.json`],
])('an event dated after the newest delivery moves no window, and is named: %s', (_, name) => {
  const folder = scratch();
  for (const day of ['2026-03-02', '2026-03-03', '2026-03-04'])
    writeLog(join(folder, 'logs', name(day)), day.endsWith('3') ? [on(day), on('2099-01-01')] : [on(day)]);
  const file = join(folder, 'a.db');
  expect(run(['ingest', join(folder, 'logs'), '--db', file]).code).toBe(0);
  const { out, err } = run(['generate', '--principal', 'app', '--json', '--db', file]);
  expect(JSON.parse(out)).toMatchObject({ window: { since: '2026-03-02', until: '2026-03-04', days: 3 } });
  const line = '111122223333: events of a day after the newest delivery are left out: 2099-01-01';
  expect(err).toContain(line);
  expect(run(['index', 'info', '--db', file]).out).toContain(line);
});

test('where the names of all objects are older than their events, the events count', () => {
  const folder = scratch();
  writeLog(join(folder, 'logs', deliveredName('2019-03-02', 'abcd')), [on('2026-03-02')]);
  const file = join(folder, 'a.db');
  expect(run(['ingest', join(folder, 'logs'), '--db', file]).code).toBe(0);
  expect(run(['generate', '--principal', 'app', '--json', '--db', file]).out).toContain(
    '"until":"2026-03-02"',
  );
});
