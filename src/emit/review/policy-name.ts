import type { Identity } from '../../cloudtrail/identity.ts';

/** Characters of the name of a managed policy (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html). */
const longestName = 128;

/**
 * The name in the account of a managed policy: `iam-minimize-role-app`, of the second document `iam-minimize-2-role-app`, of
 * what is kept unseen `iam-minimize-unseen-role-app`, of a boundary `iam-minimize-boundary-role-app`. That stands before the kind, where no principal's name can be taken for it.
 */
export function policyName({ kind, name }: Pick<Identity, 'kind' | 'name'>, file: string): string {
  const { part, number } = filePart(file);
  const parts = [part, number === 1 ? '' : number, kind, name];
  return `iam-minimize-${parts.filter(Boolean).join('-')}`
    .replace(/[^\w+=,.@-]/gu, '_')
    .slice(0, longestName);
}

/** What the name of a policy file says: `policy-unseen-2.json` is the second of the part `unseen`, `policy.json` the first of ``. */
export function filePart(file: string): {
  readonly part: '' | 'unseen' | 'boundary';
  readonly number: number;
} {
  const part = file.startsWith('boundary') ? 'boundary' : file.startsWith('policy-unseen') ? 'unseen' : '';
  return { part, number: Number(/\d+/.exec(file)?.[0] ?? 1) };
}
