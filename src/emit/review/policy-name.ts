import type { Identity } from '../../cloudtrail/identity.ts';
import type { Proposal } from '../../synth/proposal.ts';

/** Characters of the name of a managed policy (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html). */
const longestName = 128;

/**
 * The name in the account of a managed policy: `iam-minimize-role-app`, of the second document `iam-minimize-2-role-app`, of
 * a boundary `iam-minimize-boundary-role-app`. The number stands before the kind, where no principal's name can be taken for it.
 */
export function policyName(
  { kind, name }: Pick<Identity, 'kind' | 'name'>,
  index: number,
  form: Proposal['form'],
): string {
  const parts = [form === 'boundary' ? form : '', index === 0 ? '' : index + 1, kind, name];
  return `iam-minimize-${parts.filter(Boolean).join('-')}`
    .replace(/[^\w+=,.@-]/gu, '_')
    .slice(0, longestName);
}
