// Behaviours on DynamoDB, SQS, SNS, Lambda, Secrets Manager, Systems Manager parameters, CloudWatch and its logs.
import { arn } from './storage.mjs';

/** @typedef {import('./record.mjs').Actor} Actor */
/** @typedef {import('./record.mjs').Behaviour} Behaviour */
/** @typedef {import('./record.mjs').Period} Period */

/** @param {string} action @param {readonly string[]} resources @returns {[string, string][]} */
const each = (action, resources) => resources.map((resource) => [action, resource]);

/** @param {Actor} actor @param {Period} period @returns {Behaviour} */
export function dynamo(actor, period) {
  const { r, team } = actor;
  const tables = ['orders', 'customers', 'carts'].slice(0, 1 + r.below(3)).map((name) => `${team}-${name}`);
  const verbs = r.pick([
    ['GetItem'],
    ['GetItem', 'PutItem'],
    ['GetItem', 'UpdateItem', 'DeleteItem'],
    ['PutItem'],
  ]);
  const queries = r.next() < 0.4;
  const table = (/** @type {string} */ name) => arn(actor, 'dynamodb', `table/${name}`);
  const index = `${table(tables[0] ?? '')}/index/by-date`;
  return {
    name: 'dynamodb',
    period,
    truth: [
      ...verbs.flatMap((verb) => each(`dynamodb:${verb}`, tables.map(table))),
      ...(queries ? each('dynamodb:Query', [index]) : []),
      ...each('dynamodb:DescribeTable', tables.map(table)),
    ],
    neighbours: ['audit', 'orders-archive', 'payments'].map((name) => table(`${team}-${name}`)),
    run({ do: make }) {
      for (const tableName of tables) {
        const resources = [{ accountId: actor.account, type: 'AWS::DynamoDB::Table', ARN: table(tableName) }];
        const about = { request: { tableName }, resources };
        make({
          call: 'dynamodb:DescribeTable',
          request: { tableName },
          needs: [['dynamodb:DescribeTable', table(tableName)]],
        });
        for (const verb of verbs) {
          if (r.next() < 0.7)
            make({
              ...about,
              call: `dynamodb:${verb}`,
              data: true,
              write: verb !== 'GetItem',
              needs: [[`dynamodb:${verb}`, table(tableName)]],
            });
        }
      }
      if (queries) {
        const [tableName = ''] = tables;
        make({
          call: 'dynamodb:Query',
          request: { tableName, indexName: 'by-date', keyConditionExpression: 'd = :d' },
          resources: [{ accountId: actor.account, type: 'AWS::DynamoDB::Table', ARN: table(tableName) }],
          data: true,
          needs: [['dynamodb:Query', index]],
        });
      }
    },
  };
}

/** @param {Actor} actor @param {Period} period @returns {Behaviour} */
export function queue(actor, period) {
  const { r, team, region, account } = actor;
  const name = `${team}-${r.pick(['jobs', 'orders', 'mail'])}`;
  const resource = arn(actor, 'sqs', name);
  const verbs = r.pick([
    ['ReceiveMessage', 'DeleteMessage'],
    ['SendMessage'],
    ['SendMessage', 'ReceiveMessage', 'DeleteMessage'],
  ]);
  const queueUrl = `https://sqs.${region}.amazonaws.com/${account}/${name}`;
  return {
    name: 'sqs',
    period,
    truth: [...verbs, 'GetQueueAttributes', 'GetQueueUrl'].map((verb) => [`sqs:${verb}`, resource]),
    neighbours: [`${name}-dead`, `${team}-billing`].map((other) => arn(actor, 'sqs', other)),
    run({ do: make }) {
      make({ call: 'sqs:GetQueueUrl', request: { queueName: name }, needs: [['sqs:GetQueueUrl', resource]] });
      make({
        call: 'sqs:GetQueueAttributes',
        request: { queueUrl, attributeNames: ['All'] },
        needs: [['sqs:GetQueueAttributes', resource]],
      });
      for (const verb of verbs) {
        make({
          call: `sqs:${verb}`,
          request: { queueUrl },
          resources: [{ accountId: account, type: 'AWS::SQS::Queue', ARN: resource }],
          data: true,
          write: true,
          needs: [[`sqs:${verb}`, resource]],
        });
      }
    },
  };
}

/** @param {Actor} actor @param {Period} period @returns {Behaviour} */
export function topic(actor, period) {
  const topicArn = arn(actor, 'sns', `${actor.team}-${actor.r.pick(['alerts', 'events'])}`);
  return {
    name: 'sns',
    period,
    truth: [['sns:Publish', topicArn]],
    neighbours: [arn(actor, 'sns', `${actor.team}-pager`)],
    run({ do: make }) {
      const resources = [{ accountId: actor.account, type: 'AWS::SNS::Topic', ARN: topicArn }];
      make({
        call: 'sns:Publish',
        request: { topicArn },
        resources,
        data: true,
        write: true,
        needs: [['sns:Publish', topicArn]],
      });
    },
  };
}

