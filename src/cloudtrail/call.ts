/** Layer `cloudtrail`: one record, reduced to the call that it shows: principal, operation, circumstances, target; pure. */
import { memo } from '../iam/memo.ts';
import type { Members, ResourceRef } from './members.ts';
import { principalOf, sessionNameOf, sessionShape, type Principal } from './principal.ts';
import { text, type CloudTrailRecord } from './record.ts';
import { isObject } from '../iam/json.ts';
import { sortedUnique } from '../iam/order.ts';
import { keptMembers } from './kept-members.ts';
import { grantedToClient, reduceRequest, reduceResources, reduceResponse } from './reduce.ts';
import { refusalOf, type Refusal } from './refusal.ts';

type EventCategory = 'management' | 'data' | 'network' | 'other';

/** What was called. */
export interface Operation {
  /** `s3.amazonaws.com`, lower-cased as logged. */
  readonly eventSource: string;
  readonly eventName: string;
  /** `AwsApiCall`, `AwsServiceEvent`, `AwsConsoleAction`, `AwsConsoleSignIn`, ...; '' when absent. */
  readonly eventType: string;
  readonly category: EventCategory;
  readonly readOnly: boolean | undefined;
}

/** The circumstances that decide how a call is read. '' stands for absent throughout. */
export interface CallContext {
  readonly region: string;
  /** `recipientAccountId`: whose copy of the event this is; not the owner of the resource. */
  readonly account: string;
  readonly errorCode: string;
  /** `userIdentity.invokedBy`: a service name, `AWS Internal`, or ''. */
  readonly invokedBy: string;
  /** Session name with machine-made parts (digits, hex, UUIDs) replaced by `#`. */
  readonly session: string;
  readonly sourceIdentity: string;
}

/** What was called on. */
export interface Target {
  /** What AWS said of a call that it refused. */
  readonly refusal?: Refusal;
  readonly request: Members;
  readonly response: Members;
  readonly resources: readonly ResourceRef[];
}

/** One kind of call as the index remembers it: everything of a record that decides permissions, nothing else. */
export interface ObservedCall {
  readonly principal: Principal;
  readonly operation: Operation;
  readonly context: CallContext;
  readonly target: Target;
}

/** An observed call with what only one record has. */
export interface Call extends ObservedCall {
  /** Seconds since 1970 UTC. */
  readonly time: number;
  /** As logged; '' when absent. */
  readonly eventID: string;
  /** False for the resource owner's copy of a cross-account call: the caller's copy counts it. */
  readonly counts: boolean;
  /** Facets as texts, `kind value`: circumstances worth narrowing with, kept per principal and service apart from the facts. */
  readonly facets: readonly string[];
  /** Of all of the record's `resources[]`, sorted: what a data event is logged as is one of them. */
  readonly resourceTypes: readonly string[];
}

/** What a facet holds where the record shows none: no endpoint, no address, no word on MFA. */
export const noFacet = 'none';

/**
 * How a principal's own calls to a service arrived: VPC endpoint, IP range (/24 or /48), MFA, TLS version. Not how calls
 * arrived that a service made with the principal's credentials, nor calls that were refused. Of all calls: the access key, where
 * it is one that lasts; of sign-ins that succeeded, whether MFA was used (`Yes`, `No`).
 */
export interface Facet {
  readonly kind: 'vpce' | 'ip' | 'mfa' | 'tls' | 'access-key' | 'sign-in-mfa';
  readonly value: string;
}

const categories = new Map<string, EventCategory>([
  ['management', 'management'],
  ['data', 'data'],
  ['networkactivity', 'network'],
]);

const categoryOf = ({ eventCategory, managementEvent }: CloudTrailRecord): EventCategory =>
  eventCategory === '' && managementEvent === false
    ? 'data'
    : (categories.get(eventCategory.toLowerCase() || 'management') ?? 'other');

/** The /24 (IPv4) or /48 (IPv6) an address lies in; '' for service names and anything else. */
function ipRange(address: string): string {
  const v4 = /^(\d{1,3}\.\d{1,3}\.\d{1,3})\.\d{1,3}$/.exec(address);
  if (v4) return `${v4[1]}.0/24`;
  const v6 = /^([0-9a-f]{1,4}:[0-9a-f]{1,4}:[0-9a-f]{1,4}):/i.exec(address);
  return v6 ? `${v6[1]?.toLowerCase()}::/48` : '';
}

