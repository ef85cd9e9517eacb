import { isObject } from '../iam/json.ts';
import type { Target } from './call.ts';
import { refusers, type Refusal } from './refusal.ts';
import { Folded, isMembers, type Members, type MemberValue, type ResourceRef } from './members.ts';

/** More names than this of one kind of call in one day are folded to their common levels. */
export const maxNamesPerDay = 100;

/** A name of unbounded variety: an S3 key, a log stream; or many of them, folded. */
export type Leaf = string | Folded;

/** A target with its names of unbounded variety taken out; the holes are `{"": n}`. */
interface HoledTarget {
  /** Canonical JSON. */
  readonly body: string;
  readonly leaves: readonly Leaf[];
}

/** Request members whose values have no bound on their variety. */
const unbounded = ['key', 'Key', 'logStreamName'] as const;

/** ARNs that end in a name of unbounded variety. */
const unboundedArn = /^(arn:[^:]*:(?:s3:::[^/]+\/|logs:[^:]*:[^:]*:log-group:[^:]+:log-stream:))(.+)$/s;

/** Takes the names of unbounded variety out of a target. */
export function punch(target: Target): HoledTarget {
  const leaves: Leaf[] = [];
  const hole = (leaf: Leaf): Members => ({ '': String(leaves.push(leaf) - 1) });
  let { request } = target;
  for (const name of unbounded) {
    const value = request[name];
    if (typeof value === 'string' || value instanceof Folded) request = { ...request, [name]: hole(value) };
  }
  const source = request['x-amz-copy-source'];
  if (source !== undefined && source !== true && isObject(source)) {
    const key = source['key'];
    if (typeof key === 'string' || key instanceof Folded) {
      request = { ...request, 'x-amz-copy-source': { ...source, key: hole(key) } };
    }
  }
  const arnOf = (arn: string | Folded): readonly [string | Folded, Members?] => {
    const parts = typeof arn === 'string' ? unboundedArn.exec(arn) : null;
    return parts ? [parts[1] ?? '', hole(parts[2] ?? '')] : [arn];
  };
  const resources = target.resources.map((one) => {
    const [arn, ...rest] = arnOf(one.arn);
    return [arn, one.type, one.account, one.isPrefix, ...rest];
  });
  const parts: unknown[] = [request, target.response, resources];
  const { refusal } = target;
  if (refusal) {
    const [resource, ...rest] = arnOf(refusal.resource);
    parts.push([resource, refusal.action, refusal.by, refusal.explicit, ...rest]);
  }
  return { body: JSON.stringify(parts), leaves };
}

/** The target that `punch` took apart, with these names in its holes. */
export function fill(holed: HoledTarget): Target {
  const parsed: unknown = JSON.parse(holed.body);
  const parts: readonly unknown[] = Array.isArray(parsed) ? parsed : [];
  const [request, response, resources, refusal] = parts;
  return {
    ...(Array.isArray(refusal) ? { refusal: refusalIn(refusal, holed.leaves) } : {}),
    request: membersOf(request, holed.leaves),
    response: membersOf(response, holed.leaves),
    resources: Array.isArray(resources) ? resources.map((r) => resourceOf(r, holed.leaves)) : [],
  };
}

function membersOf(value: unknown, leaves: readonly Leaf[]): Members {
  const members = valueOf(value, leaves);
  return isMembers(members) ? members : {};
}

function valueOf(value: unknown, leaves: readonly Leaf[]): MemberValue | undefined {
  if (typeof value === 'string' || value === true) return value;
  if (Array.isArray(value)) return value.map((v) => valueOf(v, leaves)).filter((v) => v !== undefined);
  if (!isObject(value)) return undefined;
  const hole = value[''];
  if (typeof hole === 'string') return leaves[Number(hole)];
  const members: Record<string, MemberValue> = {};
  for (const [name, member] of Object.entries(value)) {
    const kept = valueOf(member, leaves);
    if (kept !== undefined) members[name] = kept;
  }
  return members;
}

function resourceOf(value: unknown, leaves: readonly Leaf[]): ResourceRef {
  const parts: readonly unknown[] = Array.isArray(value) ? value : [];
  const [arn, type, account, isPrefix, hole] = parts;
  return {
    arn: filledArn(String(arn), hole, leaves),
    type: String(type),
    account: String(account),
    isPrefix: isPrefix === true,
  };
}

