// The user `ops-alice`, the function's role, and those who get no policy: root, service-linked roles, AWS services.
import {
  ACCOUNT,
  DAYS,
  REGION,
  WORKDAYS,
  at,
  clock,
  hex,
  objectEvent,
  pick,
  record,
  roleSession,
  serviceAssumesRole,
  serviceIdentity,
  uuid,
} from './record.mjs';

export const OPS_ALICE = { name: 'ops-alice', id: 'AIDAEXAMPLEALICE00001' };
export const APP_API = { name: 'app-api', id: 'AROAEXAMPLEAPI0000001' };
export const ECS_LINKED = {
  name: 'AWSServiceRoleForECS',
  path: '/aws-service-role/ecs.amazonaws.com/',
  id: 'AROAEXAMPLELINK000001',
};
const INSTANCES = ['i-0a1b2c3d4e5f60718', 'i-0f9e8d7c6b5a43210'];
const SECOND_REGION = 'eu-west-1';

/** All events of everyone here. */
export function otherEvents() {
  return [
    ...WORKDAYS.flatMap(aliceDay),
    ...DAYS.flatMap((day) => [...functionDay(day), ...linkedRoleDay(day), ...trailDay(day)]),
    keyRotation('2026-03-04'),
    signIn(at('2026-03-06', clock(16)), {
      type: 'Root',
      principalId: ACCOUNT,
      arn: `arn:aws:iam::${ACCOUNT}:root`,
      accountId: ACCOUNT,
      accessKeyId: '',
    }),
  ];
}

/** @param {string} day @param {number} index */
function aliceDay(day, index) {
  const since = at(day, clock(8, 30));
  const user = {
    type: 'IAMUser',
    principalId: OPS_ALICE.id,
    arn: `arn:aws:iam::${ACCOUNT}:user/${OPS_ALICE.name}`,
    accountId: ACCOUNT,
  };
  const alice = {
    ...user,
    accessKeyId: 'ASIAIOSFODNN7EXAMPLE',
    userName: OPS_ALICE.name,
    sessionContext: { attributes: { creationDate: since, mfaAuthenticated: 'true' } },
  };
  let seconds = clock(8, 31);
  /** @param {string} call @param {object | null} requestParameters @param {object} more */
  const inConsole = (call, requestParameters, more = {}) =>
    record(at(day, (seconds += 40)), call, alice, {
      requestParameters,
      sourceIPAddress: '198.51.100.7',
      userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:136.0) Gecko/20100101 Firefox/136.0',
      sessionCredentialFromConsole: 'true',
      ...more,
    });
  const round = () => [
    inConsole('ec2:DescribeInstances', { maxResults: 50, instancesSet: {}, filterSet: {} }),
    inConsole('ec2:DescribeInstanceStatus', { instancesSet: {}, filterSet: {} }),
    inConsole('ec2:DescribeSecurityGroups', { securityGroupSet: {}, securityGroupIdSet: {}, filterSet: {} }),
    inConsole('ec2:DescribeVpcs', { vpcSet: {}, filterSet: {} }),
    inConsole('monitoring:DescribeAlarms', { maxRecords: 100 }),
    inConsole('ssm:DescribeInstanceInformation', { maxResults: 50 }),
  ];
  const target = INSTANCES[index % INSTANCES.length];
  const sessionId = `${OPS_ALICE.name}-${hex(17, 'session', day)}`;
  return [
    signIn(since, { ...user, userName: OPS_ALICE.name }),
    inConsole('sts:GetCallerIdentity', null),
    ...[0, 1, 2].flatMap(round),
    inConsole(
      'ec2:DescribeInstances',
      { maxResults: 50, instancesSet: {}, filterSet: {} },
      { awsRegion: SECOND_REGION },
    ),
    inConsole('rds:DescribeDBInstances', null, { awsRegion: SECOND_REGION }),
    inConsole(
      'ssm:StartSession',
      { target },
      {
        responseElements: { sessionId, tokenValue: 'Value hidden due to security reasons.' },
        readOnly: false,
      },
    ),
    inConsole('ssm:TerminateSession', { sessionId }, { responseElements: { sessionId }, readOnly: false }),
    ...(index === 2 ? [toOtherAccount(at(day, clock(14)), alice)] : []),
  ];
}

/** @param {string} time @param {object} identity */
function signIn(time, identity) {
  return record(time, 'signin:ConsoleLogin', identity, {
    sourceIPAddress: '198.51.100.7',
    userAgent: 'Mozilla/5.0 (X11; Linux x86_64; rv:136.0) Gecko/20100101 Firefox/136.0',
    responseElements: { ConsoleLogin: 'Success' },
    additionalEventData: {
      LoginTo: 'https://console.aws.amazon.com/console/home',
      MobileVersion: 'No',
      MFAUsed: 'Yes',
    },
    readOnly: false,
    eventType: 'AwsConsoleSignIn',
  });
}

