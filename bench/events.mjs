import { operations } from './operations.mjs';
import { random } from './random.mjs';

/** @typedef {import('./random.mjs').Random} Random */
/** @typedef {import('./operations.mjs').Place} Place */

const accounts = ['111122223333', '222233334444', '333344445555', '444455556666'];
const regions = ['us-east-1', 'eu-west-1', 'eu-central-1', 'ap-southeast-2'];
const errors = [
  'AccessDenied',
  'Client.UnauthorizedOperation',
  'NoSuchKey',
  'ThrottlingException',
  'ValidationException',
  'ResourceNotFoundException',
];
const agents = [
  'aws-sdk-java/2.25.11 Linux/5.10.210-201.852.amzn2.x86_64 OpenJDK_64-Bit_Server_VM/17.0.10+7-LTS Java/17.0.10 vendor/Amazon.com_Inc. io/sync http/Apache cfg/retry-mode/legacy',
  'Boto3/1.34.51 md/Botocore#1.34.51 ua/2.0 os/linux#5.10.210-201.852.amzn2.x86_64 md/arch#x86_64 lang/python#3.11.6 md/pyimpl#CPython cfg/retry-mode#legacy',
  'APN/1.0 HashiCorp/1.0 Terraform/1.7.4 (+https://www.terraform.io) terraform-provider-aws/5.39.0 aws-sdk-go-v2/1.25.2 os/linux lang/go#1.21.7',
];
const totalWeight = operations.reduce((sum, { weight }) => sum + weight, 0);
const rolesPerAccount = 120;

/**
 * What a role calls this time: one of about seven operations that are its own, on one of a few things that are its own.
 * @param {Random} r @param {Place} place @param {number} role
 */
function callOf(r, place, role) {
  for (;;) {
    let at = r.next() * totalWeight;
    const index = operations.findIndex(({ weight }) => (at -= weight) < 0);
    const operation = operations[index];
    if (!operation || (index * 7 + role) % 3 !== 0) continue;
    const variant = Math.floor(5 * r.next() ** 2);
    const own = random(Number(place.account.slice(0, 4)) * 1e5 + role * 1000 + index * 10 + variant);
    return { ...operation, ...operation.make({ own, r, place }) };
  }
}

/** @typedef {{ machine: string, person: string, since: string }} Session */

const noSession = { machine: '', person: '', since: '' };

/** @param {Random} r @param {Place} place @param {number} role @param {readonly Session[]} sessions */
function identity(r, { account, region }, role, sessions) {
  const kind = r.next();
  if (kind < 0.06)
    return { type: 'AWSService', invokedBy: r.pick(['ecs', 'lambda', 'ec2', 'config']) + '.amazonaws.com' };
  if (kind < 0.12) {
    const userName = `user-${role % 30}`;
    const principalId = `AIDAEXAMPLEUSER${role % 30}`;
    return {
      type: 'IAMUser',
      principalId,
      arn: `arn:aws:iam::${account}:user/${userName}`,
      accountId: account,
      accessKeyId: 'AKIAEXAMPLE',
      userName,
    };
  }
  const linked = kind < 0.2;
  const reserved = kind > 0.95;
  const set = `AWSReservedSSO_Engineer${role % 8}_0123456789abcdef`;
  // A role runs on a few machines, and a session lasts while its file is written: its records say the same of it.
  const session = sessions[(role * 3 + r.below(3)) % sessions.length] ?? noSession;
  const sessionName = reserved ? session.person : session.machine;
  const userName = linked ? 'AWSServiceRoleForECS' : reserved ? set : `role-${role}`;
  const path = linked
    ? 'aws-service-role/ecs.amazonaws.com/'
    : reserved
      ? `aws-reserved/sso.amazonaws.com/${region}/`
      : '';
  const principalId = `AROAEXAMPLE${userName.slice(0, 8).toUpperCase()}${role}`;
  return {
    type: 'AssumedRole',
    principalId: `${principalId}:${sessionName}`,
    arn: `arn:aws:sts::${account}:assumed-role/${userName}/${sessionName}`,
    accountId: account,
    accessKeyId: `ASIAEXAMPLE${sessionName.slice(-6).toUpperCase()}`,
    sessionContext: {
      sessionIssuer: {
        type: 'Role',
        principalId,
        arn: `arn:aws:iam::${account}:role/${path}${userName}`,
        accountId: account,
        userName,
      },
      webIdFederationData: {},
      attributes: { creationDate: session.since, mfaAuthenticated: 'false' },
    },
    ...(r.next() < 0.08 ? { invokedBy: r.pick(['cloudformation', 's3', 'athena']) + '.amazonaws.com' } : {}),
  };
}