const facets = (kind: Facet['kind'], valueOf = (logged: string) => logged): ((logged: string) => string) =>
  memo((logged) => `${kind} ${valueOf(logged).slice(0, 64) || noFacet}`, 10_000);

const endpointFacet = facets('vpce');
const addressFacet = facets('ip', ipRange);
const protocolFacet = facets('tls');
const mfaFacet = facets('mfa');
const keyFacet = facets('access-key');
const signInFacet = facets('sign-in-mfa');

const refused = /denied|unauthorized|authorization|notauthorized/i;

/** Keys of users and of root begin so, those of sessions do not: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_identifiers.html */
const lasting = 'AKIA';

/** What is said of the person behind the calls, whatever became of them. */
function identityFacets(record: CloudTrailRecord): readonly string[] {
  const key = record.userIdentity['accessKeyId'];
  const { responseElements: answer, additionalEventData: additional } = record;
  // https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-aws-console-sign-in-events.html
  const signedIn =
    record.eventName === 'ConsoleLogin' && isObject(answer) && answer['ConsoleLogin'] === 'Success';
  const mfa = signedIn && isObject(additional) ? additional['MFAUsed'] : undefined;
  return [
    ...(typeof key === 'string' && key.startsWith(lasting) ? [keyFacet(key)] : []),
    ...(typeof mfa === 'string' ? [signInFacet(mfa)] : []),
  ];
}

function facetsOf(record: CloudTrailRecord): readonly string[] {
  const identity = identityFacets(record);
  if (record.userIdentity['invokedBy'] !== undefined || refused.test(record.errorCode)) return identity;
  const session = record.userIdentity['sessionContext'];
  const attributes = isObject(session) ? session['attributes'] : undefined;
  const mfa = isObject(attributes) ? attributes['mfaAuthenticated'] : undefined;
  return [
    endpointFacet(record.vpcEndpointId),
    addressFacet(record.sourceIPAddress),
    protocolFacet(record.tlsVersion),
    mfaFacet(mfa === undefined || mfa === null ? '' : mfa === true || mfa === 'true' ? 'true' : 'false'),
    ...identity,
  ];
}

const typesOf = (resources: readonly unknown[]): readonly string[] =>
  resources.length === 0
    ? none
    : sortedUnique(resources.map((one) => (isObject(one) ? text(one['type']) : '')).filter(Boolean));
const none: readonly string[] = [];

/** Answers that carry credentials or the caller's own session: nothing in them says what was touched. */
export const answerless: ReadonlySet<string> = new Set(['sts.amazonaws.com', 'signin.amazonaws.com']);

/** One record, reduced to what decides permissions. Pure: the same record gives the same call. */
export function callOf(record: CloudTrailRecord): Call {
  const principal = principalOf(record);
  const { userIdentity } = record;
  const session = userIdentity['sessionContext'];
  const sourceIdentity = isObject(session) ? session['sourceIdentity'] : undefined;
  const invokedBy = userIdentity['invokedBy'];
  const eventSource = record.eventSource.toLowerCase();
  const kept = keptMembers(eventSource, record.eventName);
  const request = {
    ...reduceRequest(record.requestParameters, record.additionalEventData, kept),
    ...grantedToClient(record.serviceEventDetails),
  };
  const silent = record.readOnly === true || record.errorCode !== '' || answerless.has(eventSource);
  const account = record.recipientAccountId || principal.account;
  const refusal = refusalOf(record);
  return {
    principal,
    operation: {
      eventSource,
      eventName: record.eventName,
      eventType: record.eventType,
      category: categoryOf(record),
      readOnly: record.readOnly,
    },
    context: {
      region: record.awsRegion,
      account,
      errorCode: record.errorCode,
      invokedBy: typeof invokedBy === 'string' ? invokedBy.slice(0, 256) : '',
      session: sessionShape(sessionNameOf(record)),
      sourceIdentity: typeof sourceIdentity === 'string' ? sourceIdentity.slice(0, 64) : '',
    },
    target: {
      ...(refusal ? { refusal } : {}),
      request,
      response: silent ? {} : reduceResponse(record.responseElements, kept),
      resources: reduceResources(record.resources, request),
    },
    time: record.eventTime,
    eventID: record.eventID,
    counts: record.sharedEventID === '' || principal.account === '' || account === principal.account,
    facets: facetsOf(record),
    resourceTypes: typesOf(record.resources),
  };
}
