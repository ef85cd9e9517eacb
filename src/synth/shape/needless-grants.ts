import { ExtentIndex, uncovered, type Extent } from '../../iam/compare/containment.ts';
import { Budget } from '../../iam/pattern/language.ts';
import { groupBy } from '../../iam/order.ts';
import { conditionsText, extentOf, type OriginatedGrant } from '../held/grant.ts';

/** A grant with what it applies to. */
interface Piece extends Extent {
  readonly grant: OriginatedGrant;
}

const pieceOf = (grant: OriginatedGrant): Piece => ({ ...extentOf(grant), grant });

/** Grants without what others give anyway under the same circumstances; what is used needs nothing of what is kept unseen. */
export const withoutNeedless = (grants: readonly OriginatedGrant[]): readonly OriginatedGrant[] =>
  [...groupBy(grants, ({ action }) => action).values()].flatMap(needed);

/** Fewer grants than this are compared with all others as fast as these are looked up. */
const few = 8;

const isUsed = ({ origin }: OriginatedGrant): boolean => origin === 'used';

/** Of grants of one action. Narrower conditions are tried first, so that of two that give the same the wider stays. */
function needed(ofAction: readonly OriginatedGrant[]): readonly OriginatedGrant[] {
  const kept = ofAction.filter((grant) => !isUsed(grant));
  const used = ofAction.filter(isUsed);
  // Of resources under the same conditions statements hold none that another includes; what is said by exception stands apart.
  const tried = [...(areAlike(used) ? [] : used), ...(used.length === 0 && areAlike(kept) ? [] : kept)];
  if (tried.length === 0) return ofAction;
  const pieces = new Map(ofAction.map((grant) => [grant, pieceOf(grant)]));
  const all = [...pieces.values()];
  const index = tried.length < few ? undefined : new ExtentIndex(all);
  const left = new Map<OriginatedGrant, Piece | undefined>(pieces);
  for (const grant of tried.toSorted((a, b) => b.conditions.length - a.conditions.length)) {
    const own = pieces.get(grant);
    if (!own) continue;
    const others = (index?.meeting(own) ?? all).flatMap((other) =>
      other !== own && (isUsed(other.grant) || !isUsed(grant)) ? (left.get(other.grant) ?? []) : [],
    );
    const { kind, patterns } = grant.resources;
    const texts = uncovered(others, own, new Budget()).map(({ text }) => text);
    if (texts.length === patterns.length) continue;
    left.set(
      grant,
      texts.length > 0 ? pieceOf({ ...grant, resources: { kind, patterns: texts } }) : undefined,
    );
  }
  return [...left.values()].flatMap((piece) => piece?.grant ?? []);
}

const areAlike = (grants: readonly OriginatedGrant[]): boolean =>
  new Set(grants.map(({ conditions, resources: { kind } }) => kind + conditionsText(conditions))).size < 2;
