import type { ActionInfo } from '../iam/catalogue.ts';
import { sortedUnique } from '../iam/order.ts';
import type { Condition } from '../iam/policy/policy.ts';
import { normalName } from '../cloudtrail/kept-members.ts';
import { bindingsOf } from './binding.ts';
import { valuesAt } from './member-path.ts';
import { fieldsOf } from './mentions.ts';
import { plainName } from '../cloudtrail/kept-members.ts';
import type { Permission } from './mapping.ts';
import type { Sighting } from './sighting.ts';
import { roleArns } from './role-name.ts';
import { patternOf, type Text } from './text.ts';

/**
 * Who a service passes a role on to, where AWS documents it for every role of the service's requests
 * (IAM User Guide, id_roles_use_passrole.html, and each service's page on roles). Absent: no condition.
 */
const passedTo = new Map([
  ['cloudformation', 'cloudformation.amazonaws.com'],
  ['codebuild', 'codebuild.amazonaws.com'],
  ['codepipeline', 'codepipeline.amazonaws.com'],
  ['ec2', 'ec2.amazonaws.com'],
  ['ecs', 'ecs-tasks.amazonaws.com'],
  ['eks', 'eks.amazonaws.com'],
  ['firehose', 'firehose.amazonaws.com'],
  ['glue', 'glue.amazonaws.com'],
  ['lambda', 'lambda.amazonaws.com'],
  ['sagemaker', 'sagemaker.amazonaws.com'],
  ['scheduler', 'scheduler.amazonaws.com'],
  ['states', 'states.amazonaws.com'],
]);

/**
 * Flow logs go to CloudWatch Logs with this role, handed to the flow logs service
 * (https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html).
 */
const flowLogRole = 'deliverlogspermissionarn';

/** Operations of the services above whose roles go, or may go, to another service. */
const otherReceiver = new Set([
  'ec2:CreateFlowLogs',
  'ec2:ImportImage',
  'ec2:ExportImage',
  'ec2:ImportSnapshot',
  'ec2:RequestSpotFleet',
  'ecs:CreateService',
  'ecs:UpdateService',
  'ecs:CreateCapacityProvider',
  'ecs:UpdateCapacityProvider',
  'eks:CreateNodegroup',
  'eks:CreateFargateProfile',
  'eks:CreatePodIdentityAssociation',
  'eks:UpdatePodIdentityAssociation',
  'eks:CreateAddon',
  'eks:UpdateAddon',
]);

/** Services whose requests mention roles that they are not given: they name a subject, a filter or a role to assume. */
const notPassing = new Set([
  'access-analyzer',
  'iam',
  'inspector2',
  'lakeformation',
  'marketplacecommerceanalytics',
  'neptune-db',
  'ram',
  'resource-groups',
  'rum',
  'securityhub',
  'sso',
  'sts',
  'tag',
]);

/**
 * IAM's own call that passes a role, and reads that do (IAM API Reference, AddRoleToInstanceProfile; Cloud Control API
 * Reference, GetResource; SageMaker API Reference, RenderUiTemplate).
 */
const passing = new Set([
  'iam:AddRoleToInstanceProfile',
  'cloudformation:GetResource',
  'cloudformation:ListResources',
  'sagemaker:RenderUiTemplate',
]);

/** Services whose requests take bare role names (EMR API Reference, RunJobFlow; Glue API Reference, CreateJob; SSM API Reference). */
const bareNames = new Map([
  ['elasticmapreduce', ['servicerole', 'autoscalingrole']],
  ['glue', ['role']],
  ['iam', ['rolename']],
  // https://docs.aws.amazon.com/macie/latest/APIReference/reveal-configuration.html (RetrievalConfiguration)
  ['macie2', ['rolename']],
  // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_RegisterTaskDefinition.html (short name or ARN)
  ['ecs', ['taskrolearn', 'executionrolearn', 'role']],
  // https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_CreateActivation.html (IamRole)
  ['ssm', ['iamrole']],
  // https://docs.aws.amazon.com/batch/latest/APIReference/API_CreateComputeEnvironment.html (serviceRole)
  ['batch', ['servicerole', 'spotiamfleetrole']],
]);

/** Members that hold an instance profile by name or ARN: the roles inside it are passed (EC2 API Reference, RunInstances; EMR API Reference, RunJobFlow). */
const profileMembers = new Set([
  'iaminstanceprofile',
  'iaminstanceprofilename',
  'iaminstanceprofilearn',
  'jobflowrole',
  'iaminstanceprofileid',
  'instanceprofilename',
]);
const profileServices = new Set(['ec2', 'autoscaling', 'elasticmapreduce', 'imagebuilder', 'opsworks']);

/**
 * Calls of passing services that name a role and hand over none: one that a certificate may be read with (EC2 API
 * Reference, AssociateEnclaveCertificateIamRole), one that writes to a source (Security Lake API Reference,
 * CustomLogSourceProvider), one that is kept until a job run is started with it (EMR on EKS API Reference,
 * CreateJobTemplate).
 */
const naming = new Set([
  'ec2:AssociateEnclaveCertificateIamRole',
  'emr-containers:CreateJobTemplate',
  'emr-containers:CreateSecurityConfiguration',
  'securitylake:CreateSubscriber',
  'securitylake:UpdateSubscriber',
]);

