import type { AthenaTable, Column } from '../../aws/athena.ts';
import { dayText } from '../../iam/days.ts';
import { InputError } from '../../iam/input-error.ts';
import { memberPatterns, partiqlTable } from '../../cloudtrail/reduce.ts';
import { answerless } from '../../cloudtrail/call.ts';
import { maxNamesPerDay } from '../../cloudtrail/fold.ts';
import { maxErrorMessage, notAuthorized } from '../../cloudtrail/refusal.ts';
import { sql } from '../../store/sql.ts';

/** Days, both ends included (one where the table is by day), and which accounts and Regions of them; empty is all. */
export interface Slice {
  readonly first: number;
  readonly last: number;
  readonly accounts: readonly string[];
  readonly regions: readonly string[];
}

/** What the statement reads: its name there, where it stands in a CloudTrail table, and what is lost without it. */
const wanted: readonly (readonly [alias: string, path: string, lost?: string])[] = [
  ['identity_type', 'useridentity.type'],
  ['arn', 'useridentity.arn'],
  ['principal_id', 'useridentity.principalid'],
  ['account_id', 'useridentity.accountid'],
  ['user_name', 'useridentity.username'],
  ['invoked_by', 'useridentity.invokedby'],
  ['identity_provider', 'useridentity.identityprovider', 'names of SAML and web identity providers'],
  ['on_behalf_of', 'useridentity.onbehalfof.userid', 'Identity Center users'],
  ['source_identity', 'useridentity.sessioncontext.sourceidentity', 'source identities'],
  ['access_key', 'useridentity.accesskeyid', 'which access keys are in use'],
  ['mfa', 'useridentity.sessioncontext.attributes.mfaauthenticated', 'conditions on MFA'],
  ['issuer_type', 'useridentity.sessioncontext.sessionissuer.type'],
  ['issuer_id', 'useridentity.sessioncontext.sessionissuer.principalid'],
  ['issuer_arn', 'useridentity.sessioncontext.sessionissuer.arn'],
  ['issuer_account', 'useridentity.sessioncontext.sessionissuer.accountid'],
  ['issuer_name', 'useridentity.sessioncontext.sessionissuer.username'],
  ['event_source', 'eventsource'],
  ['event_name', 'eventname'],
  ['event_type', 'eventtype', 'service events told from calls'],
  ['event_category', 'eventcategory', 'data events told from management events'],
  ['management_event', 'managementevent', 'data events told from management events'],
  ['read_only', 'readonly', 'reading told from writing'],
  ['region', 'awsregion'],
  ['account', 'recipientaccountid'],
  ['error_code', 'errorcode'],
  ['error_message', 'errormessage', 'what AWS says of refusals'],
  ['shared_event_id', 'sharedeventid', 'copies of cross-account calls counted once'],
  ['address', 'sourceipaddress', 'conditions on addresses'],
  ['endpoint', 'vpcendpointid', 'conditions on VPC endpoints'],
  ['tls', 'tlsdetails.tlsversion', 'conditions on TLS'],
  ['request', 'requestparameters'],
  ['response', 'responseelements'],
  ['additional', 'additionaleventdata', 'keys of SSE-KMS, MFA of sign-ins'],
  ['event_time', 'eventtime'],
  ['event_id', 'eventid', 'sample events'],
];

/** Of each of a record's resources, in this order. */
const ofResource = ['arn', 'arnprefix', 'accountid', 'type'];

