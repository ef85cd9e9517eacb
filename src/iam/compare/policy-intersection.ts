import { claimOf } from '../decide/claim.ts';
import { contradict, implies } from './implication.ts';
import { intersect } from '../pattern/intersection.ts';
import { includes, overlaps } from '../pattern/language.ts';
import { withoutIncluded } from '../pattern/pattern-index.ts';
import { inKeyOrder, sortedUnique } from '../order.ts';
import { actionPattern, resourcePattern, type Pattern } from '../pattern/pattern.ts';
import {
  latest,
  byOperatorAndKey,
  type Condition,
  isAllow,
  type PatternSet,
  type PolicyDocument,
  type Statement,
} from '../policy/policy.ts';

export interface PolicyIntersection {
  /** Version 2012-10-17. Allows nothing that either side does not allow. No statements: nothing in common. */
  readonly document: PolicyDocument;
  /** Pairs of Allow statements with something in common that no statement can say; it is left out of the document. */
  readonly inexpressible: readonly { readonly a: Statement; readonly b: Statement }[];
}

/** What both sides allow: pairs of Allow statements cut to what they share, and the Denies of both. Exact where nothing is inexpressible. */
export function intersectPolicies(
  a: readonly PolicyDocument[],
  b: readonly PolicyDocument[],
): PolicyIntersection {
  const [left, right] = [statementsOf(a), statementsOf(b)];
  const statements = [...left, ...right].filter((statement) => !isAllow(statement));
  const inexpressible: { a: Statement; b: Statement }[] = [];
  for (const x of left.filter(isAllow)) {
    for (const y of right.filter(isAllow)) {
      const common = commonStatement(x, y);
      if (common === 'inexpressible') inexpressible.push({ a: x, b: y });
      else if (common !== undefined) statements.push(common);
    }
  }
  const unique = new Map(
    statements.map((statement) => [JSON.stringify({ ...statement, sid: '' }), statement]),
  );
  return { document: { version: '2012-10-17', statements: inKeyOrder(unique) }, inexpressible };
}

const statementsOf = (documents: readonly PolicyDocument[]): Statement[] =>
  documents.flatMap((document) => latest(document).statements);

function commonStatement(a: Statement, b: Statement): Statement | 'inexpressible' | undefined {
  const actions = commonSet(a.actions, b.actions, actionPattern);
  const resources = commonSet(a.resources, b.resources, (text) => resourcePattern(text, true));
  const conditions = commonConditions(a.conditions, b.conditions);
  if (actions === undefined || resources === undefined || conditions === undefined) return undefined;
  if (actions === 'inexpressible' || resources === 'inexpressible') return 'inexpressible';
  return { sid: undefined, effect: 'Allow', actions: withCaseOf(actions, [a, b]), resources, conditions };
}

/** Actions are compared lower-cased; those that were written with capitals get them back. */
function withCaseOf(actions: PatternSet, statements: readonly Statement[]): PatternSet {
  const written = new Map(
    statements.flatMap((s) => s.actions.patterns.map((text) => [text.toLowerCase(), text])),
  );
  return {
    kind: actions.kind,
    patterns: sortedUnique(actions.patterns.map((text) => written.get(text) ?? text)),
  };
}

type Parse = (text: string) => Pattern;

/** What two sets share; undefined when nothing. */
function commonSet(a: PatternSet, b: PatternSet, parse: Parse): PatternSet | 'inexpressible' | undefined {
  if (a.kind === 'except' && b.kind === 'except') {
    return { kind: 'except', patterns: sortedUnique([...a.patterns, ...b.patterns]) };
  }
  const found =
    a.kind === 'only' && b.kind === 'only'
      ? commonPatterns(a.patterns, b.patterns, parse)
      : a.kind === 'only'
        ? patternsBeside(a.patterns, b.patterns, parse)
        : patternsBeside(b.patterns, a.patterns, parse);
  if (found === 'inexpressible') return found;
  if (found.length === 0) return undefined;
  const minimal = withoutIncluded(sortedUnique(found).map(parse)).map(({ text }) => text);
  return { kind: 'only', patterns: sortedUnique(minimal) };
}

function commonPatterns(
  a: readonly string[],
  b: readonly string[],
  parse: Parse,
): string[] | 'inexpressible' {
  const found: string[] = [];
  for (const x of a.map(parse)) {
    for (const y of b.map(parse)) {
      const common = intersect(x, y, parse);
      if (common === 'inexpressible') return common;
      found.push(...common);
    }
  }
  return found;
}

/** The patterns without those another list excludes; a pattern cannot say that it is excluded in part. */
function patternsBeside(
  patterns: readonly string[],
  excluded: readonly string[],
  parse: Parse,
): string[] | 'inexpressible' {
  const others = excluded.map(parse);
  const left = patterns.map(parse).filter((pattern) => !includes(others, pattern));
  // A variable without value makes the exclusion void, and with it the statement: no list of patterns says that.
  const isUncertain = left.length > 0 && others.some(({ hasVariables }) => hasVariables);
  if (isUncertain || left.some((pattern) => others.some((other) => overlaps(pattern, other))))
    return 'inexpressible';
  return left.map(({ text }) => text);
}

/** Both lists at once, without what others of them imply; undefined when two of them contradict each other. */
function commonConditions(
  a: readonly Condition[],
  b: readonly Condition[],
): readonly Condition[] | undefined {
  const all = [...a, ...b].map((condition) => ({ condition, claim: claimOf(condition, true) }));
  if (all.some((one) => all.some((other) => contradict(one.claim, other.claim)))) return undefined;
  const left = all.filter(
    ({ claim }, at) =>
      !all.some(
        (other, k) => k !== at && implies(other.claim, claim) && (k < at || !implies(claim, other.claim)),
      ),
  );
  return left.map(({ condition }) => condition).sort(byOperatorAndKey);
}
