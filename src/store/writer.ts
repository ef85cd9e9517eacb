import type Database from 'better-sqlite3';
import { foldNames } from '../cloudtrail/fold.ts';
import {
  addSample,
  byKey,
  columnsOf,
  foldFacts,
  type Batch,
  type FactSample,
  type Interned,
  type ObjectEntry,
  type PendingFacets,
  type PendingFact,
} from './batch.ts';
import { daysSum, digestOf, factSum, textSum } from './damage.ts';
import { asInputError, openDatabase } from './open.ts';
import { askedKey, withAsked } from './asked.ts';
import { sql } from './sql.ts';

/** What the ledger knows of an object. */
interface LedgerRow extends Omit<ObjectEntry, 'folder' | 'name' | 'skipped'> {
  /** JSON: reason -> events. */
  readonly skipped: string;
}

/** An object of the ledger with a fault. */
export type UnreadObject = Pick<ObjectEntry, 'folder' | 'name' | 'etag'>;

type NameRow = FactSample & { readonly leafId: number; readonly names: string };

/** How much is remembered between commits: characters of keys, and facets. */
const maxCharacters = 6e6;
const maxFacets = 100_000;

/** The index, open for ingestion: one commit writes the facts of some objects and their ledger entries together. */
export class IndexWriter {
  private readonly db: Database.Database;
  private readonly file: string;
  private readonly statements = new Map<string, Database.Statement<[object]>>();
  /** What earlier commits of this run wrote, so that it is written once; forgotten when it grows large. */
  private readonly ids = new Map<string, Map<string, number>>();
  private readonly facetDays = new Map<string, Map<string, number>>();
  /** Rows more of each principal, and of coverage (0), since they were counted in the index. */
  private readonly added = new Map<number, number>();
  /** Set by a statement that changed a row that was there. */
  private wasThere = false;
  private version: unknown;
  private characters = 0;
  private facets = 0;

  private readonly byName: Database.Statement<[object], LedgerRow>;
  private readonly byHash: Database.Statement<[object], Pick<LedgerRow, 'read' | 'fault'>>;
  private readonly unreadBelow: Database.Statement<[object], UnreadObject>;
  /** Whether anything was written through it. */
  hasWritten = false;
  private readonly markOf: Database.Statement<[object], { readonly mark: string }>;

  private constructor(db: Database.Database, file: string) {
    this.db = db;
    this.file = file;
    db.function('was_there', () => {
      this.wasThere = true;
      return 0;
    });
    this.byName = db.prepare<[object], LedgerRow>(sql('object-by-name'));
    this.byHash = db.prepare<[object], Pick<LedgerRow, 'read' | 'fault'>>(sql('object-by-hash'));
    this.unreadBelow = db.prepare<[object], UnreadObject>(sql('unread-objects'));
    this.markOf = db.prepare<[object], { readonly mark: string }>(sql('source-mark'));
  }

  static open(file: string): IndexWriter {
    return new IndexWriter(openDatabase(file, { mode: 'create' }), file);
  }

  /** Whether no event is in it, of this run or another. */
  isEmpty(): boolean {
    return this.db.prepare(sql('coverage')).get({}) === undefined;
  }

  close(): void {
    this.db.close();
  }

  /** The ledger entry of an object, if it has been read before. */
  ledger(folder: string, name: string): LedgerRow | undefined {
    return this.byName.get({ folder, name });
  }

  /** What came of an object already in the ledger with this content. */
  sameContent(hash: Buffer): Pick<LedgerRow, 'read' | 'fault'> | undefined {
    return this.byHash.get({ hash });
  }

  /** Remembers what it is asked to read, so that it can be read again. */
  ask(asked: string): void {
    const note = (): void => {
      const meta = this.db.prepare<[string], { value: string }>(sql('meta')).get(askedKey)?.value;
      const all = withAsked(meta, asked);
      if (all !== undefined) this.db.prepare(sql('put-meta')).run(askedKey, all);
    };
    try {
      this.db.transaction(note).immediate();
    } catch (error) {
      throw asInputError(error, this.file);
    }
  }

  /** How far a shard of a source has been read; undefined when it never was. */
  mark(source: string, shard: string): string | undefined {
    return this.markOf.get({ source, shard })?.mark;
  }

