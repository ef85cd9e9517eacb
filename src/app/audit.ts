import { existsSync } from 'node:fs';
import type { Account, AuditedTrail } from '../audit/account.ts';
import type { AwsAccess } from '../aws/access.ts';
import { credentialReport, passwordPolicy } from '../aws/iam.ts';
import { activityOf } from '../audit/activity.ts';
import { readCredentialReport } from '../audit/credential-report.ts';
import { readPasswordPolicy, readTrails, trailOf } from '../audit/documents.ts';
import type { Current } from '../current/current.ts';
import { parseDay } from '../iam/days.ts';
import { InputError } from '../iam/input-error.ts';
import { dayIn } from '../permissions/last-accessed.ts';
import { IndexReader } from '../store/reader.ts';
import { knownDays } from '../synth/usage/deliveries.ts';
import { readToday } from './current-policies.ts';
import { readTextFile } from './settings/text-file.ts';
import { accountTrails } from '../aws/trails.ts';

/** What is to be audited: each a file, or the word `aws` for the live account; undefined for what is not given. */
interface AuditInputs {
  /** The index; one that is not there is left out where `isOptional`. */
  readonly db: string;
  readonly isOptional: boolean;
  readonly current: string | Current | undefined;
  readonly credentialReport: string | undefined;
  readonly passwordPolicy: string | undefined;
  readonly trailConfig: string | undefined;
  readonly asOf: string | undefined;
  readonly unusedDays: number;
}

/** Reads all that is given. @throws InputError for what cannot be read, and where nothing says what day it is */
export async function accountOf(inputs: AuditInputs, access: AwsAccess): Promise<Account> {
  const { asOf, current, unusedDays } = inputs;
  const given = asOf === undefined ? undefined : parseDay(asOf, '--as-of');
  const activity = activityIn(inputs, given);
  const { credentialReport: report, passwordPolicy: policy } = inputs;
  const texts = {
    report: await textOf(report, '--credential-report', () => credentialReport(access)),
    policy: await textOf(policy, '--password-policy', async () =>
      JSON.stringify(await passwordPolicy(access)),
    ),
  };
  const read = {
    activity,
    credentials: texts.report === undefined ? undefined : readCredentialReport(texts.report, report ?? ''),
    current: typeof current === 'object' ? current : await readToday(current, access),
    passwords: texts.policy === undefined ? undefined : readPasswordPolicy(texts.policy, policy ?? ''),
    trails: await trailsIn(inputs.trailConfig, access),
    unusedDays,
  };
  return { ...read, today: given ?? activity?.lastDay ?? latestIn(texts.report, read.current?.details) };
}

function activityIn({ db, isOptional }: AuditInputs, asOf: number | undefined): Account['activity'] {
  if (isOptional && !existsSync(db)) return undefined;
  const index = IndexReader.open(db);
  try {
    const { since, until } = knownDays(index.coverage());
    return activityOf(index, { since, until: Math.min(until, asOf ?? until) });
  } finally {
    index.close();
  }
}

const textOf = async (
  source: string | undefined,
  flag: string,
  live: () => Promise<string>,
): Promise<string | undefined> =>
  source === undefined ? undefined : source === 'aws' ? live() : readTextFile(source, flag);

async function trailsIn(
  source: string | undefined,
  access: AwsAccess,
): Promise<readonly AuditedTrail[] | undefined> {
  if (source === undefined) return undefined;
  if (source !== 'aws') return readTrails(readTextFile(source, '--trail-config'), source);
  const trails = await accountTrails(access);
  return trails.map(({ arn, digests, logging, selectors, allRegions }) =>
    trailOf(
      { ...selectors, IsMultiRegionTrail: allRegions, LogFileValidationEnabled: digests, IsLogging: logging },
      arn,
    ),
  );
}

/** The last day that anything of the documents is of: without an index, that they were made then is all that is known. */
function latestIn(...documents: readonly unknown[]): number {
  const times = JSON.stringify(documents).match(/\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)/g) ?? [];
  const days = times.flatMap((time) => dayIn(time) ?? []);
  if (days.length === 0) throw new InputError('nothing given says what day it is; give --as-of YYYY-MM-DD');
  return days.reduce((last, day) => Math.max(last, day));
}
