import type {
  GetAccountAuthorizationDetailsResponse,
  IAMClient,
  ManagedPolicyDetail,
} from '@aws-sdk/client-iam';
import { InputError } from '../iam/input-error.ts';
import { sortedUnique } from '../iam/order.ts';
import { clientOf, quietSdk, type AwsAccess } from './access.ts';
import { asked } from './failure.ts';

type Sdk = typeof import('@aws-sdk/client-iam');
type Response = GetAccountAuthorizationDetailsResponse;

/** A page in the shape the AWS command line prints; documents are URL-encoded JSON, dates text. */
interface AuthorizationDetails {
  readonly UserDetailList: readonly object[];
  readonly GroupDetailList: readonly object[];
  readonly RoleDetailList: readonly object[];
  readonly Policies: readonly object[];
}

/**
 * What the principals of the account hold today, page by page, and the default versions of managed policies the pages
 * name without their documents. Needs iam:GetAccountAuthorizationDetails; for such policies iam:GetPolicy and
 * iam:GetPolicyVersion.
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_GetAccountAuthorizationDetails.html
 * @throws InputError when AWS cannot be reached or refuses.
 */
export async function authorizationDetails(access: AwsAccess): Promise<readonly AuthorizationDetails[]> {
  quietSdk();
  const sdk = await import('@aws-sdk/client-iam');
  const client = await clientOf((settings) => new sdk.IAMClient(settings), access, 'iam');
  try {
    const pages: Response[] = [];
    for await (const page of detailsOf(sdk, client)) pages.push(page);
    const missing: ManagedPolicyDetail[] = [];
    for (const arn of withoutDocument(pages)) missing.push(...(await managedPolicy(sdk, client, arn)));
    return [...pages, { Policies: missing }].map(plain);
  } finally {
    client.destroy();
  }
}

async function* detailsOf(sdk: Sdk, client: IAMClient): AsyncGenerator<Response> {
  let marker: string | undefined;
  do {
    const page: Response = await asked(
      'iam:GetAccountAuthorizationDetails',
      () =>
        client.send(
          new sdk.GetAccountAuthorizationDetailsCommand({
            Filter: ['User', 'Role', 'Group', 'LocalManagedPolicy', 'AWSManagedPolicy'],
            MaxItems: 1000,
            ...(marker === undefined ? {} : { Marker: marker }),
          }),
        ),
      ['UserDetailList', 'GroupDetailList', 'RoleDetailList', 'Policies'],
    );
    yield page;
    if (page.IsTruncated !== true) return;
    if (page.Marker === undefined || page.Marker === marker) {
      throw new InputError(
        'AWS: iam:GetAccountAuthorizationDetails says there is more and not where; try again',
      );
    }
    marker = page.Marker;
  } while (true);
}

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

/** A policy with its default version; nothing if it was deleted meanwhile. */
async function managedPolicy(sdk: Sdk, client: IAMClient, arn: string): Promise<ManagedPolicyDetail[]> {
  try {
    const { Policy: policy } = await asked(
      'iam:GetPolicy',
      () => client.send(new sdk.GetPolicyCommand({ PolicyArn: arn })),
      ['Policy'],
    );
    const VersionId = policy?.DefaultVersionId;
    const { PolicyVersion: version } = await asked(
      'iam:GetPolicyVersion',
      () => client.send(new sdk.GetPolicyVersionCommand({ PolicyArn: arn, VersionId })),
      ['PolicyVersion'],
    );
    return [{ ...policy, Arn: arn, PolicyVersionList: [{ ...version, IsDefaultVersion: true }] }];
  } catch (error) {
    if (error instanceof InputError && error.cause instanceof sdk.NoSuchEntityException) return [];
    throw error;
  }
}

function plain(page: Response): AuthorizationDetails {
  return {
    UserDetailList: (page.UserDetailList ?? []).map((user) => ({ ...user })),
    GroupDetailList: (page.GroupDetailList ?? []).map((group) => ({ ...group })),
    RoleDetailList: (page.RoleDetailList ?? []).map((role) => ({ ...role })),
    Policies: (page.Policies ?? []).map((policy) => ({
      ...policy,
      PolicyVersionList: (policy.PolicyVersionList ?? []).map((version) => ({
        ...version,
        CreateDate: dateText(version.CreateDate),
      })),
    })),
  };
}

/** A date as the AWS command line prints it, so that files and live answers can be compared. */
const dateText = (date: Date | undefined): string =>
  date === undefined ? '' : date.toISOString().replace(/\.\d+Z$/, '+00:00');
