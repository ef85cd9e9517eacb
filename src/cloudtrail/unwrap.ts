import { isObject, type JsonObject } from '../iam/json.ts';
import { isAthenaRow, recordOfRow } from './athena-row.ts';
import { normalName } from './kept-members.ts';
import type { SkipReason } from './record.ts';

/** A CloudTrail event found in a JSON value, or why there is none. */
type Unwrapped =
  | { readonly kind: 'record'; readonly record: JsonObject }
  | {
      readonly kind: 'skip';
      readonly reason: SkipReason;
      /** An event in more wrappers than are read. */ readonly deep?: true;
    };

/** Wrappers in the wild nest four or five deep (SQS, SNS, log event, record). */
const MAX_DEPTH = 12;
/** So far an event is looked for only to name it. */
const MAX_NAMED = 40;
const MAX_FOUND = 1_000_000;

/** Members that hold events or more wrappers; what stands in any other may be anybody's text. */
const wrapping =
  /^(records?|events?|results?|rows|queryresultrows|detail|cloudtrail(event)?|logevents|message|body|raw|rawdata|data|payload|jsonpayload|textpayload|hits|source|original|aws|json|log|logs|items|value|fields)$/;

/**
 * The CloudTrail events in one JSON value, in its order, in the wrappers that carry them: none, `Records`, EventBridge `detail`,
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
  if (depth > MAX_NAMED || results.length >= MAX_FOUND) return;
  const keep = (record: JsonObject): void =>
    void results.push(
      depth > MAX_DEPTH ? { kind: 'skip', reason: 'not-a-record', deep: true } : found(record),
    );
  if (typeof value === 'string') {
    searchText(value, depth, results);
  } else if (Array.isArray(value)) {
    const row = lakeRow(value);
    if (row === undefined) for (const element of value) search(element, depth + 1, results);
    else keep(recordOfRow(row));
  } else if (isObject(value)) {
    if (isAthenaRow(value)) keep(recordOfRow(value));
    else if (isEvent(value)) keep(value);
    else if (isDigest(value)) results.push({ kind: 'skip', reason: 'digest' });
    else if (isForged(value)) results.push({ kind: 'skip', reason: 'not-a-record' });
    else
      for (const [name, member] of Object.entries(value))
        if (wrapping.test(normalName(name))) search(member, depth + 1, results);
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

/** Categories of events of calls; others are insights, configuration items and what callers put into an event data store. */
const categories = /^(management|data|networkactivity)$/i;

function found(record: JsonObject): Unwrapped {
  if (record['eventType'] === 'AwsCloudTrailInsight' || record['eventCategory'] === 'Insight') {
    return { kind: 'skip', reason: 'insight' };
  }
  const { eventCategory } = record;
  return typeof eventCategory === 'string' && eventCategory !== '' && !categories.test(eventCategory)
    ? { kind: 'skip', reason: 'not-a-record' }
    : { kind: 'record', record };
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
  const { source, eventCategory } = value;
  // An event of a partner or of one's own: whoever may put audit events writes it
  // (https://docs.aws.amazon.com/awscloudtraildata/latest/APIReference/API_PutAuditEvents.html).
  if (eventCategory === 'ActivityAuditLog') return true;
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

/** A row as https://docs.aws.amazon.com/awscloudtrail/latest/APIReference/API_GetQueryResults.html gives it, an object a column. */
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
