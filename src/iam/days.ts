import { InputError } from './input-error.ts';
import { memo } from './memo.ts';

/** Days since 1970-01-01 UTC. Windows are whole days, both ends included. */
export interface Window {
  readonly since: number;
  readonly until: number;
}

/** year * 12 + month - 1. */
export type Month = number;

export const dayOfTime = (seconds: number): number => Math.floor(seconds / 86_400);

export function monthOfDay(day: number): Month {
  const date = new Date(day * 86_400_000);
  return date.getUTCFullYear() * 12 + date.getUTCMonth();
}

/** The first day of a month. */
export const firstDayOf = (month: Month): number =>
  Date.UTC(Math.floor(month / 12), month % 12, 1) / 86_400_000;

/** The bit that stands for a day in its month's integer. */
export const bitOfDay = (day: number): number => 1 << (new Date(day * 86_400_000).getUTCDate() - 1);

/** The days that the bits of a month stand for, in order, inside a window. */
export function daysOf(month: Month, bits: number, window: Window): number[] {
  const first = firstDayOf(month);
  const days: number[] = [];
  for (let i = 0; i < 31; i++) {
    const day = first + i;
    if (bits & (1 << i) && day >= window.since && day <= window.until) days.push(day);
  }
  return days;
}

/** `2026-03-02`. */
export const dayText = memo((day: number): string => new Date(day * 86_400_000).toISOString().slice(0, 10));

/** The day that `YYYY-MM-DD` names. @throws InputError when it names none */
export function parseDay(text: string, what: string): number {
  const time = /^\d{4}-\d{2}-\d{2}$/.test(text) ? Date.parse(`${text}T00:00:00Z`) : Number.NaN;
  const day = time / 86_400_000;
  if (Number.isNaN(time) || dayText(day) !== text) {
    throw new InputError(`${what}: ${JSON.stringify(text)} is not a day; write it as YYYY-MM-DD`);
  }
  return day;
}
