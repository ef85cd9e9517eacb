import { hasOddVariable, REGION } from './arn.ts';
import { addressRange, dateOf, isPrivate, numberOf } from '../decide/condition-value.ts';
import { fewQuoted, type Severity } from './finding.ts';
import type { Operator } from '../policy/operator.ts';
import type { Condition, PolicyDocument, Statement } from '../policy/policy.ts';

/** One condition, with what is known of its operator and key. */
export interface Case {
  readonly condition: Condition;
  readonly operator: Operator;
  readonly statement: Statement;
  readonly version: PolicyDocument['version'];
  /** AWS's type of the key; undefined when it is not known. */
  readonly type: string | undefined;
}

/** A fault: a check by name, its words, and how grave it is if not as the check says. */
export type Fault = readonly [check: string, words?: readonly string[], severity?: Severity] | undefined;

/** What a value must read as, and an example. */
type Readable = readonly [(text: string) => boolean, string];

/** By comparison. */
const READABLE: Partial<Record<Operator['comparison'], Readable>> = {
  number: [(text) => numberOf(text) !== undefined, 'a number'],
  date: [(text) => dateOf(text) !== undefined, 'a date, such as 2026-01-31T00:00:00Z'],
  ip: [(text) => addressRange(text) !== undefined, 'an address or a range, such as 203.0.113.0/24'],
  bool: [(text) => /^(?:true|false)$/i.test(text), 'true or false'],
  null: [(text) => /^(?:true|false)$/i.test(text), 'true or false'],
  arn: [(text) => /^(?:arn:|[*?])/.test(text), 'an ARN, or *'],
};

const one = (...words: readonly string[]): Readable => [(text) => words.includes(text), words.join(', ')];
const like = (form: RegExp, example: string): Readable => [(text) => form.test(text), example];
/** By key, of texts; those of DynamoDB are of its API (PutItem, Query). */
const FORMS: ReadonlyMap<string, Readable> = new Map([
  ['aws:requestedregion', like(REGION, 'a Region, such as eu-west-1')],
  ['aws:sourcevpc', like(/^vpc-(?:[\da-f]{8}|[\da-f]{17})$/, 'a VPC, such as vpc-1a2b3c4d')],
  ['aws:sourcevpce', like(/^vpce-(?:[\da-f]{8}|[\da-f]{17})$/, 'a VPC endpoint, such as vpce-1a2b3c4d')],
  [
    's3:x-amz-server-side-encryption-aws-kms-key-id',
    like(
      /^arn:aws[a-z-]*:kms:[a-z\d-]+:\d{12}:key\/./,
      'the ARN of a key, such as arn:aws:kms:eu-west-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab',
    ),
  ],
  ['dynamodb:returnconsumedcapacity', one('TOTAL', 'NONE')],
  ['dynamodb:returnvalues', one('NONE', 'ALL_OLD', 'UPDATED_OLD', 'ALL_NEW', 'UPDATED_NEW')],
  ['dynamodb:select', one('ALL_ATTRIBUTES', 'ALL_PROJECTED_ATTRIBUTES', 'SPECIFIC_ATTRIBUTES', 'COUNT')],
]);

const isText = ({ comparison }: Operator): boolean => /^(?:equals|ignore-case|like)$/.test(comparison);
const isVariable = (text: string): boolean => text.includes('${');
const isWild = (text: string): boolean => /[*?]/.test(text.replace(/\$\{[^}]*\}/g, ''));

/** What is wrong with the values of a condition. */
export function valueFaults(here: Case): readonly Fault[] {
  if (here.condition.values.length === 0) return [['empty-list.values']];
  return [readable, ofKey, variable, wildcard, star, several, epoch, address].map((fault) => fault(here));
}

