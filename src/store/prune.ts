import { statSync } from 'node:fs';
import { bitOfDay, monthOfDay } from '../iam/days.ts';
import { asInputError, openDatabase } from './open.ts';
import { sql } from './sql.ts';

/** Bytes of the file, before and after. */
export interface Pruned {
  readonly before: number;
  readonly after: number;
}

/**
 * Takes out of an index what was seen before a day (days since 1970), and makes the file smaller. Any window from that day on
 * gives the same answers as before. The ledger stays: what was read is not read again.
 * @throws InputError when it cannot be opened, or written
 */
export function prune(file: string, day: number): Pruned {
  const db = openDatabase(file, { mode: 'change' });
  try {
    db.pragma('wal_checkpoint(TRUNCATE)');
    const before = statSync(file).size;
    const month = monthOfDay(day);
    const days = 0x7fffffff & ~(bitOfDay(day) - 1);
    db.prepare(sql('pruning')).run({ day, month, days });
    db.transaction(() => db.exec(sql('prune'))).immediate();
    db.exec(sql('vacuum'));
    db.pragma('wal_checkpoint(TRUNCATE)');
    return { before, after: statSync(file).size };
  } catch (error) {
    throw asInputError(error, file);
  } finally {
    db.close();
  }
}
