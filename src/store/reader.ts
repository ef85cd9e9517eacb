import { keptVersion } from '../cloudtrail/kept-members.ts';
import type Database from 'better-sqlite3';
import type { CallContext, Facet, ObservedCall, Operation, Target } from '../cloudtrail/call.ts';
import { fill, leavesOf } from '../cloudtrail/fold.ts';
import type { Principal } from '../cloudtrail/principal.ts';
import { bitOfDay, daysOf, monthOfDay, type Month, type Window } from '../iam/days.ts';
import { groupBy, sortedUnique } from '../iam/order.ts';
import { chosenRegions, type Covered } from './batch.ts';
import { damaged, daysSum, isSound, soundBody, textSum, type CheckedRow } from './damage.ts';
import { asInputError, openDatabase } from './open.ts';
import { sql } from './sql.ts';

/** Where the earliest event of a fact can be found. */
export interface Sample {
  /** Seconds since 1970 UTC. */
  readonly time: number;
  readonly eventID: string;
  /** Row of the ledger; see `objectName`. */
  readonly object: number;
}

/** One kind of call, the days of the window it was seen on, and the evidence for it. */
export interface ObservedFact {
  readonly call: ObservedCall;
  /** Days since 1970, ascending, inside the window. */
  readonly days: readonly number[];
  /** As delivered; a repeat by CloudTrail counts again. Of the whole month when the window cuts one. */
  readonly calls: number;
  /** Whether the window cuts a month, so that the calls are at most so many, and the sample may be older than the window. */
  readonly isCut: boolean;
  readonly sample: Sample;
}

/** The same of one row of the principals, with its call where that is asked for: very many are alike. */
export interface CallKind extends Pick<ObservedFact, 'days' | 'calls' | 'isCut'> {
  /** Row of `principals()`. */
  readonly principal: number;
  /** The same for calls that differ in nothing but who made them. */
  readonly kind: string;
  readonly callBy: (principal: Principal) => ObservedCall;
}

/** An identity with the ids of all its rows. */
interface PrincipalRow extends Principal {
  readonly id: number;
}

export interface CoverageRow extends Covered {
  readonly month: Month;
  readonly days: number;
}

/** Days that events of an account are dated on, though nothing younger than them was delivered. */
export interface LateDays {
  readonly account: string;
  /** Days since 1970, ascending. */
  readonly days: readonly number[];
}

/** A successful call that changed something, and the days it was made on. */
export interface ChangeRow {
  /** `recipientAccountId`. */
  readonly account: string;
  readonly eventName: string;
  readonly target: Target;
  /** Days since 1970, ascending. */
  readonly days: readonly number[];
}

/** After these a trail may log something else. */
const trailChanges = 'CreateTrail PutEventSelectors StartLogging StopLogging UpdateTrail'.split(' ');

/** Calls after which somebody holds something else (IAM API Reference; Identity Center API Reference). */
const policyChanges = (
  'AddUserToGroup AttachGroupPolicy AttachRolePolicy AttachUserPolicy CreatePolicyVersion CreateRole CreateUser ' +
  'DeleteGroupPolicy DeletePolicyVersion DeleteRolePermissionsBoundary DeleteRolePolicy DeleteUserPermissionsBoundary ' +
  'DeleteUserPolicy DetachGroupPolicy DetachRolePolicy DetachUserPolicy PutGroupPolicy PutRolePermissionsBoundary ' +
  'PutRolePolicy PutUserPermissionsBoundary PutUserPolicy RemoveUserFromGroup SetDefaultPolicyVersion UpdateAssumeRolePolicy'
).split(' ');
const permissionSetChanges = (
  'AttachCustomerManagedPolicyReferenceToPermissionSet AttachManagedPolicyToPermissionSet DeleteInlinePolicyFromPermissionSet ' +
  'DeletePermissionsBoundaryFromPermissionSet DetachCustomerManagedPolicyReferenceFromPermissionSet ' +
  'DetachManagedPolicyFromPermissionSet PutInlinePolicyToPermissionSet PutPermissionsBoundaryToPermissionSet'
).split(' ');

/** So many targets are remembered. */
const mostTargets = 10_000;

const always: Window = { since: 0, until: 100_000 };

/** A circumstance of a principal's own calls to a service. */
export interface FacetRow extends Facet {
  readonly source: string;
  /** Days since 1970. */
  readonly on: readonly number[];
}

