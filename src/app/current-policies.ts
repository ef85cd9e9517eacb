import type { AwsAccess } from '../aws/access.ts';
import type { Identity } from '../cloudtrail/identity.ts';
import { readCurrent, type Current } from '../current/current.ts';
import type { Today } from '../synth/held/today.ts';
import { parseTrailConfig, type TrailConfig } from '../permissions/selectors.ts';
import { liveTrails } from '../aws/trails.ts';
import { readTextFile } from './settings/text-file.ts';
import { dayIn, lastAccessedOf, parseLastAccessed, type LastAccessed } from '../permissions/last-accessed.ts';
import { serviceLastAccessed } from '../aws/iam.ts';

/** Today's policies of one principal. While there are faults nothing may be decided from them. */
export interface FoundToday extends Today {
  readonly faults: readonly string[];
  /** ARN with its path, where the input shows it. */
  readonly arn?: string;
  /** Whether the input names the principal; if not, whether it lists all of the account, so that this one was deleted. Then there are faults. */
  readonly standing: 'named' | 'deleted' | 'not-known';
}

/** What everybody holds today, as `--current` names it; undefined without it. @throws InputError when it cannot be read */
export const readToday = async (
  source: string | undefined,
  access: AwsAccess,
): Promise<Current | undefined> => (source === undefined ? undefined : readCurrent(source, access));

/** @param alone whether only this principal is asked about: then policies that name nobody are its own */
export function todayOf(
  current: Current,
  { kind, name, arn, accounts }: Pick<Identity, 'kind' | 'name' | 'arn' | 'accounts'>,
  alone: boolean,
): FoundToday {
  const [account = ''] = accounts;
  const holder = current.forPrincipal({ kind, name, arn, account, uniqueId: '' });
  if (holder) {
    return {
      identity: holder.policies.map((p) => p.document),
      boundary: holder.boundary?.document,
      ...(holder.boundary?.arn === undefined ? {} : { boundaryArn: holder.boundary.arn }),
      made: holder.policies.map(({ createDate = '' }) => dayIn(createDate)),
      holdings: holder.policies,
      arn: holder.arn,
      ...(holder.trust === undefined ? {} : { trust: holder.trust }),
      faults: holder.faults,
      standing: 'named',
    };
  }
  if (alone && current.unnamed.length > 0) {
    const identity = current.unnamed.map((p) => p.document);
    return { identity, boundary: undefined, holdings: current.unnamed, faults: [], standing: 'named' };
  }
  const isDeleted = accounts.length > 0 && accounts.every((one) => current.lists(kind, one));
  return {
    identity: [],
    boundary: undefined,
    holdings: [],
    faults: [
      isDeleted
        ? `deleted: --current lists ${accounts.join(', ')} without it`
        : `not known to --current; give the policies of ${accounts.join(', ')} (--profile)`,
    ],
    standing: isDeleted ? 'deleted' : 'not-known',
  };
}

/** Gives what AWS says of a principal's accesses; undefined where it says nothing of it. */
export type LastAccessedReader = (identity: Identity, arn: string) => Promise<LastAccessed | undefined>;

/**
 * Reads `--last-accessed`: a file of one or more reports, or the live account for the word `aws` (a file of that name is
 * `./aws`). A report that does not say whose it is is of the only principal that is asked about.
 */
export function lastAccessedReader(source: string | undefined, access: AwsAccess): LastAccessedReader {
  if (source === undefined) return () => Promise.resolve(undefined);
  if (source === 'aws') {
    return async ({ kind }, arn) => {
      if ((kind !== 'role' && kind !== 'user') || !/^arn:[^:]+:iam::\d{12}:/.test(arn)) return undefined;
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

/** What the trail logs, from a file, or from the live account for the word `aws`. @param warn told of each trail that counts for nothing */
export async function readTrailConfig(
  source: string | undefined,
  access: AwsAccess,
  warn: (line: string) => void,
): Promise<TrailConfig | undefined> {
  if (source === undefined) return undefined;
  if (source !== 'aws') return parseTrailConfig(readTextFile(source, '--trail-config'), source);
  const { selectors, leftOut } = await liveTrails(access);
  for (const line of leftOut) warn(line);
  if (selectors.length === 0)
    warn('no trail of the account logs all Regions: every event counts as not recorded, nothing is removed');
  return parseTrailConfig(JSON.stringify(selectors), 'aws');
}
