// People at work, roles of other accounts, and jobs that run once a week or a month.
import { arn, bucketOf, objectCall } from './storage.mjs';

/** @typedef {import('./record.mjs').Actor} Actor */
/** @typedef {import('./record.mjs').Behaviour} Behaviour */
/** @typedef {import('./record.mjs').Period} Period */

/** A person at work: looks around, and opens sessions on machines that are replaced now and then. @param {Actor} actor @param {Period} period @returns {Behaviour} */
export function sessions(actor, period) {
  const { r } = actor;
  const name = actor.kind === 'user' ? actor.name : `${actor.team}@example.com`;
  const machines = Array.from({ length: 4 }, () => `i-0${r.hex(16)}`);
  const looks = [
    'ec2:DescribeInstances',
    'ec2:DescribeSecurityGroups',
    'ec2:DescribeVpcs',
    'rds:DescribeDBInstances',
    'ssm:DescribeInstanceInformation',
  ];
  const scopes = new Map([
    ['rds:DescribeDBInstances', arn(actor, 'rds', 'db:*')],
    ['ssm:DescribeInstanceInformation', '*'],
  ]);
  const whole = (/** @type {string} */ action) => scopes.get(action) ?? '*';
  return {
    name: 'sessions',
    period,
    truth: [
      ...looks.map((action) => /** @type {[string, string]} */ ([action, whole(action)])),
      ['ssm:StartSession', arn(actor, 'ec2', 'instance/*')],
      ['ssm:TerminateSession', arn(actor, 'ssm', `session/${name}-*`)],
    ],
    neighbours: [
      arn(actor, 'ssm', 'session/root-0a1b2c3d4e5f60718'),
      arn(actor, 'rds', 'db:main'),
      arn(actor, 'ec2', 'instance/i-0123456789abcdef0'),
    ],
    run({ do: make }) {
      for (const action of looks)
        if (r.next() < 0.5) make({ call: action, request: {}, needs: [[action, whole(action)]] });
      if (r.next() < 0.08) machines[r.below(machines.length)] = `i-0${r.hex(16)}`;
      const target = r.pick(machines);
      const sessionId = `${name}-0${r.hex(16)}`;
      make({
        call: 'ssm:StartSession',
        request: { target },
        response: { sessionId, tokenValue: 'Value hidden due to security reasons.' },
        write: true,
        needs: [['ssm:StartSession', arn(actor, 'ec2', `instance/${target}`)]],
      });
      make({
        call: 'ssm:TerminateSession',
        request: { sessionId },
        response: { sessionId },
        write: true,
        needs: [['ssm:TerminateSession', arn(actor, 'ssm', `session/${sessionId}`)]],
      });
    },
  };
}

/** Enters roles of the other account. @param {Actor} actor @param {Period} period @param {readonly string[]} roles ARNs @returns {Behaviour} */
export function chain(actor, period, roles) {
  return {
    name: 'sts-chain',
    period,
    truth: roles.map((role) => ['sts:AssumeRole', role]),
    neighbours: roles.map((role) => `${role}-admin`),
    run({ do: make }) {
      for (const roleArn of roles) {
        make({
          call: 'sts:AssumeRole',
          request: { roleArn, roleSessionName: `from-${actor.name}` },
          response: {
            assumedRoleUser: {
              assumedRoleId: `AROAEXAMPLE:from-${actor.name}`,
              arn:
                roleArn.replace(':iam:', ':sts:').replace(':role/', ':assumed-role/') + `/from-${actor.name}`,
            },
          },
          resources: [{ accountId: roleArn.split(':')[4], type: 'AWS::IAM::Role', ARN: roleArn }],
          needs: [['sts:AssumeRole', roleArn]],
        });
      }
    },
  };
}

/** A snapshot of a database, named after the day, and the one before it deleted. @param {Actor} actor @param {Period} period @returns {Behaviour} */
export function snapshots(actor, period) {
  const dBInstanceIdentifier = `${actor.team}-main`;
  const rds = (/** @type {string} */ rest) => arn(actor, 'rds', rest);
  let last = '';
  return {
    name: 'rds-snapshots',
    period,
    truth: [
      ['rds:CreateDBSnapshot', rds(`db:${dBInstanceIdentifier}`)],
      ['rds:CreateDBSnapshot', rds(`snapshot:${period}-*`)],
      ['rds:DeleteDBSnapshot', rds(`snapshot:${period}-*`)],
    ],
    neighbours: [rds('snapshot:final-before-migration'), rds('db:billing'), rds(`cluster:${actor.team}`)],
    run({ day, do: make }) {
      const dBSnapshotIdentifier = `${period}-${day}`;
      const snapshot = rds(`snapshot:${dBSnapshotIdentifier}`);
      make({
        call: 'rds:CreateDBSnapshot',
        request: { dBSnapshotIdentifier, dBInstanceIdentifier },
        response: { dBSnapshotArn: snapshot, dBInstanceIdentifier, dBSnapshotIdentifier },
        write: true,
        needs: [
          ['rds:CreateDBSnapshot', rds(`db:${dBInstanceIdentifier}`)],
          ['rds:CreateDBSnapshot', snapshot],
        ],
      });
      if (last !== '')
        make({
          call: 'rds:DeleteDBSnapshot',
          request: { dBSnapshotIdentifier: last.split(':').at(-1) },
          write: true,
          needs: [['rds:DeleteDBSnapshot', last]],
        });
      last = snapshot;
    },
  };
}

/** Costs, an invalidation, a report: global services, in us-east-1. @param {Actor} actor @param {Period} period @returns {Behaviour} */
export function reports(actor, period) {
  const { r, account, team } = actor;
  const distributionId = `E${r.hex(12).toUpperCase()}`;
  const distribution = `arn:aws:cloudfront::${account}:distribution/${distributionId}`;
  const bucket = bucketOf(actor, 'reports');
  return {
    name: 'reports',
    period,
    truth: [
      ['ce:GetCostAndUsage', '*'],
      ['cloudfront:CreateInvalidation', distribution],
      ['iam:GetCredentialReport', '*'],
      ['s3:PutObject', `arn:aws:s3:::${bucket}/${team}/*`],
    ],
    neighbours: [
      `arn:aws:cloudfront::${account}:distribution/E0123456789ABC`,
      `arn:aws:s3:::${bucket}/other/2026.csv`,
    ],
    run({ day, do: make }) {
      const region = 'us-east-1';
      make({
        call: 'ce:GetCostAndUsage',
        region,
        request: { granularity: 'MONTHLY' },
        needs: [['ce:GetCostAndUsage', '*']],
      });
      make({ call: 'iam:GetCredentialReport', region, needs: [['iam:GetCredentialReport', '*']] });
      make({
        call: 'cloudfront:CreateInvalidation2020_05_31',
        region,
        request: { distributionId, invalidationBatch: { callerReference: r.uuid() } },
        write: true,
        needs: [['cloudfront:CreateInvalidation', distribution]],
      });
      make(objectCall(actor, 'PutObject', bucket, `${team}/${day.slice(0, 7)}/${period}-${day}.csv`));
    },
  };
}
