import Database from 'better-sqlite3';
import { existsSync, renameSync, rmSync } from 'node:fs';
import { asInputError } from './open.ts';
import { sql } from './sql.ts';

/** The setting that holds what was asked. */
export const askedKey = 'asked';

const list = (text: string | undefined): readonly string[] => {
  const parsed: unknown = text === undefined ? [] : JSON.parse(text);
  return Array.isArray(parsed) ? parsed.filter((one) => typeof one === 'string') : [];
};

/** With what is asked now; undefined where it was asked before. */
export function withAsked(text: string | undefined, asked: string): string | undefined {
  const before = list(text);
  return before.includes(asked) ? undefined : JSON.stringify([...before, asked]);
}

/** All that an index was asked to read, of whatever version its facts are; empty where it does not say. */
export const askedOf = (file: string): readonly string[] =>
  existsSync(file)
    ? looked(file, (db) => list(db.prepare<[string], { value: string }>(sql('meta')).get(askedKey)?.value))
    : [];

/** How many events an index was made of, of whatever version its facts are. */
export const usedEvents = (file: string): number =>
  looked(file, (db) => db.prepare<[], { used: number }>(sql('ledger-totals')).get()?.used ?? 0);

function looked<T>(file: string, look: (db: Database.Database) => T): T {
  try {
    const db = new Database(file, { fileMustExist: true, timeout: 10_000 });
    try {
      return look(db);
    } finally {
      db.close();
    }
  } catch (error) {
    throw asInputError(error, file);
  }
}

/** Puts an index that was closed in another's place. */
export function replaceIndex(file: string, by: string): void {
  for (const rest of ['-wal', '-shm']) rmSync(`${file}${rest}`, { force: true });
  renameSync(by, file);
}
