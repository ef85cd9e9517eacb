import { serviceOf } from '../../iam/catalogue.ts';
import { withoutIncluded } from '../../iam/pattern/pattern-index.ts';
import { byCodeUnit, groupBy, sortedUnique } from '../../iam/order.ts';
import { resourcePattern } from '../../iam/pattern/pattern.ts';
import type { Statement } from '../../iam/policy/policy.ts';
import { statementJson } from '../../iam/policy/policy-json.ts';
import { cover } from './cover.ts';
import { conditionsText, type Grant } from '../held/grant.ts';

const make = (
  { conditions, resources: { kind } }: Grant,
  actions: Iterable<string>,
  patterns: readonly string[],
): Statement => ({
  sid: undefined,
  effect: 'Allow',
  actions: { kind: 'only', patterns: sortedUnique(actions) },
  resources: { kind, patterns },
  conditions,
});

/** The statements that allow exactly these grants: actions on one resource stand together. Sorted, without Sids. */
export function statementsOf(grants: readonly Grant[]): readonly Statement[] {
  const groups = groupBy(
    grants,
    ({ resources: { kind, patterns }, conditions }) =>
      (kind === 'except' ? JSON.stringify(patterns) : '') + conditionsText(conditions),
  );
  const statements = [...groups.values()].flatMap((group) => {
    const [first] = group;
    if (first.resources.kind === 'except') {
      const actions = group.map(({ action }) => action);
      return [make(first, actions, first.resources.patterns)];
    }
    return cover(resourcesByAction(group)).map(({ actions, resources }) => make(first, actions, resources));
  });
  return inOrder(statements);
}

/** By service, then by resource, so that what is about one thing stands together. */
export const inOrder = (statements: readonly Statement[]): Statement[] =>
  statements
    .map((statement) => ({ statement, key: orderKey(statement) }))
    .sort((a, b) => byCodeUnit(a.key, b.key))
    .map(({ statement }) => statement);

const orderKey = ({ actions, resources, conditions }: Statement): string =>
  JSON.stringify([serviceOf(actions.patterns[0] ?? ''), resources, actions.patterns, conditions]);

/** Each action with its resources, none of which another includes. */
function resourcesByAction(grants: readonly Grant[]): Map<string, readonly string[]> {
  const all = new Map<string, Set<string>>();
  for (const { action, resources } of grants) {
    const set = all.get(action) ?? new Set<string>();
    for (const pattern of resources.patterns) set.add(pattern);
    all.set(action, set);
  }
  // Many actions have the same resources.
  const known = new Map<string, readonly string[]>();
  return new Map(
    [...all].map(([action, set]) => {
      const key = [...set].join('\n');
      const patterns = known.get(key) ?? minimal(set);
      known.set(key, patterns);
      return [action, patterns];
    }),
  );
}

/** Patterns without those that others include. */
function minimal(set: ReadonlySet<string>): readonly string[] {
  if (set.has('*')) return ['*'];
  const patterns = sortedUnique(set);
  if (!patterns.some((text) => text.includes('*') || text.includes('?'))) return patterns;
  return withoutIncluded(patterns.map((text) => resourcePattern(text, true))).map((p) => p.text);
}

const sizes = new WeakMap<Statement, number>();

/** What a statement counts towards a policy's quota. */
export function statementSize(statement: Statement): number {
  const known = sizes.get(statement);
  if (known !== undefined) return known;
  const size = JSON.stringify(statementJson(statement)).replace(/\s/g, '').length;
  sizes.set(statement, size);
  return size;
}
