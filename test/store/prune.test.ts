import Database from 'better-sqlite3';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { damageIn } from '../../src/store/check.ts';
import { prune } from '../../src/store/prune.ts';
import { run } from '../cli/cli.ts';
import { parseDay } from '../../src/iam/days.ts';
import { dump, event, load, objectEvent, scratch, writeLog } from '../ingest/trail.ts';

const days = ['2026-01-31', '2026-02-14', '2026-02-15', '2026-02-28', '2026-03-01'];

const recordsOf = (day: string): object[] => [
  event('app', 'ListBucket', `${day}T10:00:00Z`),
  event(day === '2026-01-31' ? 'gone' : 'ci', 'GetBucketAcl', `${day}T10:00:00Z`, { errorCode: `on ${day}` }),
  ...Array.from({ length: 103 }, (_, i) => objectEvent('app', `${day}T10:00:00Z`, `${day}/${i}`)),
];

test.each(['2026-01-01', '2026-02-01', '2026-02-15', '2026-03-01', '2027-01-01'])(
  'an index without what was before %s is as one of the other days alone',
  async (first) => {
    const folder = scratch();
    for (const day of days) writeLog(join(folder, 'all', `${day}.json`), recordsOf(day));
    for (const day of days.filter((one) => one >= first))
      writeLog(join(folder, 'rest', `${day}.json`), recordsOf(day));
    writeLog(join(folder, 'rest', 'none.json'), []);
    const [all, rest] = [join(folder, 'all.db'), join(folder, 'rest.db')];
    await load(all, [join(folder, 'all')]);
    await load(rest, [join(folder, 'rest')]);
    prune(all, parseDay(first, 'day'));
    expect(dump(all)).toEqual(dump(rest));
    expect(damageIn(all)).toEqual([]);
    const db = new Database(all, { readonly: true });
    const texts = ['principal', 'context', 'target', 'leaf', 'fact', 'named_fact'].map((table) =>
      JSON.stringify(db.prepare(`SELECT * FROM ${table}`).all()),
    );
    db.close();
    // Nothing of the days before is left, not even the name of one who did nothing since.
    const left = first >= '2026-02-15' ? texts.join() : '';
    expect(left).not.toMatch(/2026-01-31|2026-02-14|gone/);
    // What was read is not read again, and what is new is.
    expect((await load(all, [join(folder, 'all')])).objects).toMatchObject({ read: 0, skipped: 5 });
    writeLog(join(folder, 'all', 'more.json'), recordsOf('2026-03-02'));
    await load(all, [join(folder, 'all')]);
    expect(damageIn(all)).toEqual([]);
  },
);

test('a run that was reading meanwhile goes on with sound rows', async () => {
  const folder = scratch();
  const file = join(folder, 'a.db');
  const logs = ['2026-01-31', '2026-03-01'].map((day) => join(folder, `${day}.json`));
  for (const log of logs) writeLog(log, recordsOf(log.slice(-15, -5)).slice(0, 1));
  const { IndexWriter } = await import('../../src/store/writer.ts');
  const { ingest } = await import('../../src/ingest/ingest.ts');
  const { localObjects } = await import('../../src/ingest/objects/local.ts');
  const writer = IndexWriter.open(file);
  const read = (log: string) => ingest(localObjects(log), writer, { concurrency: 1, clock: () => 0 });
  await read(logs[0] ?? '');
  prune(file, parseDay('2026-02-01', 'day'));
  await read(logs[1] ?? '');
  writer.close();
  expect(damageIn(file)).toEqual([]);
  expect(dump(file).length).toBeGreaterThan(1);
});

test('index prune says what it did, and needs a day', async () => {
  const folder = scratch();
  const file = join(folder, 'a.db');
  for (const day of days) writeLog(join(folder, 'all', `${day}.json`), recordsOf(day));
  await load(file, [join(folder, 'all')]);
  expect(run(['index', 'prune', '--db', file])).toMatchObject({ code: 2, out: '' });
  const { code, out } = run(['index', 'prune', '--before', '3d', '--db', file]);
  expect(code).toBe(0);
  expect(out).toContain('nothing from before 2026-02-27 is left');
  expect(run(['index', 'prune', '--before', '3d', '--db', join(folder, 'none.db')]).code).toBe(2);
});
