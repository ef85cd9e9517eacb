import type { Explanation } from '../../synth/explanation.ts';
import { noteOf, timeText } from '../json/explanation.ts';
import { conditionText } from '../review/changes.ts';
import type { PermissionReason, StarReason } from '../../permissions/mapping.ts';
import type { CallOutcome } from '../../permissions/outcome.ts';
import { colors } from '../review/colors.ts';
import { printable } from '../../iam/printable.ts';

const reasons: Readonly<Record<PermissionReason, string>> = {
  operation: 'the call itself',
  dependent: 'asked beside the call',
  'pass-role': 'the role it passes',
  'tag-on-create': 'the tags it gives',
  acl: 'the ACL it sets',
  version: 'the version it names',
  'object-lock': 'the lock it sets',
  kms: 'the key it uses',
  'service-linked-role': 'the service-linked role it made',
  session: 'the session it works in',
  'list-on-missing': 'to be told that there is no such object',
};

const stars: Readonly<Record<StarReason, string>> = {
  'action-takes-no-resource': 'the action takes no resource',
  'none-named': 'the call names no resource',
  'request-omitted': 'the log left out what it named',
  'unknown-format': 'the format of its ARN is not known',
};

const outcomes: Readonly<Record<CallOutcome, string>> = {
  allowed: 'allowed',
  denied: 'denied',
  failed: 'failed after it was authorized',
  inconclusive: 'inconclusive: the error says nothing of permissions',
};

/** What a call that is not mapped needs. */
export const mappingText = {
  'no-permission': 'no permission',
  unmapped: 'unmapped',
  'not-a-call': 'nothing, no call of a principal',
} as const;

/** One event as a block of lines. */
export function explanationText(explanation: Explanation, color: boolean): string {
  const { call, outcome, mapping } = explanation;
  const c = colors(color);
  const { kind, name, account, arn } = call.principal;
  const error = call.context.errorCode === '' ? '' : ` (${printable(call.context.errorCode)})`;
  const who = `${kind}${name === '' ? '' : `/${name}`}`;
  const lines = [
    `${c.strong(printable(`${call.operation.eventSource} ${call.operation.eventName}`))}  ${timeText(call.time)}  ${printable(call.eventID || 'no event ID')}`,
    `  by       ${printable(who)}  ${printable(account || arn || '-')}`,
    `  outcome  ${outcomes[outcome]}${error}`,
  ];
  if (mapping.kind !== 'mapped')
    lines.push(`  needs    ${mappingText[mapping.kind]}: ${printable(noteOf(explanation))}`);
  else {
    for (const { action, resources, reason, condition, star } of mapping.permissions) {
      const why = [
        reasons[reason],
        ...(star ? [stars[star]] : []),
        ...(condition ? [printable(conditionText(condition))] : []),
      ].join(', ');
      lines.push(
        `  needs    ${printable(action)}  ${c.faint(`(${why})`)}`,
        ...resources.map((r) => `             ${printable(r)}`),
      );
    }
    for (const note of mapping.notes) lines.push(`  note     ${printable(note)}`);
  }
  return `${lines.join('\n')}\n\n`;
}
