import type { Window } from '../../iam/days.ts';
import { includes } from '../../iam/pattern/language.ts';
import { resourcePattern } from '../../iam/pattern/pattern.ts';
import { isAllow, type PolicyDocument } from '../../iam/policy/policy.ts';
import { coversAction, latest, ready, type ReadyStatement } from '../held/current-grants.ts';
import type { Grant } from '../held/grant.ts';

/** Policies with the days they were made on, in the same order; undefined where that is not known. */
interface Dated {
  readonly identity: readonly PolicyDocument[];
  readonly made?: readonly (number | undefined)[];
}

/** What policy versions allow that are too young for their grants to have been used. */
export interface Young {
  readonly statements: readonly ReadyStatement[];
  readonly notes: readonly string[];
}

/**
 * The Allow statements of policy versions younger than `minAge` days at the end of the window. Only managed policies
 * tell when their version was made:
 * https://docs.aws.amazon.com/IAM/latest/APIReference/API_PolicyVersion.html
 */
export function young({ identity, made = [] }: Dated, { until }: Window, minAge: number): Young {
  if (minAge === 0) return { statements: [], notes: [] };
  const undated = identity.filter((_, i) => made[i] === undefined).length;
  const statements = identity
    .filter((_, i) => until - (made[i] ?? -Infinity) < minAge)
    .flatMap((document) => latest(document).statements)
    .filter(isAllow)
    .map(ready);
  return {
    statements,
    notes:
      undated > 0
        ? [
            `${undated} of ${identity.length} policies do not say when they were made (inline, or from files): --min-age keeps nothing of them`,
          ]
        : [],
  };
}

/** Whether statements that stay as they are give all of a grant. */
export const isGivenBy = (statements: readonly ReadyStatement[], { action, resources }: Grant): boolean =>
  resources.kind === 'only' &&
  statements.some(
    (ready) =>
      ready.statement.conditions.length === 0 &&
      ready.statement.resources.kind === 'only' &&
      coversAction(ready, action) &&
      resources.patterns.every((text) =>
        includes(
          ready.resources.filter((pattern) => !pattern.hasVariables),
          resourcePattern(text, true),
        ),
      ),
  );
