import { principalJson } from '../json/changes.ts';
import { conditionText } from '../review/changes.ts';
import { colors } from '../review/layout.ts';
import { cellsOf, counted, someOf, table, type Columns } from '../review/words.ts';
import { byCodeUnit } from '../../iam/order.ts';
import { conditionJson } from '../../iam/policy/policy-json.ts';
import { printable } from '../../iam/printable.ts';
import type { PermissionReason, StarReason } from '../../permissions/mapping.ts';
import type { CallOutcome } from '../../permissions/outcome.ts';
import type { Explanation } from '../../synth/explanation.ts';

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
};

const outcomes: Readonly<Record<CallOutcome, string>> = {
  allowed: 'allowed',
  denied: 'denied',
  failed: 'failed after it was authorized',
  inconclusive: 'inconclusive: the error says nothing of permissions',
};

/** What a call that is not mapped needs. */
const mappingText = {
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

/** To the second, in UTC. */
const timeText = (seconds: number): string => new Date(seconds * 1000).toISOString().replace('.000Z', 'Z');

/** One line of `explain --json`. */
export function explanationJson({ call, outcome, mapping }: Explanation): object {
  const note = noteOf({ mapping });
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
const noteOf = ({ mapping }: Pick<Explanation, 'mapping'>): string =>
  mapping.kind === 'mapped'
    ? mapping.notes.join('; ')
    : mapping.kind === 'no-permission'
      ? mapping.note
      : mapping.reason;

/** Needs of one operation that are named; more are counted. */
const named = 4;

/** Actions, then `(no permission)` and the like. */
const byName = (a: string, b: string): number =>
  Number(a.startsWith('(')) - Number(b.startsWith('(')) || byCodeUnit(a, b);

/** An operation: how many of its events ended how, and what they needed. */
interface Explained {
  readonly operation: string;
  readonly outcomes: Record<CallOutcome, number>;
  readonly needs: Set<string>;
}

const events = ({ outcomes }: Explained): number => Object.values(outcomes).reduce((a, b) => a + b);

const columns: Columns<Explained> = {
  EVENTS: events,
  DENIED: ({ outcomes }) => outcomes.denied,
  INCONCLUSIVE: ({ outcomes }) => outcomes.inconclusive,
  OPERATION: ({ operation }) => operation,
  NEEDS: ({ needs }) => someOf([...needs].sort(byName), named),
};

/** The events of a folder by operation. */
export class ExplainedOperations {
  private readonly operations = new Map<string, Explained>();

  add({ call, outcome, mapping }: Explanation): void {
    const operation = `${call.operation.eventSource} ${call.operation.eventName}`;
    const outcomes = { allowed: 0, denied: 0, failed: 0, inconclusive: 0 };
    const found = this.operations.get(operation) ?? { operation, outcomes, needs: new Set<string>() };
    this.operations.set(operation, found);
    found.outcomes[outcome]++;
    if (mapping.kind === 'mapped') for (const { action } of mapping.permissions) found.needs.add(action);
    else found.needs.add(`(${mappingText[mapping.kind]})`);
  }

  text(): string {
    const rows = [...this.operations.values()].sort((a, b) => byCodeUnit(a.operation, b.operation));
    const all = rows.reduce((sum, row) => sum + events(row), 0);
    return `${table(cellsOf(columns, rows))}\n${counted(all, 'event')} of ${counted(rows.length, 'operation')}; --events prints each with its resources\n`;
  }
}