const roleArn = /^arn:[a-z-]+:iam::[0-9]{12}:role\/(?!aws-service-role\/)./;

function passes(action: ActionInfo, service: string): boolean {
  if (passing.has(action.name)) return true;
  const reads =
    action.accessLevel === 'Read' || action.accessLevel === 'List' || /^[^:]*:Get/.test(action.name);
  return !reads && !notPassing.has(service) && !naming.has(action.name);
}

/** Takes a line on what could not be said for sure. */
export type Note = (line: string) => void;

/** A member that may name a role: its normalised name (under a structure of the role's the structure's), and what stands in it. */
interface RoleMember {
  readonly name: string;
  readonly value: Text;
}

/** API Gateway's integrations and authorizers (API Gateway API Reference, PutIntegration, CreateAuthorizer). */
const gatewayMembers = [
  'credentials',
  'authorizercredentials',
  'credentialsarn',
  'authorizercredentialsarn',
  'cloudwatchrolearn',
];

/** The members of the call that name a role, as the table says; for operations that it lacks by their names. */
function roleMembers(service: string, sighting: Sighting): readonly RoleMember[] {
  const { call } = sighting;
  const rows = bindingsOf(service, plainName(call.operation.eventName));
  if (rows.length > 0 && service !== 'sns' && rows.every(({ roles }) => roles.length === 0)) return [];
  const { mentions } = sighting;
  const byName = (name: string): RoleMember[] =>
    fieldsOf(mentions, name).map(({ value }) => ({ name, value }));
  if (service === 'apigateway') return gatewayMembers.flatMap(byName);
  // SNS sets one attribute by its name: `AttributeName: SQSSuccessFeedbackRoleArn`.
  const attribute = fieldsOf(mentions, 'attributename').some(({ value }) => /role/i.test(value.text));
  const bound = rows.flatMap(({ roles }) => roles.flatMap((path) => valuesAt(call.target.request, path)));
  const listed = bound.map(({ value, at }) => {
    const [last = '', before = ''] = at.split('.').reverse().map(normalName);
    return { name: /^(arn|name|id)$/.test(last) ? before + last : last, value };
  });
  const unlisted = [...mentions.fields.keys()].filter(
    (name) => /role/.test(name) || profileMembers.has(name),
  );
  return [
    ...(rows.length > 0 ? listed : unlisted.flatMap(byName)),
    ...(attribute ? byName('attributevalue') : []),
  ];
}

function rolesOfProfile(value: Text, sighting: Sighting, note: Note): readonly string[] {
  const { mentions, known } = sighting;
  const { text } = value;
  const found = /^arn:[a-z-]+:iam::([0-9]{12}):instance-profile\/(?:.*\/)?([^/]+)$/s.exec(text);
  const account = found?.[1] ?? mentions.place.account;
  const name = found?.[2] ?? text;
  const roles = known.rolesOfInstanceProfile?.(account, name);
  // The console and most tools give a profile and its role one name (IAM User Guide, id_roles_use_switch-role-ec2_instance-profiles.html).
  if (roles === undefined)
    note(`which role instance profile ${name} holds is not known; it is taken to have the same name`);
  return roles ?? roleArns({ ...mentions.place, account }, name, known);
}

const condition = (
  service: string,
  action: string,
  members: readonly string[],
): readonly Condition[] | undefined => {
  const flowLogs = members.length > 0 && members.every((name) => name === flowLogRole);
  const own = otherReceiver.has(action) ? undefined : passedTo.get(service);
  const receiver = flowLogs ? 'vpc-flow-logs.amazonaws.com' : own;
  return receiver === undefined
    ? undefined
    : [{ operator: 'StringEquals', key: 'iam:PassedToService', values: [receiver] }];
};

/** `iam:PassRole` for the roles that a call hands to a service; none when it carries no role. `note` is told what is not sure. */
export function passRole(action: ActionInfo, sighting: Sighting, note: Note): readonly Permission[] {
  const service = action.name.slice(0, action.name.indexOf(':'));
  if (!passes(action, service)) return [];
  const shown = roleMembers(service, sighting);
  if (shown.length === 0) return [];
  const { mentions, known } = sighting;
  const given = shown.filter(({ value }) => roleArn.test(value.text));
  const roles = given.map(({ value }) => patternOf(value));
  const bare = bareNames.get(service) ?? [];
  const named = shown
    .filter(
      ({ name, value }) => bare.includes(name) && /^[\w+=,.@/-]{1,577}$/.test(value.text) && !value.folded,
    )
    .flatMap(({ value }) => roleArns(mentions.place, value.text, known));
  const profiles = profileServices.has(service)
    ? shown
        .filter(({ name }) => profileMembers.has(name))
        .flatMap(({ value }) => rolesOfProfile(value, sighting, note))
    : [];
  const resources = sortedUnique([...roles, ...named, ...profiles]);
  if (resources.length === 0) return [];
  for (const resource of resources) {
    const [start, name] = resource.split('/*/');
    if (name !== undefined && resources.includes(`${start}/${name}`))
      note(`the path of role ${name} is not known: either reading of its name may be meant`);
  }
  const when = condition(
    service,
    action.name,
    given.map(({ name }) => name),
  );
  return [
    {
      action: 'iam:PassRole',
      resources,
      reason: 'pass-role',
      ...(when === undefined ? {} : { condition: when }),
    },
  ];
}
