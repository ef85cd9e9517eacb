/** The `userIdentity` of a role's session, as CloudTrail writes it; `attributes` of the session where there are any. */
export const roleSession = (
  account: string,
  role: string,
  attributes?: object,
  uniqueId = `AROA${role}`,
): object => ({
  type: 'AssumedRole',
  principalId: `${uniqueId}:session`,
  arn: `arn:aws:sts::${account}:assumed-role/${role}/session`,
  accountId: account,
  sessionContext: {
    sessionIssuer: {
      type: 'Role',
      principalId: uniqueId,
      arn: `arn:aws:iam::${account}:role/${role}`,
      accountId: account,
      userName: role,
    },
    ...(attributes ? { attributes } : {}),
  },
});
