import type { Use } from '../../synth/usage/use.ts';
import { serviceOf } from '../../iam/catalogue.ts';

/**
 * Why a use that today's policies do not allow can have succeeded. In another account an identity policy must allow
 * it too, so there today's policies as given are stale or incomplete
 * (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic-cross-account.html).
 */
export function elsewhereReason({ action, resource }: Use, accounts: readonly string[]): string {
  const owner = /^arn:[^:]*:[^:]*:[^:]*:(\d{12}):/.exec(resource)?.[1];
  if (owner !== undefined && !accounts.includes(owner)) return 'another account: current is incomplete';
  const policy = resourcePolicies[serviceOf(action)];
  return policy === undefined ? 'not allowed by current policies' : `${policy}?`;
}

/** What else commonly grants an action: a resource policy of its service. */
const resourcePolicies: Readonly<Record<string, string>> = {
  kms: 'key policy or grant',
  s3: 'bucket policy',
  sqs: 'queue policy',
  sns: 'topic policy',
  lambda: 'function policy',
  secretsmanager: 'secret policy',
  sts: 'trust policy',
};
