// The forty principals of a synthetic account and what each does.
import { random } from '../random.mjs';
import { fleet, machine, tasks } from './compute.mjs';
import { athena, deploy } from './forwarded.mjs';
import { chain, reports, sessions, snapshots } from './jobs.mjs';
import { dynamo, invoke, logStreams, queue, secrets, topic } from './messages.mjs';
import { arnOf } from './record.mjs';
import { s3Counter, s3Dates, s3Fixed, s3Ids } from './storage.mjs';

/** @typedef {import('./record.mjs').Actor} Actor */
/** @typedef {import('./record.mjs').Behaviour} Behaviour */
/** @typedef {{ actor: Actor, behaviours: readonly Behaviour[], onDays: readonly (readonly number[])[] }} Member Of each behaviour the days (numbers from 0) it runs on. */

/** Records data events. */
export const MAIN = '111122223333';
/** Records management events only. */
export const QUIET = '444455556666';
export const REGIONS = ['us-east-1', 'eu-west-1', 'ap-southeast-2'];
/** A Monday. */
const START = Date.parse('2026-03-02T00:00:00Z');
export const DAYS = Array.from({ length: 90 }, (_, n) =>
  new Date(START + n * 86_400_000).toISOString().slice(0, 10),
);

const teams = ['shop', 'media', 'search', 'billing', 'growth'];
const jobs = ['api', 'worker', 'import', 'export', 'batch', 'sync', 'render', 'indexer'];
const daily = [
  s3Dates,
  s3Dates,
  s3Ids,
  s3Ids,
  s3Counter,
  s3Fixed,
  s3Fixed,
  dynamo,
  dynamo,
  queue,
  queue,
  topic,
  invoke,
  secrets,
  secrets,
  logStreams,
  logStreams,
  fleet,
  tasks,
  machine,
];
const weekly = [s3Dates, s3Fixed, snapshots, reports, tasks, fleet, dynamo, machine];
const monthly = [reports, s3Dates, snapshots, s3Fixed, queue, secrets];

/** @param {number} seed @returns {Member[]} */
export function castOf(seed) {
  const actors = Array.from({ length: 40 }, (_, number) => actorOf(seed, number));
  const spokes = actors.slice(3, 5).map(arnOf);
  return actors.map((actor) => {
    const behaviours = behavioursOf(actor, spokes);
    return { actor, behaviours, onDays: behaviours.map(({ period }) => daysOf(actor, period)) };
  });
}

/** @param {number} seed @param {number} number @returns {Actor} */
function actorOf(seed, number) {
  const r = random(seed * 1000 + number);
  const kind =
    number >= 5 && number < 11 ? 'user' : number === 11 || number === 12 ? 'permission-set' : 'role';
  const account = number === 3 || number === 4 || number % 5 >= 3 ? QUIET : MAIN;
  const team = r.pick(teams);
  const name =
    kind === 'role'
      ? `${team}-${r.pick(jobs)}-${number}`
      : kind === 'user'
        ? `${team}-person-${number}`
        : `Engineer${number}`;
  const id = `${kind === 'user' ? 'AIDA' : 'AROA'}${r.hex(16).toUpperCase()}`;
  return { number, kind, name, account, region: r.pickSkewed(REGIONS), team, id, r };
}

/** @param {Actor} actor @param {readonly string[]} spokes */
function behavioursOf(actor, spokes) {
  const { r, number, kind } = actor;
  /** @type {Behaviour[]} */
  const list = [];
  if (number === 0) list.push(athena(actor, 'daily'));
  if (number === 1) list.push(deploy(actor, 'daily'));
  if (number === 2) list.push(chain(actor, 'daily', spokes));
  if (kind !== 'role') list.push(sessions(actor, 'daily'));
  const more = kind === 'role' ? 1 + r.below(4) : r.below(2);
  for (const make of distinct(actor, daily, more)) list.push(make(actor, 'daily'));
  if (r.next() < 0.4) list.push(r.pick(weekly)(actor, 'weekly'));
  if (r.next() < 0.4) list.push(r.pick(monthly)(actor, 'monthly'));
  return list;
}

/** @template T @param {Actor} actor @param {readonly T[]} all @param {number} count */
function distinct({ r }, all, count) {
  /** @type {Set<T>} */
  const chosen = new Set();
  while (chosen.size < count) chosen.add(r.pick(all));
  return chosen;
}

/** @param {Actor} actor @param {'daily' | 'weekly' | 'monthly'} period */
function daysOf({ r, kind }, period) {
  const weekday = r.below(5);
  const date = r.pick(['01', '05', '15', '28']);
  const onWeekends = kind === 'role' && r.next() < 0.7;
  return DAYS.flatMap((day, n) => {
    if (period === 'monthly') return day.endsWith(date) ? [n] : [];
    if (period === 'weekly') return n % 7 === weekday ? [n] : [];
    return n % 7 < 5 || onWeekends ? [n] : [];
  });
}
