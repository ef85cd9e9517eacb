import { isObject, type JsonObject } from '../iam/json.ts';

/** Columns in lower case: https://docs.aws.amazon.com/athena/latest/ug/create-cloudtrail-table-partition-projection.html */
const SPELLING =
  spellings(`eventVersion userIdentity eventTime eventSource eventName awsRegion sourceIPAddress userAgent
  errorCode errorMessage requestParameters responseElements additionalEventData requestID eventID resources eventType
  apiVersion readOnly recipientAccountId serviceEventDetails sharedEventID vpcEndpointId vpcEndpointAccountId eventCategory
  managementEvent addendum sessionCredentialFromConsole edgeDeviceDetails tlsDetails`);
const IDENTITY_SPELLING =
  spellings(`type principalId arn accountId accessKeyId userName invokedBy sessionContext attributes
  sessionIssuer webIdFederationData sourceIdentity mfaAuthenticated creationDate ec2RoleDelivery assumedRoot
  identityProvider federatedProvider onBehalfOf userId identityStoreArn credentialId inScopeOf`);
const RESOURCE_SPELLING = spellings('ARN ARNPrefix accountId type');
const TLS_SPELLING = spellings('tlsVersion cipherSuite clientProvidedHostHeader');

const MAX_DEPTH = 16;

/** Whether an object is a row of a CloudTrail table: CloudTrail's members in lower case, or with structures as text. */
export function isAthenaRow(value: JsonObject): boolean {
  if (Object.hasOwn(value, 'eventname') && Object.hasOwn(value, 'eventsource')) return true;
  const { userIdentity, requestParameters } = value;
  if (typeof value['eventName'] !== 'string') return false;
  return (
    typeof userIdentity === 'string' ||
    (typeof requestParameters === 'string' && requestParameters.startsWith('{'))
  );
}

/** The record in a row of Athena or CloudTrail Lake. Structures may be objects, JSON or Presto text; what cannot be read stays. */
export function recordOfRow(row: JsonObject): JsonObject {
  const record = new Map<string, unknown>();
  for (const [column, value] of Object.entries(row)) {
    if (value === null) continue;
    const name = SPELLING.get(column.toLowerCase()) ?? column;
    record.set(name, memberOf(name, value));
  }
  return Object.fromEntries(record);
}

const structures = new Map([
  ['userIdentity', IDENTITY_SPELLING],
  ['resources', RESOURCE_SPELLING],
  ['tlsDetails', TLS_SPELLING],
]);
const bodies = ['requestParameters', 'responseElements', 'additionalEventData', 'serviceEventDetails'];

function memberOf(name: string, value: unknown): unknown {
  const spelling = structures.get(name);
  if (spelling) return respell(structure(value, spelling), spelling, 0);
  return bodies.includes(name) ? structure(value) : value;
}

/** Text that holds a structure, as that structure; anything else as it is. `known`: its columns, lower-cased. */
function structure(value: unknown, known?: ReadonlyMap<string, string>): unknown {
  if (typeof value !== 'string') return value;
  const trimmed = value.trim();
  if (trimmed === 'null') return undefined;
  if (!/^[[{]/.test(trimmed)) return value;
  try {
    const parsed: unknown = JSON.parse(trimmed);
    return parsed;
  } catch {
    return readPresto(trimmed, known) ?? value;
  }
}

function respell(value: unknown, spelling: ReadonlyMap<string, string>, depth: number): unknown {
  if (depth > MAX_DEPTH) return undefined;
  if (Array.isArray(value)) return value.map((element: unknown) => respell(element, spelling, depth + 1));
  if (!isObject(value)) return value;
  const result = new Map<string, unknown>();
  for (const [key, member] of Object.entries(value)) {
    result.set(spelling.get(key.toLowerCase()) ?? key, respell(member, spelling, depth + 1));
  }
  return Object.fromEntries(result);
}

/**
 * Reads Presto's text of rows, maps and arrays: `{a=1, b={c=x, d=null}}`, `[{…}, {…}]`. It quotes nothing, so a value ends at a
 * closing brace or at a comma that another `name=` follows. Undefined when the text is not of that form, and when a value
 * may have ended too early: a name that occurs twice or is none of the `known` ones may be part of a value that the caller chose.
 * https://docs.aws.amazon.com/athena/latest/ug/rows-and-structs.html
 */
function readPresto(source: string, known: ReadonlyMap<string, string> | undefined): unknown {
  let at = 0;
  const fail = Symbol('not Presto text');

  function value(depth: number, free: boolean): unknown {
    if (depth > MAX_DEPTH) return fail;
    if (source[at] === '{') return object(depth, free);
    if (source[at] === '[') return array(depth, free);
    const rest = source.slice(at);
    const end = /, [A-Za-z_][\w-]*=|[}\]]/.exec(rest)?.index ?? rest.length;
    at += end;
    const scalar = rest.slice(0, end);
    return scalar === 'null' ? undefined : scalar;
  }
  function object(depth: number, free: boolean): unknown {
    const result = new Map<string, unknown>();
    at++;
    while (source[at] !== '}') {
      const key = /^(?:, )?([A-Za-z_][\w-]*)=/.exec(source.slice(at, at + 256));
      if (key?.[1] === undefined || result.has(key[1])) return fail;
      // What an identity provider says of a user has names of its own.
      if (known?.has(key[1].toLowerCase()) === false && !free) return fail;
      at += key[0].length;
      const member = value(depth + 1, key[1].toLowerCase() === 'webidfederationdata' || free);
      if (member === fail) return fail;
      result.set(key[1], member);
    }
    at++;
    return Object.fromEntries(result);
  }
  function array(depth: number, free: boolean): unknown {
    const result: unknown[] = [];
    at++;
    while (source[at] !== ']') {
      if (source.startsWith(', ', at)) at += 2;
      if (source[at] !== '{') return fail;
      const element = object(depth + 1, free);
      if (element === fail) return fail;
      result.push(element);
    }
    at++;
    return result;
  }

  const result = value(0, false);
  return result === fail || at !== source.length ? undefined : result;
}

function spellings(names: string): ReadonlyMap<string, string> {
  return new Map(names.split(/\s+/).map((name) => [name.toLowerCase(), name]));
}
