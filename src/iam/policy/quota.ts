import { documentJson } from './policy-json.ts';
import type { PolicyDocument } from './policy.ts';

/** Characters of one managed policy, white space not counted (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html). */
export const managedPolicyQuota = 6144;

/** Characters of all inline policies of one identity together, white space not counted (same page). */
export const inlineQuota = {
  user: 2048,
  role: 10_240,
  group: 5120,
  /** One inline policy (https://docs.aws.amazon.com/singlesignon/latest/userguide/limits.html). */
  permissionSet: 32_768,
} as const;

/** Managed policies attached to one user, role or group: the default, for users and roles it can be raised (IAM quotas page). */
export const attachedPoliciesQuota = 10;

/** The size IAM counts: the characters of the document that are not white space. */
export const policySize = (document: PolicyDocument): number =>
  JSON.stringify(documentJson(document)).replace(/\s/g, '').length;

/** The first character IAM refuses in a policy document; allowed are tab, LF, CR, and U+0020 to U+00FF (IAM quotas page). */
export const refusedCharacter = (text: string): string | undefined =>
  /[^\t\n\r\u0020-\u00ff]/u.exec(text)?.[0];
