import type { AwsAccess } from '../aws/access.ts';
import type { Identity } from '../cloudtrail/identity.ts';
import { lastAccessedOf, parseLastAccessed, type LastAccessed } from '../permissions/last-accessed.ts';
import { readTextFile } from './settings/text-file.ts';

/** Gives what AWS says of a principal's accesses; undefined where it says nothing of it. */
export type LastAccessedReader = (identity: Identity, arn: string) => Promise<LastAccessed | undefined>;

/**
 * Reads `--last-accessed`: a file of one or more reports, or the live account for the word `aws` (a file of that name is
 * `./aws`). A report that does not say whose it is is of the only principal that is asked about.
 * @throws InputError when it cannot be read
 */
export function lastAccessedReader(source: string | undefined, access: AwsAccess): LastAccessedReader {
  if (source === undefined) return () => Promise.resolve(undefined);
  if (source === 'aws') {
    return async ({ kind }, arn) => {
      if ((kind !== 'role' && kind !== 'user') || !/^arn:[^:]+:iam::\d{12}:/.test(arn)) return undefined;
      const { serviceLastAccessed } = await import('../aws/iam.ts');
      return lastAccessedOf(arn, await serviceLastAccessed(access, arn), 'aws');
    };
  }
  const reports = parseLastAccessed(readTextFile(source, '--last-accessed'), source);
  return ({ kind, name, accounts }) =>
    Promise.resolve(
      reports.find(({ arn }) => {
        if (arn === '') return reports.length === 1;
        const [, account = '', of = '', named = ''] =
          /^arn:[^:]+:iam::(\d{12}):(role|user)\/(?:.*\/)?([^/]+)$/.exec(arn) ?? [];
        return of === kind && named === name && accounts.includes(account);
      }),
    );
}
