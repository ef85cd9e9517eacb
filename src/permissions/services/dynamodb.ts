import { actionInfo } from '../../iam/catalogue.ts';
import { isMembers, type MemberValue } from '../../cloudtrail/members.ts';
import { arnIn, isArn } from '../arn-format.ts';
import type { Permission } from '../mapping.ts';
import { isList } from '../member-path.ts';
import type { Finder, Mentions, Sighting } from '../mentions.ts';
import { escapeText, patternOf, textOf, type Text } from '../text.ts';

/** A table by name or ARN, as an ARN pattern. */
const tablePattern = (table: Text, { place }: Mentions): string =>
  isArn(table.text)
    ? patternOf({ ...table, text: table.text.replace(/\/(index|stream)\/.*$/s, '') })
    : arnIn(place, 'dynamodb', `table/${patternOf(table)}`);

const asList = (value: MemberValue | undefined): readonly MemberValue[] =>
  value === undefined ? [] : isList(value) ? value : [value];

const member = (value: MemberValue | undefined, name: string): MemberValue | undefined =>
  isMembers(value) && Object.hasOwn(value, name) ? value[name] : undefined;

/** Tables of `requestItems`, kept as names; of a `tableName` anywhere else. */
function tablesOf({ call, mentions }: Sighting): readonly string[] {
  const items = call.target.request['requestItems'];
  const names = (isMembers(items) ? Object.keys(items) : asList(items)).flatMap((name) => textOf(name) ?? []);
  return [...names, ...mentions.all('tablename')].map((name) => tablePattern(name, mentions));
}

/** A query of an index is authorised on the index alone (DynamoDB Developer Guide, iam-policy-specific-table-indexes.html). */
export const findDynamoDb: Finder = (sighting) => {
  const tables = tablesOf(sighting);
  const indexes = sighting.mentions.all('indexname').map(patternOf);
  if (tables.length === 0) return new Map();
  if (indexes.length === 0 || !/^(Query|Scan)$/.test(sighting.call.operation.eventName))
    return new Map([['table', tables]]);
  return new Map([
    ['index', tables.flatMap((table) => indexes.map((index) => `${table}/index/${index}`))],
    ['table', []],
  ]);
};

const partiQl = new Map([
  ['select', 'dynamodb:PartiQLSelect'],
  ['exists', 'dynamodb:PartiQLSelect'],
  ['insert', 'dynamodb:PartiQLInsert'],
  ['update', 'dynamodb:PartiQLUpdate'],
  ['delete', 'dynamodb:PartiQLDelete'],
]);

const writes = new Map([
  ['put', 'dynamodb:PutItem'],
  ['update', 'dynamodb:UpdateItem'],
  ['delete', 'dynamodb:DeleteItem'],
  ['conditionCheck', 'dynamodb:ConditionCheckItem'],
]);

/**
 * Operations that are authorised by what stands inside them, with the actions that may be: statements, and items as they are
 * sent or logged, `{operation: 'Put', tableName}` (DynamoDB Developer Guide, ql-iam.html, transaction-apis-iam.html,
 * logging-using-cloudtrail.html).
 */
const compound: ReadonlyMap<string, ReadonlyMap<string, string>> = new Map([
  ['ExecuteStatement', partiQl],
  ['BatchExecuteStatement', partiQl],
  ['ExecuteTransaction', partiQl],
  ['TransactWriteItems', writes],
]);
const insides = ['statement', 'statements', 'transactStatements', 'transactItems', 'requestItems'];

interface Touch {
  readonly action: string;
  readonly table?: Text | undefined;
  readonly index?: Text | undefined;
}

function touchesOf(item: MemberValue, actions: ReadonlyMap<string, string>): readonly Touch[] {
  const text = (of: MemberValue | undefined, name: string): Text | undefined => textOf(member(of, name));
  const touch = (verb: string | undefined, table: Text | undefined, index?: Text): readonly Touch[] => {
    const action = actions.get(verb ?? '');
    return action === undefined ? [] : [{ action, table, index }];
  };
  const statement = member(item, 'statement') ?? item;
  const operation = text(item, 'operation')?.text ?? '';
  return [
    ...touch(text(statement, 'verb')?.text, text(statement, 'table'), text(statement, 'index')),
    ...touch(operation.charAt(0).toLowerCase() + operation.slice(1), text(item, 'tableName')),
    ...[...actions.keys()].flatMap((verb) => {
      const part = member(item, verb);
      return part === undefined ? [] : touch(verb, text(part, 'tableName'));
    }),
  ];
}

/** Permissions of a compound operation; undefined for another. Without its statements all that any may need, with a note. */
export function compoundPermissions(sighting: Sighting): readonly Permission[] | undefined {
  const { call, mentions, notes } = sighting;
  const actions = compound.get(call.operation.eventName);
  if (actions === undefined) return undefined;
  const said = insides
    .flatMap((name) => asList(call.target.request[name]))
    .flatMap((item) => touchesOf(item, actions));
  const shown = mentions.arns
    .filter(({ arn, from }) => from === 'resources' && arn.service === 'dynamodb')
    .map(({ value }) => patternOf(value));
  const resourcesOf = ({ table, index }: Touch): readonly string[] => {
    if (table === undefined)
      return shown.length > 0 ? [...new Set(shown)] : [arnIn(mentions.place, 'dynamodb', 'table/*')];
    const pattern = tablePattern(table, mentions);
    return [index === undefined ? pattern : `${pattern}/index/${escapeText(index.text)}`];
  };
  if (said.length === 0) notes.add('the statements are not in the log: every action they may need is given');
  const all = [...new Set(actions.values())].filter(
    (action) => call.operation.readOnly !== true || actionInfo(action)?.accessLevel === 'Read',
  );
  const needed: readonly Touch[] = said.length > 0 ? said : all.map((action) => ({ action }));
  return needed.map((touch) => ({
    action: touch.action,
    resources: resourcesOf(touch),
    reason: 'operation',
  }));
}