  /** Objects in a folder and below it that could not be read to their end. */
  unread(folder: string): readonly UnreadObject[] {
    return this.unreadBelow.all({ folder });
  }

  /** An object with a fault that is asked for no more. @param etag '' for one that is gone */
  settle(folder: string, name: string, etag: string): void {
    this.run('settle-object', { folder, name, etag });
  }

  /** A known object whose modification mark changed, but not its content. */
  touch(folder: string, name: string, etag: string): void {
    this.run('touch-object', { folder, name, etag });
  }

  /**
   * Writes a batch in one transaction: all of it or nothing.
   *
   * INVARIANT: facts stand in the index if and only if the ledger names the objects they came from.
   * Held by test/ingest/laws.test.ts, "a run that breaks off anywhere, even inside a file, is resumed".
   */
  commit(batch: Batch): void {
    try {
      this.db.transaction(() => this.write(batch)).immediate();
      this.hasWritten = true;
      if (this.characters > maxCharacters || this.facets > maxFacets) this.forget();
    } catch (error) {
      // What the transaction wrote is not there.
      this.forget();
      throw asInputError(error, this.file);
    }
  }

  private forget(): void {
    this.ids.clear();
    this.facetDays.clear();
    this.added.clear();
    this.characters = 0;
    this.facets = 0;
  }

  private run(name: string, row: object): void {
    this.statement(name).run(row);
  }

  /** Writes a row, and counts it where it is a new one. @param principal 0 for coverage */
  private upsert(name: string, row: object, principal = 0): void {
    this.wasThere = false;
    this.run(name, row);
    if (!this.wasThere) this.count(principal, 1);
  }

  private count(principal: number, rows: number): void {
    this.added.set(principal, (this.added.get(principal) ?? 0) + rows);
  }

  private intern(name: string, row: object): number {
    const id = this.statement(name).pluck().get(row);
    if (typeof id !== 'number') throw new Error(`${name} returned no id`);
    return id;
  }

  private statement(name: string): Database.Statement<[object]> {
    let statement = this.statements.get(name);
    if (!statement) {
      statement = this.db.prepare<[object]>(sql(name));
      this.statements.set(name, statement);
    }
    return statement;
  }

  private write(batch: Batch): void {
    // Another run may have taken rows out that are remembered here (https://sqlite.org/pragma.html#pragma_data_version).
    const version = this.db.pragma('data_version', { simple: true });
    if (version !== this.version) this.forget();
    this.version = version;
    const folders = new Map<string, number>();
    const folder = (path: string): number => {
      const known = folders.get(path) ?? this.intern('intern-folder', { path });
      folders.set(path, known);
      return known;
    };
    const principals = this.idsOf('intern-principal', batch.principals, (key) => columnsOf(key, 5));
    const operations = this.idsOf('intern-operation', batch.operations, (key) => columnsOf(key, 5));
    const contexts = this.idsOf('intern-context', batch.contexts, (key) => columnsOf(key, 6));
    const targets = this.idsOf('intern-target', batch.targets, (body) => ({ digest: digestOf(body), body }));
    const objects = batch.sources.map((s) =>
      this.intern('reserve-object', { folder: folder(s.folder), name: s.name }),
    );
    const resolved = foldFacts(
      batch.facts.map((fact) => ({
        ...fact,
        principal: at(principals, fact.principal),
        operation: at(operations, fact.operation),
        context: at(contexts, fact.context),
        target: at(targets, fact.target),
        sampleObject: at(objects, fact.sampleObject),
      })),
    );
    let day: PendingFact[] = [];
    for (const fact of resolved) {
      if (fact.names === '') {
        this.upsert('upsert-fact', factRow(fact, fact.days), fact.principal);
        continue;
      }
      if (day[0] && byKey(day[0], fact) !== 0) {
        this.writeDay(day);
        day = [];
      }
      day.push(fact);
    }
    this.writeDay(day);
    for (const facets of batch.facets.values()) this.writeFacets(facets, at(principals, facets.principal));
    for (const { account, region, category, source, detail, month, days } of batch.coverage.values()) {
      const texts = [account, region, category, source, detail];
      this.upsert('upsert-coverage', [...texts, month, days, daysSum(textSum(...texts), month, days)]);
    }
    for (const entry of batch.objects) this.run('put-object', objectRow(entry, folder(entry.folder)));
    for (const mark of batch.marks.values()) this.run('put-source-mark', mark);
    for (const [principal, rows] of this.added)
      this.run(principal === 0 ? 'count-coverage' : 'count-rows', { principal, rows });
    this.added.clear();
    if (batch.newestDelivery > 0) this.run('note-delivery', { day: String(batch.newestDelivery) });
  }

