/** The condition operators, without `IfExists` and set qualifier (AWS "Condition operators" page), canonical case. */
const NAMES = [
  'StringEquals',
  'StringNotEquals',
  'StringEqualsIgnoreCase',
  'StringNotEqualsIgnoreCase',
  'StringLike',
  'StringNotLike',
  'NumericEquals',
  'NumericNotEquals',
  'NumericLessThan',
  'NumericLessThanEquals',
  'NumericGreaterThan',
  'NumericGreaterThanEquals',
  'DateEquals',
  'DateNotEquals',
  'DateLessThan',
  'DateLessThanEquals',
  'DateGreaterThan',
  'DateGreaterThanEquals',
  'Bool',
  'BinaryEquals',
  'IpAddress',
  'NotIpAddress',
  'ArnEquals',
  'ArnLike',
  'ArnNotEquals',
  'ArnNotLike',
  'Null',
] as const;

type OperatorName = (typeof NAMES)[number];

/** What one value is compared as. */
type ComparisonKind =
  'equals' | 'ignore-case' | 'like' | 'arn' | 'number' | 'date' | 'bool' | 'binary' | 'ip' | 'null';

export interface Operator {
  readonly name: OperatorName;
  readonly qualifier: 'ForAllValues' | 'ForAnyValue' | undefined;
  readonly ifExists: boolean;
  readonly comparison: ComparisonKind;
  /** For numbers and dates. */
  readonly order: '=' | '<' | '<=' | '>' | '>=';
  readonly negated: boolean;
}

const byLowerCase = new Map(NAMES.map((name) => [name.toLowerCase(), name]));
const QUALIFIERS = ['ForAllValues', 'ForAnyValue'] as const;

/** Reads an operator as written in a policy, any case; undefined when AWS has no such operator. */
export function parseOperator(text: string): Operator | undefined {
  const lower = text.toLowerCase();
  const qualifier = QUALIFIERS.find((name) => lower.startsWith(`${name.toLowerCase()}:`));
  const rest = qualifier === undefined ? lower : lower.slice(qualifier.length + 1);
  const ifExists = rest.endsWith('ifexists');
  const name = byLowerCase.get(ifExists ? rest.slice(0, -'ifexists'.length) : rest);
  if (name === undefined || (name === 'Null' && ifExists)) return undefined;
  return {
    name,
    qualifier,
    ifExists,
    comparison: comparisonOf(name),
    order: orderOf(name),
    negated: name.includes('Not'),
  };
}

/** `ForAnyValue:StringLikeIfExists`: the canonical text of an operator. */
export const operatorText = (operator: Operator): string =>
  `${operator.qualifier === undefined ? '' : `${operator.qualifier}:`}${operator.name}${operator.ifExists ? 'IfExists' : ''}`;

function comparisonOf(name: OperatorName): ComparisonKind {
  if (name.endsWith('IgnoreCase')) return 'ignore-case';
  if (name.startsWith('String')) return name.endsWith('Like') ? 'like' : 'equals';
  if (name.startsWith('Numeric')) return 'number';
  if (name.startsWith('Date')) return 'date';
  // ArnEquals and ArnLike behave identically (Condition operators page, ARN operators).
  if (name.startsWith('Arn')) return 'arn';
  if (name.endsWith('IpAddress')) return 'ip';
  return name === 'Bool' ? 'bool' : name === 'Null' ? 'null' : 'binary';
}

function orderOf(name: OperatorName): Operator['order'] {
  const orEqual = name.endsWith('Equals');
  if (name.includes('LessThan')) return orEqual ? '<=' : '<';
  if (name.includes('GreaterThan')) return orEqual ? '>=' : '>';
  return '=';
}
