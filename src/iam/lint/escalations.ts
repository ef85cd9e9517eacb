import { actionInfo } from '../catalogue.ts';
import type { Finding } from './finding.ts';
import { includes } from '../pattern/language.ts';
import { actionPattern, matches } from '../pattern/pattern.ts';
import type { PolicyDocument } from '../policy/policy.ts';
import { ESCALATION_PATHS } from '../privilege-escalation.ts';

/** Published combinations that the document allows as a whole, whatever the resources. */
export function escalations(document: PolicyDocument): Finding[] {
  const allows = [...document.statements.entries()].filter(([, { effect }]) => effect === 'Allow');
  const denied = document.statements
    .filter(({ effect, actions, resources, conditions }) => {
      const isWhole =
        resources.kind === 'only' && resources.patterns.includes('*') && conditions.length === 0;
      return effect === 'Deny' && actions.kind === 'only' && isWhole;
    })
    .flatMap(({ actions }) => actions.patterns.map(actionPattern));
  const granting = (action: string): number | undefined =>
    allows.find(([, { actions }]) => {
      const isNamed = actions.patterns.some((pattern) => matches(actionPattern(pattern), action));
      return isNamed === (actions.kind === 'only') && !includes(denied, actionPattern(action));
    })?.[0];
  return ESCALATION_PATHS.flatMap(({ name, actions, effect }): Finding[] => {
    const places = actions.map(granting);
    const [first] = places;
    if (first === undefined || places.includes(undefined)) return [];
    const spelled = actions.map((action) => actionInfo(action)?.name ?? action).join(' with ');
    return [
      {
        code: 'privilege-escalation',
        severity: 'warning',
        path: `Statement[${first}]`,
        message: `${name}: ${spelled} ${effect}`,
        fix: 'limit the resources, or take one of the actions away',
      },
    ];
  });
}