  /** The ids of the texts of a batch, by their numbers in it. */
  private idsOf(statement: string, { texts }: Interned, row: (text: string) => object): number[] {
    return texts.map((text) => this.idOf(statement, text, row));
  }

  private idOf(statement: string, key: string, row: (text: string) => object): number {
    const known = this.ids.get(statement) ?? new Map<string, number>();
    this.ids.set(statement, known);
    let id = known.get(key);
    if (id === undefined) {
      known.set(key, (id = this.intern(statement, row(key))));
      this.characters += key.length;
    }
    return id;
  }

  private writeFacets({ source, month, days }: PendingFacets, principal: number): void {
    const key = `${principal}.${month}.${source}`;
    const known = this.facetDays.get(key) ?? new Map<string, number>();
    this.facetDays.set(key, known);
    for (const [facet, seen] of days) {
      const before = known.get(facet);
      if (before !== undefined && (before | seen) === before) continue;
      const space = facet.indexOf(' ');
      const [kind, value] = [facet.slice(0, space), facet.slice(space + 1)];
      const sum = daysSum(textSum(principal, source, kind, value, ''), month, seen);
      this.upsert('upsert-facet', [principal, source, kind, value, month, seen, sum], principal);
      if (before === undefined) this.facets++;
      known.set(facet, (before ?? 0) | seen);
    }
  }

  /** Folds the new names of one kind of call in one day together with those already there. */
  private writeDay(fresh: readonly PendingFact[]): void {
    const [group] = fresh;
    if (!group) return;
    const before = this.statement('names-of-day').all(keyOf(group)).filter(isNameRow);
    const all = [...before, ...fresh];
    const folded = foldNames([...new Set(all.map((row) => row.names))]);
    const after = new Map<string, FactSample>();
    for (const row of all) {
      const names = folded.get(row.names) ?? row.names;
      const known = after.get(names);
      const merged = known ? { ...known } : row;
      if (known) addSample(merged, row);
      after.set(names, merged);
    }
    const leafIds = new Map(before.map((row) => [row.names, row.leafId]));
    for (const row of before) {
      if (!after.has(row.names)) {
        this.run('delete-named-fact', [...keyOf(group), row.leafId]);
        this.count(group.principal, -1);
      } else if (after.get(row.names) === row) after.delete(row.names); // As it was.
    }
    for (const [names, sample] of after) {
      const known = leafIds.get(names);
      const leaf = known ?? this.idOf('intern-leaf', names, (text) => ({ names: text }));
      if (known === undefined) this.count(group.principal, 1);
      this.run('put-named-fact', factRow({ ...group, ...sample }, leaf));
    }
  }
}

const keyOf = ({ principal, operation, context, target, period }: PendingFact): number[] => [
  principal,
  operation,
  context,
  target,
  period,
];

/** A row of `fact` or `named_fact`: @param held its days, or the names by their number */
function factRow(fact: PendingFact, held: number): readonly (number | string)[] {
  const key = keyOf(fact);
  const { calls, sampleTime, sampleEvent, sampleObject } = fact;
  return [...key, held, calls, sampleTime, sampleEvent, sampleObject, factSum(key, held, calls)];
}

const isNameRow = (row: unknown): row is NameRow =>
  typeof row === 'object' && row !== null && 'leafId' in row;

function at(ids: readonly number[], index: number): number {
  const id = ids[index];
  if (id === undefined) throw new RangeError(`no id at ${index}`);
  return id;
}

const objectRow = (entry: ObjectEntry, folder: number): object => ({
  ...entry,
  folder,
  skipped: JSON.stringify(entry.skipped),
});