/** What a table without some columns cannot show, a line for all; '' when it has them. @throws InputError when it cannot be used */
export function missingColumns(table: AthenaTable): string {
  const missing = wanted.filter(([, path]) => !has(table, path));
  const needed = missing.filter(([, , lost]) => lost === undefined).map(([, path]) => path);
  const where = `${table.database}.${table.table}`;
  if (needed.length > 0) {
    throw new InputError(
      `${where}: not a table of CloudTrail logs (no ${needed.join(', ')}); make one with --create-table, see docs/athena.md`,
    );
  }
  const wrong = wanted.flatMap(([, path]) => {
    const type = typeAt(table, path) ?? 'string';
    const isWrong = /^(?:struct|map|array|row|binary)/.test(type) || (path === 'eventtime' && !isText(type));
    return isWrong ? [`${path} is ${type}`] : [];
  });
  if (has(table, 'resources') && typeAt(table, 'resources')?.startsWith('array<struct<') !== true)
    wrong.push('resources is no array<struct<…>>');
  if (wrong.length > 0)
    throw new InputError(
      `${where}: ${wrong.join('; ')}, and text is needed there; make another table with --create-table, see docs/athena.md`,
    );
  const lost = missing.map(([, path, what]) => `${path} (${what ?? ''})`);
  if (!has(table, 'resources'))
    lost.push('resources (what calls were made on, where the request does not say)');
  const merged =
    table.parameters['serde.serialization.lib'] === 'org.openx.data.jsonserde.JsonSerDe'
      ? `${where}: its SerDe (openx) merges members whose names differ by case alone; one of them is not seen`
      : '';
  return [lost.length === 0 ? '' : `${where} has no ${lost.join(', ')}`, merged].filter(Boolean).join('; ');
}

/** The statement that folds a slice of a table. */
export function factsStatement(table: AthenaTable, slice: Slice): string {
  const columns = wanted.map(
    ([alias, path]) => `CAST(${has(table, path) ? path : 'NULL'} AS varchar) AS ${alias}`,
  );
  return filled('athena/facts', {
    columns: [...columns, `${resourcesOf(table)} AS resources`].join(',\n    '),
    table: `"${table.database}"."${table.table}"`,
    window: conditionsOf(table, slice).join('\n    AND '),
    answerless: [...answerless].map(literal).join(', '),
    maxNames: String(maxNamesPerDay),
    maxMessage: String(maxErrorMessage),
    notAuthorized: literal(notAuthorized),
    partiql: literal(`(?i)${partiqlTable.source}`),
    ...Object.fromEntries(
      Object.entries(memberPatterns).map(([name, { source }]) => [name, literal(source)]),
    ),
  });
}

/** As lists of texts: engines do not agree on what rows are in JSON. */
function resourcesOf(table: AthenaTable): string {
  if (!has(table, 'resources')) return 'CAST(NULL AS ARRAY(ARRAY(varchar)))';
  const members = ofResource.map((name) =>
    has(table, `resources.${name}`) ? `CAST(one.${name} AS varchar)` : 'NULL',
  );
  return `transform(resources, one -> ARRAY[${members.join(', ')}])`;
}

/** A statement of `sql/` with its `{{places}}` filled. */
export function filled(name: string, values: Readonly<Record<string, string>>): string {
  return sql(name).replace(/\{\{(\w+)\}\}/g, (_, place: string) => {
    const value = values[place];
    if (value === undefined) throw new Error(`${name}: nothing for ${place}`);
    return value;
  });
}