/** What its operator cannot read; a variable only where it can be one. */
function readable({ condition: { values }, operator, version }: Case): Fault {
  const [isReadable, what = ''] = READABLE[operator.comparison] ?? [];
  const takes = operator.comparison === 'arn' || version !== '2012-10-17';
  const wrong = values.filter((text) => !(isVariable(text) && takes) && isReadable?.(text) === false);
  const isOfVariables = wrong.length > 0 && wrong.every(isVariable);
  if (isOfVariables) return ['condition-value.variable', [operator.name, fewQuoted(wrong)]];
  return wrong.length === 0 ? undefined : ['condition-value', [fewQuoted(wrong), what]];
}

function ofKey({ condition: { key, values }, operator }: Case): Fault {
  const [isReadable, what = ''] = (isText(operator) && FORMS.get(key.toLowerCase())) || [];
  const read = (text: string): string => (operator.comparison === 'ignore-case' ? text.toUpperCase() : text);
  const wrong = values.filter(
    (text) => !isVariable(text) && !isWild(text) && isReadable?.(text) === false && !isReadable(read(text)),
  );
  return wrong.length === 0 ? undefined : ['condition-value', [fewQuoted(wrong), what]];
}

function variable({ condition: { values }, operator, version }: Case): Fault {
  if (!isText(operator) && operator.comparison !== 'arn') return undefined;
  const all = values.filter(isVariable);
  if (version !== '2012-10-17')
    return all.length > 0 ? ['variable-in-old-version', [fewQuoted(all)]] : undefined;
  const odd = all.filter(hasOddVariable);
  return odd.length > 0 ? ['variable-grammar', [fewQuoted(odd)]] : undefined;
}

function wildcard({ condition: { values }, operator: { comparison, name } }: Case): Fault {
  const wild = values.filter(isWild);
  const isExact = comparison === 'equals' || comparison === 'ignore-case';
  return isExact && wild.length > 0 ? ['wildcard-without-like', [name, fewQuoted(wild)]] : undefined;
}

/** What only asks whether the key is there, or nothing. A negated operator holds where it is absent. */
function star({ condition: { key, values }, operator }: Case): Fault {
  const { comparison, negated, qualifier, ifExists } = operator;
  if (comparison === 'bool' && new Set(values.map((text) => text.toLowerCase())).size > 1)
    return [ifExists ? 'condition-idle.always' : 'condition-idle.bool'];
  if ((comparison !== 'like' && comparison !== 'arn') || !values.includes('*')) return undefined;
  if (negated && qualifier === 'ForAnyValue') return ['condition-idle.never'];
  if (!negated && (ifExists || qualifier === 'ForAllValues')) return ['condition-idle.always'];
  return [negated ? 'condition-idle.absent' : 'condition-idle.present', [JSON.stringify(key)]];
}

/** Of several bounds one says it all. */
const several = ({ condition: { values }, operator: { order, name } }: Case): Fault =>
  order !== '=' && values.length > 1 ? ['redundant-entry.bound', [fewQuoted(values), name]] : undefined;

function epoch({ condition: { values }, operator: { comparison } }: Case): Fault {
  const seconds = values.filter((text) => /^-?\d{5,}$/.test(text));
  return comparison === 'date' && seconds.length > 0
    ? ['condition-value.epoch', [fewQuoted(seconds)]]
    : undefined;
}

function address({ condition: { key, values }, operator: { comparison, negated } }: Case): Fault {
  const ranges = values.map(addressRange).filter((range) => range !== undefined);
  if (comparison !== 'ip' || ranges.length < values.length) return undefined;
  const inner = ranges.filter(isPrivate).length;
  if (key.toLowerCase() === 'aws:sourceip' && inner > 0) {
    if (inner < values.length) return ['private-address.some'];
    return [negated ? 'private-address.always' : 'private-address.never'];
  }
  const loose = values.filter((text) => {
    const [start = ''] = text.split('/');
    return addressRange(text)?.first[0] !== addressRange(start)?.first[0];
  });
  return loose.length > 0 ? ['condition-value.bits', [fewQuoted(loose)]] : undefined;
}
