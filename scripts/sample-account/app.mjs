// The role `app`: reads what arrived, runs tasks, writes a report. And the roles of those tasks: `app-task`, which it
// passes, and `app-execution`, with which ECS fetches their image.
import {
  ACCOUNT,
  DAYS,
  REGION,
  at,
  clock,
  hex,
  objectEvent,
  pick,
  record,
  roleArn,
  roleSession,
  serviceAssumesRole,
  uuid,
} from './record.mjs';

export const APP = { name: 'app', id: 'AROAEXAMPLEAPP0000001' };
export const APP_EXECUTION = { name: 'app-execution', id: 'AROAEXAMPLEEXEC000001' };
export const APP_TASK = { name: 'app-task', id: 'AROAEXAMPLETASK000001' };
/** Encrypts `app-data`; the policies of `app` allow its use. */
export const APP_KEY = `arn:aws:kms:${REGION}:${ACCOUNT}:key/7c9d51e2-40ab-4b6f-9a3c-5d1e0f2a6b84`;
/** Encrypts `shared-rates`; its key policy, and nothing else, allows `app` to use it. */
const RATES_KEY = `arn:aws:kms:${REGION}:${ACCOUNT}:key/1b2c3d4e-5f60-4718-92a3-b4c5d6e7f809`;

const FROM_VPC = {
  sourceIPAddress: '10.0.21.14',
  vpcEndpointId: 'vpce-0a1b2c3d4e5f60718',
  vpcEndpointAccountId: ACCOUNT,
};

/** All events of these roles. */
export function appEvents() {
  return DAYS.flatMap((day, index) => [...appDay(day, index), ...taskDay(day)]);
}

/** @param {string} day @param {number} index */
function appDay(day, index) {
  const task = hex(32, 'app', day);
  const since = at(day, clock(0, 1));
  const app = roleSession(APP, task, since);
  const files = 180 + pick(40, 'files', day);
  const events = [
    serviceAssumesRole(since, 'ecs-tasks.amazonaws.com', APP, task),
    record(at(day, clock(0, 1) + 20), 'sqs:GetQueueUrl', app, { requestParameters: { queueName: 'orders' } }),
    listing(at(day, clock(6)), app, 'in/'),
  ];
  for (let file = 0; file < files; file += 1) {
    const key = `in/order-${String(100_000 + index * 1_000 + file)}.json`;
    const time = at(day, clock(6, 1) + file * 15);
    events.push(objectEvent(time, 'GetObject', app, { bucket: 'app-data', key, ...FROM_VPC }));
  }
  events.push(
    // With S3 Bucket Keys one KMS call serves many objects, and names the bucket only.
    forStorage(at(day, clock(6, 1)), 'Decrypt', app, APP_KEY, 'app-data'),
    forStorage(at(day, clock(7)), 'GenerateDataKey', app, APP_KEY, 'app-data'),
    // No such object: S3 says so (404, not 403) only to those who may list the bucket.
    objectEvent(at(day, clock(5, 59)), 'HeadObject', app, {
      bucket: 'app-data',
      key: 'in/_COMPLETE',
      errorCode: 'NoSuchKey',
      errorMessage: 'The specified key does not exist.',
      ...FROM_VPC,
    }),
    report(at(day, clock(7)), app),
  );
  for (let run = 0; run < 3; run += 1) events.push(...runTask(day, clock(8 + run * 4, 10), app));
  for (let hour = 0; hour < 24; hour += 1) {
    const limited = hour === 13 && index === 2;
    events.push(
      record(at(day, clock(hour, 30)), 'logs:DescribeLogStreams', app, {
        requestParameters: { logGroupName: '/ecs/app', orderBy: 'LastEventTime', descending: true, limit: 5 },
        ...(limited ? { errorCode: 'ThrottlingException', errorMessage: 'Rate exceeded' } : {}),
      }),
    );
  }
  return [...events, ...onlyOn(day, app)];
}

/** What did not happen every day. @param {string} day @param {object} app */
function onlyOn(day, app) {
  switch (day) {
    case '2026-03-03':
    case '2026-03-06':
      return [
        objectEvent(at(day, clock(6, 50)), 'GetObject', app, {
          bucket: 'shared-rates',
          key: 'rates.csv',
          ...FROM_VPC,
        }),
        forStorage(at(day, clock(6, 50)), 'Decrypt', app, RATES_KEY, 'shared-rates/rates.csv'),
      ];
    case '2026-03-04':
      return [
        // An object whose name is one star, left by a shell command with a quoted wildcard.
        objectEvent(at(day, clock(6, 55)), 'GetObject', app, { bucket: 'app-data', key: '*', ...FROM_VPC }),
        record(at(day, clock(13, 5)), 'ecs:ListTasks', app, {
          errorCode: 'ThrottlingException',
          errorMessage: 'Rate exceeded',
          requestParameters: { cluster: 'batch', family: 'import' },
        }),
      ];
    case '2026-03-05':
      return [
        objectEvent(at(day, clock(9)), 'GetObject', app, {
          bucket: 'finance-archive',
          key: '2025/ledger.csv',
          errorCode: 'AccessDenied',
          errorMessage: 'Access Denied',
          ...FROM_VPC,
        }),
        record(at(day, clock(9, 1)), 'secretsmanager:GetSecretValue', app, {
          errorCode: 'AccessDenied',
          errorMessage: `User: arn:aws:sts::${ACCOUNT}:assumed-role/app/${hex(32, 'app', day)} is not authorized to perform: secretsmanager:GetSecretValue on resource: finance/ledger because no identity-based policy allows the secretsmanager:GetSecretValue action`,
          requestParameters: { secretId: 'finance/ledger' },
        }),
      ];
    default:
      return [];
  }
}

