import { isObject, type JsonObject } from '../iam/json.ts';
import { callOf, type Call } from './call.ts';
import { Folded } from './members.ts';
import { parseRecord, text, type SkipReason } from './record.ts';
import { unwrap } from './unwrap.ts';

/** One row of `sql/athena/facts.sql`: calls of one kind in one day, as texts; '' stands for NULL. */
export interface FactRow {
  /** JSON array, in the order of `columns`. */
  readonly fact: string;
  /** The name of unbounded variety that was taken out of the request, or what was left of it. */
  readonly name: string;
  /** The level the name was cut at; '' where it is literal. */
  readonly depth: string;
  /** `ACCOUNT_CloudTrail_REGION_YYYYMMDD`, the begin of the name of the log file. */
  readonly delivered: string;
  /** JSON array of texts, each a JSON array: VPC endpoint, address, TLS version, MFA, access key, MFA of a sign-in. */
  readonly circumstances: string;
  readonly calls: string;
  /** Time and ID of the earliest event. */
  readonly first_event: string;
}

/** The row of cells by column name. */
export function factRowOf(cells: unknown): FactRow {
  const cell = (name: keyof FactRow): string => {
    const text = isObject(cells) ? cells[name] : undefined;
    return typeof text === 'string' ? text : '';
  };
  return {
    fact: cell('fact'),
    name: cell('name'),
    depth: cell('depth'),
    delivered: cell('delivered'),
    circumstances: cell('circumstances'),
    calls: cell('calls'),
    first_event: cell('first_event'),
  };
}

type RowCalls =
  /** The same call in each of its circumstances. */
  | {
      readonly ok: true;
      readonly calls: readonly Call[];
      /** Of a request or answer over 262,144 characters, which was not read. */
      readonly isTooLong: boolean;
    }
  | { readonly ok: false; readonly reason: SkipReason };

const columns = (
  'type arn principalId accountId userName invokedBy identityProvider onBehalfOf sourceIdentity issuerType issuerId issuerArn ' +
  'issuerAccount issuerName eventSource eventName eventType eventCategory managementEvent readOnly awsRegion recipientAccountId ' +
  'errorCode sharedEventID service request response SSEApplied resources leaf errorMessage'
).split(' ');

/** The calls of a row, by the same reduction as those of a log file. @throws TypeError when it is no such row */
export function callsOfRow(row: FactRow): RowCalls {
  const values = listOf(row.fact);
  if (values.length !== columns.length) throw new TypeError(`a fact of ${values.length} columns`);
  const fact = Object.fromEntries(columns.map((name, i) => [name, values[i] ?? undefined]));
  const leaf = typeof fact['leaf'] === 'string' ? fact['leaf'] : undefined;
  const calls: Call[] = [];
  for (const text of listOf(row.circumstances)) {
    const [found] = unwrap(recordOf(fact, leaf, row, listOf(String(text))));
    if (found === undefined || found.kind === 'skip')
      return { ok: false, reason: found?.reason ?? 'not-a-record' };
    const parsed = parseRecord(found.record);
    if (!parsed.ok) return parsed;
    calls.push(folded(callOf(parsed.value), leaf, row));
  }
  return { ok: true, calls, isTooLong: [fact['request'], fact['response']].includes('"too long"') };
}

function recordOf(
  fact: JsonObject,
  leaf: string | undefined,
  row: FactRow,
  circumstance: readonly unknown[],
): JsonObject {
  const [vpcEndpointId, address, tlsVersion, mfaAuthenticated, accessKeyId, MFAUsed] = circumstance.map(
    (value) => value ?? undefined,
  );
  const [eventTime, eventID] = listOf(row.first_event);
  const request = bodyOf(fact['request']);
  return {
    ...fact,
    eventTime,
    eventID,
    userIdentity: {
      ...present({ ...pick(fact, identityMembers), accessKeyId }),
      ...(fact['onBehalfOf'] === undefined ? {} : { onBehalfOf: { userId: fact['onBehalfOf'] } }),
      sessionContext: {
        ...present({ sourceIdentity: fact['sourceIdentity'] }),
        attributes: present({ mfaAuthenticated }),
        sessionIssuer: present({
          type: fact['issuerType'],
          principalId: fact['issuerId'],
          arn: fact['issuerArn'],
          accountId: fact['issuerAccount'],
          userName: fact['issuerName'],
        }),
      },
    },
    sourceIPAddress: fact['service'] ?? address,
    vpcEndpointId,
    tlsDetails: { tlsVersion },
    requestParameters:
      leaf === undefined || !isObject(request)
        ? request
        : { ...request, [leaf]: row.name === '' ? '/' : row.name },
    responseElements: MFAUsed === undefined ? bodyOf(fact['response']) : { ConsoleLogin: 'Success' },
    additionalEventData: present({ SSEApplied: fact['SSEApplied'], MFAUsed }),
    // The principal was left out of it: its session has another name in each text.
    errorMessage: text(fact['errorMessage']).replace('User: =', () => `User: ${text(fact['arn'])}`),
    resources: typeof fact['resources'] === 'string' ? listOf(fact['resources']).map(resourceOf) : [],
  };
}

const identityMembers = 'type arn principalId accountId userName invokedBy identityProvider'.split(' ');

const pick = (from: JsonObject, names: readonly string[]): JsonObject =>
  Object.fromEntries(names.map((name) => [name, from[name]]));

/** Without the members that are absent: an `invokedBy` that is there says something, whatever its value. */
const present = (members: JsonObject): JsonObject =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));

function resourceOf(entry: unknown): unknown {
  const members: readonly unknown[] = Array.isArray(entry) ? entry : [];
  const [ARN, ARNPrefix, accountId, type] = members;
  return { ARN, ARNPrefix, accountId, type };
}

/** A request or answer as the row has it; text that is no JSON stays text, as in a record whose parameters were cut. */
function bodyOf(text: unknown): unknown {
  if (typeof text !== 'string') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function listOf(text: string): readonly unknown[] {
  const parsed: unknown = JSON.parse(text);
  return Array.isArray(parsed) ? parsed : [];
}

/** A name that was cut is a fold, never a literal name. */
function folded(call: Call, leaf: string | undefined, { name, depth }: FactRow): Call {
  if (leaf === undefined || depth === '') return call;
  const request = { ...call.target.request, [leaf]: new Folded(name, Number(depth)) };
  return { ...call, target: { ...call.target, request } };
}
