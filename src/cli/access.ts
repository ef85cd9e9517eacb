import type { AwsAccess } from '../aws/access.ts';
import type { GlobalFlags } from './command.ts';

/** `--profile` and `--region` as access to AWS. */
export const accessOf = ({ profile, region }: Pick<GlobalFlags, 'profile' | 'region'>): AwsAccess => ({
  ...(profile === undefined ? {} : { profile }),
  ...(region === undefined ? {} : { region }),
});
