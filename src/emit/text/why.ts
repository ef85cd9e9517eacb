import type { Identity } from '../../cloudtrail/identity.ts';
import { principalJson } from '../json/changes.ts';
import { dayOfTime, dayText } from '../../iam/days.ts';
import { evidenceJson } from '../review/section.ts';
import { refusedText } from '../review/proof.ts';
import { counted } from '../review/words.ts';
import { printable } from '../../iam/printable.ts';
import type { Category, Observability } from '../../permissions/observability.ts';
import type { Use } from '../../synth/usage/use.ts';

/** Evidence for a permission. @param isAtMost whether there are at most so many calls */
export function whyText(identity: Identity, use: Use, object: string, isAtMost: boolean): string {
  const e = evidenceJson(use);
  const day = dayText(dayOfTime(use.sample.time));
  return [
    `${printable(use.action)}  ${printable(use.resource)}\n`,
    `  by      ${identity.kind}/${printable(identity.name)}  ${printable(identity.account)}\n`,
    `  for     ${printable(`${use.eventSource} ${use.eventName}`)}  (${use.kind.reason})\n`,
    use.kind.refusedBy === undefined ? '' : `  refused ${refusedText(use.kind)}\n`,
    `  seen    on ${counted(e.days, 'day')}, ${e.firstDay} to ${e.lastDay}, ${isAtMost ? 'at most ' : ''}${counted(e.callsAsDelivered, 'call')} as delivered\n`,
    `  sample  ${printable(e.sampleEventID || 'no event ID')}${day < e.firstDay ? `, of ${day}, before the window` : ''}  in ${printable(object)}\n\n`,
  ].join('');
}

/** Whether CloudTrail can show an action at all. */
export const visibilityText = (action: string, shown: Observability): string =>
  `CloudTrail: ${printable(action)} ${shownIn[shown.category](shown)}\n`;

const shownIn: Record<Category, (shown: Observability) => string> = {
  management: () => 'shows in management events, which trails log by default',
  implied: () => 'has no event of its own; it shows in the calls that need it',
  data: ({ resourceType }) => `shows only where the trail logs data events of ${resourceType}`,
  network: () => 'shows only where the trail logs network activity events',
  never: () => 'is never recorded',
  'no-known-event': ({ operations: [operation] }) =>
    operation === undefined
      ? 'has no event that is known; that none is seen says nothing'
      : `shows in no event that is known to be logged (${operation} may be one); that none is seen says nothing`,
};

/** One line of `why --json`. */
export function whyJson(identity: Identity, use: Use, object: string): object {
  const { resource } = use;
  const { action, reason, eventSource, eventName, refusedBy } = use.kind;
  const about = { action, resource, reason, eventSource, eventName, refusedBy };
  return { principal: principalJson(identity), ...about, ...evidenceJson(use), sampleObject: object };
}
