import type { Condition, PatternSet, PolicyDocument, Statement } from './policy.ts';
import { printableJson } from '../printable.ts';

type JsonStatement = Readonly<Record<string, unknown>>;

const scalarOrList = (list: readonly string[]): unknown => (list.length === 1 ? list[0] : list);

const patternJson = (name: 'Action' | 'Resource', set: PatternSet): [string, unknown] => [
  set.kind === 'only' ? name : `Not${name}`,
  scalarOrList(set.patterns),
];

/**
 * Conditions as IAM writes them: operator -> key -> values. Each operator and key may stand once in an object; where a
 * policy had `StringEquals` beside `stringequals`, both of which must hold, the second is written in another case again.
 */
export function conditionJson(conditions: readonly Condition[]): Readonly<Record<string, unknown>> {
  const blocks = new Map<string, Map<string, unknown>>();
  for (const { operator, key, values } of conditions) {
    const free = spellings(operator).find((spelling) => blocks.get(spelling)?.has(key) !== true);
    if (free === undefined) throw new Error(`too many conditions ${operator} on ${key} in one statement`);
    const block = blocks.get(free) ?? new Map<string, unknown>();
    blocks.set(free, block.set(key, scalarOrList(values)));
  }
  // Object.fromEntries defines own properties, so that a key named __proto__ stays a key.
  return Object.fromEntries([...blocks].map(([operator, block]) => [operator, Object.fromEntries(block)]));
}

/** An operator as AWS writes it, and with each of its first letters in the other case. */
const spellings = (operator: string): readonly string[] => [
  operator,
  ...Array.from(
    operator,
    (letter, at) =>
      operator.slice(0, at) +
      (letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase()) +
      operator.slice(at + 1),
  ),
];

/** A statement as IAM JSON: elements in the order AWS documents, lists of one as scalars. */
export function statementJson(statement: Statement): JsonStatement {
  return {
    ...(statement.sid === undefined ? {} : { Sid: statement.sid }),
    Effect: statement.effect,
    ...Object.fromEntries([
      patternJson('Action', statement.actions),
      patternJson('Resource', statement.resources),
    ]),
    ...(statement.conditions.length === 0 ? {} : { Condition: conditionJson(statement.conditions) }),
  };
}

/** A document as IAM JSON. Statements keep their order: it is the author's. */
export const documentJson = (document: PolicyDocument): Readonly<Record<string, unknown>> => ({
  Version: document.version,
  Statement: document.statements.map(statementJson),
});

/** The canonical text: two spaces, LF at the end; the same document always gives the same bytes. */
export const toJson = (document: PolicyDocument): string => printableJson(documentJson(document), 2);
