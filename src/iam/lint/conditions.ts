import { actionInfo, globalKeys, serviceInfo, serviceOf } from '../catalogue.ts';
import { unknown } from './actions.ts';
import { addressRange, dateOf, numberOf } from '../decide/condition-value.ts';
import { few, found, type Finding, type LintCode, type Severity } from './finding.ts';
import { memo } from '../memo.ts';
import { parseOperator, type Operator } from '../policy/operator.ts';
import type { Condition, Statement } from '../policy/policy.ts';

/** One condition, with what is known of its operator and key. */
interface Case {
  readonly condition: Condition;
  readonly operator: Operator;
  readonly statement: Statement;
  /** AWS's type of the key; undefined when it is not known. */
  readonly type: string | undefined;
}

/** What is wrong with a case: what it says, what to do, and how grave it is if not as its check says. */
type Fault = readonly [message: string, fix: string, severity?: Severity] | undefined;

/** Findings on the conditions of a statement. */
export function checkConditions(statement: Statement, path: string): Finding[] {
  return statement.conditions.flatMap((condition): Finding[] => {
    const operator = parseOperator(condition.operator);
    const own = `${path}.Condition.${condition.operator}.${JSON.stringify(condition.key)}`;
    if (operator === undefined) return [];
    const [name, type] = documented(condition.key, statement) ?? [];
    const findings = name === undefined ? [unknownKey(condition.key, statement, own)] : [];
    const here: Case = { condition, operator, statement, type };
    for (const [code, fault] of FAULTS) {
      const [message, fix, severity] = fault(here) ?? [];
      if (message !== undefined && fix !== undefined) findings.push(found(code, own, message, fix, severity));
    }
    return findings;
  });
}

const servicesOf = ({ actions }: Statement): string[] => actions.patterns.map(serviceOf);
const prefixOf = (key: string): string => key.slice(0, key.indexOf(':')).toLowerCase();

/** The key as AWS documents it, and its type. Keys of a service may stand on the page of another, whose actions have them. */
function documented(key: string, statement: Statement): readonly [string, string] | undefined {
  for (const [name, type] of globalKeys()) if (isKey(name, key)) return [name, type];
  for (const prefix of new Set([prefixOf(key), ...servicesOf(statement)])) {
    const service = serviceInfo(prefix);
    const name = service?.conditionKeys.find((known) => isKey(known, key));
    if (name !== undefined) return [name, service?.keyTypes.get(name) ?? 'String'];
  }
  return undefined;
}

/** A key of the user's own stands for a part: `s3:ExistingObjectTag/<key>`, `ec2:ResourceTag/${TagKey}`, `ssm:resourceTag/tag-key`. */
const keyPattern = memo(
  (name: string) =>
    new RegExp(
      `^${name
        .split(/\$\{[^}]*\}|<[^>]*>|(?<=\/)(?:tag-key)?$/)
        .map((text) => text.replace(/[.*+?^()|[\]\\{}$]/g, '\\$&'))
        .join('.+')}$`,
      'i',
    ),
);
const isKey = (name: string, key: string): boolean => keyPattern(name).test(key);

function unknownKey(key: string, statement: Statement, path: string): Finding {
  const prefix = prefixOf(key);
  const code = 'unknown-condition-key';
  if (prefix === 'aws')
    return unknown(code, path, 'is not a global condition key', key, [...globalKeys().keys()]);
  const keys = [prefix, ...servicesOf(statement)].flatMap((name) => serviceInfo(name)?.conditionKeys ?? []);
  const message =
    serviceInfo(prefix) === undefined
      ? `there is no service with the prefix ${JSON.stringify(prefix)}`
      : `is not a condition key of ${JSON.stringify(prefix)}`;
  return unknown(code, path, message, key, keys);
}

/** What a value of a comparison must read as, and an example. */
const READABLE: Partial<Record<Operator['comparison'], readonly [(text: string) => boolean, string]>> = {
  number: [(text) => numberOf(text) !== undefined, 'a number'],
  date: [(text) => dateOf(text) !== undefined, 'a date, such as 2026-01-31T00:00:00Z'],
  ip: [(text) => addressRange(text) !== undefined, 'an address or a range, such as 203.0.113.0/24'],
  bool: [(text) => /^(?:true|false)$/i.test(text), 'true or false'],
  null: [(text) => /^(?:true|false)$/i.test(text), 'true or false'],
  arn: [(text) => /^(?:arn:|[*?])/.test(text), 'an ARN, or *'],
};

/** The types of keys that a comparison is for. */
const FOR: Record<Operator['comparison'], RegExp> = {
  equals: /String/,
  'ignore-case': /String/,
  like: /String/,
  binary: /Binary|String/,
  number: /Numeric|Date/,
  date: /Date|Numeric/,
  ip: /IPAddress/,
  bool: /Bool/,
  arn: /ARN/,
  null: /./,
};
const TEXT = new Set<Operator['comparison']>(['equals', 'ignore-case', 'like', 'arn', 'bool']);

