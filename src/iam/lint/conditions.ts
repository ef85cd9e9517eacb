import {
  actionInfo,
  expandActions,
  globalKeys,
  readData,
  serviceInfo,
  serviceOf,
  stringsOf,
} from '../catalogue.ts';
import { objectsOf } from '../json.ts';
import { unknown } from './actions.ts';
import { few, found, type Finding } from './finding.ts';
import { memo, once } from '../memo.ts';
import { parseOperator, type Operator } from '../policy/operator.ts';
import type { PolicyDocument, Statement } from '../policy/policy.ts';
import { valueFaults, type Case, type Fault } from './values.ts';

/** Findings on the conditions of a statement. */
export function checkConditions(
  statement: Statement,
  path: string,
  version: PolicyDocument['version'],
): Finding[] {
  return statement.conditions.flatMap((condition): Finding[] => {
    const operator = parseOperator(condition.operator);
    const own = `${path}.Condition.${condition.operator}.${JSON.stringify(condition.key)}`;
    if (operator === undefined) return [];
    const [name, type] = documented(condition.key, statement) ?? [];
    const here: Case = { condition, operator, statement, version, type };
    const faults = [
      ...valueFaults(here),
      ...[ofType, repeated, qualifier, forAll, mfa, ofAction, ofTag].map((fault) => fault(here)),
      ...bypasses(here),
    ];
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

function ofType({ operator: { comparison, name }, type }: Case): Fault {
  if (type === undefined || FOR[comparison].test(type)) return undefined;
  const isUsable = /equals|ignore-case|like|arn|bool/.test(comparison) && !/Date|IPAddress/.test(type);
  return ['condition-type', [name, type], isUsable ? 'suggestion' : 'warning'];
}

/** Names of keys are the same whatever their case; only the same case is one member of the JSON. */
const repeated = ({ condition, statement }: Case): Fault =>
  statement.conditions.some(
    (other) =>
      other.operator === condition.operator &&
      other.key < condition.key &&
      other.key.toLowerCase() === condition.key.toLowerCase(),
  )
    ? ['condition-key-repeated']
    : undefined;

const isSeveral = (type: string | undefined): boolean => type?.startsWith('Array') === true;
function qualifier({ operator, type }: Case): Fault {
  if (operator.qualifier && operator.comparison === 'null')
    return [operator.qualifier === 'ForAllValues' ? 'null-qualified.all' : 'null-qualified.any'];
  return isSeveral(type) && operator.qualifier === undefined && operator.comparison !== 'null'
    ? ['missing-qualifier']
    : undefined;
}

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
  // What is neither never holds, and is said where values are checked.
  if (!isTrue) return /^(true|false|,)*$/i.test(values.join()) ? ['mfa-if-exists.without'] : undefined;
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

/** Services no action or resource of which has tags to ask for: there the key is absent. */
function ofTag({ condition: { key }, operator, statement: { actions, effect } }: Case): Fault {
  if (!key.toLowerCase().startsWith('aws:resourcetag/') || !isPositive(operator)) return undefined;
  const severity = effect === 'Deny' ? 'warning' : 'suggestion';
  if (actions.kind === 'except') return ['key-not-of-action.except', [], severity];
  const without = actions.patterns.filter((action) => {
    const service = serviceInfo(serviceOf(action));
    return service !== undefined && !service.conditionKeys.some((name) => isKey(name, key));
  });
  return without.length === 0 ? undefined : ['key-not-of-action.tag', [few(without)], severity];
}

/** A row of `bypassed` in `data/overrides/lint.json`: a key that does not keep some actions to its values. */
interface Bypass {
  readonly key: string;
  readonly actions: readonly string[];
  /** Not beside one of these keys. */
  readonly unless: readonly string[];
  readonly says: string;
  readonly fix: string;
}

const bypassed = once((): readonly Bypass[] =>
  objectsOf(readData('overrides/lint.json')['bypassed']).map(({ key, actions, unless, says, fix }) => ({
    key: String(key).toLowerCase(),
    actions: stringsOf(actions),
    unless: stringsOf(unless).map((name) => name.toLowerCase()),
    says: String(says),
    fix: String(fix),
  })),
);

function bypasses({ condition, operator, statement }: Case): Fault[] {
  const { actions, conditions, effect } = statement;
  const key = condition.key.toLowerCase();
  const all = new Set(actions.kind === 'only' ? actions.patterns.flatMap(expandActions) : []);
  const faults = bypassed().flatMap((row): Fault[] => {
    const own = row.actions.filter((action) => action === '*' || all.has(action));
    const isSafe = conditions.some((other) => row.unless.includes(other.key.toLowerCase()));
    return row.key !== key || own.length === 0 || isSafe || operator.comparison === 'null'
      ? []
      : [['key-bypassed', [row.says.replace('{0}', few(own)), row.fix]]];
  });
  // A shorter prefix lists as much (https://docs.aws.amazon.com/AmazonS3/latest/userguide/amazon-s3-policy-keys.html).
  const isPrefix = key === 's3:prefix' && operator.comparison === 'like';
  return isPrefix && operator.negated === (effect === 'Allow')
    ? [...faults, ['key-bypassed.prefix']]
    : faults;
}
