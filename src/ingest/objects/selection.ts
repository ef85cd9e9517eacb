import { InputError } from '../../iam/input-error.ts';
import { parseDay } from '../../iam/days.ts';
import type { LogObject } from './log-object.ts';
import { parseObjectName, type ObjectKey } from './object-key.ts';

/** Which delivered objects to read, by what their names say. Events inside an object are never chosen among. */
export interface Selection {
  readonly since: string | undefined;
  readonly until: string | undefined;
  readonly accounts: readonly string[] | undefined;
  readonly regions: readonly string[] | undefined;
}

/** A selection with its days settled: days since 1970, both included; an empty list is no choice. */
export interface Choice {
  readonly first: number;
  readonly last: number;
  readonly accounts: readonly string[];
  readonly regions: readonly string[];
}

/** @param newest the first of the days that `90d` counts back, if any @throws InputError for what is no day */
export function choiceOf({ since, until, accounts, regions }: Selection, newest: number | undefined): Choice {
  return {
    first: since === undefined ? -Infinity : dayOf(since, '--since', newest),
    last: until === undefined ? Infinity : dayOf(until, '--until', newest),
    accounts: listOf(accounts).map(accountID),
    regions: listOf(regions),
  };
}

function accountID(text: string): string {
  if (!/^\d{12}$/.test(text)) throw new InputError(`--accounts ${text}: not an account; write its 12 digits`);
  return text;
}

/** Whether objects of this account, Region and day are chosen. */
export const takes = (choice: Choice, { account, region, day }: Omit<ObjectKey, 'time'>): boolean =>
  day >= choice.first &&
  day <= choice.last &&
  isWanted(choice.accounts, account) &&
  isWanted(choice.regions, region);

/** Whether an object of this name is chosen. One whose name says nothing (a file of any other name) always is. */
export function isChosen(choice: Choice, name: string): boolean {
  const key = parseObjectName(name);
  return key === undefined || takes(choice, key);
}

/** The choice among these objects; relative days count back from the newest of them. */
function choiceAmong(objects: readonly LogObject[], selection: Selection): Choice {
  const newest = objects.reduce((day, { name }) => Math.max(day, parseObjectName(name)?.day ?? day), 0);
  return choiceOf(selection, newest === 0 ? undefined : newest);
}

/** Whether a choice of Regions leaves any of these objects out. */
export const leavesOutRegions = (objects: readonly LogObject[], regions: readonly string[]): boolean =>
  objects.some(({ name }) => !isWanted(regions, parseObjectName(name)?.region ?? regions[0] ?? ''));

/** The objects of a selection. */
export function chooseByKey(objects: readonly LogObject[], selection: Selection): LogObject[] {
  const choice = choiceAmong(objects, selection);
  return objects.filter(({ name }) => isChosen(choice, name));
}

/** Whether an object of this account, Region and day is of a selection. Relative days count back from the newest of `objects`. */
export function chooser(
  objects: readonly LogObject[],
  selection: Selection,
): (key: Omit<ObjectKey, 'time'>) => boolean {
  const choice = choiceAmong(objects, selection);
  return (key) => takes(choice, key);
}

export const isWanted = (list: readonly string[], value: string): boolean =>
  list.length === 0 || list.includes(value);

/** A flag that takes several values, each perhaps several with commas between them. */
export const listOf = (values: readonly string[] | undefined): string[] =>
  (values ?? []).flatMap((value) => value.split(',')).filter(Boolean);

function dayOf(text: string, flag: string, newest: number | undefined): number {
  const days = /^(\d{1,5})d$/.exec(text)?.[1];
  if (days === undefined) return parseDay(text, flag);
  if (newest === undefined)
    throw new InputError(`${flag} ${text}: no object here has a date in its name; give a day as YYYY-MM-DD`);
  return newest - Number(days) + 1;
}
