import type { AthenaClient, QueryExecution, WorkGroup } from '@aws-sdk/client-athena';
import { setTimeout as pause } from 'node:timers/promises';
import { InputError } from '../iam/input-error.ts';
import { clientOf, type AwsAccess } from './access.ts';
import { asked, oneLine } from './failure.ts';

type Sdk = typeof import('@aws-sdk/client-athena');

/** A column of a table; the type as the Glue Data Catalog writes it, `struct<type:string,…>`. */
export interface Column {
  readonly name: string;
  readonly type: string;
}

/** A table of the catalogue. */
export interface AthenaTable {
  readonly database: string;
  readonly table: string;
  readonly columns: readonly Column[];
  readonly partitions: readonly Column[];
  /** Table properties, `projection.timestamp.format` and `location` among them. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** What a workgroup says of the queries in it. */
export interface Workgroup {
  /** `s3://…` where results go unless a query says otherwise; '' for none. */
  readonly output: string;
  /** Whether a query cannot say otherwise. */
  readonly enforced: boolean;
  /** Bytes from which on a query is cancelled; undefined for no limit. */
  readonly cutoff: number | undefined;
}

interface QueryOptions {
  readonly database: string;
  /** `s3://…`; '' for the workgroup's. */
  readonly output: string;
  /** Told again and again, QUEUED or RUNNING and the bytes so far; what it throws cancels the query. */
  readonly onState: (query: { readonly state: string; readonly scanned: number }) => void;
  /** Cancels the query. */
  readonly signal: AbortSignal;
}

export interface QueryResult {
  /** `s3://bucket/key` of the CSV. */
  readonly location: string;
  /** Bytes. */
  readonly scanned: number;
}

const catalog = 'AwsDataCatalog';
/** Milliseconds between two looks at a query, growing. */
const firstPause = 100;
const longestPause = 3000;
/** How often a query is run that Athena says may be run again. */
const maxTries = 2;

/** Athena in one workgroup. Every method throws InputError for what AWS refuses. */
export class Athena {
  private readonly workgroup: string;
  private readonly sdk: Sdk;
  private readonly client: AthenaClient;

  private constructor(workgroup: string, sdk: Sdk, client: AthenaClient) {
    this.workgroup = workgroup;
    this.sdk = sdk;
    this.client = client;
  }

  /** Nothing is asked of AWS yet. */
  static async open(workgroup: string, access: AwsAccess): Promise<Athena> {
    const sdk = await import('@aws-sdk/client-athena');
    const client = await clientOf((settings) => new sdk.AthenaClient(settings), access, 'athena');
    return new Athena(workgroup, sdk, client);
  }

  close(): void {
    this.client.destroy();
  }

  /** The Region that is asked. */
  region(): Promise<string> {
    return this.client.config.region();
  }

  /** @throws InputError for a workgroup that cannot run the statements or shows no results in S3 */
  async settings(): Promise<Workgroup> {
    const command = new this.sdk.GetWorkGroupCommand({ WorkGroup: this.workgroup });
    const answer = await asked('athena:GetWorkGroup', () => this.client.send(command), ['WorkGroup']);
    const { WorkGroup: found } = answer;
    const unfit = unfitness(found);
    if (unfit !== undefined) throw new InputError(`workgroup ${this.workgroup}: ${unfit}; give another`);
    const settings = found?.Configuration;
    return {
      output: settings?.ResultConfiguration?.OutputLocation ?? '',
      enforced: settings?.EnforceWorkGroupConfiguration ?? false,
      cutoff: settings?.BytesScannedCutoffPerQuery,
    };
  }

  /** https://docs.aws.amazon.com/athena/latest/APIReference/API_GetTableMetadata.html */
  async table(database: string, table: string): Promise<AthenaTable> {
    const command = new this.sdk.GetTableMetadataCommand({
      CatalogName: catalog,
      DatabaseName: database,
      TableName: table,
    });
    const answer = asked('athena:GetTableMetadata', () => this.client.send(command), ['TableMetadata']);
    const { TableMetadata: found } = await answer.catch((error: unknown) => {
      const { cause } = error instanceof InputError ? error : {};
      if (!(cause instanceof this.sdk.MetadataException)) throw error;
      throw new InputError(
        `${database}.${table}: ${oneLine(cause.message)}; check the name and --region, or make it with --create-table`,
        { cause },
      );
    });
    return {
      database,
      table,
      columns: columnsOf(found?.Columns),
      partitions: columnsOf(found?.PartitionKeys),
      parameters: found?.Parameters ?? {},
    };
  }

