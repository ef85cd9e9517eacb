// What the account holds, as `aws iam get-account-authorization-details` prints it, and what its trail records, as
// `aws cloudtrail get-event-selectors` prints it.
import { ACCOUNT, REGION, roleArn } from './record.mjs';
import { APP, APP_EXECUTION, APP_KEY, APP_TASK } from './app.mjs';
import { CI_DEPLOY } from './ci-deploy.mjs';
import { APP_API, ECS_LINKED, OPS_ALICE } from './others.mjs';

const OLD_BATCH = { name: 'old-batch', path: '/legacy/', id: 'AROAEXAMPLEBATCH00001' };
const CREATED = '2025-06-01T09:00:00+00:00';
const ADMIN = 'arn:aws:iam::aws:policy/AdministratorAccess';
const TASK_EXECUTION = 'arn:aws:iam::aws:policy/service-role/AmazonECSTaskExecutionRolePolicy';
const LINKED = 'arn:aws:iam::aws:policy/aws-service-role/AmazonECSServiceRolePolicy';
const own = (/** @type {string} */ name) => `arn:aws:iam::${ACCOUNT}:policy/${name}`;

/** @param {...object} statements */
const policy = (...statements) => ({ Version: '2012-10-17', Statement: statements });
/** @param {string | string[]} actions @param {string | string[]} resources @param {object} more */
const allow = (actions, resources = '*', more = {}) => ({
  Effect: 'Allow',
  Action: actions,
  Resource: resources,
  ...more,
});

export function authorizationDetails() {
  return {
    UserDetailList: [user(OPS_ALICE), user({ name: 'ops-bob', id: 'AIDAEXAMPLEBOB0000001' })],
    GroupDetailList: [
      {
        Path: '/',
        GroupName: 'operators',
        GroupId: 'AGPAEXAMPLEOPERATOR01',
        Arn: `arn:aws:iam::${ACCOUNT}:group/operators`,
        CreateDate: CREATED,
        GroupPolicyList: [
          {
            PolicyName: 'iam-read',
            PolicyDocument: policy(
              allow(['iam:Get*', 'iam:List*'], '*', {
                Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'true' } },
              }),
            ),
          },
        ],
        AttachedManagedPolicies: attached(own('operators')),
      },
    ],
    RoleDetailList: [
      role(APP, 'ecs-tasks.amazonaws.com', [own('app-access')], {
        'pass-and-encrypt': policy(
          allow(['iam:PassRole', 'iam:CreatePolicyVersion']),
          allow('kms:*', APP_KEY, { Sid: 'DataKey' }),
        ),
      }),
      role(APP_API, 'lambda.amazonaws.com', [], {
        logs: policy(
          allow(
            ['logs:CreateLogStream', 'logs:PutLogEvents'],
            `arn:aws:logs:${REGION}:${ACCOUNT}:log-group:/aws/lambda/app-api:*`,
          ),
        ),
      }),
      role(APP_EXECUTION, 'ecs-tasks.amazonaws.com', [TASK_EXECUTION], {}),
      role(APP_TASK, 'ecs-tasks.amazonaws.com', [], {
        results: policy(
          allow('s3:PutObject', 'arn:aws:s3:::app-data/tasks/*'),
          allow('kms:GenerateDataKey', APP_KEY),
        ),
      }),
      role(
        CI_DEPLOY,
        `arn:aws:iam::${ACCOUNT}:oidc-provider/token.actions.githubusercontent.com`,
        [ADMIN],
        {},
      ),
      role(OLD_BATCH, 'ec2.amazonaws.com', [own('app-access')], {
        jobs: policy(allow(['batch:*', 'dynamodb:*', 'sns:Publish'])),
      }),
      role(ECS_LINKED, 'ecs.amazonaws.com', [LINKED], {}),
    ],
    Policies: [
      managed(
        own('app-access'),
        policy(
          allow('s3:*'),
          allow('sqs:*', `arn:aws:sqs:${REGION}:${ACCOUNT}:orders`),
          allow(['ecs:*', 'logs:*']),
        ),
      ),
      managed(
        own('operators'),
        policy(allow(['ec2:*', 'ssm:*', 'cloudwatch:*', 'rds:*', 'logs:*', 'sts:AssumeRole']), {
          Sid: 'KeepProduction',
          Effect: 'Deny',
          Action: ['ec2:TerminateInstances', 'rds:DeleteDB*'],
          Resource: '*',
          Condition: { StringEquals: { 'aws:ResourceTag/stage': 'production' } },
        }),
      ),
      managed(ADMIN, policy(allow('*'))),
      managed(
        TASK_EXECUTION,
        policy(
          allow([
            'ecr:GetAuthorizationToken',
            'ecr:BatchCheckLayerAvailability',
            'ecr:GetDownloadUrlForLayer',
            'ecr:BatchGetImage',
            'logs:CreateLogStream',
            'logs:PutLogEvents',
          ]),
        ),
      ),
      managed(
        LINKED,
        policy(
          allow(['elasticloadbalancing:RegisterTargets', 'elasticloadbalancing:Describe*', 'ec2:Describe*']),
        ),
      ),
    ],
  };
}

