import type { Identity } from '../../cloudtrail/identity.ts';
import type { Visibility } from '../../permissions/observability.ts';
import type { Use } from '../../synth/usage/use.ts';
import { evidenceJson } from '../review/evidence.ts';
import { refusedText } from '../review/proof.ts';
import { counted } from '../review/words.ts';
import { printable } from '../../iam/printable.ts';

export function whyText(identity: Identity, use: Use, object: string): string {
  const e = evidenceJson(use);
  return [
    `${printable(use.action)}  ${printable(use.resource)}\n`,
    `  by      ${identity.kind}/${printable(identity.name)}  ${printable(identity.account)}\n`,
    `  for     ${printable(`${use.eventSource} ${use.eventName}`)}  (${use.reason})\n`,
    use.refusedBy === undefined ? '' : `  refused ${refusedText(use)}\n`,
    `  seen    on ${counted(e.days, 'day')}, ${e.firstDay} to ${e.lastDay}, ${counted(e.callsAsDelivered, 'call')} as delivered\n`,
    `  sample  ${printable(e.sampleEventID || 'no event ID')}  in ${printable(object)}\n\n`,
  ].join('');
}

/** Whether CloudTrail can show an action at all. */
export function visibilityText(action: string, visibility: Visibility): string {
  return `CloudTrail: ${printable(action)} ${shownIn(visibility)}\n`;
}

function shownIn(visibility: Visibility): string {
  switch (visibility.category) {
    case 'management':
      return visibility.implied
        ? 'has no event of its own; it shows in the calls that need it'
        : 'shows in management events, which trails log by default';
    case 'data':
      return `shows only where the trail logs data events of ${visibility.resourceType}`;
    case 'network':
      return 'shows only where the trail logs network activity events';
    case 'never':
      return 'is never recorded';
  }
}
