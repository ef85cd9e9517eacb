import { policySize } from '../../dist/iam/policy/quota.js';
import { documentJson } from '../../dist/iam/policy/policy-json.js';

/** @typedef {import('../../dist/iam/policy/policy.js').PolicyDocument} PolicyDocument */
/** @typedef {import('../../dist/iam/policy/policy.js').Statement} Statement */

/** Characters of `{"Version":"2012-10-17","Statement":[]}`, of `{"Effect":"Allow","Action":"","Resource":""}` and of `"Sid":"",`. */
const FRAME = 39;
const STATEMENT = 44;
const SID = 9;

/**
 * Characters below which no policy can name the same pairs of action and resource pattern, under the same conditions:
 * a feasible solution of the dual of the fractional set cover (pairs covered by statements, which are rectangles of
 * actions and patterns and cost their characters), so no linear program need be solved. Pairs no two of which fit in one
 * statement (a fooling set, found greedily) carry a statement each; every other action and pattern carries its own length
 * once. Statements with `NotAction`, `NotResource` or Deny count as they are.
 * @param {readonly PolicyDocument[]} documents
 */
export function sizeBound(documents) {
  const all = documents.flatMap(({ statements }) => statements);
  const plain = all.filter(isPlain);
  let bound = all.length === 0 ? 0 : FRAME;
  let fewest = 0;
  for (const statement of all) {
    if (isPlain(statement)) continue;
    bound += policySize({ version: '2012-10-17', statements: [{ ...statement, sid: undefined }] }) - FRAME;
    fewest++;
  }
  for (const group of byCondition(plain).values()) {
    const matrix = matrixOf(group);
    const fooling = foolingSet(matrix);
    const actions = new Set(matrix.keys());
    const resources = new Set([...matrix.values()].flatMap((set) => [...set]));
    const extra = conditionLength(group[0]);
    for (const [action, resource] of fooling) {
      actions.delete(action);
      resources.delete(resource);
      bound += STATEMENT + extra + action.length + resource.length;
    }
    // A further string in a list costs its quotes and a comma; the brackets of the list are left out.
    for (const text of [...actions, ...resources]) bound += text.length + 3;
    fewest += fooling.length;
  }
  const sids = all.map(({ sid }) => sid?.length ?? -SID).sort((a, b) => a - b);
  for (const length of sids.slice(0, fewest)) bound += SID + length;
  return { bound: bound + Math.max(0, fewest - 1), fewestStatements: fewest, statements: all.length };
}

/** @param {Statement} statement */
const isPlain = ({ effect, actions, resources }) =>
  effect === 'Allow' && actions.kind === 'only' && resources.kind === 'only';

/** @param {readonly Statement[]} statements */
function byCondition(statements) {
  /** @type {Map<string, Statement[]>} */
  const groups = new Map();
  for (const statement of statements) {
    const key = JSON.stringify(statement.conditions);
    const group = groups.get(key);
    if (group) group.push(statement);
    else groups.set(key, [statement]);
  }
  return groups;
}

const lengthOf = (/** @type {Statement} */ statement) =>
  JSON.stringify(documentJson({ version: '2012-10-17', statements: [statement] })).length;

/** Characters that the conditions of a statement add to it. @param {Statement | undefined} statement */
function conditionLength(statement) {
  if (!statement || statement.conditions.length === 0) return 0;
  return lengthOf(statement) - lengthOf({ ...statement, conditions: [] });
}

/** @param {readonly Statement[]} statements */
function matrixOf(statements) {
  /** @type {Map<string, Set<string>>} */
  const matrix = new Map();
  for (const { actions, resources } of statements) {
    for (const action of actions.patterns) {
      const row = matrix.get(action) ?? new Set();
      for (const resource of resources.patterns) row.add(resource);
      matrix.set(action, row);
    }
  }
  return matrix;
}

/** Pairs of which no two lie in one full rectangle: one candidate for each distinct row and column. @param {ReadonlyMap<string, ReadonlySet<string>>} matrix */
function foolingSet(matrix) {
  /** @type {[string, string][]} */
  const chosen = [];
  const rows = new Map([...matrix].map(([action, set]) => [[...set].sort().join('\n'), action]));
  const columns = new Map();
  for (const [action, set] of matrix)
    for (const r of set) columns.set(r, `${columns.get(r) ?? ''}\n${action}`);
  const representatives = new Set(new Map([...columns].map(([r, key]) => [key, r])).values());
  const candidates = [...rows.values()].flatMap((action) =>
    [...(matrix.get(action) ?? [])]
      .filter((r) => representatives.has(r))
      .map((r) => /** @type {[string, string]} */ ([action, r])),
  );
  // Pairs in sparse rows fit in few rectangles: they first.
  candidates.sort((a, b) => (matrix.get(a[0])?.size ?? 0) - (matrix.get(b[0])?.size ?? 0));
  for (const [action, resource] of candidates) {
    const fits = chosen.some(
      ([a, r]) => matrix.get(a)?.has(resource) === true && matrix.get(action)?.has(r) === true,
    );
    if (!fits) chosen.push([action, resource]);
  }
  return chosen;
}
