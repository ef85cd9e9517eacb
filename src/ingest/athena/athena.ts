/** Room `athena`: logs reduced and folded by a table of Athena. */
import type { AwsAccess } from '../../aws/access.ts';
import { Athena, type AthenaTable, type QueryResult, type Workgroup } from '../../aws/athena.ts';
import { ObjectFault } from '../../aws/s3-fault.ts';
import { S3Bucket } from '../../aws/s3.ts';
import { dayText, type Window } from '../../iam/days.ts';
import { InputError } from '../../iam/input-error.ts';
import type { IndexWriter } from '../../store/writer.ts';
import { createStatement } from './table-creation.ts';
import { AthenaRows } from './rows.ts';
import { factsStatement, isByDay, knowsItsDays, missingColumns, type Slice } from './table.ts';
import type { IngestOptions, IngestReport } from '../ingest.ts';
import { parseS3Url } from '../s3/bucket.ts';
import type { Source } from '../source.ts';

/** A table, and the workgroup that its queries run in. */
export interface AthenaPlace {
  readonly workgroup: string;
  readonly database: string;
  readonly table: string;
}

/** What all queries of a run come to. */
export interface Scans {
  readonly queries: number;
  /** Bytes. */
  readonly scanned: number;
  /** At the list price. */
  readonly dollars: number;
}

interface AthenaOptions extends AwsAccess {
  readonly place: AthenaPlace;
  readonly window: Window;
  readonly accounts: readonly string[];
  readonly regions: readonly string[];
  /** The day it is. */
  readonly today: number;
  /** Days that are younger than so many are queried again. */
  readonly lookback: number;
  /** `s3://…` for the results; '' for where the workgroup puts them. */
  readonly output: string;
  /** Bytes after which the run ends. */
  readonly maxBytes: number | undefined;
  /** Where the logs lie that a table is to be made over first. */
  readonly createTable: string | undefined;
  /** What is going to be done. */
  readonly say: (line: string) => void;
  /** What a table cannot show. */
  readonly warn: (line: string) => void;
  /** A query under way, again and again: `2026-03-02 RUNNING`. */
  readonly onQuery: (state: string, scans: Scans) => void;
  /** All queries are over, or the run is. */
  readonly onEnd: (scans: Scans) => void;
}

/** Queries that run while rows of another are loaded. */
const queriesAhead = 4;

/**
 * In us-east-1 5 US dollars for 10^12 bytes, at least 10 MB of a query: https://aws.amazon.com/athena/pricing/
 */
const dollarsForByte = 5 / 1e12;
const leastBytes = 10e6;

/** @throws InputError for what is no `athena://workgroup/database/table` */
export function parseAthenaUrl(url: string): AthenaPlace {
  const [, workgroup, database, table] =
    /^athena:\/\/([A-Za-z0-9._-]{1,128})\/([A-Za-z0-9_-]{1,255})\/([A-Za-z0-9_-]{1,255})$/.exec(url) ?? [];
  if (workgroup === undefined || database === undefined || table === undefined)
    throw new InputError(`${url}: no table; write it as athena://workgroup/database/table`);
  return { workgroup, database: database.toLowerCase(), table: table.toLowerCase() };
}

/** The logs behind a table of Athena, folded there: a query for each day, which stands in the ledger and is asked again while young. */
export const athenaSource = (options: AthenaOptions): Source => ({
  bytes: undefined,
  async read(index, run) {
    const athena = await Athena.open(options.place.workgroup, options);
    const read = new TableRead(options, athena, index, run);
    try {
      return await read.all();
    } catch (error) {
      // Whatever was under way when the run was stopped may end in errors.
      if (!run.signal?.aborted) throw error;
      return read.report;
    } finally {
      await read.end();
      athena.close();
    }
  },
});

class TableRead {
  private readonly options: AthenaOptions;
  private readonly athena: Athena;
  private readonly rows: AthenaRows;
  private readonly failed = new AbortController();
  private readonly signal: AbortSignal;
  /** Bytes of each query so far. */
  private readonly scans: number[] = [];
  private readonly waiting: { readonly slice: Slice; readonly result: Promise<QueryResult> }[] = [];

  constructor(options: AthenaOptions, athena: Athena, index: IndexWriter, run: IngestOptions) {
    this.options = options;
    this.athena = athena;
    this.rows = new AthenaRows(index, run);
    this.signal = run.signal ? AbortSignal.any([run.signal, this.failed.signal]) : this.failed.signal;
  }

  get report(): IngestReport {
    return this.rows.report;
  }

