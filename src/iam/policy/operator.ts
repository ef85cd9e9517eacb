/** The condition operators by what a value is compared as, without `IfExists` and set qualifier (AWS "Condition operators" page). */
const NAMES = {
  equals: 'StringEquals StringNotEquals',
  'ignore-case': 'StringEqualsIgnoreCase StringNotEqualsIgnoreCase',
  like: 'StringLike StringNotLike',
  // Equals and Like behave identically (same page, ARN operators).
  arn: 'ArnEquals ArnNotEquals ArnLike ArnNotLike',
  number:
    'NumericEquals NumericNotEquals NumericLessThan NumericLessThanEquals NumericGreaterThan NumericGreaterThanEquals',
  date: 'DateEquals DateNotEquals DateLessThan DateLessThanEquals DateGreaterThan DateGreaterThanEquals',
  bool: 'Bool',
  binary: 'BinaryEquals',
  ip: 'IpAddress NotIpAddress',
  null: 'Null',
} as const;

type ComparisonKind = keyof typeof NAMES;

export interface Operator {
  /** Canonical case. */
  readonly name: string;
  readonly qualifier: 'ForAllValues' | 'ForAnyValue' | undefined;
  readonly ifExists: boolean;
  readonly comparison: ComparisonKind;
  /** For numbers and dates. */
  readonly order: '=' | '<' | '<=' | '>' | '>=';
  readonly negated: boolean;
}

const isComparison = (text: string): text is ComparisonKind => text in NAMES;
const byLowerCase = new Map(
  Object.keys(NAMES)
    .filter(isComparison)
    .flatMap((comparison) =>
      NAMES[comparison].split(' ').map((name) => [name.toLowerCase(), { name, comparison }] as const),
    ),
);
const QUALIFIERS = ['ForAllValues', 'ForAnyValue'] as const;

/** Reads an operator as written in a policy, any case; undefined when AWS has no such operator. */
export function parseOperator(text: string): Operator | undefined {
  const lower = text.toLowerCase();
  const qualifier = QUALIFIERS.find((name) => lower.startsWith(`${name.toLowerCase()}:`));
  const rest = qualifier === undefined ? lower : lower.slice(qualifier.length + 1);
  const ifExists = rest.endsWith('ifexists');
  const known = byLowerCase.get(ifExists ? rest.slice(0, -'ifexists'.length) : rest);
  if (known === undefined || (known.name === 'Null' && ifExists)) return undefined;
  const order = known.name.includes('Less') ? '<' : known.name.includes('Greater') ? '>' : undefined;
  return {
    ...known,
    qualifier,
    ifExists,
    order: order === undefined ? '=' : known.name.endsWith('Equals') ? `${order}=` : order,
    negated: known.name.includes('Not'),
  };
}

/** `ForAnyValue:StringLikeIfExists`: the canonical text of an operator. */
export const operatorText = ({ qualifier, name, ifExists }: Operator): string =>
  `${qualifier === undefined ? '' : `${qualifier}:`}${name}${ifExists ? 'IfExists' : ''}`;
