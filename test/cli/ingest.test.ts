import Database from 'better-sqlite3';
import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { isObject } from '../../src/iam/json.ts';
import { deliveredName, dump, event, load, objectEvent, scratch, writeLog } from '../ingest/trail.ts';
import { sharedPath } from '../shared.ts';
import { main, project, run, type Ran } from './cli.ts';
import { killedAt, momentsOf, type Environment } from './killed.ts';

const ingest = (sources: readonly string[], db: string, ...flags: string[]): Ran =>
  run(['ingest', ...sources, '--db', db, ...flags]);

/** Starts it and does not wait. */
const start = (sources: readonly string[], db: string): ChildProcess =>
  spawn(process.execPath, [main, 'ingest', ...sources, '--db', db, '--quiet'], { stdio: 'ignore' });

/** The object that `--json` prints. */
function reportOf({ out }: Ran): Readonly<Record<string, unknown>> {
  const parsed: unknown = JSON.parse(out);
  if (!isObject(parsed)) throw new Error(`no object: ${out}`);
  return parsed;
}

const someEvents = (count: number): object[] =>
  Array.from({ length: count }, (_, i) =>
    event(`role-${i % 7}`, 'ListBucket', `2026-03-0${1 + (i % 9)}T10:00:00Z`, { eventID: `e${i}` }),
  );

describe('what it says', () => {
  test('a report on stdout, a summary on stderr, and never both', async () => {
    const folder = scratch();
    writeLog(join(folder, 'logs', 'a.json.gz'), [...someEvents(3), 'no record']);
    const json = ingest([join(folder, 'logs')], join(folder, 'a.db'), '--json');
    expect(json).toMatchObject({ code: 0, err: '' });
    expect(reportOf(json)).toMatchObject({
      objects: { read: 1, skipped: 0, failed: 0 },
      events: { read: 4, used: 3, duplicate: 0, skipped: { 'not-a-record': 1 } },
    });
    const again = ingest([join(folder, 'logs')], join(folder, 'a.db'));
    expect(again).toMatchObject({ code: 0, out: '' });
    expect(again.err).toContain('1 known already');
    expect(ingest([join(folder, 'logs')], join(folder, 'a.db'), '--quiet')).toEqual({
      code: 0,
      out: '',
      err: '',
    });
  });

  test('standard input, packed or not, by its content', async () => {
    const db = join(scratch(), 'a.db');
    const text = JSON.stringify({ Records: someEvents(3) });
    for (const input of [text, gzipSync(text)]) {
      const { status, stderr } = spawnSync(process.execPath, [main, 'ingest', '-', '--db', db, '--quiet'], {
        input,
      });
      expect([status, String(stderr)]).toEqual([0, '']);
    }
    // The same content again, whatever its packing: one object.
    expect(run(['index', 'info', '--db', db, '--json']).code).toBe(0);
    const ran = run(['ingest', '-', '--db', db, '--json'], { input: `${text}{"broken` });
    expect(ran).toMatchObject({ code: 3 });
    expect(ran.err).toContain('not read in full: standard input: ends in the middle');
  });

  test('a file that is broken is named, the others are read', async () => {
    const folder = scratch();
    const logs = join(folder, 'logs');
    writeLog(join(logs, 'good.json'), someEvents(2));
    writeLog(join(logs, 'cut.json.gz'), someEvents(2000));
    truncateSync(join(logs, 'cut.json.gz'), 6000);
    writeFileSync(join(logs, 'empty.json'), '');
    writeFileSync(join(logs, 'text.txt'), 'hello\n');
    writeFileSync(join(logs, 'malformed.json'), '{"Records":[{"a":1},{"a":}]}');
    writeFileSync(join(logs, 'control\u001b[31m.json'), '{');
    symlinkSync(join(folder, 'nowhere'), join(logs, 'dangling'));
    const ran = ingest([logs], join(folder, 'a.db'), '--json');
    expect(ran.code).toBe(3);
    const lines = ran.err.trimEnd().split('\n');
    for (const name of ['cut.json.gz', 'empty.json', 'text.txt', 'malformed.json', '[31m.json']) {
      expect(
        lines.filter((line) => line.startsWith('not read in full: ') && line.includes(name)),
      ).toHaveLength(1);
    }
    expect(ran.err).not.toContain('\u001b');
    expect(lines).toHaveLength(5);
    expect(reportOf(ran)).toMatchObject({ objects: { read: 6, failed: 5 } });
    // It is said again although nothing is read again.
    const again = ingest([logs], join(folder, 'a.db'), '--json');
    expect(again.code).toBe(3);
    expect(again.err.split('\n').sort()).toEqual(ran.err.split('\n').sort());
    expect(reportOf(again)).toMatchObject({
      objects: { read: 0, skipped: 6, failed: 5 },
      events: { read: 0 },
    });
  });

  test('objects are chosen by their names', async () => {
    const folder = scratch();
    for (const [i, day] of ['2026-03-01', '2026-03-02', '2026-03-03'].entries()) {
      writeLog(join(folder, 'logs', deliveredName(day, `x${i}`)), [
        event('app', 'ListBucket', `${day}T10:00:00Z`, { eventID: day }),
      ]);
    }
    writeLog(join(folder, 'logs', 'other.json'), []);
    const read = async (...flags: string[]) =>
      reportOf(ingest([join(folder, 'logs')], join(folder, `${flags.join('')}.db`), '--json', ...flags))[
        'objects'
      ];
    expect(await read('--since', '2026-03-02')).toMatchObject({ read: 3 });
    expect(await read('--until', '2026-03-01')).toMatchObject({ read: 2 });
    expect(await read('--since', '1d')).toMatchObject({ read: 2 });
    expect(await read('--regions', 'us-east-1')).toMatchObject({ read: 1 });
    expect(await read('--accounts', '111122223333')).toMatchObject({ read: 4 });
  });
});

