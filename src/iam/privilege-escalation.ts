/**
 * Actions with which a principal can give itself, or code it controls, permissions it does not have; alone or as part of
 * a published combination. Sources: Rhino Security Labs, "AWS IAM Privilege Escalation – Methods and Mitigation"
 * (https://rhinosecuritylabs.com/aws/aws-privilege-escalation-methods-mitigation/, 28 methods), and the later ones in
 * https://github.com/RhinoSecurityLabs/AWS-IAM-Privilege-Escalation and https://pathfinding.cloud/.
 */
interface EscalationPath {
  readonly name: string;
  /** Every one of these is needed; lower-cased. */
  readonly actions: readonly string[];
  readonly effect: string;
}

const path = (name: string, actions: readonly string[], effect: string): EscalationPath => ({
  name,
  actions: actions.map((action) => action.toLowerCase()),
  effect,
});

const runsAs = (service: string, ...actions: string[]): EscalationPath =>
  path(
    `PassRole to ${service}`,
    ['iam:PassRole', ...actions],
    `runs code in ${service} as any role it may pass`,
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
  runsAs('EC2', 'ec2:RunInstances'),
  runsAs('Lambda by invoking', 'lambda:CreateFunction', 'lambda:InvokeFunction'),
  runsAs('Lambda by an event source', 'lambda:CreateFunction', 'lambda:CreateEventSourceMapping'),
  runsAs('Lambda by a permission', 'lambda:CreateFunction', 'lambda:AddPermission'),
  runsAs('Glue', 'glue:CreateDevEndpoint'),
  runsAs('Glue jobs', 'glue:CreateJob', 'glue:StartJobRun'),
  runsAs('CloudFormation', 'cloudformation:CreateStack'),
  runsAs(
    'Data Pipeline',
    'datapipeline:CreatePipeline',
    'datapipeline:PutPipelineDefinition',
    'datapipeline:ActivatePipeline',
  ),
  runsAs('CodeBuild', 'codebuild:CreateProject', 'codebuild:StartBuild'),
  runsAs('ECS', 'ecs:RegisterTaskDefinition', 'ecs:RunTask'),
  runsAs('SageMaker', 'sagemaker:CreateNotebookInstance', 'sagemaker:CreatePresignedNotebookInstanceUrl'),
  runsAs('Step Functions', 'states:CreateStateMachine', 'states:StartExecution'),
];

const ACTIONS: ReadonlySet<string> = new Set(ESCALATION_PATHS.flatMap(({ actions }) => actions));

/** Whether an action alone, or as part of a combination above, lets a principal widen its permissions. Any case. */
export const isPrivilegeEscalation = (action: string): boolean => ACTIONS.has(action.toLowerCase());
