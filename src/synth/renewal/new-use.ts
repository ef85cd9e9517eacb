import type { Window } from '../../iam/days.ts';
import { groupBy, inKeyOrder } from '../../iam/order.ts';
import { PatternIndex } from '../../iam/pattern/pattern-index.ts';
import { resourcePattern, type Pattern } from '../../iam/pattern/pattern.ts';
import type { PolicyDocument } from '../../iam/policy/policy.ts';
import { appliesTo } from '../../iam/decide/compiled.ts';
import { ready } from '../held/current-grants.ts';
import type { Use } from '../usage/use.ts';

/** One action on one resource that was first seen in the last days. */
export interface Fresh {
  readonly action: string;
  readonly resource: string;
  /** Days since 1970. */
  readonly firstDay: number;
  readonly uses: readonly Use[];
}

/**
 * Use that begins in the last `newDays` days of the window: neither the resource, nor another under the same pattern
 * of the policies, was used with the action before. Calls of an intruder succeed too, so it wants a look.
 * Empty where no log is older: then all is new, which says nothing. Sorted by action and resource.
 */
export function freshUses(
  uses: readonly Use[],
  documents: readonly PolicyDocument[],
  { window, gaps, newDays }: { window: Window; gaps: readonly Window[]; newDays: number },
): readonly Fresh[] {
  const from = window.until - newDays + 1;
  if (!hasLogsBefore(from, window, gaps)) return [];
  const isLate = ({ days }: Use): boolean => Math.min(...days) >= from;
  const statements = documents
    .flatMap((document) => document.statements)
    .filter(({ effect, resources }) => effect === 'Allow' && resources.kind === 'only')
    .map(ready);
  const fresh = [...groupBy(uses, ({ action }) => action)].flatMap(([action, own]) => {
    const late = new Set(own.filter(isLate));
    if (late.size === 0) return [];
    const granted = new PatternIndex(
      statements
        .filter((statement) => appliesTo(statement, action))
        // A literal stands over itself alone.
        .flatMap(({ resources }) => resources.patterns.filter(({ shape }) => shape !== 'literal'))
        .map((pattern) => ({ pattern, value: pattern })),
    );
    const over = ({ resource }: Use): readonly Pattern[] =>
      [...granted.holding(resourcePattern(resource, true))].map(({ value }) => value);
    const names = new Set([...late].map(({ resource }) => resource));
    const strange = new Set([...late].flatMap(over));
    for (const use of own)
      if (!late.has(use)) {
        names.delete(use.resource);
        if (strange.size > 0) for (const pattern of over(use)) strange.delete(pattern);
      }
    return [...late].filter(
      (use) => names.has(use.resource) && over(use).every((pattern) => strange.has(pattern)),
    );
  });
  return inKeyOrder(groupBy(fresh, ({ action, resource }) => JSON.stringify([action, resource]))).map(
    (uses) => {
      const [{ action, resource }] = uses;
      return { action, resource, firstDay: Math.min(...uses.flatMap(({ days }) => [...days])), uses };
    },
  );
}

/** Whether any day of the window before this one is covered. */
function hasLogsBefore(day: number, { since }: Window, gaps: readonly Window[]): boolean {
  const missing = gaps
    .filter((gap) => gap.since < day)
    .reduce((sum, gap) => sum + Math.min(gap.until, day - 1) - gap.since + 1, 0);
  return day - since > missing;
}
