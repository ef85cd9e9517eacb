import type { Identity } from '../cloudtrail/identity.ts';

/** Characters of the name of a managed policy (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html). */
const longestName = 128;

/**
 * The name in the account of a managed policy: `iam-minimize-role-app`, of the second document `iam-minimize-2-role-app`.
 * The number stands before the kind, where no principal's name can be taken for it.
 */
export const policyName = ({ kind, name }: Pick<Identity, 'kind' | 'name'>, index: number): string =>
  `iam-minimize-${index === 0 ? '' : `${index + 1}-`}${kind}-${name.replace(/[^\w+=,.@-]/gu, '_')}`.slice(
    0,
    longestName,
  );