/** @param {Actor} actor @param {Period} period @returns {Behaviour} */
export function invoke(actor, period) {
  const { r, team } = actor;
  const names = ['resize', 'notify', 'score'].slice(0, 1 + r.below(3)).map((name) => `${team}-${name}`);
  const resource = (/** @type {string} */ name) => arn(actor, 'lambda', `function:${name}`);
  return {
    name: 'lambda',
    period,
    truth: each('lambda:InvokeFunction', names.map(resource)),
    neighbours: [resource(`${team}-admin`), resource(`${team}-refund`)],
    run({ do: make }) {
      for (const name of names) {
        make({
          call: 'lambda:Invoke',
          request: {
            functionName: r.next() < 0.5 ? name : resource(name),
            invocationType: 'RequestResponse',
          },
          resources: [{ accountId: actor.account, type: 'AWS::Lambda::Function', ARN: resource(name) }],
          data: true,
          needs: [['lambda:InvokeFunction', resource(name)]],
        });
      }
    },
  };
}

/** @param {Actor} actor @param {Period} period @returns {Behaviour} */
export function secrets(actor, period) {
  const { r, team } = actor;
  const names = [`${team}/db`, `${team}/api-token`].slice(0, 1 + r.below(2));
  const suffix = r.hex(6);
  const parameters = ['db/host', 'db/port', 'feature']
    .slice(0, 1 + r.below(3))
    .map((name) => `/${team}/app/${name}`);
  const secret = (/** @type {string} */ name) => arn(actor, 'secretsmanager', `secret:${name}`);
  const parameter = (/** @type {string} */ name) => arn(actor, 'ssm', `parameter${name}`);
  return {
    name: 'secrets',
    period,
    truth: [
      // Six random characters end a secret's ARN: https://docs.aws.amazon.com/secretsmanager/latest/userguide/auth-and-access_iam-policies.html
      ...each(
        'secretsmanager:GetSecretValue',
        names.map((name) => `${secret(name)}-??????`),
      ),
      ...each('ssm:GetParameter', parameters.map(parameter)),
    ],
    neighbours: [
      secret('finance/ledger-a1b2c3'),
      secret(`${team}/root-d4e5f6`),
      parameter(`/${team}/root/password`),
      parameter(`/${team}/app/spare`),
    ],
    run({ do: make }) {
      for (const name of names)
        make({
          call: 'secretsmanager:GetSecretValue',
          request: { secretId: name },
          needs: [['secretsmanager:GetSecretValue', `${secret(name)}-${suffix}`]],
        });
      for (const name of parameters)
        make({
          call: 'ssm:GetParameter',
          request: { name, withDecryption: true },
          needs: [['ssm:GetParameter', parameter(name)]],
        });
    },
  };
}

/** Log streams that are made all the time; what is written to them and the metrics are not recorded. @param {Actor} actor @param {Period} period @returns {Behaviour} */
export function logStreams(actor, period) {
  const { r, team } = actor;
  const logGroupName = `/${r.pick(['aws/lambda', 'ecs', 'app'])}/${team}-${r.pick(['api', 'worker', 'import'])}`;
  const style = r.pick(['lambda', 'task', 'host']);
  const stream = (/** @type {string} */ name) =>
    arn(actor, 'logs', `log-group:${logGroupName}:log-stream:${name}`);
  const writesMetrics = r.next() < 0.3;
  return {
    name: 'logs',
    period,
    truth: [
      ['logs:CreateLogStream', stream('*')],
      ['logs:PutLogEvents', stream('*')],
      ...(writesMetrics ? [/** @type {[string, string]} */ (['cloudwatch:PutMetricData', '*'])] : []),
    ],
    neighbours: [
      arn(actor, 'logs', `log-group:/audit/${team}`),
      arn(actor, 'logs', `log-group:/audit/${team}:log-stream:main`),
    ],
    run({ day, do: make }) {
      for (let n = 1 + r.below(4); n > 0; n--) {
        /** @type {Record<string, string>} */
        const names = {
          lambda: `${day.replaceAll('-', '/')}/[$LATEST]${r.hex(32)}`,
          task: `app/main/${r.hex(32)}`,
          host: `ip-10-0-${r.below(9)}-${r.below(256)}`,
        };
        const logStreamName = names[style] ?? '';
        make({
          call: 'logs:CreateLogStream',
          request: { logGroupName, logStreamName },
          write: true,
          needs: [['logs:CreateLogStream', stream(logStreamName)]],
        });
        make({
          call: 'logs:PutLogEvents',
          silent: true,
          needs: [['logs:PutLogEvents', stream(logStreamName)]],
        });
      }
      if (writesMetrics)
        make({ call: 'monitoring:PutMetricData', silent: true, needs: [['cloudwatch:PutMetricData', '*']] });
    },
  };
}
