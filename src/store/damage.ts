import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { InputError } from '../iam/input-error.ts';

/** A sum of texts of at most 31 bits, of the text that SQLite gives back: a lone surrogate becomes three of U+FFFD. */
export function textSum(...texts: readonly unknown[]): number {
  let all = '';
  for (const one of texts) {
    const text = String(one);
    const plain = /[\ud800-\udfff]/.test(text) ? text.replace(/\p{Surrogate}/gu, '\ufffd\ufffd\ufffd') : text;
    all += `${plain.length},${plain}`;
  }
  return crc32(all) & 0x7fffffff;
}

/** What a row of `facet` or `coverage` adds up to, as `sql/upsert-facet.sql` has it. */
export const daysSum = (texts: number, month: number, days: number): number =>
  (texts + month * 65_537 + days * 1009) % 2_147_483_647;

/** What a row of `fact` or `named_fact` adds up to: migrations/0003. @param held days, or the names by their number */
export const factSum = (
  [principal = 0, operation = 0, context = 0, target = 0, period = 0]: readonly number[],
  held: number,
  calls: number,
): number =>
  (principal * 131_071 +
    operation * 174_763 +
    context * 262_147 +
    target * 524_287 +
    period * 65_537 +
    held * 393_241 +
    calls * 104_729) %
  2_147_483_647;

/** The identity of a target: the first 16 bytes of the SHA-256 of its body. */
export const digestOf = (body: string): Buffer => hash('sha256', body, 'buffer').subarray(0, 16);

/** A fact's row as it is checked: what it adds up to, its target's text and digest (hexadecimal). */
export interface CheckedRow {
  readonly isSound?: number | null;
  /** Null where the index has no such target. */
  readonly body: string | null;
  readonly digest: string | null;
  /** Of facts with names: whether both copies of them agree. */
  readonly isNamed?: number;
}

/** Whether a row adds up, refers to what there is, and both copies of its names agree. */
export const isSound = ({ isSound: adds = 1, body, isNamed = 1 }: CheckedRow): boolean =>
  adds === 1 && isNamed === 1 && body !== null;

/** The target's text. @throws InputError where it is not what was written */
export function soundBody({ body, digest }: CheckedRow, file: string): string {
  if (body === null || hash('sha256', body).slice(0, 32).toUpperCase() !== digest) throw damaged(file);
  return body;
}

/** What is said of an index that does not hold what was written. @param where the rows, or the command that names them */
export const damaged = (
  file: string,
  where = `iam-minimize index check --db ${file} says where`,
): InputError =>
  new InputError(`${file}: damaged; delete it and run ingest again, or take a copy of it back (${where})`);
