import { isObject, type JsonObject } from '../iam/json.ts';
import { isAthenaRow, recordOfRow } from './athena-row.ts';
import type { SkipReason } from './record.ts';

/** A CloudTrail event found in a JSON value, or why there is none. */
type Unwrapped =
  | { readonly kind: 'record'; readonly record: JsonObject }
  | { readonly kind: 'skip'; readonly reason: SkipReason };

/** Wrappers in the wild nest four or five deep (SQS, SNS, log event, record). */
const MAX_DEPTH = 12;
const MAX_FOUND = 1_000_000;

/**
 * The CloudTrail events in one JSON value, in its order, whatever is around them: nothing, `Records`, EventBridge `detail`,
 * LookupEvents (`CloudTrailEvent`), CloudWatch Logs `message`, SQS `body`, SNS `Message`, a SIEM's `_raw`, Stackdriver
 * `jsonPayload`, OpenTelemetry `aws.cloudtrail`, rows of Athena or CloudTrail Lake. At least one entry: a value without any
 * event is one skip.
 */
export function unwrap(value: unknown): Unwrapped[] {
  // The usual case first: the value is an event itself.
  if (isObject(value) && isEvent(value) && !isAthenaRow(value)) return [found(value)];
  const results: Unwrapped[] = [];
  search(value, 0, results);
  return results.length === 0 ? [{ kind: 'skip', reason: 'not-a-record' }] : results;
}

function search(value: unknown, depth: number, results: Unwrapped[]): void {
  if (depth > MAX_DEPTH || results.length >= MAX_FOUND) return;
  if (typeof value === 'string') {
    searchText(value, depth, results);
  } else if (Array.isArray(value)) {
    const row = lakeRow(value);
    if (row === undefined) for (const element of value) search(element, depth + 1, results);
    else results.push(found(recordOfRow(row)));
  } else if (isObject(value)) {
    if (isAthenaRow(value)) results.push(found(recordOfRow(value)));
    else if (isEvent(value)) results.push(found(value));
    else if (isDigest(value)) results.push({ kind: 'skip', reason: 'digest' });
    else if (isForged(value)) results.push({ kind: 'skip', reason: 'not-a-record' });
    else for (const member of Object.values(value)) search(member, depth + 1, results);
  }
}

/** Text is parsed only if it looks like JSON that holds an event or a wrapper of events. */
function searchText(source: string, depth: number, results: Unwrapped[]): void {
  const start = source.search(/\S/);
  const first = source[start];
  if (first !== '{' && first !== '[' && first !== '"') return;
  if (!/event_?name|Records|CloudTrailInsight|CloudTrailEvent/i.test(source)) return;
  let parsed: unknown;
  try {
    parsed = JSON.parse(source);
  } catch {
    results.push({ kind: 'skip', reason: 'malformed' });
    return;
  }
  search(parsed, depth + 1, results);
}

function found(record: JsonObject): Unwrapped {
  if (record['eventType'] === 'AwsCloudTrailInsight' || record['eventCategory'] === 'Insight') {
    return { kind: 'skip', reason: 'insight' };
  }
  return { kind: 'record', record };
}

/**
 * Whether an object is an event, perhaps an incomplete one. Notifications of S3, SQS and CodeCommit have members of the same
 * names, but sources such as `aws:s3`: https://docs.aws.amazon.com/AmazonS3/latest/userguide/notification-content-structure.html
 */
function isEvent(value: JsonObject): boolean {
  const { eventName, eventSource } = value;
  if (value['eventType'] === 'AwsCloudTrailInsight') return true;
  if (typeof eventSource === 'string' && eventSource.startsWith('aws:')) return false;
  const members = [eventName, eventSource, value['eventTime'], value['eventVersion']];
  const texts = members.filter((member) => typeof member === 'string').length;
  const named = typeof eventName === 'string' || typeof eventSource === 'string';
  return named && (texts > 1 || isObject(value['userIdentity']));
}

/**
 * An EventBridge event of somebody else's: only AWS's own sources begin with `aws.`, and whoever may put events chooses
 * their detail (https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html).
 */
function isForged(value: JsonObject): boolean {
  const { source } = value;
  if (!Object.hasOwn(value, 'detail-type') || !Object.hasOwn(value, 'detail')) return false;
  return typeof source !== 'string' || !source.startsWith('aws.');
}

/**
 * A digest file, or the signature file beside saved query results of CloudTrail Lake.
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-log-file-validation-digest-file-structure.html
 * https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-results-file-validation-sign-file-structure.html
 */
function isDigest(value: JsonObject): boolean {
  const has = (name: string): boolean => Object.hasOwn(value, name);
  return (has('digestStartTime') && has('digestS3Bucket')) || (has('hashSignature') && has('files'));
}

/**
 * A row of GetQueryResults, one object per column, as one object; undefined when the list is none.
 * https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetQueryResults.html
 */
function lakeRow(list: readonly unknown[]): JsonObject | undefined {
  if (list.length < 2) return undefined;
  const cells = new Map<string, unknown>();
  for (const cell of list) {
    if (!isObject(cell)) return undefined;
    const [entry, ...others] = Object.entries(cell);
    if (entry === undefined || others.length > 0) return undefined;
    cells.set(entry[0].toLowerCase(), entry[1]);
  }
  const row = Object.fromEntries(cells);
  return isAthenaRow(row) ? row : undefined;
}