describe('mistakes are one line and exit code 2', () => {
  test.each<
    [
      what: string,
      message: RegExp,
      make: (folder: string) => { source?: string; db?: string; flags?: string[] },
    ]
  >([
    ['a missing source', /no such file or directory/, (folder) => ({ source: join(folder, 'missing') })],
    ['a folder as index', /is a directory/, (folder) => ({ db: folder })],
    ['an index in no folder', /directory does not exist/, (folder) => ({ db: join(folder, 'no', 'a.db') })],
    [
      'an index that is text',
      /not a database/,
      (folder) => {
        writeFileSync(join(folder, 'a.db'), 'hello '.repeat(1000));
        return {};
      },
    ],
    [
      "another program's database",
      /not an index of iam-minimize/,
      (folder) => {
        new Database(join(folder, 'a.db')).exec('CREATE TABLE t (a)').close();
        return {};
      },
    ],
    [
      'an index of a newer version',
      /newer iam-minimize/,
      (folder) => {
        const db = new Database(join(folder, 'a.db'));
        db.pragma('application_id = 0x49414d6d');
        db.exec('CREATE TABLE t (a)');
        db.pragma('user_version = 99');
        db.close();
        return {};
      },
    ],
    [
      'a day that is none',
      /--since: "2026-02-30" is not a day/,
      () => ({ flags: ['--since', '2026-02-30'] }),
    ],
    ['days before an unknown day', /no object here has a date/, () => ({ flags: ['--since', '7d'] })],
    ['a concurrency of 0', /--concurrency 0/, () => ({ flags: ['--concurrency', '0'] })],
    ['an unknown flag', /unknown/i, () => ({ flags: ['--nope'] })],
    ['two sources, one missing', /no such file/, (folder) => ({ flags: [join(folder, 'missing')] })],
  ])('%s', async (_, message, make) => {
    const folder = scratch();
    writeLog(join(folder, 'logs', 'a.json'), someEvents(1));
    const { source = join(folder, 'logs'), db = join(folder, 'a.db'), flags = [] } = make(folder);
    const ran = ingest([source], db, ...flags);
    expect(ran.err).toMatch(message);
    expect(ran.err).toMatch(/^iam-minimize: [^\n]+\n$/);
    expect(ran).toMatchObject({ code: 2, out: '' });
  });

  // Root may write everywhere.
  test.skipIf(process.getuid?.() === 0)('an index that may not be written', async () => {
    const folder = scratch();
    writeLog(join(folder, 'logs', 'a.json'), someEvents(1));
    mkdirSync(join(folder, 'closed'));
    chmodSync(join(folder, 'closed'), 0o500);
    const ran = ingest([join(folder, 'logs')], join(folder, 'closed', 'a.db'));
    expect(ran).toMatchObject({ code: 2, out: '' });
    expect(ran.err).toMatch(/cannot be opened for writing[^\n]*\n$/);
  });

  test('an index that is a device', async () => {
    const folder = scratch();
    writeLog(join(folder, 'logs', 'a.json'), someEvents(1));
    const ran = ingest([join(folder, 'logs')], '/dev/full');
    expect(ran).toMatchObject({ code: 2, out: '' });
    expect(ran.err).toMatch(/^iam-minimize: [^\n]+\n$/);
  });
});

