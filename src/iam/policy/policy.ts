/** Room `policy`: policy documents: read from JSON with places, and written. */
import { InputError } from '../input-error.ts';
import { JsonTextError, lineAndColumn, parseJsonText, type JsonMember, type JsonNode } from './json-text.ts';
import { operatorText, parseOperator } from './operator.ts';
import { byCodeUnit, sortedUnique } from '../order.ts';

/** `Action`/`Resource` (`only`) or `NotAction`/`NotResource` (`except`). */
export interface PatternSet {
  readonly kind: 'only' | 'except';
  /** Sorted, unique; actions with lower-cased prefix and the name as written, `*` and `?` as wildcards. */
  readonly patterns: readonly string[];
}

/** One operator, one key. */
export interface Condition {
  /** As in the JSON, canonical case: `StringEquals`, `ForAnyValue:StringLike`, `NumericLessThanIfExists`, ... */
  readonly operator: string;
  /** Canonical case as written; keys compare case-insensitively. */
  readonly key: string;
  /** Sorted, unique, as strings. */
  readonly values: readonly string[];
}

/** The services that `iam:PassedToService` names, where a condition says to which alone a role may be passed; undefined for any other. */
export const passedTo = ({ operator, key, values }: Condition): readonly string[] | undefined =>
  key.toLowerCase() === 'iam:passedtoservice' && /String(?:Equals|Like)/.test(operator) ? values : undefined;

/** Whether conditions let a role be passed to the service that a use passed it to, by the condition it needed; true of all other uses. */
export function isPassedWithin(
  { condition }: { readonly condition: readonly Condition[] },
  conditions: readonly Condition[],
): boolean {
  const receivers = conditions.flatMap((one) => passedTo(one) ?? []);
  const own = condition.flatMap((one) => passedTo(one) ?? []);
  return receivers.length === 0 || own.length === 0 || own.some((service) => receivers.includes(service));
}

export interface Statement {
  readonly sid: string | undefined;
  readonly effect: 'Allow' | 'Deny';
  readonly actions: PatternSet;
  readonly resources: PatternSet;
  /** Sorted by operator, then key. All must hold. */
  readonly conditions: readonly Condition[];
}

export const isAllow = ({ effect }: Pick<Statement, 'effect'>): boolean => effect === 'Allow';
export const isDeny = ({ effect }: Pick<Statement, 'effect'>): boolean => effect === 'Deny';

export interface PolicyDocument {
  readonly version: '2012-10-17' | '2008-10-17';
  readonly statements: readonly Statement[];
}

/** What is wrong, where in the policy (`Statement[0].Effect`), and at which index of the text. */
class Mistake extends Error {
  readonly at: number;
  constructor(path: string, message: string, at: number) {
    super(path === '' ? message : `${path}: ${message}`);
    this.at = at;
  }
}

/**
 * Parses the text of an identity policy, permissions boundary or service control policy. A document without `Version` is
 * 2008-10-17 (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_version.html); `Id` is dropped.
 * Throws `InputError`: `<source>:<line>:<column>: <path>: <what is wrong>`, one line.
 */
export function parsePolicy(text: string, source: string): PolicyDocument {
  try {
    return documentOf(parseJsonText(text));
  } catch (error) {
    if (!(error instanceof JsonTextError) && !(error instanceof Mistake)) throw error;
    throw new InputError(`${source}:${lineAndColumn(text, error.at)}: ${error.message}`, { cause: error });
  }
}

function documentOf(root: JsonNode): PolicyDocument {
  const members = objectOf(root, '', ['Version', 'Id', 'Statement'], 'a policy document');
  const list = members.get('Statement');
  if (list === undefined) throw new Mistake('', 'not a policy document: it has no "Statement"', root.at);
  const node = list.value;
  if (node.kind === 'array' && node.items.length === 0) {
    throw new Mistake('Statement', 'must hold at least one statement', node.at);
  }
  const statements =
    node.kind === 'array'
      ? node.items.map((item, index) => statementOf(item, `Statement[${index}]`))
      : [statementOf(node, 'Statement')];
  return { version: versionOf(members.get('Version')), statements };
}

function versionOf(member: JsonMember | undefined): PolicyDocument['version'] {
  if (member === undefined) return '2008-10-17';
  const text = member.value.kind === 'string' ? member.value.text : '';
  if (text === '2012-10-17' || text === '2008-10-17') return text;
  throw new Mistake('Version', 'must be "2012-10-17" or "2008-10-17"', member.value.at);
}