/** @param {string} time @param {object} identity */
function toOtherAccount(time, identity) {
  const owner = '444455556666';
  const session = OPS_ALICE.name;
  const arn = `arn:aws:iam::${owner}:role/support`;
  return record(time, 'sts:AssumeRole', identity, {
    requestParameters: { roleArn: arn, roleSessionName: session },
    responseElements: {
      credentials: { accessKeyId: 'ASIAIOSFODNN7EXAMPLE', sessionToken: 'EXAMPLE', expiration: time },
      assumedRoleUser: {
        assumedRoleId: `AROAEXAMPLESUPPORT001:${session}`,
        arn: `arn:aws:sts::${owner}:assumed-role/support/${session}`,
      },
    },
    resources: [{ accountId: owner, type: 'AWS::IAM::Role', ARN: arn }],
    sharedEventID: uuid('shared', time, arn),
  });
}

/** The function that `ci-deploy` updates; it writes log lines, of which only the streams are recorded. @param {string} day */
function functionDay(day) {
  return [3, 11, 19].flatMap((hour) => {
    const time = at(day, clock(hour, 7));
    const stream = `${day.replaceAll('-', '/')}/[$LATEST]${hex(32, 'stream', time)}`;
    return [
      serviceAssumesRole(time, 'lambda.amazonaws.com', APP_API, 'app-api'),
      record(at(day, clock(hour, 7) + 1), 'logs:CreateLogStream', roleSession(APP_API, 'app-api', time), {
        requestParameters: { logGroupName: '/aws/lambda/app-api', logStreamName: stream },
        readOnly: false,
      }),
    ];
  });
}

/** ECS at work for the account, with the role AWS made for it. @param {string} day */
function linkedRoleDay(day) {
  const service = 'ecs.amazonaws.com';
  const identity = roleSession(ECS_LINKED, 'ecs-service-scheduler', at(day, 0), { invokedBy: service });
  const group = `arn:aws:elasticloadbalancing:${REGION}:${ACCOUNT}:targetgroup/app/0123456789abcdef`;
  return Array.from({ length: 48 }, (_, half) => {
    const time = at(day, half * 1800 + 240);
    return half % 8 === 0
      ? record(time, 'elasticloadbalancing:RegisterTargets', identity, {
          requestParameters: {
            targetGroupArn: group,
            targets: [{ id: `10.0.21.${String(10 + pick(200, time))}`, port: 8080 }],
          },
          readOnly: false,
        })
      : record(time, 'elasticloadbalancing:DescribeTargetHealth', identity, {
          requestParameters: { targetGroupArn: group },
        });
  });
}

/** The trail itself: CloudTrail delivers to its bucket, in the second Region too. @param {string} day */
function trailDay(day) {
  const cloudTrail = serviceIdentity('cloudtrail.amazonaws.com');
  const bucket = 'example-trail';
  const hours = Array.from({ length: 24 }, (_, hour) => hour);
  return hours.flatMap((hour) => {
    const check = {
      requestParameters: { bucketName: bucket, acl: '' },
      sharedEventID: uuid('shared', day, hour),
    };
    return [
      record(at(day, clock(hour, 3)), 's3:GetBucketAcl', cloudTrail, check),
      ...(hour % 6 === 0
        ? [
            record(at(day, clock(hour, 3)), 's3:GetBucketAcl', cloudTrail, {
              ...check,
              awsRegion: SECOND_REGION,
            }),
            objectEvent(at(day, clock(hour, 4)), 'PutObject', cloudTrail, {
              bucket,
              key: `AWSLogs/${ACCOUNT}/CloudTrail/${REGION}/${day.replaceAll('-', '/')}/${hex(16, 'log', day, hour)}.json.gz`,
              readOnly: false,
            }),
          ]
        : []),
    ];
  });
}

/** @param {string} day */
function keyRotation(day) {
  return record(
    at(day, clock(2)),
    'kms:RotateKey',
    { accountId: ACCOUNT, invokedBy: 'AWS Internal' },
    {
      readOnly: false,
      eventType: 'AwsServiceEvent',
      serviceEventDetails: { keyId: '7c9d51e2-40ab-4b6f-9a3c-5d1e0f2a6b84' },
      resources: [
        {
          accountId: ACCOUNT,
          type: 'AWS::KMS::Key',
          ARN: `arn:aws:kms:${REGION}:${ACCOUNT}:key/7c9d51e2-40ab-4b6f-9a3c-5d1e0f2a6b84`,
        },
      ],
    },
  );
}
