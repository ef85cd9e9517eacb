import { expandActions } from '../../iam/catalogue.ts';
import { byCodeUnit, groupBy } from '../../iam/order.ts';
import { startingWith } from '../../iam/pattern/pattern-index.ts';
import { actionPattern, resourcePattern } from '../../iam/pattern/pattern.ts';
import type { Statement } from '../../iam/policy/policy.ts';
import type { CompiledStatement } from '../../iam/decide/compiled.ts';
import type { Held } from '../held/current-grants.ts';

/**
 * A statement on what today's policies hold, in fewer words: where they cover a pattern (`s3:Get*`, `s3:*`) on its resources under
 * its conditions, and it holds every catalogued action of that pattern, the pattern stands for them. It lies inside today's, so
 * an action that AWS adds is allowed by both or by neither.
 */
export function inPatterns(statement: Statement, held: Held): Statement {
  const allows = held.allows.filter((allow) => holdsOn(allow, statement));
  if (statement.actions.kind !== 'only' || allows.length === 0) return statement;
  const own = allows.flatMap(({ source: { actions } }) => (actions.kind === 'only' ? actions.patterns : []));
  const isToday = (pattern: string): boolean => allows.some((allow) => coversPattern(allow, pattern));
  const patterns = [...groupBy(statement.actions.patterns, (action) => action.split(':')[0] ?? '')].flatMap(
    ([service, actions]) =>
      shortened(
        service,
        actions,
        own.filter((pattern) => pattern.toLowerCase().startsWith(`${service}:`)),
        isToday,
      ),
  );
  return { ...statement, actions: { kind: 'only', patterns: patterns.sort(byCodeUnit) } };
}

/** Whether a statement of today holds on all resources of another, under no more conditions. */
function holdsOn({ source: today, resources }: CompiledStatement, wanted: Statement): boolean {
  const conditions = wanted.conditions.map((condition) => JSON.stringify(condition));
  if (!today.conditions.every((condition) => conditions.includes(JSON.stringify(condition)))) return false;
  if (today.resources.kind === 'except' || wanted.resources.kind === 'except')
    return JSON.stringify(today.resources) === JSON.stringify(wanted.resources);
  const texts = new Set(today.resources.patterns);
  return wanted.resources.patterns.every(
    (text) => texts.has(text) || resources.holds(resourcePattern(text, true)),
  );
}

function coversPattern({ actions }: CompiledStatement, text: string): boolean {
  const pattern = actionPattern(text);
  return actions.kind === 'only' ? actions.holds(pattern) : actions.meeting(pattern).length === 0;
}

/** Actions of one service, with patterns in the place of those that they stand for: today's own words first, then the widest. */
function shortened(
  service: string,
  actions: readonly string[],
  own: readonly string[],
  isToday: (pattern: string) => boolean,
): readonly string[] {
  const whole = new Set(actions);
  const left = new Set(actions);
  const tried = new Set<string>();
  const found: string[] = [];
  const all = expandActions(`${service}:*`);
  const take = (pattern: string, matched: readonly string[]): boolean => {
    const isWhole = matched.length > 1 && matched.every((action) => whole.has(action)) && isToday(pattern);
    if (!isWhole) return false;
    found.push(pattern);
    for (const action of matched) left.delete(action);
    return true;
  };
  if (take(`${service}:*`, all)) return found;
  for (const pattern of own)
    if (/[*?]/.test(pattern) && expandActions(pattern).some((action) => left.has(action)))
      take(pattern, expandActions(pattern));
  for (const action of actions) {
    if (!left.has(action)) continue;
    const name = action.slice(service.length + 1);
    // `DescribeDBInstances`: Describe*, DescribeDB*, ...
    for (const { index } of name.matchAll(/(?<=.)(?=[A-Z][a-z]|(?<=[a-z0-9])[A-Z])/g)) {
      const start = `${service}:${name.slice(0, index)}`;
      if (tried.has(start)) continue;
      tried.add(start);
      if (take(`${start}*`, startingWith(all, start))) break;
    }
  }
  return [...found, ...left];
}
