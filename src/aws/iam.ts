import type {
  GetAccountAuthorizationDetailsResponse,
  GetServiceLastAccessedDetailsResponse,
  IAMClient,
  ManagedPolicyDetail,
  ServiceLastAccessed,
} from '@aws-sdk/client-iam';
import { setTimeout as wait } from 'node:timers/promises';
import { InputError } from '../iam/input-error.ts';
import { isObject, type JsonObject } from '../iam/json.ts';
import { sortedUnique } from '../iam/order.ts';
import { withClient, type AwsAccess } from './access.ts';
import { asked, orGone, pagesOf } from './failure.ts';

type Sdk = typeof import('@aws-sdk/client-iam');
type Response = GetAccountAuthorizationDetailsResponse;

/** A report takes seconds; after so many asks something is wrong. */
const mostAsks = 60;

async function withIam<T>(access: AwsAccess, use: (client: IAMClient, sdk: Sdk) => Promise<T>): Promise<T> {
  const sdk = await import('@aws-sdk/client-iam');
  return withClient(
    (settings) => new sdk.IAMClient(settings),
    access,
    'iam',
    (client) => use(client, sdk),
  );
}

/**
 * What the principals of the account hold today, page by page in the shape the AWS command line prints (documents are URL-encoded
 * JSON), and the default versions of managed policies the pages name without their documents. Needs
 * iam:GetAccountAuthorizationDetails; for such policies iam:GetPolicy and iam:GetPolicyVersion.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
 */
export const authorizationDetails = (access: AwsAccess): Promise<readonly JsonObject[]> =>
  withIam(access, async (client, sdk) => {
    const pages: Response[] = [];
    const answers = pagesOf<Response>(
      'iam:GetAccountAuthorizationDetails',
      (Marker) =>
        client.send(
          new sdk.GetAccountAuthorizationDetailsCommand({
            Filter: ['User', 'Role', 'Group', 'LocalManagedPolicy', 'AWSManagedPolicy'],
            MaxItems: 1000,
            Marker,
          }),
        ),
      ['UserDetailList', 'GroupDetailList', 'RoleDetailList', 'Policies'],
      (page) => (page.IsTruncated === true ? (page.Marker ?? '') : undefined),
    );
    for await (const page of answers) pages.push(page);
    const missing: ManagedPolicyDetail[] = [];
    for (const arn of withoutDocument(pages)) {
      const found = await orGone(managedPolicy(sdk, client, arn), sdk.NoSuchEntityException);
      if (found) missing.push(found);
    }
    return [...pages, { Policies: missing }].map(plain);
  });

/** ARNs of policies that somebody holds, or has as a boundary, and whose default version no page shows. */
function withoutDocument(pages: readonly Response[]): string[] {
  const shown = new Set(
    pages
      .flatMap((page) => page.Policies ?? [])
      .filter((policy) =>
        policy.PolicyVersionList?.some((v) => v.IsDefaultVersion === true && v.Document !== undefined),
      )
      .map((policy) => policy.Arn),
  );
  const held = pages.flatMap(({ RoleDetailList = [], UserDetailList = [], GroupDetailList = [] }) => [
    ...[...RoleDetailList, ...UserDetailList, ...GroupDetailList].flatMap(
      ({ AttachedManagedPolicies = [] }) => AttachedManagedPolicies.map((policy) => policy.PolicyArn),
    ),
    ...[...RoleDetailList, ...UserDetailList].map(
      (entity) => entity.PermissionsBoundary?.PermissionsBoundaryArn,
    ),
  ]);
  return sortedUnique(held.filter((arn) => arn !== undefined && !shown.has(arn)).map(String));
}

/** A policy with its default version. */
async function managedPolicy(sdk: Sdk, client: IAMClient, PolicyArn: string): Promise<ManagedPolicyDetail> {
  const get = new sdk.GetPolicyCommand({ PolicyArn });
  const { Policy: policy } = await asked('iam:GetPolicy', () => client.send(get), ['Policy']);
  const version = new sdk.GetPolicyVersionCommand({ PolicyArn, VersionId: policy?.DefaultVersionId });
  const found = await asked('iam:GetPolicyVersion', () => client.send(version), ['PolicyVersion']);
  return {
    ...policy,
    Arn: PolicyArn,
    PolicyVersionList: [{ ...found.PolicyVersion, IsDefaultVersion: true }],
  };
}

