import Database from 'better-sqlite3';
import { copyFileSync, cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { dump } from '../ingest/trail.ts';
import { run, sampleIndex, temporaryFolder } from './cli.ts';
import { killedAt, momentsOf, type Environment } from './killed.ts';

const folder = temporaryFolder();
const db = join(folder, 'x.db');
const trail = join(folder, 'trail');

/** An index as another release left it. */
function change(statement: string): void {
  const index = new Database(db);
  index.exec(statement);
  index.close();
}

test('an index of another facts version is made again from what it was made of', () => {
  cpSync('samples/trail', trail, { recursive: true });
  expect(run(['ingest', 'trail', '--accounts', '111122223333', '--db', db], { cwd: folder }).code).toBe(0);
  const facts = dump(db);
  change("UPDATE meta SET value = '2' WHERE key = 'facts_version'; DELETE FROM fact");
  const refused = run(['principals', '--db', db]);
  expect(refused.code).toBe(2);
  expect(refused.err).toContain(`iam-minimize ingest --rebuild --db ${db}`);
  const rebuilt = run(['ingest', '--rebuild', '--json', '--db', db]);
  expect(rebuilt).toMatchObject({ code: 0 });
  expect(dump(db)).toEqual(facts);
  expect(readdirSync(folder).filter((name) => name.includes('rebuild'))).toEqual([]);
});

test('a rebuild that fails leaves the old index, and the next one goes on with what is there', () => {
  const facts = dump(db);
  rmSync(trail, { recursive: true });
  expect(run(['ingest', '--rebuild', '--db', db]).code).toBe(2);
  expect(dump(db)).toEqual(facts);
  cpSync('samples/trail', trail, { recursive: true });
  // What a run that was broken off has read.
  expect(run(['ingest', trail, '--until', '2026-03-04', '--db', `${db}.rebuild`]).code).toBe(0);
  const rest = run(['ingest', '--rebuild', '--db', db]);
  expect(rest.err).toMatch(/, (?!0 )\d+ known already|; (?!0 )\d+ known already/);
  expect(dump(db)).toEqual(facts);
});

test('an index that shows more than its sources still do stays as it is', () => {
  const facts = dump(db);
  const gone = readdirSync(trail, { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.gz'),
  );
  rmSync(join(trail, gone[0] ?? ''));
  const { code, err } = run(['ingest', '--rebuild', '--db', db]);
  expect(code).toBe(2);
  expect(err).toMatch(/its sources give \d+ of its \d+ events now; it stays as it is/);
  expect(dump(db)).toEqual(facts);
  rmSync(`${db}.rebuild`);
  expect(run(['ingest', '--rebuild', '--dry-run', '--db', db]).err).toContain('leave --dry-run out');
  expect(existsSync(`${db}.rebuild`)).toBe(false);
});

test('where the mapping reads members that an index did not keep, generate says so and works', () => {
  const generate = () => run(['generate', '--principal', 'app', '--min-window', '5d', '--db', db]);
  expect(generate().err).not.toContain('--rebuild');
  change("UPDATE meta SET value = 'other' WHERE key = 'members'");
  const warned = generate();
  expect(warned.code).toBe(0);
  expect(warned.err).toContain(`ingest --rebuild --db ${db} reads them`);
});

test('an index that does not say what it was made of is not made again', () => {
  change("DELETE FROM meta WHERE key = 'asked'");
  const { code, err } = run(['ingest', '--rebuild', '--db', db]);
  expect(code).toBe(2);
  expect(err).toContain('does not say what it was made of');
  expect(existsSync(`${db}.rebuild`)).toBe(false);
  expect(run(['ingest', 'samples/trail', '--rebuild', '--db', db]).err).toContain('leave SOURCE out');
});

describe('killed before a call on files or of SQLite, and run again', () => {
  const released = new URL('../store/released/schema-1.db.gz', import.meta.url);
  const cases: [name: string, before: (file: string) => void, args: readonly string[]][] = [
    ['a rebuild', (file) => copyFileSync(sampleIndex(folder), file), ['ingest', '--rebuild', '--json']],
    [
      'a migration',
      (file) => writeFileSync(file, gunzipSync(readFileSync(released))),
      ['principals', '--json'],
    ],
  ];
  test.each(cases)('%s gives the same index', async (name, before, args) => {
    const ran = (file: string, environment: Environment = {}) =>
      run([...args, '--db', file], { environment });
    const smooth = join(folder, `${name} smooth.db`);
    before(smooth);
    const moments = await momentsOf((environment) => ran(smooth, environment), {
      file: name === 'a rebuild' ? 1 : 0,
      sql: 3,
    });
    const ends = [];
    for (const { kind, number } of moments) {
      const file = join(folder, `${name} ${kind} ${number}.db`);
      before(file);
      ends.push(ran(file, killedAt({ kind, number })).code);
      expect(ran(file).code).toBe(0);
      expect(dump(file)).toEqual(dump(smooth));
    }
    expect(ends).toContain(null);
  });
});
