import { withoutIncluded } from '../../iam/pattern/language.ts';
import { byCodeUnit, groupBy, sortedUnique } from '../../iam/order.ts';
import { resourcePattern } from '../../iam/pattern/pattern.ts';
import type { Statement } from '../../iam/policy/policy.ts';
import { statementJson } from '../../iam/policy/policy-json.ts';
import { cover } from './cover.ts';
import type { Grant, Origin, OriginatedGrant } from '../held/grant.ts';
import { withSids } from './sids.ts';

type Bare = Omit<Statement, 'sid'> & { readonly origin: Origin };

/** The statements that allow exactly these grants: actions that share resources stand together. Sorted, with Sids. */
export function statementsOf(grants: readonly OriginatedGrant[]): readonly Statement[] {
  const bare: Bare[] = [];
  const groups = groupBy(grants, (g) => JSON.stringify([g.origin, g.resources.kind, g.conditions]));
  for (const group of groups.values()) {
    const [first] = group;
    if (!first) continue;
    const { origin, conditions } = first;
    const make = (
      actions: Iterable<string>,
      resources: readonly string[],
      kind: 'only' | 'except',
    ): Bare => ({
      origin,
      effect: 'Allow',
      actions: { kind: 'only', patterns: sortedUnique(actions) },
      resources: { kind, patterns: resources },
      conditions,
    });
    if (first.resources.kind === 'except') {
      const bySet = groupBy(group, (g) => JSON.stringify(g.resources.patterns));
      for (const same of bySet.values()) {
        bare.push(
          make(
            same.map((g) => g.action),
            same[0]?.resources.patterns ?? [],
            'except',
          ),
        );
      }
    } else {
      bare.push(
        ...cover(resourcesByAction(group)).map(({ actions, resources }) => make(actions, resources, 'only')),
      );
    }
  }
  return withSids(bare.sort((a, b) => byCodeUnit(orderKey(a), orderKey(b))));
}

/** Used before kept, then by content. */
const orderKey = ({ origin, ...statement }: Bare): string =>
  JSON.stringify([
    origin === 'used' ? 0 : 1,
    statement.actions.patterns,
    statement.resources,
    statement.conditions,
  ]);

/** Each action with its resources, none of which another includes. */
function resourcesByAction(grants: readonly Grant[]): Map<string, readonly string[]> {
  const all = new Map<string, Set<string>>();
  for (const { action, resources } of grants) {
    const set = all.get(action) ?? new Set<string>();
    for (const pattern of resources.patterns) set.add(pattern);
    all.set(action, set);
  }
  return new Map([...all].map(([action, set]) => [action, minimal(set)]));
}

/** Patterns without those that others include. */
function minimal(set: ReadonlySet<string>): readonly string[] {
  if (set.has('*')) return ['*'];
  const patterns = sortedUnique(set);
  if (!patterns.some((text) => text.includes('*') || text.includes('?'))) return patterns;
  return withoutIncluded(patterns.map((text) => resourcePattern(text, true))).map((p) => p.text);
}

/** What a statement counts towards a policy's quota. */
export const statementSize = (statement: Statement): number =>
  JSON.stringify(statementJson(statement)).replace(/\s/g, '').length;
