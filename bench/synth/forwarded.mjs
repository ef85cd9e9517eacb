// Behaviours through Athena and CloudFormation, which call other services with the caller's credentials.
import { arn, bucketOf, objectCall } from './storage.mjs';

/** @typedef {import('./record.mjs').Actor} Actor */
/** @typedef {import('./record.mjs').Behaviour} Behaviour */
/** @typedef {import('./record.mjs').Call} Call */
/** @typedef {import('./record.mjs').Period} Period */

/** Queries in Athena, which reads the catalogue and the buckets with the caller's credentials. @param {Actor} actor @param {Period} period @returns {Behaviour} */
export function athena(actor, period) {
  const { r, team } = actor;
  const bucket = bucketOf(actor, 'lake');
  const results = bucketOf(actor, 'athena-results');
  const tables = ['events', 'orders', 'refunds'].slice(0, 1 + r.below(3));
  const glue = (/** @type {string} */ rest) => arn(actor, 'glue', rest);
  const workgroup = arn(actor, 'athena', `workgroup/${team}`);
  const service = 'athena.amazonaws.com';
  const via = { 'aws:calledvia': [service], 'aws:viaawsservice': ['true'] };
  /** @param {Call} call @returns {Call} */
  const forwarded = (call) => ({
    ...call,
    via: service,
    needs: (call.needs ?? []).map(([action, resource]) => [action, resource, via]),
  });
  const catalog = [glue('catalog'), glue(`database/${team}`)];
  const queries = 1 + r.below(5);
  return {
    name: 'athena',
    period,
    truth: [
      ...['StartQueryExecution', 'GetQueryExecution', 'GetQueryResults'].map(
        (a) => /** @type {[string, string]} */ ([`athena:${a}`, workgroup]),
      ),
      ...[...catalog, ...tables.map((t) => glue(`table/${team}/${t}`))].map(
        (x) => /** @type {[string, string]} */ (['glue:GetTable', x]),
      ),
      ['s3:GetBucketLocation', `arn:aws:s3:::${results}`],
      ['s3:GetObject', `arn:aws:s3:::${bucket}/events/*`],
      ['s3:PutObject', `arn:aws:s3:::${results}/${team}/*`],
    ],
    neighbours: [
      glue('database/finance'),
      glue('table/finance/salaries'),
      `arn:aws:s3:::${bucket}/finance/x.parquet`,
      `arn:aws:s3:::${results}/finance/1.csv`,
      arn(actor, 'athena', 'workgroup/primary'),
    ],
    run({ day, do: make }) {
      for (let n = 0; n < queries; n++) {
        const table = r.pick(tables);
        const queryExecutionId = r.uuid();
        make({
          call: 'athena:StartQueryExecution',
          request: {
            queryString: '***OMITTED***',
            clientRequestToken: r.uuid(),
            workGroup: team,
            resultConfiguration: { outputLocation: `s3://${results}/${team}/` },
          },
          response: { queryExecutionId },
          write: true,
          needs: [['athena:StartQueryExecution', workgroup]],
        });
        make(
          forwarded({
            call: 'glue:GetTable',
            request: { databaseName: team, name: table },
            needs: [...catalog, glue(`table/${team}/${table}`)].map((x) => ['glue:GetTable', x]),
          }),
        );
        make(
          forwarded({
            call: 's3:GetBucketLocation',
            request: { bucketName: results, location: '', Host: `${results}.s3.amazonaws.com` },
            resources: [
              { accountId: actor.account, type: 'AWS::S3::Bucket', ARN: `arn:aws:s3:::${results}` },
            ],
            needs: [['s3:GetBucketLocation', `arn:aws:s3:::${results}`]],
          }),
        );
        make(
          forwarded(
            objectCall(actor, 'GetObject', bucket, `events/dt=${day}/${String(n).padStart(4, '0')}.parquet`),
          ),
        );
        make(forwarded(objectCall(actor, 'PutObject', results, `${team}/${queryExecutionId}.csv`)));
        // No resource but the workgroup is checked; the call names only the query.
        for (const name of ['GetQueryExecution', 'GetQueryResults'])
          make({
            call: `athena:${name}`,
            request: { queryExecutionId },
            needs: [[`athena:${name}`, workgroup]],
          });
      }
    },
  };
}