function refusalIn(parts: readonly unknown[], leaves: readonly Leaf[]): Refusal {
  const [resource, action, by, explicit, hole] = parts;
  return {
    action: String(action),
    resource: filledArn(String(resource), hole, leaves),
    by: refusers.find((known) => known === by) ?? 'unknown',
    explicit: explicit === true,
  };
}

function filledArn(start: string, hole: unknown, leaves: readonly Leaf[]): string | Folded {
  const leaf = hole === undefined ? undefined : valueOf(hole, leaves);
  if (leaf instanceof Folded) return new Folded(start + leaf.prefix, leaf.depth);
  return start + (typeof leaf === 'string' ? leaf : '');
}

/** Names as JSON, for interning: literals as strings, folds as `[depth, prefix]`. */
export function leafText(leaves: readonly Leaf[]): string {
  return JSON.stringify(leaves.map((leaf) => (typeof leaf === 'string' ? leaf : [leaf.depth, leaf.prefix])));
}

/** The names that `leafText` wrote. */
export function leavesOf(text: string): readonly Leaf[] {
  const parsed: unknown = JSON.parse(text);
  if (!Array.isArray(parsed)) throw new TypeError(`not a list of names: ${text}`);
  return parsed.map((entry: unknown) =>
    Array.isArray(entry) ? new Folded(String(entry[1]), Number(entry[0])) : String(entry),
  );
}

/** How often a name can be cut. */
const levels = (leaf: Leaf): number => (leaf instanceof Folded ? leaf.depth : leaf.split('/').length);

/** A name cut after its `depth`-th slash; a name with fewer stays literal. Depth 0 is every name. */
function cut(leaf: Leaf, depth: number): Leaf {
  if (depth === 0) return new Folded('', 0);
  if (leaf instanceof Folded && leaf.depth <= depth) return leaf;
  const text = leaf instanceof Folded ? leaf.prefix : leaf;
  let at = -1;
  for (let n = 0; n < depth; n++) {
    at = text.indexOf('/', at + 1);
    if (at < 0) return leaf;
  }
  return new Folded(text.slice(0, at + 1), depth);
}

/**
 * Folds the names one kind of call used in one day: cut at the deepest level that leaves at most `max` distinct
 * ones. A function of the set alone, whatever the order, the batches and the repeats:
 * fold(A ∪ B) = fold(fold(A) ∪ fold(B)), because the number of distinct names never grows as the level rises.
 *
 * INVARIANT: so an index of any days is the same whatever came first, and equals one of these days alone.
 * Held by test/cloudtrail/fold.test.ts, "fold(A ∪ B) = fold(fold(A) ∪ fold(B)), whatever the order".
 * @returns for each name as text, the name it became
 */
export function foldNames(names: readonly string[], max = maxNamesPerDay): ReadonlyMap<string, string> {
  // A list of few literal names has no inner bracket and stays as it is.
  if (names.length <= max && !names.some((name) => name.includes('[', 1)))
    return new Map(names.map((n) => [n, n]));
  const lists = names.map(leavesOf);
  let depth = Number.POSITIVE_INFINITY;
  for (const list of lists)
    for (const leaf of list) if (leaf instanceof Folded) depth = Math.min(depth, leaf.depth);
  const at = (level: number): Map<string, string> =>
    new Map(
      names.map((name, i) => [
        name,
        level === Number.POSITIVE_INFINITY
          ? name
          : leafText((lists[i] ?? []).map((leaf) => cut(leaf, level))),
      ]),
    );
  const whole = at(depth);
  if (distinct(whole) <= max) return whole;
  // One level always fits (0 is every name); the number of distinct names only grows with depth.
  let fits = 0;
  let over = Number.isFinite(depth) ? depth : 1 + Math.max(...lists.flat().map(levels));
  while (over - fits > 1) {
    const middle = (fits + over) >>> 1;
    if (distinct(at(middle)) <= max) fits = middle;
    else over = middle;
  }
  return at(fits);
}

const distinct = (folded: ReadonlyMap<string, string>): number => new Set(folded.values()).size;
