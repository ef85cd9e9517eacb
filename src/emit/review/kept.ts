import { seenOf, type Mark, type Row, type Section } from './section.ts';
import { andMore, counted, grouped, servicesText, someOf } from './words.ts';
import { actionInfo, serviceOf } from '../../iam/catalogue.ts';
import { dayText } from '../../iam/days.ts';
import { groupBy, sortedUnique } from '../../iam/order.ts';
import type { Doubt } from '../../synth/keep/doubts.ts';
import type { Pinned } from '../../synth/keep/pins.ts';
import type { Unseen, UnseenReason } from '../../synth/keep/unseen-grants.ts';
import type { Proposal } from '../../synth/proposal.ts';

const because: Record<Doubt['reason'], string> = {
  contradicted: 'not allowed by these policies as read',
  'may-need': 'may have needed it',
  'unmapped-call': 'needs what nobody knows',
};

/** `ecs RunTask may have needed it` */
export function doubtText({ action, reason, calls }: Doubt): string {
  const names = sortedUnique(
    calls.map(({ eventSource, eventName }) => `${eventSource.split('.')[0] ?? ''} ${eventName}`),
  );
  const unknown = actionInfo(action) ? '' : '; the catalogue has no such action, AWS may by now';
  return `${someOf(names, 2)} ${because[reason]}${unknown}`;
}

/** What calls may have needed: kept, or not held. */
export const doubtRow = (doubt: Doubt): Row => ({
  mark: doubt.kept ? '=' : '!',
  what: doubt.action,
  where: someOf(doubt.resources, 3),
  seen: seenOf(doubt.calls),
  why: doubtText(doubt),
});

const pinStates: Readonly<Record<Pinned['state'], readonly [Mark, (day: string) => string]>> = {
  kept: ['=', (day) => `until ${day}`],
  restored: ['+', (day) => `given back, until ${day}`],
  expired: ['!', (day) => `expired ${day}, not applied`],
  'not-held': ['!', () => 'not held today, adds nothing'],
  'not-known': ['!', () => 'adds nothing without --current'],
};

/** Until when a pin holds, or why it does nothing. */
export const pinState = ({ state, expires }: Pinned): string => pinStates[state][1](dayText(expires));

/** What a person wants kept, a row each. */
export const pinRow = (pin: Pinned): Row => ({
  mark: pinStates[pin.state][0],
  what: pin.action,
  where: pin.resource,
  why: `${pinState(pin)}; ${pin.owner}: ${pin.reason}`,
});

/** A pin in machine output. */
export function pinJson({ action, resource, owner, reason, expires, state, actions }: Pinned): object {
  return { action, resource, owner, reason, expires: dayText(expires), state, actions };
}

/** Services named in one row. */
const namedServices = 12;
/** So few actions are named. */
const namedActions = 3;

/** What is kept because silence proves nothing: a row for each reason; nothing where all is kept as it is. */
export function unseenSection(p: Proposal): readonly Section[] {
  const kept = p.blocks.length > 0 ? [] : p.unseen.filter((one) => one.kept);
  if (kept.length === 0) return [];
  const { unseen, unseenWrites } = p.counts;
  const writes = unseenWrites > 0 ? `, ${grouped(unseenWrites)} can write` : '';
  const many = unseen > 0 ? `${counted(unseen, 'action')}${writes}` : 'on more than was used';
  const files = p.files.filter((file) => file.includes('unseen'));
  return [{ title: 'Kept unseen', about: [many, ...files].join(', '), rows: unseenRows(p, kept) }];
}

/** A row for each reason; an action counts in the first that it has, and in none where it is used or held too. */
function unseenRows({ stays }: Proposal, kept: readonly Unseen[]): readonly Row[] {
  const said = new Set<string>();
  const isNew = ({ action }: Unseen): boolean =>
    !said.has(action) && (/[*?]/.test(action) || (stays.get(action.toLowerCase()) ?? '') in unseenReasons);
  return [...groupBy(kept, reasonText)].map(([reason, list]): Row => {
    const own = list.filter(isNew);
    const all = distinctActions(list).length;
    const others = all - distinctActions(own).length;
    for (const { action } of own) said.add(action);
    const isShort = all <= namedActions || own.length === 0;
    const where = others === 0 ? '' : `, ${isShort ? '' : 'and '}${grouped(others)} counted elsewhere`;
    return { mark: '=', what: `${reason}: ${whatOf(isShort ? list : own)}${where}` };
  });
}

const distinctActions = (list: readonly Unseen[]): readonly string[] => [
  ...new Set(list.map(({ action }) => action)),
];

/** `sqs:SendMessage and 3 more on orders`; of several services how many of each. */
function whatOf(list: readonly Unseen[]): string {
  const [first] = list;
  const actions = distinctActions(list);
  if (first && (new Set(actions.map(serviceOf)).size === 1 || actions.length <= namedActions)) {
    const resources = new Set(list.map(({ resource }) => resource));
    const where = resources.size === 1 ? `on ${first.resource}` : `on ${counted(resources.size, 'resource')}`;
    const named = actions.length <= namedActions ? actions : actions.slice(0, 1);
    return `${named.join(', ')}${andMore(actions.length - named.length)} ${where}`;
  }
  return servicesText(actions, namedServices);
}

/** Why the log could not have shown a permission. */
const unseenReasons: Readonly<Record<UnseenReason, (missing: string) => string>> = {
  'data-events-off': (missing) => `${missing} events are off, or not known to be on`,
  'never-logged': () => 'CloudTrail never shows it',
  'no-known-event': () => 'no event is known to show it',
  gap: () => 'nothing was delivered from its Region',
  'window-short': () => 'too few days are covered',
  'account-missing': () => 'the logs of an account it is in use in are missing',
  'too-young': () => 'its policy version is younger than --min-age',
  'used-before': () => 'last-accessed data show earlier use',
};

/** Why permissions stay although they were not seen, and in which Regions. */
function reasonText({ reason, regions, except, missing = 'data' }: Unseen): string {
  const where = regions
    ? `, in ${regions.join(', ')} only`
    : except
      ? `, but not in ${except.join(', ')}`
      : '';
  return `${unseenReasons[reason](missing)}${where}`;
}