/** A deployment through CloudFormation, which calls others with the deployer's credentials. @param {Actor} actor @param {Period} period @returns {Behaviour} */
export function deploy(actor, period) {
  const { r, team, account } = actor;
  const stackName = `${team}-service`;
  const stack = arn(actor, 'cloudformation', `stack/${stackName}/${r.uuid()}`);
  const fn = arn(actor, 'lambda', `function:${team}-api`);
  const role = `arn:aws:iam::${account}:role/${team}-api`;
  const service = arn(actor, 'ecs', `service/${team}-web/${team}-app`);
  const artifacts = bucketOf(actor, 'artifacts');
  const forwarded = 'cloudformation.amazonaws.com';
  const via = { 'aws:calledvia': [forwarded], 'aws:viaawsservice': ['true'] };
  let build = 100 + r.below(900);
  return {
    name: 'cloudformation',
    period,
    truth: [
      ...[
        'CreateChangeSet',
        'DescribeChangeSet',
        'ExecuteChangeSet',
        'DescribeStacks',
        'DescribeStackEvents',
      ].map((a) => /** @type {[string, string]} */ ([`cloudformation:${a}`, stack])),
      ['s3:PutObject', `arn:aws:s3:::${artifacts}/${team}/*`],
      ['s3:GetObject', `arn:aws:s3:::${artifacts}/${team}/*`],
      ['lambda:UpdateFunctionCode', fn],
      ['lambda:GetFunction', fn],
      ['iam:GetRole', role],
      ['iam:PassRole', role],
      ['ecs:RegisterTaskDefinition', arn(actor, 'ecs', `task-definition/${team}-app:*`)],
      ['ecs:UpdateService', service],
      ['ecs:DescribeServices', service],
    ],
    neighbours: [
      arn(actor, 'cloudformation', `stack/network/${r.uuid()}`),
      arn(actor, 'lambda', `function:${team}-admin`),
      `arn:aws:iam::${account}:role/${team}-admin`,
      arn(actor, 'ecs', `service/${team}-web/other`),
      `arn:aws:s3:::${artifacts}/other-team/1.zip`,
    ],
    run({ do: make }) {
      build++;
      const s3Key = `${team}/${r.hex(40)}.zip`;
      make(objectCall(actor, 'PutObject', artifacts, s3Key));
      const changeSetName = `build-${build}`;
      const own = (/** @type {string} */ name, /** @type {object} */ request, write = false) =>
        make({
          call: `cloudformation:${name}`,
          request,
          write,
          needs: [[`cloudformation:${name}`, stack]],
          ...(name === 'CreateChangeSet'
            ? {
                response: {
                  stackId: stack,
                  id: arn(actor, 'cloudformation', `changeSet/${changeSetName}/${r.uuid()}`),
                },
              }
            : {}),
        });
      const through = (
        /** @type {string} */ call,
        /** @type {object} */ request,
        /** @type {[string, string][]} */ needs,
        /** @type {Partial<Call>} */ more = {},
      ) =>
        make({
          call,
          request,
          via: forwarded,
          ...more,
          needs: needs.map(([action, resource]) => [action, resource, via]),
        });
      own('CreateChangeSet', { stackName: stack, changeSetName, capabilities: ['CAPABILITY_IAM'] }, true);
      own('DescribeChangeSet', { stackName: stack, changeSetName });
      own('ExecuteChangeSet', { stackName: stack, changeSetName }, true);
      make({
        ...objectCall(actor, 'GetObject', artifacts, s3Key),
        via: forwarded,
        needs: [['s3:GetObject', `arn:aws:s3:::${artifacts}/${s3Key}`, via]],
      });
      through('lambda:GetFunction20150331v2', { functionName: `${team}-api` }, [['lambda:GetFunction', fn]]);
      through(
        'lambda:UpdateFunctionCode20150331v2',
        { functionName: `${team}-api`, s3Bucket: artifacts, s3Key },
        [['lambda:UpdateFunctionCode', fn]],
        { write: true },
      );
      through('iam:GetRole', { roleName: `${team}-api` }, [['iam:GetRole', role]], { region: 'us-east-1' });
      make({
        call: 'ecs:RegisterTaskDefinition',
        request: {
          family: `${team}-app`,
          taskRoleArn: role,
          containerDefinitions: [{ name: 'app', image: `app:${build}` }],
        },
        response: {
          taskDefinition: {
            family: `${team}-app`,
            taskRoleArn: role,
            taskDefinitionArn: arn(actor, 'ecs', `task-definition/${team}-app:${build}`),
          },
        },
        via: forwarded,
        write: true,
        needs: [
          ['ecs:RegisterTaskDefinition', arn(actor, 'ecs', `task-definition/${team}-app:${build}`), via],
          ['iam:PassRole', role, { ...via, 'iam:passedtoservice': ['ecs-tasks.amazonaws.com'] }],
        ],
      });
      through(
        'ecs:UpdateService',
        { cluster: `${team}-web`, service: `${team}-app`, taskDefinition: `${team}-app:${build}` },
        [['ecs:UpdateService', service]],
        { write: true },
      );
      through('ecs:DescribeServices', { cluster: `${team}-web`, services: [service] }, [
        ['ecs:DescribeServices', service],
      ]);
      own('DescribeStacks', { stackName: stack });
      own('DescribeStackEvents', { stackName: stack });
    },
  };
}
