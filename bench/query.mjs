// What ingestion does, as a query of DuckDB over every file of a folder, into a table on disk: node bench/query.mjs DIR FILE. It does less: requests are grouped
// as they are, not reduced, and nothing is noted of how calls arrived.
import { DuckDBInstance } from '@duckdb/node-api';

const [dir = '.', file = ':memory:'] = process.argv.slice(2);
const identity =
  'STRUCT("type" VARCHAR, arn VARCHAR, accountId VARCHAR, principalId VARCHAR, userName VARCHAR, invokedBy VARCHAR, sessionContext STRUCT(sessionIssuer STRUCT(arn VARCHAR, principalId VARCHAR)))';
const members = [
  `userIdentity ${identity}`,
  'eventTime TIMESTAMP',
  ...['eventSource', 'eventName', 'eventType', 'eventCategory', 'eventID', 'awsRegion'].map(
    (name) => `${name} VARCHAR`,
  ),
  ...['recipientAccountId', 'errorCode', 'sourceIPAddress', 'vpcEndpointId'].map((name) => `${name} VARCHAR`),
  'readOnly BOOLEAN',
  ...['requestParameters', 'responseElements', 'resources'].map((name) => `${name} JSON`),
];
const connection = await (await DuckDBInstance.create(file)).connect();
await connection.run(`
  CREATE TABLE fact AS
  SELECT coalesce(userIdentity.sessionContext.sessionIssuer.arn, userIdentity.arn) AS principal, userIdentity."type" AS kind,
    userIdentity.sessionContext.sessionIssuer.principalId AS unique_id, userIdentity.invokedBy AS invoked_by,
    eventSource, eventName, eventType, eventCategory, readOnly, awsRegion, recipientAccountId, errorCode,
    CAST(requestParameters AS VARCHAR) AS request, CASE WHEN readOnly THEN NULL ELSE CAST(responseElements AS VARCHAR) END AS response,
    CAST(resources AS VARCHAR) AS resources, date_trunc('month', eventTime) AS month,
    bit_or(1 << (day(eventTime) - 1)) AS days, count(*) AS calls, min({time: eventTime, id: eventID}) AS sample
  FROM (SELECT unnest(r) FROM (SELECT unnest(Records) AS r FROM read_json('${dir}/**/*.json.gz', columns = {Records: 'STRUCT(${members.join(', ')})[]'}, maximum_object_size = 134217728)))
  GROUP BY ALL`);
const rows = await connection.runAndReadAll('SELECT count(*), sum(calls) FROM fact');
console.log(JSON.stringify(rows.getRowsJson()));
