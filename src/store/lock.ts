import Database from 'better-sqlite3';
import { asInputError } from './open.ts';
import { sql } from './sql.ts';

/** Something only one process holds at a time; the end of the process, however it comes, gives it back. */
export interface Lock {
  readonly release: () => void;
}

/** Takes the lock that a file stands for, made if need be; undefined while another process holds it. @throws InputError if it cannot be opened */
export function tryLock(file: string): Lock | undefined {
  let db: Database.Database | undefined;
  try {
    db = new Database(file, { timeout: 0 });
    db.exec(sql('lock'));
    const held = db;
    return { release: () => held.close() };
  } catch (error) {
    db?.close();
    if (error instanceof Database.SqliteError && error.code.startsWith('SQLITE_BUSY')) return undefined;
    throw asInputError(error, file);
  }
}
