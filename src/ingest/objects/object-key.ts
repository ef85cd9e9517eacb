import { firstDayOf } from '../../iam/days.ts';
import type { Covered } from '../../store/batch.ts';

/** What a delivered object's name says about it. */
export interface ObjectKey {
  readonly account: string;
  readonly region: string;
  /** Days since 1970. */
  readonly day: number;
  /** Seconds since 1970 of its delivery, to the minute. */
  readonly time: number;
}

// ACCOUNT_CloudTrail_REGION_YYYYMMDDTHHmmZ_RANDOM.json.gz (CloudTrail User Guide, "CloudTrail log file name format").
const delivered = /^(\d{12})_CloudTrail_([a-z0-9-]+)_(\d{8})T(\d{2})(\d{2})Z_[A-Za-z0-9]+\.json(?:\.gz)?$/;

/** Reads a delivered object's name; undefined for any other name. */
export function parseObjectName(name: string): ObjectKey | undefined {
  const [, account, region, stamp, hours, minutes] = delivered.exec(name) ?? [];
  if (account === undefined || region === undefined || stamp === undefined) return undefined;
  const day = dayOfStamp(stamp);
  return { account, region, day, time: day * 86_400 + Number(hours) * 3600 + Number(minutes) * 60 };
}

/** What an object covers by having been delivered. */
export const delivery = ({ account, region }: ObjectKey): Covered => ({
  account,
  region,
  category: '',
  source: '',
  detail: '',
});

/** Days since 1970 of `YYYYMMDD`. */
export function dayOfStamp(stamp: string): number {
  const month = Number(stamp.slice(0, 4)) * 12 + Number(stamp.slice(4, 6)) - 1;
  return firstDayOf(month) + Number(stamp.slice(6, 8)) - 1;
}