/**
 * IAM's last accessed data of a role or user, by action where AWS tracks it, as the AWS command line prints it. Needs
 * iam:GenerateServiceLastAccessedDetails on the principal and iam:GetServiceLastAccessedDetails.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_GenerateServiceLastAccessedDetails.html
 */
export const serviceLastAccessed = (access: AwsAccess, arn: string, pause = 1000): Promise<JsonObject> =>
  withIam(access, async (client, sdk) => {
    const start = new sdk.GenerateServiceLastAccessedDetailsCommand({
      Arn: arn,
      Granularity: 'ACTION_LEVEL',
    });
    const action = 'iam:GenerateServiceLastAccessedDetails';
    const { JobId } = await asked(action, () => client.send(start), ['JobId']);
    const services: ServiceLastAccessed[] = [];
    let JobCompletionDate: Date | undefined;
    let asks = 0;
    const answers = pagesOf<GetServiceLastAccessedDetailsResponse>(
      'iam:GetServiceLastAccessedDetails',
      async (Marker) => {
        const command = new sdk.GetServiceLastAccessedDetailsCommand({ JobId, Marker });
        for (;;) {
          const answer = await client.send(command);
          if (answer.JobStatus !== 'IN_PROGRESS') return answer;
          if (++asks === mostAsks)
            throw new InputError(`AWS: the last accessed report of ${arn} is not ready; try again later`);
          await wait(pause);
        }
      },
      ['JobStatus'],
      (page) => (page.IsTruncated === true ? (page.Marker ?? '') : undefined),
    );
    for await (const page of answers) {
      if (page.JobStatus !== 'COMPLETED')
        throw new InputError(`AWS: no last accessed report of ${arn}: ${page.Error?.Message ?? 'it failed'}`);
      services.push(...(page.ServicesLastAccessed ?? []));
      JobCompletionDate = page.JobCompletionDate;
    }
    return plain({ JobStatus: 'COMPLETED', JobCompletionDate, ServicesLastAccessed: services });
  });

/**
 * The credential report, CSV, made anew where it is older than four hours. Needs iam:GenerateCredentialReport and
 * iam:GetCredentialReport. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_credentials_getting-report.html
 */
export const credentialReport = (access: AwsAccess, pause = 1000): Promise<string> =>
  withIam(access, async (client, sdk) => {
    const generate = new sdk.GenerateCredentialReportCommand({});
    for (let asks = 1; ; asks++) {
      const { State } = await asked('iam:GenerateCredentialReport', () => client.send(generate), ['State']);
      if (State === 'COMPLETE') break;
      if (asks === mostAsks) throw new InputError('AWS: the credential report is not ready; try again later');
      await wait(pause);
    }
    const get = new sdk.GetCredentialReportCommand({});
    const { Content } = await asked('iam:GetCredentialReport', () => client.send(get), ['Content']);
    return Buffer.from(Content ?? []).toString('utf8');
  });

/**
 * The password policy as the AWS command line prints it; `null` where the account has none. Needs iam:GetAccountPasswordPolicy.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountPasswordPolicy.html
 */
export const passwordPolicy = (access: AwsAccess): Promise<JsonObject> =>
  withIam(access, async (client, sdk) => {
    const command = new sdk.GetAccountPasswordPolicyCommand({});
    const answer = asked('iam:GetAccountPasswordPolicy', () => client.send(command), ['PasswordPolicy']);
    const found = await orGone(answer, sdk.NoSuchEntityException);
    return { PasswordPolicy: found?.PasswordPolicy ?? null };
  });

/** An answer with dates as the AWS command line prints them, so that files and live answers can be compared. */
const plain = (answer: object): JsonObject =>
  Object.fromEntries(
    Object.entries(answer).map(([key, value]: [string, unknown]) => [key, plainValue(value)]),
  );

function plainValue(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString().replace(/\.\d+Z$/, '+00:00');
  if (Array.isArray(value)) return value.map(plainValue);
  return isObject(value) ? plain(value) : value;
}
