import { includes, overlaps } from '../../iam/pattern/language.ts';
import { groupBy } from '../../iam/order.ts';
import { resourcePattern, type Pattern } from '../../iam/pattern/pattern.ts';
import type { Condition } from '../../iam/policy/policy.ts';
import type { OriginatedGrant } from '../held/grant.ts';

/** Everything some grants of one action give under the same conditions. */
interface Cover {
  readonly conditions: readonly string[];
  readonly only: readonly Pattern[];
  readonly except: readonly { readonly text: string; readonly patterns: readonly Pattern[] }[];
}

/**
 * Grants without what others give anyway, under the same or fewer conditions: what was used and is kept regardless is
 * kept; what is kept and was used in a wider sense is used. Neither more nor less is allowed.
 */
export function withoutNeedless(grants: readonly OriginatedGrant[]): readonly OriginatedGrant[] {
  return [...groupBy(grants, ({ action }) => action).values()].flatMap((ofAction) => {
    if (ofAction.length === 1) return ofAction;
    const [used = [], kept = []] = (['used', 'kept'] as const).map((origin) =>
      ofAction.filter((g) => g.origin === origin),
    );
    const usedLeft = leftOf(leftOf(used, used, 'fewer'), kept, 'same-or-fewer');
    return [...usedLeft, ...leftOf(leftOf(kept, kept, 'fewer'), usedLeft, 'same-or-fewer')];
  });
}

type Bound = 'fewer' | 'same-or-fewer';

function leftOf(
  grants: readonly OriginatedGrant[],
  others: readonly OriginatedGrant[],
  bound: Bound,
): readonly OriginatedGrant[] {
  const covers = [...groupBy(others, ({ conditions }) => JSON.stringify(conditions)).values()].map(coverOf);
  if (covers.length === 0 || (bound === 'fewer' && covers.length === 1)) return grants;
  return grants.flatMap((grant) => {
    const own = texts(grant.conditions);
    const able = covers.filter(
      ({ conditions }) => isWithin(conditions, own) && (bound !== 'fewer' || conditions.length < own.length),
    );
    if (able.length === 0) return [grant];
    const { kind, patterns } = grant.resources;
    if (kind === 'except') return able.some((cover) => givesAllBut(cover, patterns)) ? [] : [grant];
    const only = able.flatMap((cover) => cover.only);
    const left = patterns.filter((text) => !isGiven(resourcePattern(text, true), only, able));
    return left.length === 0 ? [] : [{ ...grant, resources: { kind, patterns: left } }];
  });
}

function isGiven(wanted: Pattern, only: readonly Pattern[], able: readonly Cover[]): boolean {
  return (
    includes(only, wanted) ||
    able.some(({ except }) =>
      except.some(({ patterns }) => !patterns.some((p) => p.hasVariables || overlaps(p, wanted))),
    )
  );
}

const givesAllBut = ({ only, except }: Cover, patterns: readonly string[]): boolean =>
  only.some(({ text }) => text === '*') || except.some(({ text }) => text === JSON.stringify(patterns));

const parsed = (list: readonly string[]): Pattern[] => list.map((text) => resourcePattern(text, true));

function coverOf(grants: readonly OriginatedGrant[]): Cover {
  const of = (kind: 'only' | 'except') =>
    grants.filter(({ resources }) => resources.kind === kind).map(({ resources }) => resources.patterns);
  return {
    conditions: texts(grants[0]?.conditions ?? []),
    only: of('only').flatMap(parsed),
    except: of('except').map((patterns) => ({ text: JSON.stringify(patterns), patterns: parsed(patterns) })),
  };
}

const texts = (conditions: readonly Condition[]): readonly string[] =>
  conditions.map((condition) => JSON.stringify(condition));

const isWithin = (some: readonly string[], all: readonly string[]): boolean =>
  some.every((text) => all.includes(text));
