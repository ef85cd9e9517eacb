import { isObject } from '../iam/json.ts';
import { digestOf, textSum } from './damage.ts';
import { damageOf, isDamage, openDatabase, sqlFault } from './open.ts';
import { sql } from './sql.ts';

/** Faults of its pages that are named, before there are only more of them. */
const maxFaults = 20;

/** What in an index is not as it was written, a line each; all of it is read. @throws InputError where there is no index */
export function damageIn(file: string): readonly string[] {
  const found: string[] = [];
  let db: ReturnType<typeof openDatabase> | undefined;
  try {
    db = openDatabase(file, { mode: 'read' });
    db.function('text_sum', { deterministic: true, varargs: true }, textSum);
    db.function('text_digest', { deterministic: true }, (body: unknown) => digestOf(String(body)));
    const pages: unknown = db.pragma(`integrity_check(${maxFaults})`);
    for (const row of Array.isArray(pages) ? pages : [])
      if (isObject(row) && row['integrity_check'] !== 'ok') found.push(String(row['integrity_check']));
    for (const { what, rows } of db.prepare<[], { what: string; rows: number }>(sql('damaged-rows')).all())
      if (rows > 0) found.push(`${what}: ${rows}`);
  } catch (error) {
    // What cannot be read to its end is damage.
    const fault = sqlFault(error);
    if (!fault || !isDamage.test(fault.code)) throw error;
    found.push(damageOf(fault));
  } finally {
    db?.close();
  }
  return found;
}
