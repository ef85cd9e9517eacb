import { firstDayOf } from '../iam/days.ts';

/** What a delivered object's name says about it. */
export interface ObjectKey {
  readonly account: string;
  readonly region: string;
  /** Days since 1970. */
  readonly day: number;
}

// ACCOUNT_CloudTrail_REGION_YYYYMMDDTHHmmZ_RANDOM.json.gz (CloudTrail User Guide, "CloudTrail log file name format").
const delivered =
  /^(\d{12})_CloudTrail_([a-z0-9-]+)_(\d{4})(\d{2})(\d{2})T\d{4}Z_[A-Za-z0-9]+\.json(?:\.gz)?$/;

/** Reads a delivered object's name; undefined for any other name. */
export function parseObjectName(name: string): ObjectKey | undefined {
  const [, account, region, year, month, day] = delivered.exec(name) ?? [];
  if (account === undefined || region === undefined) return undefined;
  return { account, region, day: firstDayOf(Number(year) * 12 + Number(month) - 1) + Number(day) - 1 };
}
