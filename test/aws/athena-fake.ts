import type { DuckDBConnection } from '@duckdb/node-api';
import type { JsonObject } from '../../src/iam/json.ts';
import type { AthenaTable } from '../../src/aws/athena.ts';
import { textRows } from '../athena/duckdb.ts';
import { ownTable } from '../athena/table.ts';
import { jsonServer, Refusal } from './json-server.ts';
import { fakeS3, type FakeObjects, type S3FakeOptions, type S3Request } from './s3-fake.ts';

/** A call as it arrived. */
export interface AthenaRequest {
  readonly operation: string;
  readonly asked: JsonObject;
}

/** How a query goes. */
export interface Course {
  readonly state: 'SUCCEEDED' | 'FAILED' | 'CANCELLED';
  readonly reason?: string;
  readonly retryable?: boolean;
  /** Bytes, as soon as it runs. */
  readonly scanned?: number;
  /** It runs until it is stopped. */
  readonly endless?: boolean;
}

export interface AthenaFakeOptions {
  /** None: there is none, until it is made. */
  readonly table?: AthenaTable;
  /** Configuration of the workgroup besides its place for results. */
  readonly workgroup?: JsonObject;
  /** Numbers count queries from 0. */
  readonly course?: (number: number) => Course | undefined;
  /** The code that a request fails with; the number counts requests of the operation. */
  readonly fails?: (request: AthenaRequest, number: number) => string | undefined;
  readonly mishap?: S3FakeOptions['mishap'];
}

export interface FakeAthena {
  /** For the process that takes it for AWS. */
  readonly environment: Readonly<Record<string, string>>;
  readonly requests: readonly AthenaRequest[];
  /** For results. */
  readonly s3Requests: readonly S3Request[];
  /** Statements in the order they came. */
  readonly statements: () => string[];
  readonly close: () => Promise<void>;
}

interface Query {
  readonly course: Course;
  readonly output: string;
  looks: number;
  done: boolean;
  stopped: boolean;
}

const region = 'eu-west-1';

/** Athena writes every cell in quotes, and nothing for NULL. */
const csvOf = (rows: readonly Readonly<Record<string, string | null>>[], names: readonly string[]): string =>
  [
    names.map(quoted).join(','),
    ...rows.map((row) => names.map((name) => quoted(row[name] ?? null)).join(',')),
    '',
  ].join('\n');
const quoted = (cell: string | null): string => (cell === null ? '' : `"${cell.replaceAll('"', '""')}"`);

const listed = (list: AthenaTable['columns']): object[] =>
  list.map(({ name, type }) => ({ Name: name, Type: type }));

const columnNames = ['fact', 'name', 'depth', 'delivered', 'circumstances', 'calls', 'first_event'];

/** Athena over a database that understands its statements (`duckdb`, or what runs them), and S3 where it puts results: `s3://example-results/athena/`. */
export async function fakeAthena(
  database: DuckDBConnection | ((statement: string) => Promise<Record<string, string | null>[]>),
  { table, workgroup = {}, course, fails, mishap }: AthenaFakeOptions = {},
): Promise<FakeAthena> {
  const requests: AthenaRequest[] = [];
  const queries: Query[] = [];
  const bodies = new Map<string, string>();
  const objects: FakeObjects = {
    get count() {
      return bodies.size;
    },
    keyAt: (i) => [...bodies.keys()].sort()[i] ?? '',
    bodyAt: (i) => Buffer.from(bodies.get([...bodies.keys()].sort()[i] ?? '') ?? ''),
  };
  const s3 = await fakeS3({ 'example-results': objects }, { region, ...(mishap ? { mishap } : {}) });
  let known = table;

  const start = (asked: JsonObject): object => {
    const statement = String(asked['QueryString']);
    const number = queries.length;
    const query: Query = {
      course: course?.(number) ?? { state: 'SUCCEEDED' },
      output: `athena/${String(number).padStart(4, '0')}.csv`,
      looks: 0,
      done: false,
      stopped: false,
    };
    queries.push(query);
    if (statement.startsWith('CREATE EXTERNAL TABLE') && typeof database !== 'function') {
      known = ownTable('logs', 'cloudtrail');
      query.done = true;
    } else if (query.course.state === 'SUCCEEDED') {
      const running = typeof database === 'function' ? database(statement) : textRows(database, statement);
      void running.then((rows) => {
        if (statement.startsWith('CREATE EXTERNAL TABLE')) known = ownTable('logs', 'cloudtrail');
        bodies.set(query.output, csvOf(rows, columnNames));
        query.done = true;
      });
    } else query.done = true;
    return { QueryExecutionId: `query-${number}` };
  };

  const look = (asked: JsonObject): object => {
    const id = String(asked['QueryExecutionId']);
    const query = queries[Number(id.slice('query-'.length))];
    if (!query) throw new Refusal('InvalidRequestException');
    const { state, reason = '', retryable = false, scanned = 5e6, endless = false } = query.course;
    const looks = query.looks++;
    const now = query.stopped
      ? 'CANCELLED'
      : looks === 0
        ? 'QUEUED'
        : looks === 1 || !query.done || endless
          ? 'RUNNING'
          : state;
    return {
      QueryExecution: {
        QueryExecutionId: id,
        ResultConfiguration: { OutputLocation: `s3://example-results/${query.output}` },
        Statistics: { DataScannedInBytes: looks === 0 ? 0 : scanned },
        Status: { State: now, StateChangeReason: reason, AthenaError: { Retryable: retryable } },
      },
    };
  };

  const describe = (asked: JsonObject): object => {
    if (!known) throw new Refusal('MetadataException');
    const { columns, partitions, parameters } = known;
    return {
      TableMetadata: {
        Name: asked['TableName'],
        Columns: listed(columns),
        PartitionKeys: listed(partitions),
        Parameters: { location: 's3://example-trail/AWSLogs/', ...parameters },
      },
    };
  };

  const server = await jsonServer(({ operation, asked }) => {
    const number = requests.filter((one) => one.operation === operation).length;
    requests.push({ operation, asked });
    const failure = fails?.({ operation, asked }, number);
    if (failure !== undefined) throw new Refusal(failure);
    switch (operation) {
      case 'GetWorkGroup':
        return {
          WorkGroup: {
            Name: asked['WorkGroup'],
            State: 'ENABLED',
            Configuration: {
              ResultConfiguration: { OutputLocation: 's3://example-results/athena/' },
              ...workgroup,
            },
          },
        };
      case 'GetTableMetadata':
        return describe(asked);
      case 'StartQueryExecution':
        return start(asked);
      case 'GetQueryExecution':
        return look(asked);
      case 'StopQueryExecution': {
        const query = queries[Number(String(asked['QueryExecutionId']).slice('query-'.length))];
        if (query) query.stopped = true;
        return {};
      }
      default:
        throw new Refusal('InvalidRequestException');
    }
  });
  return {
    environment: {
      AWS_ENDPOINT_URL_ATHENA: server.url,
      AWS_ENDPOINT_URL_S3: s3.url,
      AWS_REGION: region,
    },
    requests,
    s3Requests: s3.requests,
    statements: () =>
      requests.flatMap(({ operation, asked }) =>
        operation === 'StartQueryExecution' ? [String(asked['QueryString'])] : [],
      ),
    async close() {
      await server.close();
      await s3.close();
    },
  };
}