export interface LedgerTotals {
  readonly objects: number;
  readonly bytes: number;
  readonly read: number;
  readonly used: number;
  readonly duplicate: number;
}

interface RawCoverage extends CoverageRow {
  /** Its days before those of unread objects were taken out. */
  readonly written: number;
  readonly sum: number;
}

interface RawFacet extends Omit<FacetRow, 'on'> {
  readonly principal: number;
  readonly month: Month;
  readonly days: number;
  readonly sum: number;
}

type RawOperation = Omit<Operation, 'readOnly'> & { readonly id: number; readonly readOnly: number };

/** A row of `sql/call-kinds.sql`. */
interface RawKind {
  readonly principal: number;
  readonly operation: number;
  readonly context: number;
  readonly target: number;
  /** Null where the target has no holes. */
  readonly leaf: number | null;
  /** A month with its days, or with names a day. */
  readonly period: number;
  readonly days: number | null;
  readonly calls: number;
}

interface RawFact extends RawKind, TargetRow {
  readonly sampleTime: number;
  readonly sampleEvent: string;
  readonly sampleObject: number;
}

/** What a call was made on, with its names. */
interface TargetRow extends CheckedRow {
  readonly names: string | null;
}

type RefusedRow = Pick<Principal, 'kind' | 'account' | 'name'> &
  Pick<RawFact, 'operation' | 'context'> &
  CheckedRow & { readonly month: Month; readonly days: number };

/** The index, open for questions. */
export class IndexReader {
  private readonly db: Database.Database;
  private readonly file: string;
  private operations: ReadonlyMap<number, Operation> | undefined;
  /** Tables, and lists of principals, that were found to be sound. */
  private readonly sound = new Set<string>();
  private contexts: ReadonlyMap<number, CallContext> | undefined;
  private readonly targets = new Map<number, Target>();
  /** Asked so often that it is prepared once. */
  private askTarget: Database.Statement<[object], TargetRow> | undefined;

  private constructor(db: Database.Database, file: string) {
    this.db = db;
    this.file = file;
  }

  /** @throws InputError when there is no index there, or it cannot be used */
  static open(file: string): IndexReader {
    return new IndexReader(openDatabase(file, { mode: 'read' }), file);
  }

  close(): void {
    this.db.close();
  }

  /** Ask nothing else before the last of them: of very many no list is made. */
  *principals(): Generator<PrincipalRow> {
    this.checkTable('principal');
    yield* this.iterate<PrincipalRow>('principals', {});
  }

  /** Days after the newest delivery are not in it: nothing was delivered of them. See `lateDays`. */
  coverage(): readonly CoverageRow[] {
    return this.covered().map(({ row, late }) => ({ ...row, days: row.days & ~late }));
  }

  /** Days of events that are dated after the newest delivery, by account, ascending. */
  lateDays(): readonly LateDays[] {
    const byAccount = groupBy(this.covered(), ({ row }) => row.account);
    return [...byAccount]
      .map(([account, rows]) => ({
        account,
        days: [...new Set(rows.flatMap(({ row, late }) => daysOf(row.month, late, always)))].sort(
          (a, b) => a - b,
        ),
      }))
      .filter(({ days }) => days.length > 0);
  }

  private covered(): readonly { readonly row: CoverageRow; readonly late: number }[] {
    const rows = this.all<RawCoverage>('coverage', {});
    if (Number(this.meta('coverage_rows')) !== rows.length) throw damaged(this.file);
    const newest = Number(this.meta('newest_delivery') ?? always.until);
    const after: Window = { since: newest + 1, until: always.until };
    const found = rows.map((row) => {
      const { account, region, category, source, detail, month, written, sum } = row;
      if (daysSum(textSum(account, region, category, source, detail), month, written) !== sum)
        throw damaged(this.file);
      return { row, late: daysOf(month, row.days, after).reduce((bits, day) => bits | bitOfDay(day), 0) };
    });
    // Where nothing is left, it is the names of the objects, or the clock, that are wrong.
    return found.some(({ row, late }) => row.category !== '' && (row.days & ~late) !== 0)
      ? found
      : rows.map((row) => ({ row, late: 0 }));
  }