  async all(): Promise<IngestReport> {
    const { createTable, place, accounts, regions, say, warn } = this.options;
    const workgroup = await this.athena.settings();
    const output = outputOf(this.options, workgroup);
    if (createTable !== undefined) {
      const statement = createStatement({ ...place, location: createTable, accounts, regions });
      await this.run(statement, 'create table', output);
    }
    const table = await this.athena.table(place.database, place.table);
    const lost = missingColumns(table);
    if (lost !== '') warn(lost);
    const before = this.report.events.read;
    const slices = this.slices(table);
    say(planText(this.options, slices, workgroup, isByDay(table), await this.athena.region()));
    for (const slice of slices) {
      const result = this.run(factsStatement(table, slice), dayText(slice.first), output);
      // A failure is met when its turn comes.
      result.catch(() => undefined);
      this.waiting.push({ slice, result });
      if (this.waiting.length >= queriesAhead) await this.loadNext();
    }
    while (this.waiting.length > 0) await this.loadNext();
    if (slices.length > 0 && this.report.events.read === before && !knowsItsDays(table))
      warn(
        `${place.database}.${place.table} gave no event of these days; it says in no format known here which day its files are of, so nothing is settled and the next run asks again`,
      );
    const { tooLong } = this.rows;
    if (tooLong > 0)
      warn(
        `${tooLong} calls have a request or answer of over 262,144 characters, which is not read: they may have been on any resource`,
      );
    return this.report;
  }

  /** Cancels what is under way, and says what it came to. */
  async end(): Promise<void> {
    this.failed.abort();
    await Promise.allSettled(this.waiting.map(({ result }) => result));
    this.options.onEnd(this.total);
  }

  /** The days that the index lacks, or that are young: one by one, or at once where a query reads all days anyway. */
  private slices(table: AthenaTable): Slice[] {
    const { window, accounts, regions, today, lookback, place } = this.options;
    // Tables of two accounts may have the same name.
    const { location = '' } = table.parameters;
    const chosen = [...accounts, ...regions].join(',');
    this.rows.begin({
      folder: `athena://${place.workgroup}/${place.database}/${place.table}?${[location, chosen].filter(Boolean).join('&')}`,
      settledBefore: today - lookback,
      isSure: knowsItsDays(table),
    });
    const days: number[] = [];
    for (let day = window.since; day <= window.until; day++) if (!this.rows.skips(day)) days.push(day);
    const [first] = days;
    const last = days.at(-1);
    if (first === undefined || last === undefined) return [];
    return isByDay(table)
      ? days.map((day) => ({ first: day, last: day, accounts, regions }))
      : [{ first, last, accounts, regions }];
  }

  private async loadNext(): Promise<void> {
    const [next] = this.waiting;
    if (!next) return;
    const { location } = await next.result;
    this.waiting.shift();
    const { bucket: name, prefix: key } = parseS3Url(location);
    const bucket = await S3Bucket.open(name, { ...this.options, signal: this.signal });
    try {
      await this.rows.load(bucket.read({ key, size: 0, etag: '' }), next.slice);
    } catch (error) {
      if (!(error instanceof ObjectFault)) throw error;
      throw new InputError(`${location}: ${error.code}; run it again`, { cause: error });
    } finally {
      bucket.close();
    }
  }

  private async run(statement: string, what: string, output: string): Promise<QueryResult> {
    const { place, onQuery } = this.options;
    this.checkBytes();
    const number = this.scans.push(0) - 1;
    const result = await this.athena.run(statement, {
      database: place.database,
      output,
      signal: this.signal,
      onState: ({ state, scanned }) => {
        this.scans[number] = scanned;
        onQuery(`${what} ${state}`, this.total);
        this.checkBytes();
      },
    });
    this.scans[number] = result.scanned;
    return result;
  }

  private checkBytes(): void {
    const { maxBytes = Infinity } = this.options;
    const { scanned } = this.total;
    if (scanned > maxBytes)
      throw new InputError(
        `--max-bytes: ${scanned} bytes are scanned, ${maxBytes} were allowed; what was loaded is kept, the next run goes on from there`,
      );
  }

  private get total(): Scans {
    const billed = this.scans.map((bytes) => (bytes === 0 ? 0 : Math.max(bytes, leastBytes)));
    return {
      queries: this.scans.length,
      scanned: this.scans.reduce((sum, bytes) => sum + bytes, 0),
      dollars: billed.reduce((sum, bytes) => sum + bytes * dollarsForByte, 0),
    };
  }
}

/** Where the results go, as a query is to say it. @throws InputError when that is nowhere, or not as asked */
function outputOf({ output, place }: AthenaOptions, { enforced, output: own }: Workgroup): string {
  if (output !== '' && enforced)
    throw new InputError(`--output: workgroup ${place.workgroup} puts results where it says; leave it out`);
  if (output === '' && own === '')
    throw new InputError(
      `workgroup ${place.workgroup}: says no place for results; give one with --output s3://bucket/prefix/`,
    );
  return output;
}

function planText(
  { place, window, maxBytes }: AthenaOptions,
  slices: readonly Slice[],
  { cutoff }: Workgroup,
  byDay: boolean,
  region: string,
): string {
  const days = `${dayText(window.since)} to ${dayText(window.until)}`;
  const how = byDay
    ? `queries: ${slices.length}, one for each day that is not known`
    : 'it is not partitioned by day, so each run scans all of it';
  const limit =
    cutoff === undefined && maxBytes === undefined
      ? '; no limit on bytes scanned, set one with --max-bytes'
      : '';
  return `${place.database}.${place.table} in ${region}, ${days}; ${how}${limit}`;
}
