/** Layer `store`: the index, an SQLite file: opening, migrating, committing batches, reading. */
import Database from 'better-sqlite3';
import { copyFileSync, existsSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { keptVersion } from '../cloudtrail/kept-members.ts';
import { InputError } from '../iam/input-error.ts';
import { damaged, textSum } from './damage.ts';
import { sql } from './sql.ts';

/** "IAMm": marks the file as ours (SQLite, PRAGMA application_id). */
const applicationId = 0x49414d6d;

/** Migrations in `sql/migrations`; the schema version of an index is how many it has had. */
const migrations = ['0001', '0002', '0003', '0004'] as const;

/** Version of the reduction that made the facts. Facts of another version cannot be mixed: the index is rebuilt. */
export const factsVersion = 3;

interface OpenOptions {
  /** `create`: make the file when it is missing, and write. `change`: write. `read`: never write. */
  readonly mode: 'create' | 'change' | 'read';
}

/** Opens the index, its schema brought up to date. @throws InputError when it is missing, not ours, newer, or cannot be written */
export function openDatabase(file: string, { mode }: OpenOptions): Database.Database {
  if (mode !== 'create' && !existsSync(file)) {
    throw new InputError(`${file}: no index there; make one with: iam-minimize ingest SOURCE --db ${file}`);
  }
  if (existsSync(file) && statSync(file).isDirectory()) {
    throw new InputError(`${file}: is a directory, not an index; give a file with --db`);
  }
  try {
    // A read-only connection to a WAL database needs its side files, which only a writer can make.
    return opened(file, { readonly: mode === 'read' && existsSync(`${file}-wal`) }, file, mode);
  } catch (error) {
    if (mode === 'read' && isReadOnlyPlace(error)) return openUnwritable(file);
    throw asInputError(error, file);
  }
}

function opened(
  path: string,
  options: Database.Options,
  file: string,
  mode: OpenOptions['mode'],
): Database.Database {
  const db = new Database(path, { timeout: 10_000, ...options });
  try {
    prepare(db, file, mode);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

const isReadOnlyPlace = (error: unknown): boolean =>
  error instanceof Database.SqliteError && /^SQLITE_(READONLY|CANTOPEN)/.test(error.code);

/**
 * An index where nothing can be written: as it lies there, if all of it is in the one file and of today's schema, else a copy of it
 * that is brought up to date (`immutable`, https://sqlite.org/wal.html#readonly).
 */
function openUnwritable(file: string): Database.Database {
  const wal = statSync(`${file}-wal`, { throwIfNoEntry: false });
  try {
    if (!wal || wal.size === 0)
      return opened(`${pathToFileURL(resolve(file)).href}?immutable=1`, { readonly: true }, file, 'read');
  } catch (error) {
    if (!isReadOnlyPlace(error)) throw asInputError(error, file);
  }
  const folder = mkdtempSync(join(tmpdir(), 'iam-minimize-'));
  const copy = join(folder, 'index.db');
  try {
    copyFileSync(file, copy);
    if (wal) copyFileSync(`${file}-wal`, `${copy}-wal`);
    const db = opened(copy, {}, file, 'read');
    process.once('exit', () => {
      db.close();
      rmSync(folder, { recursive: true, force: true });
    });
    return db;
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw asInputError(error, file);
  }
}

function prepare(db: Database.Database, file: string, mode: OpenOptions['mode']): void {
  db.pragma('busy_timeout = 10000');
  // Whether it is empty comes first: another run may be making it, and writes the other two in the same transaction.
  const empty = numberOf(db.pragma('schema_version', { simple: true })) === 0;
  const owner = numberOf(db.pragma('application_id', { simple: true }));
  const version = versionOf(db);
  if (owner !== applicationId && !(empty && mode === 'create')) {
    throw new InputError(`${file}: not an index of iam-minimize; give another file with --db`);
  }
  if (version < 0) throw damaged(file, `schema ${version} is none`);
  if (version > migrations.length) {
    throw new InputError(
      `${file}: made by a newer iam-minimize (schema ${version}, this one knows ${migrations.length}); update iam-minimize`,
    );
  }
  if (mode !== 'read') {
    db.pragma('journal_mode = WAL');
    db.pragma('synchronous = NORMAL');
    db.pragma('wal_autocheckpoint = 16000');
    db.pragma('cache_size = -16384');
  }
  if (version < migrations.length) migrate(db);
  const facts = db.prepare<[string], { value: string }>(sql('meta')).get('facts_version')?.value;
  if (facts !== String(factsVersion)) {
    throw new InputError(
      `${file}: its facts are of version ${facts ?? '?'}, this iam-minimize needs ${factsVersion}; make it again from its sources: iam-minimize ingest --rebuild --db ${file}`,
    );
  }
}

/** The version is read again under the lock: another first run may have been quicker. */
function migrate(db: Database.Database): void {
  db.transaction(() => {
    const version = versionOf(db);
    if (version >= migrations.length) return;
    db.function('text_sum', { deterministic: true, varargs: true }, textSum);
    for (const name of migrations.slice(version)) db.exec(sql(`migrations/${name}`));
    if (version === 0) {
      db.prepare(sql('put-meta')).run('facts_version', String(factsVersion));
      db.prepare(sql('put-meta')).run('members', keptVersion());
    }
    db.pragma(`application_id = ${applicationId}`);
    db.pragma(`user_version = ${migrations.length}`);
  }).immediate();
}

const versionOf = (db: Database.Database): number => numberOf(db.pragma('user_version', { simple: true }));

const numberOf = (value: unknown): number => (typeof value === 'number' ? value : 0);

/** Statements that fit no table, or whose rows do not fit, too: the schema, or what says which version it is of, is not what was written. */
export const isDamage = /^SQLITE_(CORRUPT|ERROR|CONSTRAINT|MISMATCH|FORMAT|SCHEMA|TOOBIG)/;

/** What is damaged, as SQLite says; a statement that does not fit the schema may also be of another version than what runs it. */
export const damageOf = ({ code, message }: { readonly code: string; readonly message: string }): string =>
  code === 'SQLITE_ERROR'
    ? `${message}: before you delete it, install iam-minimize again: its program and its SQL files may be of different versions`
    : message;

/** What SQLite said, of itself or behind a line of ours. */
export function sqlFault(error: unknown): InstanceType<typeof Database.SqliteError> | undefined {
  const said = error instanceof InputError ? error.cause : error;
  return said instanceof Database.SqliteError ? said : undefined;
}

/** SQLite's refusals by their codes, the first that fits. */
const refusals: readonly (readonly [RegExp, (error: Error & { readonly code: string }) => string])[] = [
  [/^SQLITE_BUSY/, () => 'another run is writing to it; wait for it to end, then try again'],
  [
    /^SQLITE_NOTADB$/,
    () => 'not a database, or a damaged one; give another file with --db, or delete it and run ingest again',
  ],
  [
    isDamage,
    (error) => `damaged; delete it and run ingest again, or take a copy of it back (${damageOf(error)})`,
  ],
  [/^SQLITE_FULL$/, () => 'the disk is full; free some space and run the same command again, it resumes'],
  [
    /^SQLITE_IOERR_(WRITE|FSYNC|SHMSIZE)$/,
    ({ code }) =>
      `cannot be written (${code}); see whether its disk is full or failing, then run the same command again, it resumes`,
  ],
  [
    /^SQLITE_(READONLY|CANTOPEN|IOERR)/,
    () => 'cannot be opened for writing; check its permissions or give another file with --db',
  ],
];

const isRefused = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'EPERM');

/** SQLite's own refusals, as one line that says what to do. */
export function asInputError(error: unknown, file: string): unknown {
  const said =
    error instanceof Database.SqliteError
      ? refusals.find(([codes]) => codes.test(error.code))?.[1](error)
      : // better-sqlite3 says so in words.
        error instanceof TypeError && error.message.includes('directory does not exist')
        ? 'its directory does not exist; make it first'
        : isRefused(error)
          ? 'cannot be read; check its permissions or give another file with --db'
          : undefined;
  return said === undefined ? error : new InputError(`${file}: ${said}`, { cause: error });
}