  /** What some identities (rows of `principals()`) did in a window, as calls of one principal. Facts come grouped by call, in a stable order. */
  *facts(principals: readonly number[], as: Principal, window: Window): Generator<ObservedFact> {
    for (const { rows, days, calls, isCut } of this.grouped<RawFact>(
      'facts-by-principal',
      principals,
      window,
    )) {
      // That of a month in full is inside; of a cut one it may be.
      const first = rows.find(({ sampleTime }) => sampleTime >= window.since * 86_400) ?? rows[0];
      const { sampleTime: time, sampleEvent: eventID, sampleObject: object } = first;
      yield { call: this.callOf(first, as), days, calls, isCut, sample: { time, eventID, object } };
    }
  }

  /** What some identities (rows of `principals()`) did in a window, those of each together. */
  *callKinds(principals: readonly number[], window: Window): Generator<CallKind> {
    for (const { rows, days, calls, isCut } of this.grouped('call-kinds', principals, window)) {
      const [row] = rows;
      const kind = `${row.operation} ${row.context} ${row.target} ${row.leaf}`;
      yield {
        principal: row.principal,
        kind,
        days,
        calls,
        isCut,
        callBy: (principal) => this.callOf(row, principal),
      };
    }
  }

  /** The rows of one call, which come one after the other, as one fact. */
  private *grouped<Row extends RawKind>(
    query: 'facts-by-principal' | 'call-kinds',
    principals: readonly number[],
    window: Window,
  ): Generator<Group<Row>> {
    const ids = JSON.stringify(principals);
    this.intern();
    this.checkRows(ids);
    const months = { first: monthOfDay(window.since), last: monthOfDay(window.until) };
    const pruned = monthOfDay((this.pruned() ?? 0) - 1);
    let group: [Row, ...Row[]] | undefined;
    for (const row of this.iterate<Row>(query, { principals: ids, ...months, ...window })) {
      if (group && isSameCall(group[0], row)) group.push(row);
      else {
        if (group) yield* factOf(group, window, pruned);
        group = [row];
      }
    }
    if (group) yield* factOf(group, window, pruned);
  }

  private callOf(row: RawKind, principal: Principal): ObservedCall {
    return { principal, ...this.interned(row), target: this.targetOf(row) };
  }

  /** Calls of anybody in a window that AWS refused with a text that says of what; those on names of unbounded variety are left out. */
  refusedCalls(window: Window): readonly ObservedCall[] {
    this.intern();
    const months = { first: monthOfDay(window.since), last: monthOfDay(window.until) };
    return [...this.checked<RefusedRow>('refused-calls', months)]
      .filter(({ month, days }) => daysOf(month, days, window).length > 0)
      .map(({ kind, account, name, ...row }) => ({
        principal: { kind, account, name, arn: '', uniqueId: '' },
        ...this.interned(row),
        target: fill({ body: soundBody(row, this.file), leaves: [] }),
      }));
  }

  /** How calls of anybody in a window ended, account by account and source by source: each error code once, '' for none. */
  outcomes(
    window: Window,
  ): readonly { readonly account: string; readonly source: string; readonly errorCode: string }[] {
    this.intern();
    const { since, until } = window;
    const months = { first: monthOfDay(since), last: monthOfDay(until) };
    const bits = { from: -bitOfDay(since), to: 2 * bitOfDay(until) - 1 };
    type Row = Pick<RawFact, 'operation' | 'context'> & { isSound: number };
    return this.all<Row>('outcomes', { ...months, ...bits, ...window }).map((row) => {
      if (row.isSound !== 1) throw damaged(this.file);
      const { operation, context } = this.interned(row);
      return { account: context.account, source: operation.eventSource, errorCode: context.errorCode };
    });
  }

  /** Reads every operation and context: not while rows are read. */
  private intern(): void {
    this.checkTable('operation');
    this.checkTable('context');
    this.operations ??= new Map(this.all<RawOperation>('operations', {}).map(operationOf));
    this.contexts ??= new Map(
      this.all<CallContext & { id: number }>('contexts', {}).map(({ id, ...c }) => [id, c]),
    );
  }

  /** The operation and context of a row. */
  private interned({ operation, context }: Pick<RawFact, 'operation' | 'context'>) {
    return {
      operation: this.known(this.operations, operation),
      context: this.known(this.contexts, context),
    };
  }

  /** @throws InputError where the index has no such row */
  private known<T>(rows: ReadonlyMap<number, T> | undefined, id: number): T {
    const row = rows?.get(id);
    if (row === undefined) throw damaged(this.file);
    return row;
  }

