import { byCodeUnit } from '../../iam/order.ts';
import { conditionJson } from '../../iam/policy/policy-json.ts';
import { principalJson } from './changes.ts';
import type { Explanation } from '../../synth/explanation.ts';

/** To the second, in UTC. */
export const timeText = (seconds: number): string =>
  new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');

/** One line of `explain --json`. */
export function explanationJson({ call, outcome, mapping }: Explanation): object {
  const note = noteOf({ call, outcome, mapping });
  return {
    eventID: call.eventID,
    eventTime: timeText(call.time),
    eventSource: call.operation.eventSource,
    eventName: call.operation.eventName,
    principal: principalJson(call.principal),
    outcome,
    mapping: mapping.kind,
    permissions:
      mapping.kind === 'mapped'
        ? mapping.permissions.map(({ action, resources, reason, condition, star, from }) => ({
            action,
            resources,
            reason,
            ...(condition ? { condition: conditionJson(condition) } : {}),
            ...(star ? { star } : {}),
            ...(from ? { from: Object.fromEntries([...from].sort(([a], [b]) => byCodeUnit(a, b))) } : {}),
          }))
        : [],
    ...(note === '' ? {} : { note }),
  };
}

/** What the mapping says beside the permissions; '' for nothing. */
export function noteOf({ mapping }: Explanation): string {
  switch (mapping.kind) {
    case 'mapped':
      return mapping.notes.join('; ');
    case 'no-permission':
      return mapping.note;
    case 'unmapped':
    case 'not-a-call':
      return mapping.reason;
  }
}
