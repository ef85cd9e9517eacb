import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { random } from '../random.mjs';

const ACCOUNT = '111122223333';
const REGION = 'us-east-1';
const DAYS = 365;
const FIRST = Date.UTC(2025, 3, 1);
/** Measured once each; a run that takes longer is given up. */
const LIMIT_SECONDS = 600;
const program = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const run = fileURLToPath(new URL('large-run.mjs', import.meta.url));

/** A session of a role. @param {string} name @param {string} id */
const roleOf = (name, id) => ({
  type: 'AssumedRole',
  principalId: `AROAEXAMPLE${id}:job`,
  arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${name}/job`,
  accountId: ACCOUNT,
  sessionContext: {
    sessionIssuer: {
      type: 'Role',
      principalId: `AROAEXAMPLE${id}`,
      arn: `arn:aws:iam::${ACCOUNT}:role/${name}`,
      accountId: ACCOUNT,
      userName: name,
    },
  },
});

/** As wide as people grant: half of the buckets by name, some services whole, a Deny, a condition. */
export const held = {
  Version: '2012-10-17',
  Statement: [
    {
      Effect: 'Allow',
      Action: 's3:*',
      Resource: Array.from({ length: 100 }, (_, n) => `arn:aws:s3:::data-${2 * n}/*`),
    },
    { Effect: 'Allow', Action: ['ecs:*', 'sns:*', 'logs:*', 'sqs:*'], Resource: '*' },
    {
      Effect: 'Allow',
      Action: 'ec2:*',
      Resource: '*',
      Condition: { StringEquals: { 'aws:RequestedRegion': ['us-east-1', 'eu-west-1'] } },
    },
    {
      Effect: 'Allow',
      Action: 'ec2:Terminate*',
      Resource: '*',
      Condition: { StringEquals: { 'aws:PrincipalTag/team': 'batch' } },
    },
    { Effect: 'Deny', Action: 's3:*', Resource: 'arn:aws:s3:::data-1*/private/*' },
    {
      Effect: 'Deny',
      Action: 'ec2:*',
      Resource: '*',
      Condition: { StringNotEquals: { 'ec2:ResourceTag/env': 'dev' } },
    },
  ],
};
const arn = (/** @type {string} */ service, /** @type {string} */ rest) =>
  `arn:aws:${service}:${REGION}:${ACCOUNT}:${rest}`;

/**
 * A call unlike all others: objects in up to 200 buckets and streams in 50 log groups (few enough of each a day that
 * ingestion folds none), instances, tasks, topics.
 * @param {import('../random.mjs').Random} r @param {number} n
 */
function callOf(r, n) {
  switch (n % 10) {
    case 0:
    case 1:
    case 2:
    case 3: {
      const bucketName = `data-${Math.floor(n / 10) % 200}`;
      const key = `files/${r.uuid()}`;
      const ARN = `arn:aws:s3:::${bucketName}/${key}`;
      return {
        source: 's3',
        name: 'PutObject',
        request: { bucketName, key },
        resources: [{ type: 'AWS::S3::Object', ARN }],
        data: true,
      };
    }
    case 4:
      return {
        source: 'logs',
        name: 'CreateLogStream',
        request: { logGroupName: `/app/${Math.floor(n / 10) % 50}`, logStreamName: `run/${r.uuid()}` },
      };
    case 5:
    case 6:
      return {
        source: 'ecs',
        name: 'StopTask',
        request: { cluster: 'batch', task: arn('ecs', `task/batch/${r.hex(32)}`) },
      };
    case 7:
      return { source: 'sns', name: 'GetTopicAttributes', request: { topicArn: arn('sns', `topic-${n}`) } };
    default:
      return {
        source: 'ec2',
        name: 'TerminateInstances',
        request: { instancesSet: { items: [{ instanceId: `i-0${r.hex(16)}` }] } },
      };
  }
}

/** @typedef {{ identity: object, source: string, name: string, request: object, resources?: object[], data?: boolean }} Made */

/**
 * A trail of some days, the same number of calls on each.
 * @param {string} folder @param {number} count @param {number} days @param {(n: number) => Made} callOf
 */
function writeTrail(folder, count, days, callOf) {
  const r = random(count + days);
  for (let file = 0; file < days; file++) {
    const [first = 0, end = 0] = [file, file + 1].map((n) => Math.floor((count * n) / days));
    const day = new Date(FIRST + file * 86_400_000).toISOString().slice(0, 10);
    const records = Array.from({ length: end - first }, (_, n) => {
      const { identity: userIdentity, source, name, request, resources, data } = callOf(first + n);
      return {
        eventVersion: '1.11',
        userIdentity,
        eventTime: `${day}T12:00:00Z`,
        eventSource: `${source}.amazonaws.com`,
        eventName: name,
        awsRegion: REGION,
        sourceIPAddress: '10.0.0.1',
        requestParameters: request,
        responseElements: null,
        eventID: r.uuid(),
        readOnly: false,
        ...(resources ? { resources } : {}),
        eventType: 'AwsApiCall',
        managementEvent: data !== true,
        recipientAccountId: ACCOUNT,
        eventCategory: data ? 'Data' : 'Management',
      };
    });
    const into = join(folder, 'AWSLogs', ACCOUNT, 'CloudTrail', REGION, ...day.split('-'));
    mkdirSync(into, { recursive: true });
    const name = `${ACCOUNT}_CloudTrail_${REGION}_${day.replaceAll('-', '')}T1205Z_${r.hex(16)}.json.gz`;
    writeFileSync(join(into, name), gzipSync(JSON.stringify({ Records: records }), { level: 1 }));
  }
}

/** The folder of a trail below `bench/.data`, made once. @param {string} name @param {(folder: string) => void} write */
function made(name, write) {
  const folder = fileURLToPath(new URL(`../.data/${name}`, import.meta.url));
  if (existsSync(folder)) return folder;
  const unfinished = `${folder}.unfinished`;
  rmSync(unfinished, { recursive: true, force: true });
  write(unfinished);
  renameSync(unfinished, folder);
  return folder;
}

/** A trail of one principal that did so many different things. @param {number} count */
export const largeTrail = (count) =>
  made(`large-${count}`, (folder) => {
    const r = random(count);
    writeTrail(folder, count, DAYS, (n) => ({ identity: roleOf('large', 'LARGE00001'), ...callOf(r, n) }));
  });

/** A trail of so many roles, 1,000 different calls each. @param {number} count */
export const busyRoles = (count) =>
  made(`roles-${count}`, (folder) => {
    const r = random(count);
    writeTrail(folder, 1000 * count, 40, (n) => ({
      identity: roleOf(`role-${n % count}`, String(n % count).padStart(10, '0')),
      ...callOf(r, Math.floor(n / count)),
    }));
  });

/** The same document as the policy of each of so many roles, in a tree. @param {string} folder @param {number} count @param {object} document */
export function rolesWith(folder, count, document) {
  for (let n = 0; n < count; n++) {
    const own = join(folder, ACCOUNT, 'role', `role-${n}`);
    mkdirSync(own, { recursive: true });
    writeFileSync(join(own, 'policy.json'), JSON.stringify(document));
  }
  return folder;
}

/** A trail of so many roles, a call each. @param {number} count */
export const manyPrincipals = (count) =>
  made(`principals-${count}`, (folder) =>
    writeTrail(folder, count, 40, (n) => ({
      identity: roleOf(`role-${n}`, String(n).padStart(10, '0')),
      source: 'sqs',
      name: 'PurgeQueue',
      request: { queueUrl: `https://sqs.${REGION}.amazonaws.com/${ACCOUNT}/q${n % 50}` },
    })),
  );

/** Seconds and peak memory for one principal with 5,000 and with 1,000,000 distinct facts, each in a process of its own. @param {string} scratch */
export function largePrincipals(scratch) {
  return [5000, 1_000_000].map((count) => {
    const db = join(scratch, `large-${count}.db`);
    execFileSync(process.execPath, [program, 'ingest', largeTrail(count), '--db', db, '--quiet']);
    const runs = [['exact'], ['exact', 'current'], ['balanced'], ['balanced', 'current']].map((how) => {
      process.stderr.write(`one principal, ${count} facts, ${how.join(', ')}\n`);
      const { status, stdout, stderr, signal } = spawnSync(process.execPath, [run, db, ...how], {
        encoding: 'utf8',
        timeout: LIMIT_SECONDS * 1000,
      });
      const [strategy, current = 'none'] = how;
      if (status === 0) {
        /** @type {unknown} */
        const measured = JSON.parse(stdout);
        return { strategy, current, measured };
      }
      return {
        strategy,
        current,
        failed: `${signal ? `not done in ${LIMIT_SECONDS} s; ` : ''}${stderr.slice(-500)}`,
      };
    });
    rmSync(db);
    return { facts: count, runs };
  });
}
