import { byCodeUnit, groupBy, sortedUnique } from '../../iam/order.ts';

/** Some actions on some resources: all of these on all of those. Both sorted. */
export interface Rectangle {
  readonly actions: readonly string[];
  readonly resources: readonly string[];
}

/** Rectangles above this many are not compared pair by pair; the time would grow with their square. */
const mostCompared = 60;

/**
 * Each action with its sorted resources as rectangles that cover exactly that: cut by rows or by columns, whichever costs the reader
 * fewer characters, then joined where rectangles that share a side save some. Deterministic.
 */
export function cover(matrix: ReadonlyMap<string, readonly string[]>): readonly Rectangle[] {
  const columns = new Map<string, string[]>();
  for (const [action, resources] of matrix)
    for (const resource of resources) {
      const column = columns.get(resource);
      if (column) column.push(action);
      else columns.set(resource, [action]);
    }
  for (const column of columns.values()) column.sort(byCodeUnit);
  const cuts = [byRows(matrix), byRows(columns).map(turned)].map((rectangles) => joined(sorted(rectangles)));
  return cuts.reduce((best, rectangles) => (costOf(rectangles) < costOf(best) ? rectangles : best));
}

/** Actions with the same resources. */
const byRows = (matrix: ReadonlyMap<string, readonly string[]>): Rectangle[] =>
  [...groupBy(matrix, ([, resources]) => JSON.stringify(resources)).values()].map((rows) => ({
    actions: rows.map(([action]) => action).sort(byCodeUnit),
    resources: rows[0]?.[1] ?? [],
  }));

const turned = ({ actions, resources }: Rectangle): Rectangle => ({ actions: resources, resources: actions });

const sorted = (rectangles: readonly Rectangle[]): Rectangle[] =>
  rectangles.toSorted((a, b) => byCodeUnit(JSON.stringify(a), JSON.stringify(b)));

/** Joins pairs of rectangles while one side of the one contains that side of the other and it saves characters. */
function joined(start: readonly Rectangle[]): readonly Rectangle[] {
  let rectangles = start;
  for (;;) {
    if (rectangles.length > mostCompared) return rectangles;
    let best: { saved: number; i: number; j: number; pair: readonly Rectangle[] } | undefined;
    for (const [i, a] of rectangles.entries()) {
      for (const [j, b] of rectangles.entries()) {
        if (i === j) continue;
        for (const pair of [sharing(a, b), sharing(turned(a), turned(b))?.map(turned)]) {
          if (!pair) continue;
          const saved = costOf([a, b]) - costOf(pair);
          if (saved > 0 && (!best || saved > best.saved)) best = { saved, i, j, pair };
        }
      }
    }
    if (!best) return rectangles;
    const { i, j, pair } = best;
    rectangles = sorted([...rectangles.filter((_, at) => at !== i && at !== j), ...pair]);
  }
}

/** `a` on its resources and `b` on more, as both on the shared and `b` on the rest. */
function sharing(a: Rectangle, b: Rectangle): readonly Rectangle[] | undefined {
  const rest = without(b.resources, a.resources);
  if (!rest) return undefined;
  const both = { actions: sortedUnique([...a.actions, ...b.actions]), resources: a.resources };
  return rest.length === 0 ? [both] : [both, { actions: b.actions, resources: rest }];
}

/** `all` without `part`; undefined when `part` is not in `all`. */
function without(all: readonly string[], part: readonly string[]): readonly string[] | undefined {
  if (part.length > all.length) return undefined;
  const removed = new Set(part);
  const rest = all.filter((item) => !removed.has(item));
  return rest.length === all.length - removed.size ? rest : undefined;
}

/** Characters around a statement's lists: `{"Sid":"","Effect":"Allow","Action":[],"Resource":[]},` and a name of 22. */
const around = 76;

const listed = (list: readonly string[]): number => list.reduce((sum, text) => sum + text.length + 3, 0);

/** What it costs the reader, in characters, when a resource stands in one more statement: one place says all of it. */
const elsewhere = 60;

const costOf = (rectangles: readonly Rectangle[]): number => {
  const places = rectangles.flatMap(({ resources }) => resources);
  return rectangles.reduce(
    (sum, { actions, resources }) => sum + around + listed(actions) + listed(resources),
    elsewhere * (places.length - new Set(places).size),
  );
};
