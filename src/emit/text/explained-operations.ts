import { byCodeUnit } from '../../iam/order.ts';
import type { CallOutcome } from '../../permissions/outcome.ts';
import type { Explanation } from '../../synth/explanation.ts';
import { counted, someOf, table } from '../review/words.ts';
import { mappingText } from './explanation.ts';

/** Needs of one operation that are named; more are counted. */
const named = 4;

const events = (outcomes: Record<CallOutcome, number>): number =>
  Object.values(outcomes).reduce((a, b) => a + b);

/** Actions, then `(no permission)` and the like. */
const byName = (a: string, b: string): number =>
  Number(a.startsWith('(')) - Number(b.startsWith('(')) || byCodeUnit(a, b);

/** The events of a folder by operation: how often, how they ended, and what they needed. */
export class ExplainedOperations {
  private readonly operations = new Map<
    string,
    { outcomes: Record<CallOutcome, number>; needs: Set<string> }
  >();

  add({ call, outcome, mapping }: Explanation): void {
    const key = `${call.operation.eventSource} ${call.operation.eventName}`;
    const found = this.operations.get(key) ?? {
      outcomes: { allowed: 0, denied: 0, failed: 0, inconclusive: 0 },
      needs: new Set<string>(),
    };
    this.operations.set(key, found);
    found.outcomes[outcome]++;
    if (mapping.kind === 'mapped') for (const { action } of mapping.permissions) found.needs.add(action);
    else found.needs.add(`(${mappingText[mapping.kind]})`);
  }

  text(): string {
    const rows = [...this.operations].sort(([a], [b]) => byCodeUnit(a, b));
    const all = rows.reduce((sum, [, { outcomes }]) => sum + events(outcomes), 0);
    return (
      table([
        ['EVENTS', 'DENIED', 'INCONCLUSIVE', 'OPERATION', 'NEEDS'],
        ...rows.map(([operation, { outcomes, needs }]) => [
          events(outcomes),
          outcomes.denied,
          outcomes.inconclusive,
          operation,
          someOf([...needs].sort(byName), named),
        ]),
      ]) +
      `\n${counted(all, 'event')} of ${counted(rows.length, 'operation')}; --events prints each with its resources\n`
    );
  }
}