function statementOf(node: JsonNode, path: string): Statement {
  const allowed = ['Sid', 'Effect', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition'];
  const members = objectOf(node, path, allowed, 'a statement');
  const sid = members.get('Sid')?.value;
  if (sid !== undefined && sid.kind !== 'string')
    throw new Mistake(`${path}.Sid`, 'must be a string', sid.at);
  const effect = members.get('Effect')?.value;
  const effectText = effect?.kind === 'string' ? effect.text : '';
  if (effectText !== 'Allow' && effectText !== 'Deny') {
    throw new Mistake(`${path}.Effect`, 'must be "Allow" or "Deny"', effect?.at ?? node.at);
  }
  return {
    sid: sid?.text,
    effect: effectText,
    actions: patternSet(members, node, path, 'Action', actionOf),
    resources: patternSet(members, node, path, 'Resource', (text) => text),
    conditions: conditionsOf(members.get('Condition')?.value, `${path}.Condition`),
  };
}

type Reading = (text: string, path: string, at: number) => string;

function patternSet(
  members: ReadonlyMap<string, JsonMember>,
  node: JsonNode,
  path: string,
  name: 'Action' | 'Resource',
  read: Reading,
): PatternSet {
  const only = members.get(name);
  const except = members.get(`Not${name}`);
  const given = only ?? except;
  if (given === undefined) throw new Mistake(path, `needs "${name}" or "Not${name}"`, node.at);
  if (only !== undefined && except !== undefined) {
    throw new Mistake(path, `has both "${name}" and "Not${name}": keep one`, except.keyAt);
  }
  const own = `${path}.${except === undefined ? '' : 'Not'}${name}`;
  const patterns = listOf(given.value).map(({ item, suffix }) => {
    if (item.kind !== 'string') throw new Mistake(own + suffix, 'must be a string', item.at);
    return read(item.text, own + suffix, item.at);
  });
  return { kind: except === undefined ? 'only' : 'except', patterns: sortedUnique(patterns) };
}

/**
 * What IAM takes: one colon, no wildcard in the service (https://github.com/boogy/iam-policy-validator/pull/172,
 * https://github.com/eksctl-io/eksctl/issues/2794) but in `*:*`. Of the name it asks nothing.
 */
const actionOf: Reading = (text, path, at) => {
  const colon = text.indexOf(':');
  if (text !== '*' && text !== '*:*' && !/^[A-Za-z0-9.-]+:[^:]*$/.test(text))
    throw new Mistake(path, 'must be "*" or "service:Action", with one colon and the service in full', at);
  return text.slice(0, colon + 1).toLowerCase() + text.slice(colon + 1);
};

function conditionsOf(node: JsonNode | undefined, path: string): Condition[] {
  if (node === undefined) return [];
  if (node.kind !== 'object') throw new Mistake(path, 'must be an object', node.at);
  const conditions: Condition[] = [];
  for (const [written, { keyAt, value: block }] of node.members) {
    const operator = parseOperator(written);
    const own = `${path}.${JSON.stringify(written)}`;
    if (operator === undefined) throw new Mistake(own, 'is not a condition operator', keyAt);
    if (block.kind !== 'object') throw new Mistake(own, 'must be an object of condition keys', block.at);
    for (const [key, { value }] of block.members) {
      const values = listOf(value).map(({ item, suffix }) => {
        if (item.kind === 'string' || item.kind === 'number' || item.kind === 'boolean') return item.text;
        throw new Mistake(
          `${own}.${JSON.stringify(key)}${suffix}`,
          'must be a string, number or boolean',
          item.at,
        );
      });
      conditions.push({ operator: operatorText(operator), key, values: sortedUnique(values) });
    }
  }
  return conditions.sort(byOperatorAndKey);
}

/** The order of conditions in a statement: operator, key, then values. */
export const byOperatorAndKey = (a: Condition, b: Condition): number =>
  byCodeUnit(a.operator, b.operator) ||
  byCodeUnit(a.key, b.key) ||
  byCodeUnit(a.values.join('\0'), b.values.join('\0'));

const listOf = (node: JsonNode): { item: JsonNode; suffix: string }[] =>
  node.kind === 'array'
    ? node.items.map((item, index) => ({ item, suffix: `[${index}]` }))
    : [{ item: node, suffix: '' }];

function objectOf(
  node: JsonNode,
  path: string,
  allowed: readonly string[],
  what: string,
): ReadonlyMap<string, JsonMember> {
  if (node.kind !== 'object') throw new Mistake(path, `must be ${what} (a JSON object)`, node.at);
  for (const [key, { keyAt }] of node.members) {
    if (allowed.includes(key)) continue;
    const own = path === '' ? key : `${path}.${key}`;
    if (key === 'Principal' || key === 'NotPrincipal') {
      throw new Mistake(
        own,
        'only resource policies name a principal; this must be an identity policy',
        keyAt,
      );
    }
    const name = JSON.stringify(key.length > 40 ? `${key.slice(0, 40)}…` : key);
    throw new Mistake(path, `${what} has no element ${name}; its elements are ${allowed.join(', ')}`, keyAt);
  }
  return node.members;
}

/** The policy that allows some actions on everything; without any it says nothing. */
export const allowingOnAll = (actions: readonly string[]): PolicyDocument => ({
  version: '2012-10-17',
  statements: [actions]
    .filter((some) => some.length > 0)
    .map((some) => ({
      sid: undefined,
      effect: 'Allow',
      actions: { kind: 'only', patterns: sortedUnique(some) },
      resources: { kind: 'only', patterns: ['*'] },
      conditions: [],
    })),
});

/** In a policy of version 2008-10-17 `${` is plain text; in one of 2012-10-17 it must be escaped. */
const escaped = (text: string): string => text.replaceAll('${', '${$}{');

/** The same policy in the language of version 2012-10-17. */
export function latest(document: PolicyDocument): PolicyDocument {
  if (document.version === '2012-10-17') return document;
  const statements = document.statements.map((s) => ({
    ...s,
    resources: { ...s.resources, patterns: s.resources.patterns.map(escaped) },
    conditions: s.conditions.map((c) => ({ ...c, values: c.values.map(escaped) })),
  }));
  return { version: '2012-10-17', statements };
}
