/**
 * Actions with which a principal can give itself, or code it controls, permissions it does not have; alone or as part of
 * a published combination. Sources: Rhino Security Labs, "AWS IAM Privilege Escalation – Methods and Mitigation"
 * (https://rhinosecuritylabs.com/aws/aws-privilege-escalation-methods-mitigation/, 28 methods), and the later ones in
 * https://github.com/RhinoSecurityLabs/AWS-IAM-Privilege-Escalation and https://pathfinding.cloud/.
 */
export interface EscalationPath {
  /** Every one of these is needed; lower-cased. */
  readonly actions: readonly string[];
  readonly effect: string;
  /** Service principals that the role is passed to; empty where none is passed. */
  readonly receivers: readonly string[];
}

const path = (
  actions: readonly string[],
  effect: string,
  receivers: readonly string[] = [],
): EscalationPath => ({ actions: actions.map((action) => action.toLowerCase()), effect, receivers });

/** @param receiver the first label of the service principal */
const runsAs = (receiver: string, service: string, ...actions: string[]): EscalationPath =>
  path(['iam:PassRole', ...actions], `runs code in ${service} as any role it may pass`, [
    `${receiver}.amazonaws.com`,
  ]);

export const ESCALATION_PATHS: readonly EscalationPath[] = [
  path(['iam:CreatePolicyVersion'], 'rewrites a managed policy'),
  path(['iam:SetDefaultPolicyVersion'], 'restores an older, wider version of a policy'),
  path(['iam:CreateAccessKey'], 'signs in as another user'),
  path(['iam:CreateLoginProfile'], 'sets a password for another user'),
  path(['iam:UpdateLoginProfile'], 'changes the password of another user'),
  path(['iam:AttachUserPolicy'], 'attaches any managed policy to a user'),
  path(['iam:AttachGroupPolicy'], 'attaches any managed policy to a group'),
  path(['iam:AttachRolePolicy'], 'attaches any managed policy to a role'),
  path(['iam:PutUserPolicy'], 'writes an inline policy of a user'),
  path(['iam:PutGroupPolicy'], 'writes an inline policy of a group'),
  path(['iam:PutRolePolicy'], 'writes an inline policy of a role'),
  path(['iam:AddUserToGroup'], 'joins a group'),
  path(['iam:UpdateAssumeRolePolicy'], 'makes a role trust it'),
  path(['iam:DeleteRolePermissionsBoundary'], 'removes the limit of a role'),
  path(['iam:DeleteUserPermissionsBoundary'], 'removes the limit of a user'),
  path(['iam:PutRolePermissionsBoundary'], 'changes the limit of a role'),
  path(['iam:PutUserPermissionsBoundary'], 'changes the limit of a user'),
  path(['lambda:UpdateFunctionCode'], "runs code as an existing function's role"),
  path(['lambda:UpdateFunctionConfiguration'], 'adds code to an existing function by a layer'),
  path(['glue:UpdateDevEndpoint'], 'signs in to an existing endpoint with its role'),
  path(['ssm:SendCommand'], 'runs commands on instances with their roles'),
  path(['ssm:StartSession'], 'opens a shell on instances with their roles'),
  path(['sagemaker:CreatePresignedNotebookInstanceUrl'], 'opens a notebook with its role'),
  path(['sso:PutInlinePolicyToPermissionSet', 'sso:ProvisionPermissionSet'], 'widens a permission set'),
  path(['sso:CreateAccountAssignment'], 'assigns itself a permission set'),
  runsAs('ec2', 'EC2', 'ec2:RunInstances'),
  runsAs('lambda', 'Lambda', 'lambda:CreateFunction', 'lambda:InvokeFunction'),
  runsAs('lambda', 'Lambda', 'lambda:CreateFunction', 'lambda:CreateEventSourceMapping'),
  runsAs('lambda', 'Lambda', 'lambda:CreateFunction', 'lambda:AddPermission'),
  runsAs('glue', 'Glue', 'glue:CreateDevEndpoint'),
  runsAs('glue', 'Glue', 'glue:CreateJob', 'glue:StartJobRun'),
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
  runsAs('ecs-tasks', 'ECS', 'ecs:RunTask'),
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
