import { readFileSync } from 'node:fs';

const root = new URL('../../sql/', import.meta.url);

/** The statement in `sql/NAME.sql`. */
export const sql = (name: string): string => readFileSync(new URL(`${name}.sql`, root), 'utf8');
