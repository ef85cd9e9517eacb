// The role `ci-deploy`: pushes an image, updates a stack and a function, twice each workday.
import {
  ACCOUNT,
  REGION,
  WORKDAYS,
  at,
  clock,
  hex,
  objectEvent,
  pick,
  record,
  roleArn,
  roleSession,
  uuid,
} from './record.mjs';
import { FUNCTION_ARN, STACK, byCloudFormation } from './cloudformation.mjs';

export const CI_DEPLOY = { name: 'ci-deploy', path: '/ci/', id: 'AROAEXAMPLECI00000001' };
const STACK_ID = `arn:aws:cloudformation:${REGION}:${ACCOUNT}:stack/${STACK}/5f0c7a10-9d2b-11f0-8c3e-0e5a1b2c3d4f`;
const SUBJECT = 'repo:example/app:ref:refs/heads/main';

/** All events of the role. */
export function ciDeployEvents() {
  return WORKDAYS.flatMap((day, index) => [
    ...deploy(day, clock(10, pick(50, day)), index === 0),
    ...deploy(day, clock(15, pick(50, day, 'second')), false),
  ]);
}

/** @param {string} day @param {number} start seconds after midnight @param {boolean} first whether it creates the function */
function deploy(day, start, first) {
  const commit = hex(40, 'commit', day, start);
  const session = `deploy-${commit.slice(0, 7)}`;
  const ci = roleSession(CI_DEPLOY, session, at(day, start));
  let seconds = start;
  const next = () => at(day, (seconds += 3));
  return [
    signIn(next(), session),
    record(next(), 'sts:GetCallerIdentity', ci),
    ...pushImage(next, ci, commit),
    objectEvent(next(), 'PutObject', ci, {
      bucket: 'deploy-artifacts',
      key: `app/${commit}.zip`,
      responseElements: { 'x-amz-server-side-encryption': 'AES256' },
      readOnly: false,
    }),
    ...updateStack(next, ci, commit, first),
    ...publish(next, ci, commit),
  ];
}

/** @param {string} time @param {string} session */
function signIn(time, session) {
  const provider = `arn:aws:iam::${ACCOUNT}:oidc-provider/token.actions.githubusercontent.com`;
  const arn = roleArn(CI_DEPLOY.name, CI_DEPLOY.path);
  const identity = {
    type: 'WebIdentityUser',
    principalId: `${provider}:sts.amazonaws.com:${SUBJECT}`,
    userName: SUBJECT,
    identityProvider: provider,
  };
  return record(time, 'sts:AssumeRoleWithWebIdentity', identity, {
    requestParameters: { roleArn: arn, roleSessionName: session, durationSeconds: 3600 },
    responseElements: {
      subjectFromWebIdentityToken: SUBJECT,
      assumedRoleUser: {
        assumedRoleId: `${CI_DEPLOY.id}:${session}`,
        arn: `arn:aws:sts::${ACCOUNT}:assumed-role/${CI_DEPLOY.name}/${session}`,
      },
      provider,
      audience: 'sts.amazonaws.com',
    },
    resources: [{ accountId: ACCOUNT, type: 'AWS::IAM::Role', ARN: arn }],
  });
}

/** @param {() => string} next @param {object} ci @param {string} commit */
function pushImage(next, ci, commit) {
  const repository = { repositoryName: 'app', registryId: ACCOUNT };
  const resources = [{ ARN: `arn:aws:ecr:${REGION}:${ACCOUNT}:repository/app`, accountId: ACCOUNT }];
  const uploadId = uuid('upload', commit);
  const digest = `sha256:${hex(64, 'layer', commit)}`;
  const write = { readOnly: false, resources };
  return [
    record(next(), 'ecr:GetAuthorizationToken', ci),
    record(next(), 'ecr:BatchCheckLayerAvailability', ci, {
      requestParameters: { ...repository, layerDigests: [digest] },
      resources,
    }),
    record(next(), 'ecr:InitiateLayerUpload', ci, { requestParameters: repository, ...write }),
    ...[0, 1, 2].map((part) =>
      record(next(), 'ecr:UploadLayerPart', ci, {
        requestParameters: {
          ...repository,
          uploadId,
          partFirstByte: part * 10_485_760,
          partLastByte: (part + 1) * 10_485_760 - 1,
        },
        ...write,
      }),
    ),
    record(next(), 'ecr:CompleteLayerUpload', ci, {
      requestParameters: { ...repository, uploadId, layerDigests: [digest] },
      ...write,
    }),
    record(next(), 'ecr:PutImage', ci, {
      requestParameters: { ...repository, imageTag: commit.slice(0, 12) },
      ...write,
    }),
  ];
}

/** @param {() => string} next @param {object} ci @param {string} commit @param {boolean} first */
function updateStack(next, ci, commit, first) {
  const changeSetName = `deploy-${commit.slice(0, 12)}`;
  const id = `arn:aws:cloudformation:${REGION}:${ACCOUNT}:changeSet/${changeSetName}/${uuid('change', commit)}`;
  const stack = { stackName: STACK };
  const poll = () => record(next(), 'cloudformation:DescribeStacks', ci, { requestParameters: stack });
  return [
    record(next(), 'cloudformation:CreateChangeSet', ci, {
      requestParameters: {
        ...stack,
        changeSetName,
        changeSetType: 'UPDATE',
        capabilities: ['CAPABILITY_NAMED_IAM'],
      },
      responseElements: { id, stackId: STACK_ID },
      readOnly: false,
    }),
    ...[0, 1].map(() =>
      record(next(), 'cloudformation:DescribeChangeSet', ci, {
        requestParameters: { ...stack, changeSetName },
      }),
    ),
    record(next(), 'cloudformation:ExecuteChangeSet', ci, {
      requestParameters: { ...stack, changeSetName },
      readOnly: false,
    }),
    ...byCloudFormation(next, ci, commit, first),
    ...[0, 1, 2, 3, 4, 5].map(poll),
    record(next(), 'cloudformation:DescribeStackEvents', ci, { requestParameters: stack }),
  ];
}

/** @param {() => string} next @param {object} ci @param {string} commit */
function publish(next, ci, commit) {
  const write = { readOnly: false };
  const functionName = 'app-api';
  const version = String(1 + pick(90, 'version', commit));
  return [
    record(next(), 'lambda:UpdateFunctionCode20150331v2', ci, {
      requestParameters: {
        functionName,
        s3Bucket: 'deploy-artifacts',
        s3Key: `app/${commit}.zip`,
        publish: false,
        dryRun: false,
      },
      responseElements: {
        functionName,
        functionArn: FUNCTION_ARN,
        role: roleArn('app-api'),
        version: '$LATEST',
      },
      ...write,
    }),
    ...[0, 1].map(() =>
      record(next(), 'lambda:GetFunctionConfiguration20150331v2', ci, {
        requestParameters: { functionName },
      }),
    ),
    record(next(), 'lambda:PublishVersion20150331', ci, {
      requestParameters: { functionName },
      responseElements: { functionName, functionArn: `${FUNCTION_ARN}:${version}`, version },
      ...write,
    }),
    record(next(), 'lambda:UpdateAlias20150331', ci, {
      requestParameters: { functionName, name: 'live', functionVersion: version },
      responseElements: { aliasArn: `${FUNCTION_ARN}:live`, name: 'live', functionVersion: version },
      ...write,
    }),
  ];
}
