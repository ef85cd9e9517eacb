import { includes, overlaps } from './language.ts';
import { withoutIncluded } from './pattern-index.ts';
import { byCodeUnit } from '../order.ts';
import { ANY, COLON, FIELD, ONE, ONE_IN_FIELD, absorbs, isRun, patternOf, type Pattern } from './pattern.ts';

/** A tail of atoms shared between results. */
interface Tail {
  readonly atom: number;
  readonly rest: Tail | undefined;
}

const MOST_RESULTS = 64;
const MOST_CELLS = 250_000;

/**
 * Patterns whose union is exactly the strings in both, minimal, sorted by text. `inexpressible`: there are common strings,
 * but no such list of at most 64 patterns was found (always so when a variable decides).
 * `reparse` reads a text of the same kind of pattern (resource, action, condition value).
 */
export function intersect(
  a: Pattern,
  b: Pattern,
  reparse: (text: string) => Pattern,
): readonly string[] | 'inexpressible' {
  if (includes([a], b)) return [b.text];
  if (includes([b], a)) return [a.text];
  if (!overlaps(a, b)) return [];
  if (a.hasVariables || b.hasVariables) return 'inexpressible';
  const tails = commonTails(a.atoms, b.atoms);
  if (tails === undefined) return 'inexpressible';
  const found = new Map<string, Pattern>();
  for (const tail of tails) {
    const pattern = patternOf(undefined, [...atomsOf(tail)]);
    const again = reparse(pattern.text);
    // A `*` may stop at colons in one place of an ARN and not in another: the text must still say what was meant.
    if (!absorbs(again.atoms, pattern.atoms) || !absorbs(pattern.atoms, again.atoms)) return 'inexpressible';
    found.set(pattern.text, again);
  }
  const sorted = [...found.values()].sort((x, y) => byCodeUnit(x.text, y.text));
  return withoutIncluded(sorted).map((pattern) => pattern.text);
}

function* atomsOf(tail: Tail | undefined): Generator<number> {
  for (let at = tail; at !== undefined; at = at.rest) yield at.atom;
}

/** What two atoms have in common, one step of each; undefined when nothing. */
function meet(a: number, b: number): number | undefined {
  if (a >= 0 && b >= 0) return a === b ? a : undefined;
  const [literal, wild] = a >= 0 ? [a, b] : [b, a];
  if (literal >= 0)
    return literal === COLON && (wild === FIELD || wild === ONE_IN_FIELD) ? undefined : literal;
  const inField = [a, b].some((atom) => atom === FIELD || atom === ONE_IN_FIELD);
  if (isRun(a) && isRun(b)) return inField ? FIELD : ANY;
  return inField ? ONE_IN_FIELD : ONE;
}

/** All ways to read both patterns at once, from the ends backwards; undefined when there are too many. */
function commonTails(a: readonly number[], b: readonly number[]): readonly (Tail | undefined)[] | undefined {
  if ((a.length + 1) * (b.length + 1) > MOST_CELLS) return undefined;
  let below: (readonly (Tail | undefined)[])[] = [];
  for (let i = a.length; i >= 0; i--) {
    const row: (readonly (Tail | undefined)[])[] = [];
    for (let j = b.length; j >= 0; j--) {
      const cell = cellOf(a[i], b[j], below[j] ?? [], row[j + 1] ?? [], below[j + 1] ?? []);
      if (cell.length > MOST_RESULTS) return undefined;
      row[j] = cell;
    }
    below = row;
  }
  return below[0];
}

function cellOf(
  a: number | undefined,
  b: number | undefined,
  afterA: readonly (Tail | undefined)[],
  afterB: readonly (Tail | undefined)[],
  afterBoth: readonly (Tail | undefined)[],
): readonly (Tail | undefined)[] {
  if (a === undefined && b === undefined) return [undefined];
  const runA = a !== undefined && isRun(a);
  const runB = b !== undefined && isRun(b);
  const common = a === undefined || b === undefined ? undefined : meet(a, b);
  const put = (rests: readonly (Tail | undefined)[]): (Tail | undefined)[] =>
    common === undefined ? [] : rests.map((rest) => ({ atom: common, rest }));
  if (runA && runB) return lean([...put(afterA), ...put(afterB)]);
  if (runA) return lean([...afterA, ...put(afterB)]);
  if (runB) return lean([...afterB, ...put(afterA)]);
  return put(afterBoth);
}

/** Drops results that another one covers, where there are enough of them to multiply. */
function lean(tails: readonly (Tail | undefined)[]): readonly (Tail | undefined)[] {
  if (tails.length < 4) return tails;
  const lists = tails.map((tail) => [...atomsOf(tail)]);
  return tails.filter(
    (_, k) =>
      !lists.some((other, m) => {
        const own = lists[k] ?? [];
        if (m === k || !absorbs(other, own)) return false;
        return m < k || !absorbs(own, other);
      }),
  );
}