const isPresenceAsked = ({ condition, statement }: Case): boolean =>
  statement.conditions.some((other) => {
    const operator = parseOperator(other.operator);
    if (other.key.toLowerCase() !== condition.key.toLowerCase() || operator === undefined) return false;
    if (operator.comparison === 'null') return other.values.every((value) => value.toLowerCase() === 'false');
    return operator.qualifier === 'ForAnyValue' || isPositive(operator);
  });
/** Whether it fails where the key is absent. */
const isPositive = ({ qualifier, ifExists, negated, comparison }: Operator): boolean =>
  comparison !== 'null' && qualifier !== 'ForAllValues' && !ifExists && !negated;

/** The checks of one condition. */
const FAULTS: readonly (readonly [LintCode, (here: Case) => Fault])[] = [
  [
    'condition-value',
    ({ condition: { values }, operator }) => {
      const [isReadable, what] = READABLE[operator.comparison] ?? [];
      const wrong = values.filter((value) => !value.includes('${') && isReadable?.(value) === false);
      if (wrong.length === 0) return undefined;
      return [`${few(wrong.map((value) => JSON.stringify(value)))} never matches`, `write ${what ?? ''}`];
    },
  ],
  [
    'wildcard-without-like',
    ({ condition: { values }, operator: { comparison, name } }) => {
      if (comparison !== 'equals' && comparison !== 'ignore-case') return undefined;
      const wild = values.filter((value) => /[*?]/.test(value.replace(/\$\{[^}]*\}/g, '')));
      if (wild.length === 0) return undefined;
      return [
        `${name} takes ${few(wild.map((value) => JSON.stringify(value)))} as text`,
        'use StringLike, or ${*}',
      ];
    },
  ],
  [
    'condition-type',
    ({ operator: { comparison, name }, type, condition: { values } }) => {
      if (type === undefined || FOR[comparison].test(type)) return undefined;
      const isUsable = TEXT.has(comparison) && type !== 'Date' && type !== 'IPAddress' && values.length > 0;
      return [
        `${name} on a key of type ${type}`,
        'use the operator of its type',
        isUsable ? 'suggestion' : 'warning',
      ];
    },
  ],
  [
    'missing-qualifier',
    ({ operator: { qualifier, comparison }, type }) =>
      type?.startsWith('Array') === true && qualifier === undefined && comparison !== 'null'
        ? ['has several values in a request', 'put ForAnyValue: or ForAllValues: before the operator']
        : undefined,
  ],
  [
    'for-all-values',
    (here) => {
      const { operator, statement, type } = here;
      if (operator.qualifier !== 'ForAllValues' || statement.effect !== 'Allow') return undefined;
      if (type !== undefined && !type.startsWith('Array'))
        return [
          'ForAllValues on a key of one value holds where the key is absent',
          'leave ForAllValues away',
        ];
      if (isPresenceAsked(here)) return undefined;
      const fix = 'add "Null" with the value "false" for the key';
      // Where no tags are given there are no wrong ones.
      const isTags = here.condition.key.toLowerCase() === 'aws:tagkeys';
      return ['ForAllValues holds where the key is absent', fix, isTags ? 'suggestion' : 'warning'];
    },
  ],
  [
    'mfa-if-exists',
    ({
      condition: { key, values },
      operator: { comparison, ifExists, qualifier },
      statement: { effect },
    }) => {
      if (key.toLowerCase() !== 'aws:multifactorauthpresent' || comparison !== 'bool' || qualifier)
        return undefined;
      const says = values.map((value) => value.toLowerCase()).join();
      if (effect === 'Deny' && says === 'false' && !ifExists)
        return ['does not deny what is signed with long-term keys, which lack the key', 'use BoolIfExists'];
      if (effect === 'Allow' && says === 'true' && ifExists)
        return ['allows what is signed with long-term keys too, which lack the key', 'use Bool'];
      if (effect === 'Allow' && says === 'false')
        return ['allows only what is asked without MFA', 'write "true"'];
      return undefined;
    },
  ],
  [
    'key-not-of-action',
    ({ condition: { key }, operator, statement: { actions } }) => {
      const prefix = prefixOf(key);
      if (
        actions.kind === 'except' ||
        !isPositive(operator) ||
        [...globalKeys().keys()].some((name) => isKey(name, key))
      )
        return undefined;
      const without = actions.patterns.flatMap((action) => {
        const info = serviceOf(action) === prefix ? actionInfo(action) : undefined;
        return info && !info.conditionKeys.some((known) => isKey(known, key)) ? [info.name] : [];
      });
      const isOfService = serviceInfo(prefix)?.conditionKeys.some((known) => isKey(known, key)) === true;
      if (without.length === 0 || !isOfService) return undefined;
      const message = `AWS's reference lists no such key for ${few(without)}: without it the statement does not apply`;
      return [message, `move ${few(without)} to a statement without the condition`];
    },
  ],
];
