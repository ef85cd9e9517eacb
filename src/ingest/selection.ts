import { InputError } from '../iam/input-error.ts';
import { parseDay } from '../iam/days.ts';
import type { LogObject } from './log-object.ts';
import { parseObjectName, type ObjectKey } from './object-key.ts';

/** Which delivered objects to read, by what their names say. Events inside an object are never chosen among. */
export interface Selection {
  readonly since: string | undefined;
  readonly until: string | undefined;
  readonly accounts: readonly string[] | undefined;
  readonly regions: readonly string[] | undefined;
}

/** The objects of a selection. Objects whose name says nothing (a file of any other name) are always read. */
export function chooseByKey(objects: readonly LogObject[], selection: Selection): LogObject[] {
  const wants = chooser(objects, selection);
  return objects.filter(({ name }) => {
    const key = parseObjectName(name);
    return key === undefined || wants(key);
  });
}

/** Whether an object of this account, Region and day is of a selection. Relative days count back from the newest of `objects`. */
export function chooser(
  objects: readonly LogObject[],
  selection: Selection,
): (key: Omit<ObjectKey, 'time'>) => boolean {
  const { since, until } = selection;
  const accounts = listOf(selection.accounts);
  const regions = listOf(selection.regions);
  const newest = objects.reduce((day, { name }) => Math.max(day, parseObjectName(name)?.day ?? day), 0);
  const first = since === undefined ? -Infinity : dayOf(since, '--since', newest);
  const last = until === undefined ? Infinity : dayOf(until, '--until', newest);
  return ({ account, region, day }) =>
    day >= first && day <= last && wanted(accounts, account) && wanted(regions, region);
}

const wanted = (list: readonly string[], value: string): boolean => list.length === 0 || list.includes(value);

/** A flag that takes several values, each perhaps several with commas between them. */
export const listOf = (values: readonly string[] | undefined): string[] =>
  (values ?? []).flatMap((value) => value.split(',')).filter(Boolean);

function dayOf(text: string, flag: string, newest: number): number {
  const days = /^(\d{1,5})d$/.exec(text)?.[1];
  if (days === undefined) return parseDay(text, flag);
  if (newest === 0)
    throw new InputError(`${flag} ${text}: no object here has a date in its name; give a day as YYYY-MM-DD`);
  return newest - Number(days) + 1;
}
