import Database from 'better-sqlite3';
import { mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { generation } from '../../src/app/generation.ts';
import { defaults } from '../../src/app/settings/settings.ts';
import {
  account,
  deliveredName,
  dump,
  event,
  gathered,
  load,
  objectEvent,
  scratch,
  writeLog,
} from '../ingest/trail.ts';
import { run } from './cli.ts';
import { killedAt } from './killed.ts';

/** Random text that gzip cannot pack: files are large as stored, and read on other threads. */
function noise(seed: number, length: number): string {
  let state = seed;
  return Array.from({ length }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 16).toString(36);
  }).join('');
}

const records = (file: number, count: number): object[] =>
  Array.from({ length: count }, (_, i) => {
    const time = `2026-03-0${1 + (file % 9)}T10:00:${String(i % 60).padStart(2, '0')}Z`;
    const more = { eventID: `${file}-${i}`, userAgent: noise(file * 1000 + i + 1, 150) };
    return i % 2 === 0
      ? objectEvent(`role-${(file + i) % 7}`, time, `in/${i % 3}/${i}`, more)
      : event(`role-${i % 5}`, 'ListBucket', time, more);
  });

/** Whole files of some size, two that are streamed in parts, a copy, and files that are damaged, cut off, empty or no log. */
function trail(): string {
  const folder = join(scratch(), 'trail');
  for (let file = 0; file < 12; file++)
    writeLog(join(folder, `a${file}.json${file % 2 ? '.gz' : ''}`), records(file, 400));
  writeLog(join(folder, 'b-streamed.json'), records(20, 11_000));
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'c-copy.json'), readFileSync(join(folder, 'a2.json')));
  writeLog(join(folder, 'd-cut.json.gz'), records(30, 900));
  truncateSync(join(folder, 'd-cut.json.gz'), 90_000);
  writeFileSync(
    join(folder, 'e-damaged.json'),
    `${JSON.stringify({ Records: records(31, 300) }).slice(0, -900)}{]`,
  );
  writeFileSync(join(folder, 'f-empty.json'), '');
  writeFileSync(join(folder, 'g-none.json'), 'no log');
  writeLog(join(folder, 'h-streamed.json'), records(21, 11_000));
  return folder;
}

/** All that the ledger says of the objects. */
function ledger(file: string): unknown[] {
  const db = new Database(file, { readonly: true });
  try {
    const columns = 'name, size, hex(hash) AS hash, read, used, duplicate, skipped, fault';
    return db.prepare(`SELECT ${columns} FROM object ORDER BY name`).all();
  } finally {
    db.close();
  }
}

describe('proposals made on other threads', () => {
  test('are those of one thread, in their order, with what it warns of', async () => {
    const folder = scratch();
    const [db, current] = [join(folder, 'index.db'), join(folder, 'current')];
    const roles = Array.from({ length: 26 }, (_, i) => `role-${i}`);
    const logs = join(folder, 'trail', deliveredName('2026-03-02', 'x'));
    writeLog(
      logs,
      roles.flatMap((role, i) =>
        ['2026-03-01', '2026-03-02', '2026-03-03'].map((day) =>
          event(role, i % 3 === 0 ? 'ListBucket' : 'GetBucketTagging', `${day}T10:00:00Z`, {
            requestParameters: { bucketName: `bucket-${i}` },
            eventID: `${day}-${i}`,
          }),
        ),
      ),
    );
    await load(db, [logs]);
    const actions = ['s3:*', ['s3:List*', 'sqs:*']];
    for (const [i, role] of roles.entries()) {
      const own = join(current, account, 'role', role);
      mkdirSync(own, { recursive: true });
      const statement = { Effect: 'Allow', Action: actions[i % 2], Resource: '*' };
      const policy = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
      writeFileSync(join(own, 'policy.json'), i % 10 === 5 ? '{' : policy);
    }
    const flags = { ...defaults, principals: [], all: true, mergeAccounts: [], format: 'json' as const };
    const exclude = ['day=2026-03-02', 'event=ListBuckett'];
    const excluding = { exclude, excludeAsked: exclude };
    const settings = { ...flags, ...excluding, current, minWindow: 1, out: undefined, check: false };
    const how = { ...settings, json: true, diff: 'text' as const, full: false };
    const warnings: string[] = [];
    const surroundings = { warn: (line: string) => warnings.push(line), progress: () => {}, clock: () => 0 };
    const view = { ...how, color: false, width: 80, index: '' };
    const made = await gathered(generation(db, settings, {}, surroundings, view));
    const asked = [
      '--current',
      current,
      '--min-window',
      '1d',
      ...exclude.flatMap((text) => ['--exclude', text]),
    ];
    const ran = run(['generate', '--all', '--json', ...asked, '--db', db]);
    const shown = made.flatMap((one) => (one.kind === 'proposed' ? [one.shown.text] : []));
    expect(shown).toHaveLength(23);
    expect(ran.out).toBe(shown.join(''));
    // Three that cannot be read, a day that is late, which each thread meets and one tells, and what excludes nothing.
    expect(warnings).toHaveLength(5);
    expect(warnings.at(-1)).toContain('--exclude event=ListBuckett: leaves out nothing');
    expect(ran.err).toBe(warnings.map((line) => `${line}\n`).join(''));
    expect(ran.code).toBe(3);
  });
});

describe('objects read on other threads', () => {
  test('give the index that one thread gives, and say the same of each', async () => {
    const folder = trail();
    const [one, many] = [join(scratch(), 'one.db'), join(scratch(), 'many.db')];
    const report = await load(one, [folder]);
    const { code, out, err } = run(['ingest', folder, '--db', many, '--json']);
    expect(err).not.toBe('');
    expect(code).toBe(3);
    const printed: unknown = JSON.parse(out);
    expect(printed).toMatchObject({ ...report });
    expect(dump(many)).toEqual(dump(one));
    expect(ledger(many)).toEqual(ledger(one));
  });

  test.each([40, 400, 2000])('a run that is killed at call %i of the index is resumed', async (number) => {
    const folder = trail();
    const [one, many] = [join(scratch(), 'one.db'), join(scratch(), 'many.db')];
    await load(one, [folder]);
    run(['ingest', folder, '--db', many], { environment: killedAt({ kind: 'sql', number }) });
    run(['ingest', folder, '--db', many]);
    expect(dump(many)).toEqual(dump(one));
    expect(ledger(many)).toEqual(ledger(one));
  });
});
