import { overlaps } from '../../iam/pattern/language.ts';
import { memo } from '../../iam/memo.ts';
import { byCodeUnit, groupBy, inKeyOrder } from '../../iam/order.ts';
import { resourcePattern } from '../../iam/pattern/pattern.ts';
import { appliesTo, type CompiledStatement } from '../../iam/decide/compiled.ts';
import { ready, type Held, type Wanted } from '../held/current-grants.ts';
import { arnName } from './arn-name.ts';
import { type Fold, foldRegions, foldSiblings, type Widening } from './fold.ts';
import { alikeOf, foldNames } from './name-folds.ts';
import type { Use, UseKind } from '../usage/use.ts';

/** Whom a principal may become or hand on is never widened. */
const exact = new Set([
  'iam:PassRole',
  'sts:AssumeRole',
  'sts:AssumeRoleWithWebIdentity',
  'sts:AssumeRoleWithSAML',
]);

/** By level: what uses ask for, in their order, with the resource that a person would write after reading all of them; and the reasons. */
export function generalize(
  uses: readonly Use[],
  held: Held | undefined,
): (level: Widening) => { readonly uses: readonly Wanted[]; readonly folds: readonly Fold[] } {
  const foldable = alikeOf(uses).filter(({ action }) => !exact.has(action));
  const denies = (held?.denies ?? []).map(ready);
  return (level) => {
    const wide = foldNames(foldable, uses, level);
    foldSiblings(wide, level);
    foldRegions(wide, level);
    const wanted: Wanted[] = [...uses];
    const folds: Folded[] = [];
    for (const item of wide) {
      const { cut, action } = item.of;
      const isAll = cut !== undefined && level.types?.has(cut.type) === true && item.resource !== cut.all;
      const { resource, rule } = isAll ? { resource: cut.all, rule: 'type' as const } : item;
      if (rule === undefined) continue;
      const crosses = crossing(action, resource, denies);
      const at = item.of.at.filter((one) => !crosses(uses[one]?.resource ?? ''));
      const [first] = at;
      if (first === undefined) continue;
      const seen = new Set(at.map((one) => uses[one]?.resource)).size;
      folds.push({ first, fold: { rule, action, resource, seen } });
      const wider = memo(({ condition, context, star }: UseKind): Wanted => {
        return { action, resource, condition, context, star };
      });
      for (const one of at) {
        const use = uses[one];
        if (use && use.resource !== resource) wanted[one] = wider(use.kind);
      }
    }
    return { uses: wanted, folds: foldsOf(folds) };
  };
}

/** Whether a widened resource reaches into something that is denied today and a used one does not. */
function crossing(
  action: string,
  resource: string,
  denies: readonly CompiledStatement[],
): (used: string) => boolean {
  const wider = resourcePattern(resource, true);
  const own = denies.filter((deny) => appliesTo(deny, action)).map(({ resources }) => resources);
  const isAny = own.some(({ kind }) => kind === 'except');
  const near = own.flatMap(({ patterns }) => patterns.filter((pattern) => overlaps(pattern, wider)));
  return (used) => isAny || near.some((pattern) => !overlaps(pattern, resourcePattern(used, true)));
}

/** What uses became that are alike, and the place of the first of them. */
interface Folded {
  readonly first: number;
  readonly fold: Fold;
}

/** Those of one action and resource as one, with the rule of the first use. */
function foldsOf(all: readonly Folded[]): readonly Fold[] {
  const inOrder = all.toSorted((a, b) => a.first - b.first).map(({ fold }) => fold);
  return inKeyOrder(groupBy(inOrder, ({ action, resource }) => `${action}\u0000${resource}`)).map((same) => ({
    ...same[0],
    seen: same.reduce((sum, { seen }) => sum + seen, 0),
  }));
}

/** The types that names take the most room of, largest first: characters of what stands in the place of the uses' resources. */
export function typesBySize(
  uses: readonly Wanted[],
): readonly { readonly type: string; readonly size: number }[] {
  const resources = uses.filter(({ action }) => !exact.has(action)).map(({ resource }) => resource);
  const cuts = [...new Set(resources)].flatMap((resource) => {
    const cut = arnName(resource);
    return cut && cut.all !== resource ? [{ resource, type: cut.type }] : [];
  });
  return [...groupBy(cuts, ({ type }) => type)]
    .map(([type, list]) => ({ type, size: list.reduce((sum, { resource }) => sum + resource.length, 0) }))
    .sort((a, b) => b.size - a.size || byCodeUnit(a.type, b.type));
}