  /**
   * Runs a statement to its end. A query that does not get there is cancelled.
   * https://docs.aws.amazon.com/athena/latest/APIReference/API_StartQueryExecution.html
   */
  async run(statement: string, options: QueryOptions): Promise<QueryResult> {
    for (let tries = 1; ; tries++) {
      const execution = await this.once(statement, options);
      const { Status: status, ResultConfiguration: result, Statistics: statistics } = execution;
      if (status?.State === 'SUCCEEDED')
        return { location: result?.OutputLocation ?? '', scanned: statistics?.DataScannedInBytes ?? 0 };
      if (status?.AthenaError?.Retryable !== true || tries === maxTries) throw failure(execution);
    }
  }

  private async once(
    statement: string,
    { database, output, onState, signal }: QueryOptions,
  ): Promise<QueryExecution> {
    // The SDK adds a ClientRequestToken: repeating the request starts no second query.
    const start = new this.sdk.StartQueryExecutionCommand({
      QueryString: statement,
      WorkGroup: this.workgroup,
      QueryExecutionContext: { Catalog: catalog, Database: database },
      ...(output === '' ? {} : { ResultConfiguration: { OutputLocation: output } }),
    });
    const started = () => this.client.send(start);
    const { QueryExecutionId: id } = await asked('athena:StartQueryExecution', started, ['QueryExecutionId']);
    const get = new this.sdk.GetQueryExecutionCommand({ QueryExecutionId: id });
    let isOver = false;
    try {
      for (let millis = firstPause; ; millis = Math.min(longestPause, millis * 1.5)) {
        const { QueryExecution: execution = {} } = await asked(
          'athena:GetQueryExecution',
          () => this.client.send(get),
          ['QueryExecution'],
        );
        const state = execution.Status?.State ?? '';
        isOver = ['SUCCEEDED', 'FAILED', 'CANCELLED'].includes(state);
        if (isOver) return execution;
        onState({ state, scanned: execution.Statistics?.DataScannedInBytes ?? 0 });
        await pause(millis, undefined, { signal });
      }
    } finally {
      if (!isOver) await this.stop(id);
    }
  }

  private async stop(id: string | undefined): Promise<void> {
    try {
      await this.client.send(new this.sdk.StopQueryExecutionCommand({ QueryExecutionId: id }));
    } catch {
      // What made us stop is what is told; the query ends by itself.
    }
  }
}

/** Why a workgroup cannot be used; undefined when it can. */
function unfitness(found: WorkGroup | undefined): string | undefined {
  const settings = found?.Configuration;
  const engine = settings?.EngineVersion?.EffectiveEngineVersion ?? '';
  if (found?.State === 'DISABLED') return 'is disabled';
  if (/spark|version [12]$/i.test(engine)) return `runs ${oneLine(engine)}, not Athena engine version 3`;
  // https://docs.aws.amazon.com/athena/latest/ug/managed-results.html
  if (settings?.ManagedQueryResultsConfiguration?.Enabled === true)
    return 'keeps results in storage of Athena, where they can be read only page by page';
  return undefined;
}

const columnsOf = (
  columns: readonly { Name?: string | undefined; Type?: string | undefined }[] = [],
): Column[] => columns.map(({ Name = '', Type = '' }) => ({ name: Name.toLowerCase(), type: Type }));

/** https://docs.aws.amazon.com/athena/latest/ug/troubleshooting-athena.html */
function failure({ QueryExecutionId: id = '', Status: status }: QueryExecution): InputError {
  const reason = oneLine(status?.StateChangeReason ?? 'no reason given');
  const advice = /bytes scanned limit/i.test(reason)
    ? '; raise the limit of the workgroup, or choose less with --accounts and --regions'
    : /exhausted resources|timeout/i.test(reason)
      ? '; choose less with --accounts and --regions'
      : '';
  return new InputError(`athena: query ${id} ${(status?.State ?? '').toLowerCase()}: ${reason}${advice}`);
}