  /** What a call was made on: one object for all calls on it, where it has no names of unbounded variety. */
  private targetOf(fact: RawKind | RawFact): Target {
    const { target: id, leaf } = fact;
    const known = leaf === null ? this.targets.get(id) : undefined;
    if (known) return known;
    const ask = () => (this.askTarget ??= this.db.prepare(sql('target'))).get({ id, leaf });
    const row = 'body' in fact ? fact : this.guarded(ask);
    if (!row || !isSound(row)) throw damaged(this.file);
    const target = fill({
      body: soundBody(row, this.file),
      leaves: row.names === null ? [] : leavesOf(row.names),
    });
    if (this.targets.size >= mostTargets) this.targets.clear();
    if (leaf === null) this.targets.set(id, target);
    return target;
  }

  /** How the calls of some identities arrived in a window; a row may come once for each of its months. */
  facets(principals: readonly number[], window: Window): readonly FacetRow[] {
    const ids = JSON.stringify(principals);
    this.checkRows(ids);
    const rows = this.all<RawFacet>('facets-by-principal', { principals: ids });
    for (const { principal, source, kind, value, month, days, sum } of rows)
      if (daysSum(textSum(principal, source, kind, value, ''), month, days) !== sum) throw damaged(this.file);
    return rows.flatMap(({ source, kind, value, month, days }) => {
      const on = daysOf(month, days, window);
      return on.length > 0 ? [{ source, kind, value, on }] : [];
    });
  }

  /** Successful calls of a window that made roles, put them into instance profiles or took them out, or named either in definitions and templates. */
  roleCalls(window: Window): readonly ChangeRow[] {
    return [
      ...this.changes(
        'iam.amazonaws.com',
        ['AddRoleToInstanceProfile', 'CreateRole', 'RemoveRoleFromInstanceProfile'],
        window,
      ),
      ...this.changes('ecs.amazonaws.com', ['RegisterTaskDefinition'], window),
      ...this.changes('ec2.amazonaws.com', ['CreateLaunchTemplate'], window),
    ];
  }

  /** Calls after which a trail of the account may log something else, of all days. */
  trailChanges(): readonly ChangeRow[] {
    return this.changes('cloudtrail.amazonaws.com', trailChanges, always);
  }

  /** Calls after which a principal may hold other policies, trust others or be bounded otherwise, of all days. */
  policyChanges(): readonly ChangeRow[] {
    return [
      ...this.changes('iam.amazonaws.com', policyChanges, always),
      ...this.changes('sso.amazonaws.com', permissionSetChanges, always),
    ];
  }

  /** Accounts of which a log object lay where an organization's trail puts it (`AWSLogs/o-…/ACCOUNT/`), sorted. */
  organizationAccounts(): readonly string[] {
    const paths = this.all<{ path: string }>('folders', {}).map(({ path }) => path);
    return sortedUnique(
      paths.flatMap((path) => /(?:^|\/)AWSLogs\/o-[a-z0-9]+\/(\d{12})(?:\/|$)/.exec(path)?.[1] ?? []),
    );
  }

  /** Whether of any source the logs of chosen Regions alone were read. */
  areRegionsChosen(): boolean {
    return this.all<{ mark: string }>('marks-of-source', { source: chosenRegions }).some(
      ({ mark }) => mark !== '',
    );
  }

  private changes(source: string, names: readonly string[], window: Window): readonly ChangeRow[] {
    const months = { first: monthOfDay(window.since), last: monthOfDay(window.until) };
    type Row = CheckedRow & { eventName: string; account: string; month: Month; days: number };
    const asked = { source, names: JSON.stringify(names), ...months };
    return [...this.checked<Row>('facts-of-calls', asked)]
      .map(({ eventName, account, month, days, ...row }) => ({
        eventName,
        account,
        target: fill({ body: soundBody(row, this.file), leaves: [] }),
        days: daysOf(month, days, window),
      }))
      .filter(({ days }) => days.length > 0);
  }

  /** The log object a sample was read from, as folder and name. */
  objectName(id: number): string {
    const row = this.all<{ folder: string; name: string }>('object-name', { id })[0];
    return row ? `${row.folder}/${row.name}` : '';
  }

  totals(): LedgerTotals {
    return this.only(this.all<LedgerTotals>('ledger-totals', {}));
  }

  sizes(): { facts: number; namedFacts: number; targets: number } {
    return this.only(this.all<{ facts: number; namedFacts: number; targets: number }>('table-sizes', {}));
  }

  faults(): readonly { folder: string; name: string; fault: string }[] {
    return this.all('ledger-faults', {});
  }

