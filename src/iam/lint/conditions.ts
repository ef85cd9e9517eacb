import { actionInfo, globalKeys, serviceInfo, serviceOf } from '../catalogue.ts';
import { unknown } from './actions.ts';
import { addressRange, dateOf, numberOf } from '../decide/condition-value.ts';
import { few, fewQuoted, found, type Finding, type Severity } from './finding.ts';
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

/** A fault: a check by name, its words, and how grave it is if not as the check says. */
type Fault = readonly [check: string, words?: readonly string[], severity?: Severity] | undefined;

/** Findings on the conditions of a statement. */
export function checkConditions(statement: Statement, path: string): Finding[] {
  return statement.conditions.flatMap((condition): Finding[] => {
    const operator = parseOperator(condition.operator);
    const own = `${path}.Condition.${condition.operator}.${JSON.stringify(condition.key)}`;
    if (operator === undefined) return [];
    const [name, type] = documented(condition.key, statement) ?? [];
    const here: Case = { condition, operator, statement, type };
    const faults = [value, wildcard, ofType, qualifier, forAll, mfa, ofAction].map((fault) => fault(here));
    return [
      ...(name === undefined ? [unknownKey(condition.key, statement, own)] : []),
      ...faults.flatMap((fault) => (fault === undefined ? [] : [found(fault[0], own, fault[1], fault[2])])),
    ];
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
  const services = [prefix, ...servicesOf(statement)].map((name) => serviceInfo(name));
  const keys =
    prefix === 'aws' ? [...globalKeys().keys()] : services.flatMap((service) => service?.conditionKeys ?? []);
  const isNoService = prefix !== 'aws' && services[0] === undefined;
  const message = isNoService
    ? `there is no service with the prefix ${JSON.stringify(prefix)}`
    : `is not a condition key of ${prefix === 'aws' ? 'all services' : JSON.stringify(prefix)}`;
  return unknown('unknown-condition-key', path, message, key, keys);
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

function value({ condition: { values }, operator }: Case): Fault {
  const [isReadable, what = ''] = READABLE[operator.comparison] ?? [];
  const wrong = values.filter((text) => !text.includes('${') && isReadable?.(text) === false);
  return wrong.length === 0 ? undefined : ['condition-value', [fewQuoted(wrong), what]];
}

function wildcard({ condition: { values }, operator: { comparison, name } }: Case): Fault {
  const wild = values.filter((text) => /[*?]/.test(text.replace(/\$\{[^}]*\}/g, '')));
  const isText = comparison === 'equals' || comparison === 'ignore-case';
  return isText && wild.length > 0 ? ['wildcard-without-like', [name, fewQuoted(wild)]] : undefined;
}

function ofType({ operator: { comparison, name }, type }: Case): Fault {
  if (type === undefined || FOR[comparison].test(type)) return undefined;
  const isUsable = /equals|ignore-case|like|arn|bool/.test(comparison) && !/Date|IPAddress/.test(type);
  return ['condition-type', [name, type], isUsable ? 'suggestion' : 'warning'];
}

const isSeveral = (type: string | undefined): boolean => type?.startsWith('Array') === true;
const qualifier = ({ operator, type }: Case): Fault =>
  isSeveral(type) && operator.qualifier === undefined && operator.comparison !== 'null'
    ? ['missing-qualifier']
    : undefined;

function forAll(here: Case): Fault {
  const { operator, statement, type, condition } = here;
  if (operator.qualifier !== 'ForAllValues' || statement.effect !== 'Allow') return undefined;
  if (type !== undefined && !isSeveral(type)) return ['for-all-values.single'];
  if (isPresenceAsked(here)) return undefined;
  // Where no tags are given there are no wrong ones.
  const isTags = condition.key.toLowerCase() === 'aws:tagkeys';
  return ['for-all-values.absent', [], isTags ? 'suggestion' : 'warning'];
}

function mfa({ condition: { key, values }, operator, statement: { effect } }: Case): Fault {
  if (key.toLowerCase() !== 'aws:multifactorauthpresent' || operator.comparison !== 'bool') return undefined;
  const isTrue = values.join().toLowerCase() === 'true';
  if (effect === 'Deny') return isTrue || operator.ifExists ? undefined : ['mfa-if-exists.deny'];
  if (!isTrue) return ['mfa-if-exists.without'];
  return operator.ifExists ? ['mfa-if-exists.allow'] : undefined;
}

function ofAction({ condition: { key }, operator, statement: { actions } }: Case): Fault {
  const has = (known: readonly string[]): boolean => known.some((name) => isKey(name, key));
  const service = serviceInfo(prefixOf(key));
  if (!isPositive(operator) || actions.kind === 'except' || has([...globalKeys().keys()])) return undefined;
  if (service === undefined || !has(service.conditionKeys)) return undefined;
  const without = actions.patterns.flatMap((action) => {
    const info = serviceOf(action) === service.prefix ? actionInfo(action) : undefined;
    return info === undefined || has(info.conditionKeys) ? [] : [info.name];
  });
  return without.length === 0 ? undefined : ['key-not-of-action', [few(without)]];
}
