import type Database from 'better-sqlite3';
import { isObject } from '../iam/json.ts';
import { digestOf, textSum } from './damage.ts';
import { asInputError, openDatabase } from './open.ts';
import { sql } from './sql.ts';

/** Faults of its pages that are named, before there are only more of them. */
const maxFaults = 20;

/**
 * What in an index is not as it was written, a line each: SQLite's check of its pages, each row's sum, each target's text,
 * what rows refer to. All of it is read.
 * @throws InputError when it cannot be opened
 */
export function damageIn(file: string): readonly string[] {
  const db = openDatabase(file, { mode: 'read' });
  const found: string[] = [];
  try {
    found.push(...damagedPages(db));
    found.push(...damagedRows(db));
  } catch (error) {
    // What cannot be read to its end is damage.
    if (!(error instanceof Error) || asInputError(error, file) === error) throw error;
    found.push(error.message);
  } finally {
    db.close();
  }
  return found;
}

function damagedPages(db: Database.Database): readonly string[] {
  const rows: unknown = db.pragma(`integrity_check(${maxFaults})`);
  return (Array.isArray(rows) ? rows : [])
    .map((row: unknown) => (isObject(row) ? String(row['integrity_check']) : ''))
    .filter((line) => line !== 'ok');
}

function damagedRows(db: Database.Database): readonly string[] {
  db.function('text_sum', { deterministic: true, varargs: true }, textSum);
  db.function('text_digest', { deterministic: true }, (body: unknown) => digestOf(String(body)));
  const found = db.prepare<[], { what: string; rows: number }>(sql('damaged-rows')).all();
  return found.filter(({ rows }) => rows > 0).map(({ what, rows }) => `${what}: ${rows}`);
}
