import type { Use } from '../usage/use.ts';
import { grantedBy, type Held } from './current-grants.ts';

/** What readings of one need share: the role they are of, the action, the circumstances. The reading without path may have been seen by itself too. */
const needOf = ({ action, oneOf, resource, condition, context }: Use): string =>
  JSON.stringify([action, oneOf || resource, condition, [...context]]);

/** Of several readings of one need (the path of a bare role name), those that today's policies do not grant are dropped if another is. */
export function withoutOtherReadings(uses: readonly Use[], held: Held): readonly Use[] {
  const readings = new Set(uses.filter(({ oneOf }) => oneOf !== '').map(needOf));
  if (readings.size === 0) return uses;
  const granted = new Set(
    uses.filter((use) => readings.has(needOf(use)) && grantedBy(use, held).length > 0).map(needOf),
  );
  return uses.filter(
    (use) => use.oneOf === '' || !granted.has(needOf(use)) || grantedBy(use, held).length > 0,
  );
}