export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`;

/** Whether a day of a table can be read without all the others. */
export const isByDay = (table: AthenaTable): boolean => dayConditions(table, 0, 0).length > 0;

const names = {
  account: ['account', 'accountid', 'account_id', 'aws_account', 'aws_account_id'],
  region: ['region', 'awsregion', 'aws_region'],
} as const;

/** Partition columns spare reading; the names of the files decide, as they do when files are read. */
function conditionsOf(table: AthenaTable, { first, last, accounts, regions }: Slice): string[] {
  const days = dayConditions(table, first, last);
  const found =
    days.length > 0
      ? days
      : [
          // Files that do not lie by day (a copy as Parquet) are chosen by the time of each event.
          `coalesce(nullif(regexp_extract("$path", '/(\\d{4}/\\d{2}/\\d{2})/[^/]*$', 1), ''), replace(substr(CAST(eventtime AS varchar), 1, 10), '-', '/')) ${between(first, last, 'yyyy/MM/dd')}`,
        ];
  for (const [kind, values, pattern] of [
    ['account', accounts, '/([0-9]{12})_CloudTrail_'],
    ['region', regions, '/[0-9]{12}_CloudTrail_([a-z0-9-]+)_'],
  ] as const) {
    const column = table.partitions.find(({ name }) => names[kind].some((known) => known === name));
    const list = values.map(literal).join(', ');
    if (values.length === 0) {
      if (column && table.parameters[`projection.${column.name}.type`] === 'injected')
        throw new InputError(
          `${table.database}.${table.table}: partition column ${column.name} is injected and must be given; name them with --${kind}s`,
        );
      continue;
    }
    if (column) found.push(`"${column.name}" IN (${list})`);
    found.push(
      `(NOT regexp_like("$path", ${literal(pattern)}) OR regexp_extract("$path", ${literal(pattern)}, 1) IN (${list}))`,
    );
  }
  return found;
}

/** Conditions on the partition columns that hold the day, one day where these are three; none when there are none. */
function dayConditions({ partitions, parameters }: AthenaTable, first: number, last: number): string[] {
  const column = (name: string): Column | undefined => partitions.find((one) => one.name === name);
  const [year, month, day] = [column('year'), column('month'), column('day')];
  if (year && month && day) {
    const [y = '', m = '', d = ''] = dayText(first).split('-');
    return [`"year" = ${typed(year, y)}`, `"month" IN (${typed(month, m)})`, `"day" IN (${typed(day, d)})`];
  }
  for (const name of ['timestamp', 'date', 'day', 'dt', 'eventdate', 'event_date']) {
    const found = column(name);
    // https://docs.aws.amazon.com/athena/latest/ug/partition-projection-supported-types.html
    const format = parameters[`projection.${name}.format`];
    if (found?.type === 'string' && format !== undefined && dayFormats.has(format))
      return [`"${name}" ${between(first, last, format)}`];
    if (found?.type === 'date')
      return [`"${name}" BETWEEN DATE '${dayText(first)}' AND DATE '${dayText(last)}'`];
    if (found?.type === 'string' && format === undefined)
      return [`"${name}" IN (${[...dayFormats].map((one) => literal(inFormat(first, one))).join(', ')})`];
  }
  return [];
}

/** Whether a day without any row is one without logs: what its partition column is compared with has been written down. */
export const knowsItsDays = (table: AthenaTable): boolean =>
  dayConditions(table, 0, 0).some((condition) => !condition.includes(' IN (')) ||
  ['year', 'month', 'day'].every((name) => table.partitions.some((one) => one.name === name));

const dayFormats = new Set(['yyyy/MM/dd', 'yyyy-MM-dd', 'yyyyMMdd']);

const between = (first: number, last: number, format: string): string =>
  `BETWEEN ${literal(inFormat(first, format))} AND ${literal(inFormat(last, format))}`;

const inFormat = (day: number, format: string): string =>
  dayText(day).replaceAll('-', format.replace(/[a-zA-Z]/g, '').charAt(0));

/** Texts may be written with a leading zero or without. */
const typed = ({ type }: Column, value: string): string =>
  type.endsWith('int')
    ? String(Number(value))
    : [...new Set([value, String(Number(value))])].map(literal).join(', ');

/** Whether a table has a column, or a member of a structure or of a list of them: `useridentity.type`. */
const has = (table: AthenaTable, path: string): boolean => typeAt(table, path) !== undefined;

const isText = (type: string): boolean => /^(?:string|varchar|char)/.test(type);

/** The type of a column, or of such a member; undefined where there is none. */
function typeAt({ columns }: AthenaTable, path: string): string | undefined {
  const [name = '', ...members] = path.split('.');
  let type = columns.find((column) => column.name.toLowerCase() === name)?.type;
  for (const member of members) type = type === undefined ? undefined : membersOf(type).get(member);
  return type?.toLowerCase().replaceAll(/\s/g, '');
}

/** The members of `struct<a:string,b:struct<…>>` or `array<struct<…>>`, with their types. */
export function membersOf(type: string): ReadonlyMap<string, string> {
  const plain = type
    .toLowerCase()
    .replaceAll(/\s/g, '')
    .replace(/^array<(.*)>$/, '$1');
  const inner = /^struct<(.*)>$/.exec(plain)?.[1] ?? '';
  const found = new Map<string, string>();
  let depth = 0;
  let member = '';
  for (const c of `${inner},`) {
    depth += Number(c === '<') - Number(c === '>');
    if (c !== ',' || depth > 0) member += c;
    else {
      const [, name, of] = /^([^:]+):(.*)$/.exec(member) ?? [];
      if (name !== undefined && of !== undefined) found.set(name, of);
      member = '';
    }
  }
  return found;
}
