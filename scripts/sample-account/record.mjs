// CloudTrail records as a trail delivers them. Field by field:
// https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-record-contents.html
import { createHash } from 'node:crypto';

export const ACCOUNT = '111122223333';
export const REGION = 'us-east-1';
export const DAYS = ['02', '03', '04', '05', '06', '07', '08'].map((day) => `2026-03-${day}`);
/** Monday to Friday. */
export const WORKDAYS = DAYS.slice(0, 5);

/**
 * Hexadecimal digits that depend on nothing but the words given.
 * @param {number} length up to 64
 * @param {...(string | number)} words
 */
export function hex(length, ...words) {
  return createHash('sha256').update(words.join(' ')).digest('hex').slice(0, length);
}

/**
 * A number from 0 to below `limit` that depends on nothing but the words given.
 * @param {number} limit
 * @param {...(string | number)} words
 */
export function pick(limit, ...words) {
  return Number.parseInt(hex(8, ...words), 16) % limit;
}

/**
 * A UUID that depends on nothing but the words given.
 * @param {...(string | number)} words
 */
export function uuid(...words) {
  const digits = hex(32, ...words);
  return [
    digits.slice(0, 8),
    digits.slice(8, 12),
    digits.slice(12, 16),
    digits.slice(16, 20),
    digits.slice(20),
  ].join('-');
}

/**
 * A time of a day in seconds after midnight, as CloudTrail writes it.
 * @param {string} day YYYY-MM-DD
 * @param {number} seconds
 */
export function at(day, seconds) {
  return new Date(Date.parse(`${day}T00:00:00Z`) + Math.floor(seconds) * 1000)
    .toISOString()
    .replace('.000Z', 'Z');
}

/** Seconds after midnight. @param {number} hours @param {number} minutes */
export const clock = (hours, minutes = 0) => (hours * 60 + minutes) * 60;

/** @param {string} name @param {string} path */
export const roleArn = (name, path = '/') => `arn:aws:iam::${ACCOUNT}:role${path}${name}`;

/**
 * The identity of a role session.
 * @param {{ name: string, path?: string, id: string }} role
 * @param {string} session
 * @param {string} since when the session began
 * @param {object} more further members
 */
export function roleSession(role, session, since, more = {}) {
  return {
    type: 'AssumedRole',
    principalId: `${role.id}:${session}`,
    arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${role.name}/${session}`,
    accountId: ACCOUNT,
    accessKeyId: 'ASIAIOSFODNN7EXAMPLE',
    sessionContext: {
      sessionIssuer: {
        type: 'Role',
        principalId: role.id,
        arn: roleArn(role.name, role.path),
        accountId: ACCOUNT,
        userName: role.name,
      },
      attributes: { creationDate: since, mfaAuthenticated: 'false' },
    },
    ...more,
  };
}

/** An AWS service acting for itself. @param {string} service */
export const serviceIdentity = (service) => ({ type: 'AWSService', invokedBy: service });

/** @param {string} service such as `lambda` */
const endpoint = (service) => `${service}.${REGION}.amazonaws.com`;

/**
 * One record. What is not said is that of an ordinary read-only management call from outside AWS.
 * @param {string} time
 * @param {string} call `service:EventName`, the service as in eventSource
 * @param {object} identity
 * @param {object} more members that differ
 */
export function record(time, call, identity, more = {}) {
  const [service = '', eventName = ''] = call.split(':');
  const forwarded = 'invokedBy' in identity ? identity.invokedBy : undefined;
  const words = [time, call, JSON.stringify(identity), JSON.stringify(more)];
  return {
    eventVersion: '1.11',
    userIdentity: identity,
    eventTime: time,
    eventSource: `${service}.amazonaws.com`,
    eventName,
    awsRegion: REGION,
    sourceIPAddress: forwarded ?? '203.0.113.40',
    userAgent: forwarded ?? 'aws-sdk-java/2.31.9 md/io#sync os/Linux lang/java#21.0.6',
    requestParameters: null,
    responseElements: null,
    requestID: uuid('request', ...words),
    eventID: uuid('event', ...words),
    readOnly: true,
    eventType: 'AwsApiCall',
    managementEvent: true,
    recipientAccountId: ACCOUNT,
    eventCategory: 'Management',
    ...(forwarded === undefined
      ? {
          tlsDetails: {
            tlsVersion: 'TLSv1.3',
            cipherSuite: 'TLS_AES_128_GCM_SHA256',
            clientProvidedHostHeader: endpoint(service),
          },
        }
      : {}),
    ...more,
  };
}

/**
 * One S3 data event on an object.
 * @param {string} time
 * @param {string} eventName
 * @param {object} identity
 * @param {{ bucket: string, key: string, request?: object, [member: string]: unknown }} object
 */
export function objectEvent(time, eventName, identity, { bucket, key, request, ...more }) {
  const host = `${bucket}.s3.${REGION}.amazonaws.com`;
  return record(time, `s3:${eventName}`, identity, {
    requestParameters: { bucketName: bucket, Host: host, key, ...request },
    additionalEventData: {
      SignatureVersion: 'SigV4',
      CipherSuite: 'TLS_AES_128_GCM_SHA256',
      bytesTransferredIn: 0,
      SSEApplied: 'SSE_KMS',
      AuthenticationMethod: 'AuthHeader',
      bytesTransferredOut: 200 + pick(4000, time, key),
    },
    resources: [
      { type: 'AWS::S3::Object', ARN: `arn:aws:s3:::${bucket}/${key}` },
      { accountId: ACCOUNT, type: 'AWS::S3::Bucket', ARN: `arn:aws:s3:::${bucket}` },
    ],
    managementEvent: false,
    eventCategory: 'Data',
    ...more,
  });
}

/**
 * A service that fetches credentials of a role, as the account that owns the role sees it.
 * @param {string} time
 * @param {string} service
 * @param {{ name: string, path?: string, id: string }} role
 * @param {string} session
 */
export function serviceAssumesRole(time, service, role, session) {
  const arn = roleArn(role.name, role.path);
  return record(time, 'sts:AssumeRole', serviceIdentity(service), {
    requestParameters: { roleArn: arn, roleSessionName: session },
    responseElements: {
      credentials: { accessKeyId: 'ASIAIOSFODNN7EXAMPLE', sessionToken: 'EXAMPLE', expiration: time },
      assumedRoleUser: {
        assumedRoleId: `${role.id}:${session}`,
        arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${role.name}/${session}`,
      },
    },
    resources: [{ accountId: ACCOUNT, type: 'AWS::IAM::Role', ARN: arn }],
    sharedEventID: uuid('shared', time, service, session),
  });
}
