import Database from 'better-sqlite3';
import { execFileSync, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { parseDay } from '../../src/iam/days.ts';
import { live } from '../aws/live.ts';
import { fakeS3, s3Environment, type S3Fake, type S3FakeOptions } from '../aws/s3-fake.ts';
import { syntheticTrail } from '../aws/s3-trail.ts';
import { dump, scratch } from '../ingest/trail.ts';
import { run, type Ran } from './cli.ts';
import { killedAt, momentsOf, paced } from './killed.ts';

// The fault table in docs/reliability.md names these tests.

/** 60 objects in 4 shards. */
const trail = syntheticTrail({
  accounts: 2,
  regions: 2,
  days: 5,
  perDay: 3,
  eventsPerObject: 40,
  firstDay: parseDay('2026-03-01', ''),
});

async function serve(options: S3FakeOptions = {}): Promise<S3Fake> {
  const fake = await fakeS3({ logs: trail }, options);
  onTestFinished(() => fake.close());
  return fake;
}

/** Reads the trail with one object ahead. */
const ingest = (
  fake: S3Fake,
  db: string,
  environment: Readonly<Record<string, string>> = {},
  started?: (child: ChildProcess) => void,
): Promise<Ran> =>
  live(
    ['ingest', 's3://logs', '--db', db, '--concurrency', '1', '--json'],
    { ...s3Environment(fake.url), ...environment },
    started,
  );

/** Objects come slowly enough for three commits: one is due each second. */
const slowly = (millis: number): S3FakeOptions => ({
  mishap: ({ operation }) => ({ kind: 'late', millis: operation === 'get' ? millis : 0 }),
});

/** Sends the run a signal when it asks for the object of this number. */
async function signalled(db: string, last: number, signal: NodeJS.Signals): Promise<Ran> {
  const started: { child?: ChildProcess } = {};
  const fake = await serve({
    mishap({ operation, number }) {
      if (operation === 'get' && number === last) started.child?.kill(signal);
      return { kind: 'late', millis: 5 };
    },
  });
  return ingest(fake, db, {}, (child) => {
    started.child = child;
  });
}

/** Facts, ledger, marks and call counts, without the ids that hang on the order of writing. */
function contentOf(db: string): string[] {
  const index = new Database(db, { readonly: true });
  try {
    const rows = [
      'SELECT f.path, o.name, o.size, o.etag, hex(o.hash), o.read, o.used, o.duplicate, o.skipped, o.fault FROM object o JOIN folder f ON f.id = o.folder_id',
      'SELECT source, shard, mark FROM source_mark',
      'SELECT sum(calls), min(sample_time), count(*) FROM fact',
    ].flatMap((query) => index.prepare(query).all());
    expect(index.pragma('integrity_check', { simple: true })).toBe('ok');
    return [...dump(db), ...rows.map((row) => JSON.stringify(row)).sort()];
  } finally {
    index.close();
  }
}

/** What an undisturbed run makes of the trail. */
async function undisturbed(folder: string): Promise<string[]> {
  const db = join(folder, 'smooth.db');
  expect(await ingest(await serve(), db)).toMatchObject({ code: 0, err: '' });
  return contentOf(db);
}

const resumed = async (db: string): Promise<string[]> => {
  expect(await ingest(await serve(), db)).toMatchObject({ code: 0, err: '' });
  return contentOf(db);
};

describe('kill -9, and the same command again: the same index', () => {
  test('before calls of SQLite, from opening the index to closing it', async () => {
    const folder = scratch();
    const wanted = await undisturbed(folder);
    const moments = await momentsOf(
      async (environment) => ingest(await serve(), join(folder, 'counted.db'), environment),
      { file: 0, sql: 10 },
    );
    let killed = 0;
    for (const moment of moments) {
      const db = join(folder, `${moment.number}.db`);
      const { code } = await ingest(await serve(), db, killedAt(moment));
      // What is asked of SQLite depends a little on when answers come: it may be over before.
      expect([moment, [null, 0].includes(code)]).toEqual([moment, true]);
      if (code === null) killed++;
      expect([moment, await resumed(db)]).toEqual([moment, wanted]);
    }
    expect(killed).toBeGreaterThan(moments.length / 2);
  });

  test('at any request', async () => {
    const folder = scratch();
    const wanted = await undisturbed(folder);
    for (const last of [0, 1, 17, 42, 59]) {
      const db = join(folder, `${last}.db`);
      const killed = await signalled(db, last, 'SIGKILL');
      expect([last, killed.code]).toEqual([last, null]);
      expect([last, await resumed(db)]).toEqual([last, wanted]);
    }
  });
});

test('two runs on one index at once: both end well, and it is the same index', async () => {
  const folder = scratch();
  const wanted = await undisturbed(folder);
  const db = join(folder, 'a.db');
  const slow = await serve(slowly(20));
  const both = await Promise.all([ingest(slow, db), ingest(slow, db)]);
  expect(both.map(({ code, err }) => [code, err])).toEqual([
    [0, ''],
    [0, ''],
  ]);
  expect(dump(db)).toEqual(wanted.slice(0, dump(db).length));
});

test('a run that holds the index for long is named to the other', async () => {
  const folder = scratch();
  const db = join(folder, 'a.db');
  await ingest(await serve(), db);
  const holder = new Database(db);
  holder.exec('BEGIN IMMEDIATE');
  const ran = await live(['ingest', 'samples/trail', '--db', db], {});
  holder.exec('ROLLBACK');
  holder.close();
  expect(ran).toMatchObject({ code: 2, out: '' });
  expect(ran.err).toMatch(
    /^iam-minimize: \S+a\.db: another run is writing to it; wait for it to end, then try again\n$/,
  );
});

/** Mounts a file system of its own in memory, which only root may; undefined where it cannot be. */
function smallDisk(folder: string): string | undefined {
  const disk = join(folder, 'disk');
  mkdirSync(disk);
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=600k', 'tmpfs', disk]);
  if (status !== 0) return undefined;
  onTestFinished(() => {
    execFileSync('umount', ['-l', disk]);
  });
  return disk;
}

describe('a full disk ends with one line; with space the same command goes on', () => {
  const line =
    /^iam-minimize: \S+a\.db: (?:the disk is full|cannot be written)[^\n]+run the same command again, it resumes\n$/;

  test('a file system in memory', async ({ skip }) => {
    const folder = scratch();
    const disk = smallDisk(folder);
    if (disk === undefined) return skip('a file system cannot be mounted here');
    const wanted = await undisturbed(folder);
    const db = join(disk, 'a.db');
    const ran = await ingest(await serve(), db, paced);
    expect(ran).toMatchObject({ code: 2, out: '' });
    expect(ran.err).toMatch(line);
    expect(run(['index', 'info', '--db', db]).out).toContain('integrity ok');
    execFileSync('mount', ['-o', 'remount,size=20m', disk]);
    expect(await resumed(db)).toEqual(wanted);
  });

  test('a limit on the size of files', async ({ skip }) => {
    if (spawnSync('bash', ['-c', 'ulimit -f 300']).status !== 0)
      return skip('ulimit -f is not possible here');
    const folder = scratch();
    const wanted = await undisturbed(folder);
    const db = join(folder, 'a.db');
    const fake = await serve();
    // Without the signal the write fails, as on a full disk.
    const limited = await live(['ingest', 's3://logs', '--db', db], s3Environment(fake.url), undefined, [
      'bash',
      '-c',
      `trap '' XFSZ; ulimit -f 300; exec "$0" "$@"`,
    ]);
    expect(limited).toMatchObject({ code: 2, out: '' });
    expect(limited.err).toMatch(line);
    expect(await resumed(db)).toEqual(wanted);
  });
});

test('an interrupt ends the run in order', async () => {
  const folder = scratch();
  const db = join(folder, 'a.db');
  const ran = await signalled(db, 20, 'SIGINT');
  expect(ran.code).toBe(3);
  expect(ran.err).toBe('stopped; what was read is kept, run the same command again to go on\n');
  expect(await resumed(db)).toEqual(await undisturbed(folder));
});
