import Database from 'better-sqlite3';
import * as fc from 'fast-check';
import { randomBytes } from 'node:crypto';
import { chmodSync, copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { beforeAll, describe, expect, test } from 'vitest';
import { InputError } from '../../src/iam/input-error.ts';
import { generate, openIndex } from '../../src/app/library.ts';
import { damageIn } from '../../src/store/check.ts';
import { toJson } from '../../src/iam/policy/policy-json.ts';
import { main, project, run, temporaryFolder } from '../cli/cli.ts';
import { event, load, objectEvent, scratch, writeLog } from '../ingest/trail.ts';

const folder = temporaryFolder();
const whole = join(folder, 'whole.db');
const at = (day: number, month = 3): string =>
  `2026-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}T10:00:00Z`;

/** Some principals, refusals, names and months: every table of the index has rows. */
beforeAll(async () => {
  const records = Array.from({ length: 31 }, (_, i) => i + 1).flatMap((day) => [
    event('app', 'ListBucket', at(day), { requestParameters: { bucketName: `bucket-${day % 7}` } }),
    event('ci', 'GetBucketAcl', at(day, 1), { errorCode: day % 2 ? 'AccessDenied' : '' }),
    objectEvent('batch', at(day), `in/${day % 9}`),
  ]);
  writeLog(join(folder, 'log.json'), records);
  await load(whole, [join(folder, 'log.json')]);
});

/** All that is proposed from an index, what is said of samples aside; `refused` where it says that it is damaged. */
async function answers(file: string): Promise<string> {
  let index;
  try {
    index = openIndex(file);
    const found: string[] = [];
    for await (const { identity, documents, proof, window } of generate(index, { minWindow: 1 }))
      found.push(JSON.stringify([identity.arn, proof, window]), ...documents.map(toJson));
    return found.join('\n');
  } catch (error) {
    if (error instanceof InputError && error.message.startsWith(`${file}: `)) return 'refused';
    throw error;
  } finally {
    index?.close();
  }
}

describe('a damaged index', () => {
  test('gives the right answer or none, whichever bit of it is another', async () => {
    const right = await answers(whole);
    expect(right).toContain('"Action": "s3:ListBucket"');
    const bytes = readFileSync(whole);
    const file = join(folder, 'damaged.db');
    const db = new Database(whole, { readonly: true });
    const pages = new Map(db.prepare<[], [number, string]>('SELECT pageno, name FROM dbstat').raw().all());
    db.close();
    const tally = { right: 0, refused: 0 };
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.nat(7), async (place, bit) => {
        const damaged = Buffer.from(bytes);
        damaged[place] = (damaged[place] ?? 0) ^ (1 << bit);
        writeFileSync(file, damaged);
        const found = await answers(file);
        expect([right, 'refused'], `a page of ${pages.get(Math.floor(place / 4096) + 1)}`).toContain(found);
        tally[found === right ? 'right' : 'refused']++;
      }),
      { numRuns: 150 },
    );
    expect(tally.refused).toBeGreaterThan(10);
  });

  test.each([
    ['a target', "UPDATE target SET body = replace(body, 'bucket-1', 'bucket-2')"],
    ['the days of a fact', 'UPDATE fact SET days = days | 1 << 29 WHERE days & 1 << 29 = 0'],
    [
      'a fact for another',
      'UPDATE fact SET operation_id = operation_id + 1 WHERE operation_id = (SELECT max(operation_id) FROM fact)',
    ],
    ['a fact that is gone', 'DELETE FROM fact WHERE month = (SELECT max(month) FROM fact)'],
    ['a target that is gone', 'DELETE FROM target WHERE id = 1'],
    ['a name that is gone', 'DELETE FROM leaf'],
    ['days covered', 'UPDATE coverage SET days = days | 1 << 30 WHERE month = 2026 * 12'],
    ['circumstances', "UPDATE facet SET value = 'no'"],
  ])('%s: nothing is said from it, and index check names it', (_, statement) => {
    const file = join(folder, `${randomBytes(4).toString('hex')}.db`);
    copyFileSync(whole, file);
    const db = new Database(file);
    db.pragma('ignore_check_constraints = ON');
    expect(db.prepare(statement).run().changes).toBeGreaterThan(0);
    db.close();
    const args = ['generate', '--all', '--conditions', 'source-ip', '--min-window', '1d', '--db', file];
    const said = run(args);
    expect(said.err).toContain(`iam-minimize index check --db ${file} says where`);
    expect(said.code).toBe(2);
    expect(run(['index', 'check', '--db', file])).toMatchObject({ code: 1 });
    expect(damageIn(file).length).toBeGreaterThan(0);
  });

  test('whose version is lowered is no bug of the program', () => {
    for (const version of [-5, 0, 1, 2, 3]) {
      const file = join(folder, `version${version}.db`);
      copyFileSync(whole, file);
      const db = new Database(file);
      db.pragma(`user_version = ${version}`);
      db.close();
      for (const args of [['principals'], ['index', 'info'], ['ingest', join(folder, 'log.json')]]) {
        const { code, err } = run([...args, '--db', file]);
        expect(code).toBe(2);
        expect(err).toMatch(/damaged.*run ingest again/);
      }
      // What is to say where must not send to itself.
      const check = run(['index', 'check', '--db', file]);
      expect(check.out + check.err).not.toContain('index check --db');
    }
  });

  test('is not to be deleted before the program was installed again, where a statement does not fit its schema', () => {
    const file = join(folder, 'other-columns.db');
    copyFileSync(whole, file);
    new Database(file).exec('ALTER TABLE coverage RENAME COLUMN month TO period').close();
    for (const args of [['principals'], ['index', 'info'], ['index', 'check']]) {
      const { out, err } = run([...args, '--db', file]);
      expect(out + err).toMatch(/no such column: .*before you delete it, install iam-minimize again/);
    }
  });

  test('is told from a sound one', () => {
    expect(run(['index', 'check', '--db', whole])).toMatchObject({ code: 0, out: `${whole}: sound\n` });
  });
});

describe('where nothing can be written', () => {
  /** Root may write everywhere. */
  const asNobody = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};
  const ask = (file: string) =>
    spawnSync(process.execPath, [main, 'principals', '--db', file, '--json'], {
      cwd: project,
      encoding: 'utf8',
      ...asNobody,
    });

  test.each(['without a log of writes', 'with one that was left', 'of an older schema'])(
    'an index is read: %s',
    (how) => {
      const place = join(scratch(), 'read-only');
      mkdirSync(place, { recursive: true });
      const file = join(place, 'index.db');
      copyFileSync(whole, file);
      if (how === 'with one that was left') {
        const db = new Database(file);
        db.pragma('journal_mode = WAL');
        db.exec("INSERT INTO meta VALUES ('a', 'b')");
        for (const end of ['', '-wal']) copyFileSync(`${file}${end}`, join(place, `copy.db${end}`));
        db.close();
        for (const end of ['', '-wal']) copyFileSync(join(place, `copy.db${end}`), `${file}${end}`);
      }
      if (how === 'of an older schema') {
        const released = new URL('released/schema-2.db.gz', import.meta.url);
        writeFileSync(file, gunzipSync(readFileSync(released)));
      }
      chmodSync(place, 0o555);
      chmodSync(join(place, '..'), 0o755);
      const { status, stdout, stderr } = ask(file);
      expect(stderr).toBe('');
      expect(status).toBe(0);
      expect(stdout).toContain('"name":"app"');
      expect(existsSync(`${file}-shm`)).toBe(false);
      chmodSync(place, 0o755);
    },
  );
});