/** Logs large enough to be killed in: many small files, and one over 2 MB, which is streamed. */
function manyLogs(folder: string): string {
  const logs = join(folder, 'logs');
  for (let file = 0; file < 30; file++) {
    const day = `2026-03-${String(1 + (file % 28)).padStart(2, '0')}`;
    const records = Array.from({ length: 300 }, (_, i) =>
      i % 2 === 0
        ? objectEvent(`role-${i % 11}`, `${day}T10:00:00Z`, `in/${file % 3}/${i}`, {
            eventID: `${file}-${i}`,
          })
        : event(`role-${i % 11}`, 'ListBucket', `${day}T11:00:00Z`, {
            eventID: `${file}-${i}`,
            requestParameters: { bucketName: `b${i}` },
          }),
    );
    writeLog(join(logs, deliveredName(day, `f${file}`)), records);
  }
  const large = JSON.stringify({ Records: someEvents(12_000) });
  writeFileSync(join(logs, 'large.json'), large);
  return logs;
}

describe('a run that is killed', () => {
  test('and repeated gives the same index', async () => {
    const folder = scratch();
    const logs = manyLogs(folder);
    const smooth = join(folder, 'smooth.db');
    const into = (db: string, environment: Environment): Ran =>
      run(['ingest', logs, '--db', db, '--json'], { environment });
    const moments = await momentsOf((environment) => into(smooth, environment), { file: 0, sql: 3 });
    const wanted = dump(smooth);
    let killed = 0;
    for (const moment of moments) {
      const db = join(folder, `${moment.number}.db`);
      if (into(db, killedAt(moment)).code === null) killed++;
      expect(ingest([logs], db, '--json')).toMatchObject({ code: 0 });
      expect(dump(db)).toEqual(wanted);
      expect(reportOf(ingest([logs], db, '--json'))).toMatchObject({
        objects: { read: 0, skipped: 31 },
      });
    }
    expect(killed).toBeGreaterThan(0);
  });

  test('by Ctrl-C ends in order, and goes on later', () => {
    const folder = scratch();
    const logs = manyLogs(folder);
    const [db, smooth] = [join(folder, 'a.db'), join(folder, 'b.db')];
    const moment = { kind: 'sql', number: 40 } as const;
    const environment = killedAt(moment, 'SIGINT');
    expect(run(['ingest', logs, '--db', db, '--quiet'], { environment })).toMatchObject({ code: 3 });
    expect(ingest([logs], db, '--quiet')).toMatchObject({ code: 0 });
    ingest([logs], smooth);
    expect(dump(db)).toEqual(dump(smooth));
  });

  test('two at once: one waits for the other, both end well', async () => {
    const folder = scratch();
    writeLog(join(folder, 'logs', 'a.json'), someEvents(50));
    const db = join(folder, 'a.db');
    ingest([join(folder, 'logs')], db);
    writeLog(join(folder, 'logs', 'b.json'), someEvents(60));
    const both = [1, 2].map(() => start([join(folder, 'logs')], db));
    await Promise.all(both.map((child) => once(child, 'close')));
    expect(both.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
    await load(join(folder, 'b.db'), [join(folder, 'logs')]);
    expect(dump(db)).toEqual(dump(join(folder, 'b.db')));
  });
});

/** Counts events in a JSON value without the reader's code. */
function eventsIn(value: unknown): number {
  if (typeof value === 'string') return /^\s*[[{]/.test(value) ? eventsInText(value) : 0;
  if (typeof value !== 'object' || value === null) return 0;
  const { eventName, eventSource, eventTime, eventType }: Record<string, unknown> = { ...value };
  if (typeof eventName === 'string' && typeof eventSource === 'string' && !eventSource.startsWith('aws:')) {
    const timed = typeof eventTime === 'string' && !Number.isNaN(Date.parse(eventTime));
    return timed && eventType !== 'AwsCloudTrailInsight' ? 1 : 0;
  }
  return Object.values(value).reduce((sum: number, member) => sum + eventsIn(member), 0);
}

/** The same for text: whole, or each piece from an opening brace to the first closing one that makes it JSON. */
function eventsInText(text: string): number {
  const whole = parsed(text);
  if (whole !== undefined) return eventsIn(whole);
  let count = 0;
  let at = text.indexOf('{');
  while (at !== -1) {
    let end = text.indexOf('}', at);
    let value: unknown;
    for (; end !== -1 && value === undefined; end = value === undefined ? text.indexOf('}', end + 1) : end) {
      value = parsed(text.slice(at, end + 1));
    }
    count += eventsIn(value);
    at = text.indexOf('{', value === undefined ? at + 1 : end);
  }
  return count;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

const formats = sharedPath('cloudtrail', 'formats');

describe.skipIf(formats === undefined)('logs in other formats', () => {
  const folders = formats === undefined ? [] : readdirSync(formats);
  const files = (folder: string): string[] =>
    readdirSync(join(formats ?? '', folder)).map((name) => join(formats ?? '', folder, name));

  test('all at once: what cannot be read is named, the rest is used', async () => {
    const ran = ingest([formats ?? ''], join(scratch(), 'a.db'), '--json');
    expect(ran.code).toBe(3);
    for (const file of files('malformed-json')) expect(ran.err).toContain(`not read in full: ${file}: `);
    expect(ran.err).not.toMatch(/^\s+at /m);
  });

  test.each(folders)('%s: as many events as a plain count finds', async (folder) => {
    for (const file of files(folder)) {
      const bytes = readFileSync(file);
      const wanted = eventsInText((file.endsWith('.gz') ? gunzipSync(bytes) : bytes).toString());
      const { events } = await load(join(scratch(), 'a.db'), [file]);
      expect(events.used + events.duplicate).toBe(wanted);
      const skipped = Object.values(events.skipped).reduce((sum, n) => sum + n, 0);
      expect(events.read).toBe(events.used + events.duplicate + skipped);
    }
  });
});

test('first runs at once: one makes the index, the others wait for it and add to it', async () => {
  const folder = scratch();
  for (const round of [1, 2, 3]) {
    const db = join(folder, `together-${round}.db`);
    const runs = [1, 2, 3].map(() => start([join(project, 'samples/trail')], db));
    const ends = await Promise.all(runs.map((child) => once(child, 'exit')));
    expect(ends.map(([code]) => Number(code))).toEqual([0, 0, 0]);
    expect(run(['index', 'info', '--db', db]).out).toMatch(/integrity ok\n57 objects, 2,972 events/);
  }
}, 60_000);

test('what holds no event is said, and leaves no index', () => {
  const folder = scratch();
  const db = join(folder, 'none.db');
  writeFileSync(join(folder, 'package.json'), '{"name":"x"}');
  const { code, err } = run(['ingest', join(folder, 'package.json'), '--db', db]);
  expect(err).toMatch(/^no CloudTrail event in it, so no index was made; give log files/m);
  expect(readdirSync(folder)).toEqual(['package.json']);
  expect(err).not.toContain('next:');
  expect(code).not.toBe(1);
  expect(run(['ingest', 'samples/trail', '--db', db]).err).toMatch(/next: iam-minimize principals/);
  expect(run(['ingest', 'samples/trail', '--db', db]).err).toMatch(/next: iam-minimize principals/);
});