/** One record. @param {Random} r @param {Place} place @param {string} date `2026-03-02` @param {readonly Session[]} sessions */
function event(r, place, date, sessions) {
  const role = Math.floor(rolesPerAccount * r.next() ** 2);
  const {
    source,
    name,
    readOnly = false,
    data = false,
    request = null,
    response = null,
    resources,
  } = callOf(r, place, role);
  const time = `${date}T${[24, 60, 60].map((n) => String(r.below(n)).padStart(2, '0')).join(':')}Z`;
  const userIdentity = identity(r, place, role, sessions);
  const failed =
    r.next() < 0.05
      ? {
          errorCode: r.pick(errors),
          errorMessage: `User: ${role} is not authorized, or ${r.hex(24)}`,
        }
      : undefined;
  const host = `${source}.${place.region}.amazonaws.com`;
  return {
    eventVersion: '1.09',
    userIdentity,
    eventTime: time,
    eventSource: `${source}.amazonaws.com`,
    eventName: name,
    awsRegion: place.region,
    sourceIPAddress:
      r.next() < 0.15 ? `${source}.amazonaws.com` : `10.${r.below(4)}.${r.below(8)}.${r.below(256)}`,
    userAgent: r.pick(agents),
    ...failed,
    requestParameters: request,
    responseElements: failed ? null : response,
    ...(source === 's3'
      ? {
          additionalEventData: {
            SignatureVersion: 'SigV4',
            CipherSuite: 'TLS_AES_128_GCM_SHA256',
            bytesTransferredIn: 0,
            AuthenticationMethod: 'AuthHeader',
            'x-amz-id-2': r.hex(76),
            bytesTransferredOut: r.below(99_999),
          },
        }
      : {}),
    requestID: r.uuid(),
    eventID: r.uuid(),
    readOnly,
    ...(resources ? { resources } : {}),
    eventType: 'AwsApiCall',
    managementEvent: !data,
    recipientAccountId: place.account,
    eventCategory: data ? 'Data' : 'Management',
    tlsDetails: {
      tlsVersion: 'TLSv1.3',
      cipherSuite: 'TLS_AES_128_GCM_SHA256',
      clientProvidedHostHeader: host,
    },
  };
}

/**
 * The records of one log file; its number decides account, Region and day (30 days of March 2026).
 * @param {number} file @param {number} count
 */
export function logFile(file, count) {
  const r = random(file + 1);
  const place = { account: r.pickSkewed(accounts), region: r.pickSkewed(regions) };
  const day = String(1 + (file % 30)).padStart(2, '0');
  const sessions = Array.from({ length: 3 * rolesPerAccount }, () => ({
    machine: `i-0${r.hex(16)}`,
    person: `person-${r.below(50)}@example.com`,
    since: `2026-03-${day}T${String(r.below(24)).padStart(2, '0')}:00:00Z`,
  }));
  const records = Array.from({ length: count }, () => event(r, place, `2026-03-${day}`, sessions));
  const stamp = `202603${day}T${String(r.below(24)).padStart(2, '0')}${String(5 * r.below(12)).padStart(2, '0')}Z`;
  const { account, region } = place;
  return {
    folder: `AWSLogs/${account}/CloudTrail/${region}/2026/03/${day}`,
    name: `${account}_CloudTrail_${region}_${stamp}_${r.hex(16)}.json.gz`,
    records,
  };
}
