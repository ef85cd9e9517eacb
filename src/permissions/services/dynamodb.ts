import { actionInfo } from '../../iam/catalogue.ts';
import { isMembers, type MemberValue } from '../../cloudtrail/members.ts';
import { arnPattern, isArn } from '../arn-format.ts';
import { isList } from '../member-path.ts';
import { fieldsOf, type Finder, type Mentions, type Sighting } from '../mentions.ts';
import type { Permission } from '../mapping.ts';
import { escapeText, patternOf, textOf, type Text } from '../text.ts';

/** A table by name or ARN, as an ARN pattern. */
function tablePattern(table: Text, mentions: Mentions): string {
  const { partition, region, account } = mentions.place;
  if (isArn(table.text))
    return arnPattern({ ...table, text: table.text.replace(/\/(index|stream)\/.*$/s, '') });
  return `arn:${partition}:dynamodb:${region || '*'}:${account || '*'}:table/${patternOf(table)}`;
}

const asList = (value: MemberValue | undefined): readonly MemberValue[] =>
  value === undefined ? [] : isList(value) ? value : [value];

const member = (value: MemberValue | undefined, name: string): MemberValue | undefined =>
  isMembers(value) && Object.hasOwn(value, name) ? value[name] : undefined;

/** Tables of `requestItems`, kept as names; of a `tableName` anywhere else. */
function tablesOf(sighting: Sighting): readonly string[] {
  const { call, mentions } = sighting;
  const items = call.target.request['requestItems'];
  const names = isMembers(items) ? Object.keys(items).map((name) => textOf(name)) : asList(items).map(textOf);
  return [...names, ...fieldsOf(mentions, 'tablename').map(({ value }) => value)]
    .filter((name) => name !== undefined)
    .map((name) => tablePattern(name, mentions));
}

/**
 * A query of an index is authorised on the index, not on its table (DynamoDB Developer Guide,
 * iam-policy-specific-table-indexes.html). Batches name their tables as keys.
 */
export const findDynamoDb: Finder = (sighting) => {
  const { mentions } = sighting;
  const tables = tablesOf(sighting);
  const found = new Map<string, readonly string[]>();
  const indexes = fieldsOf(mentions, 'indexname').map(({ value }) => patternOf(value));
  const queried = /^(Query|Scan)$/.test(sighting.call.operation.eventName);
  if (queried && indexes.length > 0 && tables.length > 0) {
    found.set(
      'index',
      tables.flatMap((table) => indexes.map((index) => `${table}/index/${index}`)),
    );
    found.set('table', []);
  } else if (tables.length > 0) {
    found.set('table', tables);
  }
  return found;
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

interface Touch {
  readonly action: string;
  readonly table: Text | undefined;
  readonly index: Text | undefined;
}

function statementTouches(statement: MemberValue): readonly Touch[] {
  const verb = textOf(member(statement, 'verb'))?.text ?? '';
  const action = partiQl.get(verb);
  return action === undefined
    ? []
    : [{ action, table: textOf(member(statement, 'table')), index: textOf(member(statement, 'index')) }];
}

/** As CloudTrail logs them: `{operation: 'Put', tableName}` (DynamoDB Developer Guide, logging-using-cloudtrail.html). */
const loggedTouches = (item: MemberValue): readonly Touch[] => {
  const operation = textOf(member(item, 'operation'))?.text ?? '';
  const action = writes.get(operation.charAt(0).toLowerCase() + operation.slice(1));
  return action === undefined ? [] : [{ action, table: textOf(member(item, 'tableName')), index: undefined }];
};

const transactTouches = (item: MemberValue): readonly Touch[] => [
  ...loggedTouches(item),
  ...[...writes].flatMap(([name, action]) => {
    const part = member(item, name);
    return part === undefined ? [] : [{ action, table: textOf(member(part, 'tableName')), index: undefined }];
  }),
];

/** Operations that are authorised by what stands inside them, and the members it stands in (DynamoDB Developer Guide, ql-iam.html, transaction-apis-iam.html). */
const compound = new Map<
  string,
  {
    readonly members: readonly string[];
    readonly touches: (item: MemberValue) => readonly Touch[];
    readonly all: ReadonlyMap<string, string>;
  }
>([
  ['ExecuteStatement', { members: ['statement'], touches: statementTouches, all: partiQl }],
  [
    'BatchExecuteStatement',
    {
      members: ['statements', 'requestItems'],
      touches: (item) => statementTouches(member(item, 'statement') ?? item),
      all: partiQl,
    },
  ],
  [
    'ExecuteTransaction',
    {
      members: ['transactStatements', 'statements', 'requestItems'],
      touches: (item) => statementTouches(member(item, 'statement') ?? item),
      all: partiQl,
    },
  ],
  [
    'TransactWriteItems',
    { members: ['transactItems', 'requestItems'], touches: transactTouches, all: writes },
  ],
]);

export const isCompound = (eventName: string): boolean => compound.has(eventName);

/** Permissions of a compound operation. Without its statements any of its actions may have been needed: all are given, with a note. */
export function compoundPermissions(sighting: Sighting): {
  readonly permissions: readonly Permission[];
  readonly notes: readonly string[];
} {
  const { call, mentions } = sighting;
  const plan = compound.get(call.operation.eventName);
  if (plan === undefined) return { permissions: [], notes: [] };
  const items = plan.members.flatMap((name) => asList(call.target.request[name]));
  const touches = items.flatMap(plan.touches);
  const shown = mentions.arns
    .filter(({ arn, from }) => from === 'resources' && arn.service === 'dynamodb')
    .map(({ value }) => arnPattern(value));
  const { partition, region, account } = mentions.place;
  const anyTable = `arn:${partition}:dynamodb:${region || '*'}:${account || '*'}:table/*`;
  const resourcesOf = ({ table, index }: Touch): readonly string[] => {
    if (table === undefined) return shown.length > 0 ? shown : [anyTable];
    const pattern = tablePattern(table, mentions);
    return [index === undefined ? pattern : `${pattern}/index/${escapeText(index.text)}`];
  };
  const needed: readonly Touch[] =
    touches.length > 0
      ? touches
      : [...new Set(plan.all.values())]
          .filter((action) => call.operation.readOnly !== true || actionInfo(action)?.accessLevel === 'Read')
          .map((action) => ({ action, table: undefined, index: undefined }));
  return {
    permissions: needed.map((touch) => ({
      action: touch.action,
      resources: [...new Set(resourcesOf(touch))],
      reason: 'operation',
    })),
    notes:
      touches.length > 0 ? [] : ['the statements are not in the log: every action they may need is given'],
  };
}
