import { overlaps } from '../../iam/pattern/language.ts';
import { byCodeUnit, groupBy, inKeyOrder } from '../../iam/order.ts';
import { resourcePattern } from '../../iam/pattern/pattern.ts';
import { appliesTo, type CompiledStatement } from '../../iam/decide/compiled.ts';
import { ready, type Held, type Wanted } from '../held/current-grants.ts';
import { arnName } from './arn-name.ts';
import { type Fold, foldRegions, foldSiblings, type Wide, type Widening } from './fold.ts';
import { foldNames, unwidened } from './name-folds.ts';
import type { Use } from '../usage/use.ts';

/** Whom a principal may become or hand on is never widened. */
const exact = new Set([
  'iam:PassRole',
  'sts:AssumeRole',
  'sts:AssumeRoleWithWebIdentity',
  'sts:AssumeRoleWithSAML',
]);

/** What uses ask for, in their order, with the resource that a person would write after reading all of them; and the reasons. */
export function generalize(
  uses: readonly Use[],
  held: Held | undefined,
  level: Widening,
): { readonly uses: readonly Wanted[]; readonly folds: readonly Fold[] } {
  const wide = uses.map(unwidened);
  const foldable = wide.filter(({ use }) => !exact.has(use.action));
  foldNames(foldable, level);
  foldSiblings(foldable, level);
  foldRegions(foldable, level);
  for (const item of foldable)
    if (item.cut && level.types?.has(item.cut.type) === true && item.resource !== item.cut.all) {
      item.resource = item.cut.all;
      item.rule = 'type';
    }
  const denies = (held?.denies ?? []).map(ready);
  const folded = wide.map((item) =>
    crossesDeny(item, denies) ? { ...item, resource: item.use.resource, rule: undefined } : item,
  );
  return { uses: folded.map(wanted), folds: foldsOf(folded) };
}

function wanted({ use, resource }: Wide): Wanted {
  if (resource === use.resource) return use;
  const { action, condition, context, star } = use;
  return { action, resource, condition, context, star };
}

/** Whether a widened resource reaches into something that is denied today and the used one does not. */
function crossesDeny({ use, resource, rule }: Wide, denies: readonly CompiledStatement[]): boolean {
  if (rule === undefined || !denies.some((deny) => appliesTo(deny, use.action))) return false;
  const wider = resourcePattern(resource, true);
  const used = resourcePattern(use.resource, true);
  return denies.some(
    (deny) =>
      appliesTo(deny, use.action) &&
      (deny.resources.kind === 'except' ||
        deny.resources.patterns.some((pattern) => overlaps(pattern, wider) && !overlaps(pattern, used))),
  );
}

function foldsOf(wide: readonly Wide[]): readonly Fold[] {
  const groups = groupBy(
    wide.filter(({ rule }) => rule !== undefined),
    ({ use, resource }) => `${use.action}\u0000${resource}`,
  );
  return inKeyOrder(groups).flatMap((list) => {
    const [{ rule, use, resource }] = list;
    const seen = new Set(list.map((one) => one.use.resource)).size;
    return rule ? [{ rule, action: use.action, resource, seen }] : [];
  });
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
