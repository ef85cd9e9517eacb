/**
 * Actions with which a principal can give itself, or code it controls, permissions it does not have; alone or as part of
 * a published combination. Sources: Rhino Security Labs, "AWS IAM Privilege Escalation – Methods and Mitigation"
 * (https://rhinosecuritylabs.com/aws/aws-privilege-escalation-methods-mitigation/, 28 methods), and the later ones in
 * https://github.com/RhinoSecurityLabs/AWS-IAM-Privilege-Escalation and https://pathfinding.cloud/.
 */
export interface EscalationPath {
  readonly name: string;
  /** Every one of these is needed; lower-cased. */
  readonly actions: readonly string[];
  readonly effect: string;
  /** Service principals that the role is passed to; empty where none is passed. */
  readonly receivers: readonly string[];
}

const path = (
  name: string,
  actions: readonly string[],
  effect: string,
  receivers: readonly string[] = [],
): EscalationPath => ({
  name,
  actions: actions.map((action) => action.toLowerCase()),
  effect,
  receivers,
});

/** @param receiver the first label of the service principal */
const runsAs = (receiver: string, service: string, ...actions: string[]): EscalationPath =>
  path(
    `PassRole to ${service}`,
    ['iam:PassRole', ...actions],
    `runs code in ${service.replace(/ (by|jobs).*/, '')} as any role it may pass`,
    [`${receiver}.amazonaws.com`],
  );

export const ESCALATION_PATHS: readonly EscalationPath[] = [
  path('CreatePolicyVersion', ['iam:CreatePolicyVersion'], 'rewrites a managed policy'),
  path(
    'SetDefaultPolicyVersion',
    ['iam:SetDefaultPolicyVersion'],
    'restores an older, wider version of a policy',
  ),
  path('CreateAccessKey', ['iam:CreateAccessKey'], 'signs in as another user'),
  path('CreateLoginProfile', ['iam:CreateLoginProfile'], 'sets a password for another user'),
  path('UpdateLoginProfile', ['iam:UpdateLoginProfile'], 'changes the password of another user'),
  path('AttachUserPolicy', ['iam:AttachUserPolicy'], 'attaches any managed policy to a user'),
  path('AttachGroupPolicy', ['iam:AttachGroupPolicy'], 'attaches any managed policy to a group'),
  path('AttachRolePolicy', ['iam:AttachRolePolicy'], 'attaches any managed policy to a role'),
  path('PutUserPolicy', ['iam:PutUserPolicy'], 'writes an inline policy of a user'),
  path('PutGroupPolicy', ['iam:PutGroupPolicy'], 'writes an inline policy of a group'),
  path('PutRolePolicy', ['iam:PutRolePolicy'], 'writes an inline policy of a role'),
  path('AddUserToGroup', ['iam:AddUserToGroup'], 'joins a group'),
  path('UpdateAssumeRolePolicy', ['iam:UpdateAssumeRolePolicy'], 'makes a role trust it'),
  path('DeletePermissionsBoundary', ['iam:DeleteRolePermissionsBoundary'], 'removes the limit of a role'),
  path('DeleteUserPermissionsBoundary', ['iam:DeleteUserPermissionsBoundary'], 'removes the limit of a user'),
  path('PutPermissionsBoundary', ['iam:PutRolePermissionsBoundary'], 'changes the limit of a role'),
  path('PutUserPermissionsBoundary', ['iam:PutUserPermissionsBoundary'], 'changes the limit of a user'),
  path('UpdateFunctionCode', ['lambda:UpdateFunctionCode'], "runs code as an existing function's role"),
  path(
    'UpdateFunctionConfiguration',
    ['lambda:UpdateFunctionConfiguration'],
    'adds code to an existing function by a layer',
  ),
  path('UpdateDevEndpoint', ['glue:UpdateDevEndpoint'], 'signs in to an existing endpoint with its role'),
  path('SendCommand', ['ssm:SendCommand'], 'runs commands on instances with their roles'),
  path('StartSession', ['ssm:StartSession'], 'opens a shell on instances with their roles'),
  path(
    'CreatePresignedNotebookInstanceUrl',
    ['sagemaker:CreatePresignedNotebookInstanceUrl'],
    'opens a notebook with its role',
  ),
  path(
    'ProvisionPermissionSet',
    ['sso:PutInlinePolicyToPermissionSet', 'sso:ProvisionPermissionSet'],
    'widens a permission set',
  ),
  path('CreateAccountAssignment', ['sso:CreateAccountAssignment'], 'assigns itself a permission set'),
  runsAs('ec2', 'EC2', 'ec2:RunInstances'),
  runsAs('lambda', 'Lambda by invoking', 'lambda:CreateFunction', 'lambda:InvokeFunction'),
  runsAs('lambda', 'Lambda by an event source', 'lambda:CreateFunction', 'lambda:CreateEventSourceMapping'),
  runsAs('lambda', 'Lambda by a permission', 'lambda:CreateFunction', 'lambda:AddPermission'),
  runsAs('glue', 'Glue', 'glue:CreateDevEndpoint'),
  runsAs('glue', 'Glue jobs', 'glue:CreateJob', 'glue:StartJobRun'),
  runsAs('cloudformation', 'CloudFormation', 'cloudformation:CreateStack'),
  runsAs(
    'datapipeline',
    'Data Pipeline',
    'datapipeline:CreatePipeline',
    'datapipeline:PutPipelineDefinition',
    'datapipeline:ActivatePipeline',
  ),
  runsAs('codebuild', 'CodeBuild', 'codebuild:CreateProject', 'codebuild:StartBuild'),
  runsAs('ecs-tasks', 'ECS', 'ecs:RegisterTaskDefinition', 'ecs:RunTask'),
  // A task can be run with another role than its definition names (`overrides.taskRoleArn`:
  // https://docs.aws.amazon.com/AmazonECS/latest/APIReference/API_TaskOverride.html).
  runsAs('ecs-tasks', 'ECS by an override', 'ecs:RunTask'),
  runsAs(
    'sagemaker',
    'SageMaker',
    'sagemaker:CreateNotebookInstance',
    'sagemaker:CreatePresignedNotebookInstanceUrl',
  ),
  runsAs('states', 'Step Functions', 'states:CreateStateMachine', 'states:StartExecution'),
];

const ACTIONS: ReadonlySet<string> = new Set(ESCALATION_PATHS.flatMap(({ actions }) => actions));

/** Whether an action alone, or as part of a combination above, lets a principal widen its permissions. Any case. */
export const isPrivilegeEscalation = (action: string): boolean => ACTIONS.has(action.toLowerCase());
