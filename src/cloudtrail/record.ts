import { isObject, type JsonObject } from '../iam/json.ts';

/** Why a value of the input is not used. `malformed`: text that should hold a record is not valid JSON. */
export type SkipReason =
  'not-a-record' | 'no-event-name' | 'no-event-source' | 'no-event-time' | 'malformed' | 'digest' | 'insight';

type Parsed<T> =
  { readonly ok: true; readonly value: T } | { readonly ok: false; readonly reason: SkipReason };

/**
 * One CloudTrail event: the members later stages read. Texts are '' when absent and cut at 2,048 characters.
 * Members: https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
 */
export interface CloudTrailRecord {
  readonly eventSource: string;
  readonly eventName: string;
  readonly eventType: string;
  readonly eventCategory: string;
  readonly managementEvent: boolean | undefined;
  readonly readOnly: boolean | undefined;
  /** Seconds since 1970 UTC, whole. */
  readonly eventTime: number;
  readonly eventID: string;
  readonly sharedEventID: string;
  readonly awsRegion: string;
  readonly recipientAccountId: string;
  readonly sourceIPAddress: string;
  readonly userAgent: string;
  readonly errorCode: string;
  readonly errorMessage: string;
  readonly vpcEndpointId: string;
  /** `TLSv1.3`, from `tlsDetails`. */
  readonly tlsVersion: string;
  /** As logged; empty when absent. */
  readonly userIdentity: JsonObject;
  readonly requestParameters: unknown;
  readonly responseElements: unknown;
  readonly additionalEventData: unknown;
  readonly serviceEventDetails: unknown;
  /** The list as logged; a single object, which some senders write, as a list of one. */
  readonly resources: readonly unknown[];
}

const NO_IDENTITY: JsonObject = Object.freeze({});
const NO_RESOURCES: readonly unknown[] = Object.freeze([]);
const MAX_TEXT = 2048;

/** Reads one event. Only a name, a source and a time are required: real logs lack each of the others somewhere. */
export function parseRecord(json: unknown): Parsed<CloudTrailRecord> {
  if (!isObject(json)) return { ok: false, reason: 'not-a-record' };
  const eventName = text(json['eventName']);
  if (eventName === '') return { ok: false, reason: 'no-event-name' };
  const eventSource = text(json['eventSource']);
  if (eventSource === '') return { ok: false, reason: 'no-event-source' };
  const eventTime = parseTime(json['eventTime']);
  if (eventTime === undefined) return { ok: false, reason: 'no-event-time' };
  const { userIdentity, tlsDetails } = json;
  return {
    ok: true,
    value: {
      eventSource,
      eventName,
      eventType: text(json['eventType']),
      eventCategory: text(json['eventCategory']),
      managementEvent: flag(json['managementEvent']),
      readOnly: flag(json['readOnly']),
      eventTime,
      eventID: text(json['eventID']),
      sharedEventID: text(json['sharedEventID']),
      awsRegion: text(json['awsRegion']),
      recipientAccountId: text(json['recipientAccountId']),
      sourceIPAddress: text(json['sourceIPAddress']),
      userAgent: text(json['userAgent']),
      errorCode: text(json['errorCode']),
      errorMessage: text(json['errorMessage']),
      vpcEndpointId: text(json['vpcEndpointId']),
      tlsVersion: isObject(tlsDetails) ? text(tlsDetails['tlsVersion']) : '',
      userIdentity: isObject(userIdentity) ? userIdentity : NO_IDENTITY,
      requestParameters: json['requestParameters'],
      responseElements: json['responseElements'],
      additionalEventData: json['additionalEventData'],
      serviceEventDetails: json['serviceEventDetails'],
      resources: listOf(json['resources']),
    },
  };
}

/** A text member: '' unless it is a string, and never longer than 2,048 characters. */
export function text(value: unknown): string {
  if (typeof value !== 'string') return '';
  return value.length > MAX_TEXT ? value.slice(0, MAX_TEXT) : value;
}

function flag(value: unknown): boolean | undefined {
  if (typeof value === 'boolean') return value;
  if (value === 'true') return true;
  return value === 'false' ? false : undefined;
}

function listOf(value: unknown): readonly unknown[] {
  if (Array.isArray(value)) return value;
  return isObject(value) ? [value] : NO_RESOURCES;
}

const TIME = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:[.,]\d+)? ?(?:Z|UTC|([+-])(\d\d):?(\d\d))?$/;

/** Seconds since 1970 UTC of `2024-01-31T23:59:59Z`, its variants (space for `T`, fraction, offset), or a number of (milli)seconds. */
export function parseTime(value: unknown): number | undefined {
  if (typeof value === 'number') return fromEpoch(value);
  if (typeof value !== 'string' || value.length > 64) return undefined;
  if (/^\d{9,13}$/.test(value)) return fromEpoch(Number(value));
  // As CloudTrail writes it; what that cannot be is looked at more closely.
  const usual = /^\d{4}-\d\d-\d\dT[\d:]{8}Z$/.test(value) ? Date.parse(value) / 1000 : NaN;
  if (usual >= 0) return usual;
  const match = TIME.exec(value);
  if (match === null) return undefined;
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = match.slice(1, 7).map(Number);
  const [sign, hours = 0, minutes = 0] = match.slice(7);
  const ofDay = hour * 3600 + minute * 60 + second;
  if (year < 1970 || month < 1 || month > 12 || day < 1 || day > 31 || ofDay > 86_400) return undefined;
  const offset = Number(hours) * 3600 + Number(minutes) * 60;
  return Date.UTC(year, month - 1, day) / 1000 + ofDay - (sign === '-' ? -offset : offset);
}

/** 1e11 seconds are the year 5138, 1e11 milliseconds are 1973: CloudTrail began in 2013. */
function fromEpoch(value: number): number | undefined {
  const seconds = Math.floor(value > 1e11 ? value / 1000 : value);
  return seconds > 0 && seconds < 1e11 ? seconds : undefined;
}