/** @param {string} time @param {object} identity @param {string} prefix */
function listing(time, identity, prefix) {
  return objectEvent(time, 'ListObjects', identity, {
    bucket: 'app-data',
    key: '',
    requestParameters: {
      'list-type': '2',
      bucketName: 'app-data',
      prefix,
      'encoding-type': 'url',
      Host: `app-data.s3.${REGION}.amazonaws.com`,
    },
    resources: [
      { type: 'AWS::S3::Object', ARNPrefix: `arn:aws:s3:::app-data/${prefix}` },
      { accountId: ACCOUNT, type: 'AWS::S3::Bucket', ARN: 'arn:aws:s3:::app-data' },
    ],
    ...FROM_VPC,
  });
}

/** @param {string} time @param {object} identity */
function report(time, identity) {
  return objectEvent(time, 'PutObject', identity, {
    bucket: 'app-data',
    key: 'out/report.csv',
    responseElements: {
      'x-amz-server-side-encryption': 'aws:kms',
      'x-amz-server-side-encryption-aws-kms-key-id': APP_KEY,
      'x-amz-server-side-encryption-bucket-key-enabled': 'true',
    },
    readOnly: false,
    ...FROM_VPC,
  });
}

/**
 * KMS called by S3 with the credentials of whoever called S3.
 * @param {string} time @param {string} eventName @param {object} identity @param {string} key @param {string} object
 */
function forStorage(time, eventName, identity, key, object) {
  const encryptionContext = { 'aws:s3:arn': `arn:aws:s3:::${object}` };
  return record(
    time,
    `kms:${eventName}`,
    { ...identity, invokedBy: 'AWS Internal' },
    {
      requestParameters:
        eventName === 'Decrypt'
          ? { encryptionContext, encryptionAlgorithm: 'SYMMETRIC_DEFAULT' }
          : { keyId: key, encryptionContext, keySpec: 'AES_256' },
      resources: [{ accountId: ACCOUNT, type: 'AWS::KMS::Key', ARN: key }],
    },
  );
}

/** @param {string} day @param {number} seconds @param {object} app */
function runTask(day, seconds, app) {
  const id = hex(32, 'task', day, seconds);
  const taskArn = `arn:aws:ecs:${REGION}:${ACCOUNT}:task/batch/${id}`;
  const clusterArn = `arn:aws:ecs:${REGION}:${ACCOUNT}:cluster/batch`;
  const overrides = { containerOverrides: [{ name: 'import' }], taskRoleArn: roleArn(APP_TASK.name) };
  const run = record(at(day, seconds), 'ecs:RunTask', app, {
    requestParameters: {
      cluster: 'batch',
      count: 1,
      launchType: 'FARGATE',
      taskDefinition: 'import:14',
      networkConfiguration: {
        awsvpcConfiguration: { subnets: ['subnet-0123456789abcdef0'], assignPublicIp: 'DISABLED' },
      },
      overrides,
    },
    responseElements: {
      tasks: [
        {
          taskArn,
          clusterArn,
          taskDefinitionArn: `arn:aws:ecs:${REGION}:${ACCOUNT}:task-definition/import:14`,
          overrides,
          lastStatus: 'PROVISIONING',
          desiredStatus: 'RUNNING',
          launchType: 'FARGATE',
        },
      ],
      failures: [],
    },
    readOnly: false,
  });
  const polls = [60, 120, 180].map((later) =>
    record(at(day, seconds + later), 'ecs:DescribeTasks', app, {
      requestParameters: { cluster: 'batch', tasks: [taskArn] },
    }),
  );
  return [run, ...polls];
}

/** The tasks that `app` started. @param {string} day */
function taskDay(day) {
  return [0, 1, 2].flatMap((run) => {
    const start = clock(8 + run * 4, 11);
    const session = hex(32, 'task', day, clock(8 + run * 4, 10));
    const task = roleSession(APP_TASK, session, at(day, start));
    const execution = roleSession(APP_EXECUTION, session, at(day, start));
    const repository = { repositoryName: 'app', registryId: ACCOUNT };
    const resources = [{ ARN: `arn:aws:ecr:${REGION}:${ACCOUNT}:repository/app`, accountId: ACCOUNT }];
    return [
      serviceAssumesRole(at(day, start), 'ecs-tasks.amazonaws.com', APP_EXECUTION, session),
      record(at(day, start + 5), 'ecr:GetAuthorizationToken', execution),
      record(at(day, start + 6), 'ecr:BatchGetImage', execution, {
        requestParameters: { ...repository, imageIds: [{ imageTag: 'import' }] },
        resources,
      }),
      record(at(day, start + 7), 'ecr:GetDownloadUrlForLayer', execution, {
        requestParameters: { ...repository, layerDigest: `sha256:${hex(64, 'layer', day)}` },
        resources,
      }),
      serviceAssumesRole(at(day, start), 'ecs-tasks.amazonaws.com', APP_TASK, session),
      objectEvent(at(day, start + 90), 'PutObject', task, {
        bucket: 'app-data',
        key: `tasks/${uuid('result', day, run)}.json`,
        readOnly: false,
        ...FROM_VPC,
      }),
    ];
  });
}
