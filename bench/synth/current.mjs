// What the principals of a synthetic account hold, from what they need to everything, as
// `aws iam get-account-authorization-details` prints it.
import { random } from '../random.mjs';
import { arnOf, roleNameOf } from './record.mjs';

/** @typedef {import('./cast.mjs').Member} Member */
/** @typedef {{ Sid?: string, Effect: string, Action?: string | string[], NotAction?: string[], Resource: string | string[], Condition?: object }} Statement */

export const LEVELS = ['needed', 'spare', 'star', 'services', 'region', 'power', 'admin'];
const CREATED = '2025-06-01T09:00:00+00:00';
/** Things one might give along without need, by service. @type {Record<string, string[]>} */
const spare = {
  s3: ['s3:DeleteObject', 's3:GetObjectVersion', 's3:PutObjectAcl', 's3:ListBucket'],
  dynamodb: ['dynamodb:Scan', 'dynamodb:DeleteTable', 'dynamodb:BatchWriteItem'],
  sqs: ['sqs:PurgeQueue', 'sqs:DeleteQueue'],
  sns: ['sns:Subscribe', 'sns:DeleteTopic'],
  lambda: ['lambda:GetFunction', 'lambda:UpdateFunctionCode'],
  ec2: ['ec2:StopInstances', 'ec2:ModifyInstanceAttribute'],
  ecs: ['ecs:UpdateService', 'ecs:DeleteService'],
  logs: ['logs:DeleteLogGroup', 'logs:GetLogEvents'],
  kms: ['kms:Encrypt', 'kms:ScheduleKeyDeletion'],
};

/** @param {string | string[]} Action @param {string | string[]} Resource @param {object} [Condition] @returns {Statement} */
const allow = (Action, Resource, Condition) => ({
  Effect: 'Allow',
  Action,
  Resource,
  ...(Condition ? { Condition } : {}),
});

const whole = (/** @type {string[]} */ list) => list.map((service) => `${service}:*`);
const managedArn = (/** @type {Member} */ { actor }) => `arn:aws:iam::${actor.account}:policy/${actor.name}`;
const attached = (/** @type {Member} */ member) => [
  { PolicyName: member.actor.name, PolicyArn: managedArn(member) },
];
const selector = (/** @type {string} */ Name, /** @type {Record<string, string>} */ fields) => ({
  Name,
  FieldSelectors: Object.entries(fields).map(([Field, value]) => ({ Field, Equals: [value] })),
});

/** How wide the policies of a principal are. @param {number} seed @param {Member} member */
export const levelOf = (seed, { actor }) => LEVELS[(actor.number + seed) % LEVELS.length] ?? 'admin';

/** @param {number} seed @param {Member} member @returns {{ Version: string, Statement: Statement[] }} */
export function policyOf(seed, member) {
  const r = random(seed * 7919 + member.actor.number);
  const needs = member.behaviours.flatMap(({ truth }) => truth);
  const actions = [...new Set(needs.map(([action]) => action))].sort();
  const services = [...new Set(actions.map((action) => action.split(':')[0] ?? ''))];
  const others = ['s3', 'sqs', 'ec2', 'rds', 'lambda', 'cloudwatch', 'glue']
    .filter((s) => !services.includes(s))
    .slice(0, 1 + r.below(3));
  const exact = actions.map((action) =>
    allow(action, [...new Set(needs.filter(([a]) => a === action).map(([, resource]) => resource))].sort()),
  );
  /** @returns {Statement[]} */
  const statements = () => {
    switch (levelOf(seed, member)) {
      case 'needed':
        return exact;
      case 'spare':
        return exact.concat(
          services.flatMap((service) => (spare[service] ? [allow(spare[service], '*')] : [])),
        );
      case 'star':
        return [allow(actions, '*'), allow(whole(others), '*')];
      case 'services':
        return [allow([...whole(services), ...whole(others)], '*')];
      case 'region':
        return [
          allow([...whole(services), ...whole(others)], '*', {
            StringEquals: { 'aws:RequestedRegion': [...new Set([member.actor.region, 'us-east-1'])] },
          }),
        ];
      case 'power': {
        const iam = exact.filter(({ Action }) => String(Action).startsWith('iam:'));
        return [
          { Effect: 'Allow', NotAction: ['iam:*', 'organizations:*', 'account:*'], Resource: '*' },
          ...iam,
        ];
      }
      default:
        return [allow('*', '*')];
    }
  };
  const deny = {
    Sid: 'Guard',
    Effect: 'Deny',
    Action: ['s3:DeleteBucket', 'iam:CreateUser', 'cloudtrail:StopLogging'],
    Resource: '*',
  };
  return { Version: '2012-10-17', Statement: [...statements(), ...(r.next() < 0.2 ? [deny] : [])] };
}

/** @param {number} seed @param {readonly Member[]} cast */
export function authorizationDetails(seed, cast) {
  const ofKind = (/** @type {boolean} */ user) =>
    cast.filter(({ actor }) => (actor.kind === 'user') === user);
  return {
    UserDetailList: ofKind(true).map((member) => ({
      Path: '/',
      UserName: member.actor.name,
      UserId: member.actor.id,
      Arn: arnOf(member.actor),
      CreateDate: CREATED,
      GroupList: [],
      AttachedManagedPolicies: attached(member),
      Tags: [],
    })),
    GroupDetailList: [],
    RoleDetailList: ofKind(false).map((member) => ({
      Path: member.actor.kind === 'permission-set' ? '/aws-reserved/sso.amazonaws.com/' : '/',
      RoleName: roleNameOf(member.actor),
      RoleId: member.actor.id,
      Arn: arnOf(member.actor),
      CreateDate: CREATED,
      AssumeRolePolicyDocument: { Version: '2012-10-17', Statement: [] },
      InstanceProfileList: [],
      RolePolicyList: [],
      AttachedManagedPolicies: attached(member),
      Tags: [],
      RoleLastUsed: {},
    })),
    Policies: cast.map((member) => ({
      PolicyName: member.actor.name,
      PolicyId: `ANPA${String(member.actor.number).padStart(16, '0')}`,
      Arn: managedArn(member),
      Path: '/',
      DefaultVersionId: 'v1',
      AttachmentCount: 1,
      PermissionsBoundaryUsageCount: 0,
      IsAttachable: true,
      CreateDate: CREATED,
      UpdateDate: CREATED,
      PolicyVersionList: [
        { Document: policyOf(seed, member), VersionId: 'v1', IsDefaultVersion: true, CreateDate: CREATED },
      ],
    })),
  };
}

/** As `aws cloudtrail get-event-selectors` prints it. @param {boolean} data */
export function trailConfig(data) {
  const types = [
    'AWS::S3::Object',
    'AWS::Lambda::Function',
    'AWS::DynamoDB::Table',
    'AWS::SQS::Queue',
    'AWS::SNS::Topic',
  ];
  return {
    TrailARN: 'arn:aws:cloudtrail:us-east-1:111122223333:trail/synthetic',
    AdvancedEventSelectors: [
      selector('Management', { eventCategory: 'Management' }),
      ...(data ? types.map((type) => selector(type, { eventCategory: 'Data', 'resources.type': type })) : []),
    ],
  };
}
