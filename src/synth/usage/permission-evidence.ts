import { overlaps } from '../../iam/pattern/language.ts';
import { actionPattern, matches, resourcePattern } from '../../iam/pattern/pattern.ts';
import type { Observed, Use } from './use.ts';

/** The uses behind an action (wildcards allowed) on the resources of a pattern; then the refusals of which AWS says whose they are. */
export function evidenceFor(
  { uses, denied }: Observed,
  action: string,
  resource: string | undefined,
): readonly Use[] {
  const wanted = actionPattern(action);
  const where = resource === undefined ? undefined : resourcePattern(resource, true);
  return [...uses, ...denied.filter(({ refusedBy }) => refusedBy !== undefined)].filter(
    (use) =>
      matches(wanted, use.action.toLowerCase()) &&
      (where === undefined || overlaps(where, resourcePattern(use.resource, true))),
  );
}
