import { join } from 'node:path';
import { expect, test } from 'vitest';
import { event, writeLog } from '../ingest/trail.ts';
import { run, temporaryFolder } from './cli.ts';

const folder = temporaryFolder();

/** An index of calls of a role: the event names of each day of March 2026. */
function indexOf(name: string, calls: Readonly<Record<string, readonly string[]>>): string {
  const log = join(folder, `${name}.json`);
  const db = join(folder, `${name}.db`);
  writeLog(
    log,
    Object.entries(calls).flatMap(([day, names]) =>
      names.map((call) => event('app', call, `2026-03-${day}T12:00:00Z`)),
    ),
  );
  expect(run(['ingest', log, '--db', db]).code).toBe(0);
  return db;
}

test('pairs of windows without logs later, or without evidence before, are no trials, and are counted', () => {
  const list = ['ListObjects'];
  const db = indexOf('sparse', { '01': list, '02': list, '03': list, '10': list });
  const flags = ['--train', '2d', '--test', '1d', '--step', '1d', '--json', '--db', db];
  const { code, out, err } = run(['backtest', '--principal', 'app', ...flags]);
  expect(code).toBe(0);
  expect(err).toBe(
    '6 pairs of windows left out: the index holds nothing of the test days\n' +
      '1 pair of windows left out: the days before them show nothing to make a policy from\n',
  );
  const tested = out.match(/"test":\{"since":"[^"]+"/g) ?? [];
  expect(new Set(tested)).toEqual(new Set(['"test":{"since":"2026-03-03"']));
});

test('where nothing is left to try, that is said', () => {
  const db = indexOf('untrained', { '01': ['GetCallerIdentity'], '02': [], '03': ['ListObjects'] });
  const { code, err } = run([
    'backtest',
    '--all',
    '--train',
    '2d',
    '--test',
    '1d',
    '--step',
    '1d',
    '--db',
    db,
  ]);
  expect(code).toBe(2);
  expect(err).toContain('no trial is left; give other principals, or a longer --train');
});

test('it ends in a verdict with an interval, and names what was broken and what was granted for nothing', () => {
  const db = indexOf('broken', {
    '01': ['ListObjects', 'DeleteBucketPolicy'],
    '02': ['ListObjects'],
    '03': ['ListObjects', 'PutObject', 'DeleteObject'],
  });
  const flags = ['--principal', 'app', '--train', '2d', '--test', '1d', '--step', '1d', '--db', db];
  const { out } = run(['backtest', ...flags]);
  expect(out.trimEnd().split('\n').slice(-2)).toEqual([
    '2 days of training would have broken 1 of 1 principal in the 1 day after (95% interval 21% to 100%); 1 trial is too few to say more',
    '  role/app  111122223333  s3:DeleteObject, s3:PutObject',
  ]);
  expect(out).toMatch(/^balanced {2,}1 {2}1 of 1, 21% to 100% +2 of 3 +2 +1 +0 +1 +0 +-$/m);
  const [exact = '{}'] = run(['backtest', ...flags, '--json']).out.split('\n');
  expect(JSON.parse(exact)).toMatchObject({
    broke: ['s3:DeleteObject', 's3:PutObject'],
    unused: { List: 0, Read: 0, Write: 0, Tagging: 0, 'Permissions management': 1, escalation: 0 },
  });
});
