import type { AwsAccess } from '../aws/access.ts';
import type { IndexReader } from '../store/reader.ts';
import type { GlobalFlags } from './command.ts';

/** `--profile` and `--region` as access to AWS. */
export const accessOf = ({ profile, region }: Pick<GlobalFlags, 'profile' | 'region'>): AwsAccess => ({
  ...(profile === undefined ? {} : { profile }),
  ...(region === undefined ? {} : { region }),
});

/** Opens the index of `--db` for as long as it is used. @throws InputError when the file is no index */
export async function withIndex<const T>(
  db: string,
  use: (index: IndexReader) => T | Promise<T>,
): Promise<T> {
  const { IndexReader } = await import('../store/reader.ts');
  const index = IndexReader.open(db);
  try {
    return await use(index);
  } finally {
    index.close();
  }
}
