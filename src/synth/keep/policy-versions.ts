import type { Window } from '../../iam/days.ts';
import { uncovered } from '../../iam/compare/containment.ts';
import type { CompiledStatement } from '../../iam/decide/compiled.ts';
import { Budget } from '../../iam/pattern/language.ts';
import { latest, isAllow } from '../../iam/policy/policy.ts';
import { ready } from '../held/current-grants.ts';
import { extentOf, type Grant } from '../held/grant.ts';
import type { Today } from '../held/today.ts';

/**
 * The Allow statements of policy versions younger than `minAge` days at the end of the window; only managed policies tell their age
 * (https://docs.aws.amazon.com/IAM/latest/APIReference/API_PolicyVersion.html).
 */
export function young(
  { identity, made = [] }: Pick<Today, 'identity' | 'made'>,
  { until }: Window,
  minAge: number,
): { readonly statements: readonly CompiledStatement[]; readonly notes: readonly string[] } {
  if (minAge === 0) return { statements: [], notes: [] };
  const undated = identity.filter((_, i) => made[i] === undefined).length;
  const statements = identity
    .filter((_, i) => until - (made[i] ?? -Infinity) < minAge)
    .flatMap((document) => latest(document).statements)
    .filter(isAllow)
    .map(ready);
  const note = `${undated} of ${identity.length} policies do not say when they were made (inline, or from files): --min-age keeps nothing of them`;
  return { statements, notes: undated > 0 ? [note] : [] };
}

/** What of a grant statements that stay as they are do not give, whatever the circumstances; undefined: they give all of it. */
export function leftBy<G extends Grant>(statements: readonly CompiledStatement[], grant: G): G | undefined {
  if (statements.length === 0) return grant;
  const left = uncovered(statements, extentOf(grant), new Budget());
  if (left.length === 0) return undefined;
  return { ...grant, resources: { ...grant.resources, patterns: left.map(({ text }) => text) } };
}