/** A trail of all Regions with management events, S3 objects and Lambda calls. SQS messages are not recorded. */
export function trailConfig() {
  return {
    TrailARN: `arn:aws:cloudtrail:${REGION}:${ACCOUNT}:trail/example-trail`,
    AdvancedEventSelectors: [
      selector('Management events', { eventCategory: 'Management' }),
      selector('S3 objects', { eventCategory: 'Data', 'resources.type': 'AWS::S3::Object' }),
      selector('Lambda calls', { eventCategory: 'Data', 'resources.type': 'AWS::Lambda::Function' }),
    ],
  };
}

/** @param {string} name @param {Record<string, string>} fields */
const selector = (name, fields) => ({
  Name: name,
  FieldSelectors: Object.entries(fields).map(([field, value]) => ({ Field: field, Equals: [value] })),
});

/** @param {...string} arns */
function attached(...arns) {
  return arns.map((arn) => ({ PolicyName: arn.slice(arn.lastIndexOf('/') + 1), PolicyArn: arn }));
}

/** @param {{ name: string, id: string }} user */
function user({ name, id }) {
  return {
    Path: '/',
    UserName: name,
    UserId: id,
    Arn: `arn:aws:iam::${ACCOUNT}:user/${name}`,
    CreateDate: CREATED,
    GroupList: ['operators'],
    AttachedManagedPolicies: [],
    Tags: [],
  };
}

/**
 * @param {{ name: string, path?: string, id: string }} role
 * @param {string} trusted a service, or the ARN of an identity provider
 * @param {string[]} managedPolicies ARNs
 * @param {Record<string, object>} inline
 */
function role({ name, path = '/', id }, trusted, managedPolicies, inline) {
  const federated = trusted.startsWith('arn:');
  return {
    Path: path,
    RoleName: name,
    RoleId: id,
    Arn: roleArn(name, path),
    CreateDate: CREATED,
    AssumeRolePolicyDocument: policy({
      Effect: 'Allow',
      Principal: federated ? { Federated: trusted } : { Service: trusted },
      Action: federated ? 'sts:AssumeRoleWithWebIdentity' : 'sts:AssumeRole',
    }),
    InstanceProfileList: [],
    RolePolicyList: Object.entries(inline).map(([name, document]) => ({
      PolicyName: name,
      PolicyDocument: document,
    })),
    AttachedManagedPolicies: attached(...managedPolicies),
    Tags: [],
    RoleLastUsed: {},
  };
}

/** @param {string} arn @param {object} document */
function managed(arn, document) {
  const path = arn.slice(arn.indexOf(':policy') + ':policy'.length, arn.lastIndexOf('/') + 1);
  return {
    PolicyName: arn.slice(arn.lastIndexOf('/') + 1),
    PolicyId: `ANPAEXAMPLE${String(arn.length).padStart(10, '0')}`,
    Arn: arn,
    Path: path,
    DefaultVersionId: 'v1',
    AttachmentCount: 1,
    PermissionsBoundaryUsageCount: 0,
    IsAttachable: true,
    CreateDate: CREATED,
    UpdateDate: CREATED,
    PolicyVersionList: [{ Document: document, VersionId: 'v1', IsDefaultVersion: true, CreateDate: CREATED }],
  };
}
