// What CloudFormation does for the stack `app`, forwarding the credentials of whoever executes a change set.
import { ACCOUNT, REGION, objectEvent, pick, record, roleArn } from './record.mjs';

export const STACK = 'app';
export const FUNCTION_ARN = `arn:aws:lambda:${REGION}:${ACCOUNT}:function:app-api`;

/**
 * @param {() => string} next @param {object} ci @param {string} commit @param {boolean} first
 */
export function byCloudFormation(next, ci, commit, first) {
  const forwarded = { ...ci, invokedBy: 'cloudformation.amazonaws.com' };
  const service = { cluster: 'web', service: 'app' };
  const roles = {
    taskRoleArn: roleArn('app'),
    executionRoleArn: roleArn('app-execution'),
  };
  const container = {
    name: 'app',
    image: `${ACCOUNT}.dkr.ecr.${REGION}.amazonaws.com/app:${commit.slice(0, 12)}`,
  };
  const definition = { family: 'app', networkMode: 'awsvpc', containerDefinitions: [container], ...roles };
  return [
    ...(first ? createFunction(next, forwarded, commit) : []),
    record(next(), 'lambda:GetFunction20150331v2', forwarded, {
      requestParameters: { functionName: 'app-api' },
    }),
    record(next(), 'ecs:RegisterTaskDefinition', forwarded, {
      requestParameters: definition,
      responseElements: {
        taskDefinition: {
          ...definition,
          taskDefinitionArn: `arn:aws:ecs:${REGION}:${ACCOUNT}:task-definition/app:${String(40 + pick(50, commit))}`,
        },
      },
      readOnly: false,
    }),
    record(next(), 'ecs:UpdateService', forwarded, {
      requestParameters: { ...service, taskDefinition: 'app' },
      readOnly: false,
    }),
    ...[0, 1].map(() =>
      record(next(), 'ecs:DescribeServices', forwarded, {
        requestParameters: { cluster: 'web', services: [`arn:aws:ecs:${REGION}:${ACCOUNT}:service/web/app`] },
      }),
    ),
  ];
}

/** @param {() => string} next @param {object} forwarded @param {string} commit */
function createFunction(next, forwarded, commit) {
  const write = { readOnly: false };
  const role = roleArn('app-api');
  const configuration = { functionName: 'app-api', runtime: 'nodejs22.x', role, handler: 'index.handler' };
  const document = JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      { Effect: 'Allow', Principal: { Service: 'lambda.amazonaws.com' }, Action: 'sts:AssumeRole' },
    ],
  });
  return [
    record(next(), 'iam:CreateRole', forwarded, {
      requestParameters: { roleName: 'app-api', assumeRolePolicyDocument: document },
      responseElements: {
        role: { path: '/', roleName: 'app-api', roleId: 'AROAEXAMPLEAPI0000001', arn: role },
      },
      ...write,
    }),
    record(next(), 'iam:PutRolePolicy', forwarded, {
      requestParameters: { roleName: 'app-api', policyName: 'logs', policyDocument: '{}' },
      ...write,
    }),
    record(next(), 'iam:GetRole', forwarded, { requestParameters: { roleName: 'app-api' } }),
    record(next(), 'logs:CreateLogGroup', forwarded, {
      requestParameters: { logGroupName: '/aws/lambda/app-api' },
      ...write,
    }),
    record(next(), 'lambda:CreateFunction20150331', forwarded, {
      requestParameters: {
        ...configuration,
        code: { s3Bucket: 'deploy-artifacts', s3Key: `app/${commit}.zip` },
        publish: false,
        tags: { 'aws:cloudformation:stack-name': STACK },
      },
      responseElements: { ...configuration, functionArn: FUNCTION_ARN, version: '$LATEST' },
      ...write,
    }),
    // CloudFormation reads the archive as the same caller; a data event, because S3 objects are recorded.
    objectEvent(next(), 'GetObject', forwarded, { bucket: 'deploy-artifacts', key: `app/${commit}.zip` }),
  ];
}
