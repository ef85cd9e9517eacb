/** Builders for `aws iam get-account-authorization-details` output, one account. */
export const ACCOUNT = '111122223333';

export const allow = (...actions: readonly string[]): object => ({
  Version: '2012-10-17',
  Statement: [{ Effect: 'Allow', Action: actions, Resource: '*' }],
});

export const managed = (
  arn: string,
  document: unknown,
  createDate = '2025-01-02T03:04:05+00:00',
): object => ({
  PolicyName: arn.slice(arn.lastIndexOf('/') + 1),
  Arn: arn,
  DefaultVersionId: 'v2',
  PolicyVersionList: [
    {
      VersionId: 'v1',
      IsDefaultVersion: false,
      CreateDate: '2024-01-01T00:00:00+00:00',
      Document: allow('old:Action'),
    },
    { VersionId: 'v2', IsDefaultVersion: true, CreateDate: createDate, Document: document },
  ],
});

export const role = (name: string, more: object = {}, path = '/', account = ACCOUNT): object => ({
  Path: path,
  RoleName: name,
  RoleId: `AROA${name.toUpperCase()}`,
  Arn: `arn:aws:iam::${account}:role${path}${name}`,
  InstanceProfileList: [],
  RolePolicyList: [],
  AttachedManagedPolicies: [],
  ...more,
});

export const user = (name: string, more: object = {}): object => ({
  Path: '/',
  UserName: name,
  UserId: `AIDA${name.toUpperCase()}`,
  Arn: `arn:aws:iam::${ACCOUNT}:user/${name}`,
  GroupList: [],
  AttachedManagedPolicies: [],
  ...more,
});

export const group = (name: string, more: object = {}): object => ({
  Path: '/',
  GroupName: name,
  GroupId: `AGPA${name.toUpperCase()}`,
  Arn: `arn:aws:iam::${ACCOUNT}:group/${name}`,
  GroupPolicyList: [],
  AttachedManagedPolicies: [],
  ...more,
});

export const attached = (...arns: readonly string[]): object => ({
  AttachedManagedPolicies: arns.map((arn) => ({
    PolicyName: arn.slice(arn.lastIndexOf('/') + 1),
    PolicyArn: arn,
  })),
});

export const details = (lists: {
  roles?: readonly object[];
  users?: readonly object[];
  groups?: readonly object[];
  policies?: readonly object[];
}): object => ({
  UserDetailList: lists.users ?? [],
  GroupDetailList: lists.groups ?? [],
  RoleDetailList: lists.roles ?? [],
  Policies: lists.policies ?? [],
});