  skips(): readonly { reason: string; records: number }[] {
    return this.all('ledger-skips', {});
  }

  /** The first day that `prune` left; undefined where it never took anything out. */
  pruned(): number | undefined {
    const day = this.meta('pruned');
    return day === undefined ? undefined : Number(day);
  }

  /** Versions of the schema and of the facts. */
  versions(): { schema: number; facts: string } {
    return this.guarded(() => ({
      schema: Number(this.db.pragma('user_version', { simple: true })),
      facts: this.meta('facts_version') ?? '',
    }));
  }

  /** A line where the index was made by another table of kept members: what it lacks was not kept. Undefined where by this one. */
  notKept(): string | undefined {
    return this.meta('members') === keptVersion()
      ? undefined
      : `${this.file}: made before the mapping read the members that it reads now: of calls where those were not kept the resource is any of its type; iam-minimize ingest --rebuild --db ${this.file} reads them`;
  }

  private meta(key: string): string | undefined {
    return this.guarded(() => this.db.prepare<[string], { value: string }>(sql('meta')).get(key)?.value);
  }

  /** The two copies of each row of a small table, its own and that of its unique index, are compared once. */
  private checkTable(name: 'principal' | 'operation' | 'context'): void {
    if (this.sound.has(name)) return;
    const said = this.guarded(() => this.db.pragma(`integrity_check(${name})`, { simple: true }));
    if (said !== 'ok') throw damaged(this.file);
    this.sound.add(name);
  }

  /** What of some principals is in the index is as it was written, all months of it: a damaged row may seem to be of another. */
  private checkRows(principals: string): void {
    if (this.sound.has(principals)) return;
    const { rows } = this.only(this.all<{ rows: number }>('unsound-rows', { principals }));
    if (rows !== 0) throw damaged(this.file);
    this.sound.add(principals);
  }

  private all<T>(name: string, parameters: object): T[] {
    return this.guarded(() => this.db.prepare<[object], T>(sql(name)).all(parameters));
  }

  /** The row of a question that has one. */
  private only<T>([row]: readonly T[]): T {
    if (row === undefined) throw damaged(this.file);
    return row;
  }

  private *checked<T extends CheckedRow>(name: string, parameters: object): Generator<T> {
    for (const row of this.iterate<T>(name, parameters)) {
      if (!isSound(row)) throw damaged(this.file);
      yield row;
    }
  }

  private *iterate<T>(name: string, parameters: object): Generator<T> {
    const rows = this.guarded(() => this.db.prepare<[object], T>(sql(name)).iterate(parameters));
    try {
      for (;;) {
        const next = this.guarded(() => rows.next());
        if (next.done === true) return;
        yield next.value;
      }
    } finally {
      rows.return?.();
    }
  }

  /** @throws InputError for what SQLite says of a file that is damaged, busy or not its own */
  private guarded<T>(ask: () => T): T {
    try {
      return ask();
    } catch (error) {
      throw asInputError(error, this.file);
    }
  }
}

const operationOf = ({ id, readOnly, ...rest }: RawOperation): [number, Operation] => [
  id,
  { ...rest, readOnly: readOnly < 0 ? undefined : readOnly === 1 },
];

/** The rows of one call, and what they add up to. */
interface Group<Row> extends Pick<ObservedFact, 'days' | 'calls' | 'isCut'> {
  readonly rows: readonly [Row, ...Row[]];
}

/** None where all its days lie outside the window. @param pruned the month that lacks days */
function* factOf<Row extends RawKind>(
  all: readonly [Row, ...Row[]],
  window: Window,
  pruned: Month,
): Generator<Group<Row>> {
  const seen: Row[] = [];
  const days: number[] = [];
  let isCut = false;
  for (const row of all) {
    const { period, days: bits } = row;
    const inside = bits === null ? [period] : daysOf(period, bits, window);
    if (inside.length === 0) continue;
    seen.push(row);
    days.push(...inside);
    isCut ||= bits !== null && (period === pruned || inside.length < daysOf(period, bits, always).length);
  }
  const [first, ...more] = seen;
  if (first)
    yield { rows: [first, ...more], days, calls: seen.reduce((sum, { calls }) => sum + calls, 0), isCut };
}

const isSameCall = (a: RawKind, b: RawKind): boolean =>
  a.target === b.target &&
  a.operation === b.operation &&
  a.context === b.context &&
  a.principal === b.principal &&
  a.leaf === b.leaf;
