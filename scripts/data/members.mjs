/* oxlint-disable typescript/no-unsafe-argument, typescript/no-unsafe-assignment, typescript/no-unsafe-call, typescript/no-unsafe-member-access, typescript/no-unsafe-return -- plain JavaScript, run by Node as it is */
// data/members.json: the members of each operation's requests that say what it was made on, for the reduction of records.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { normalName } from '../../dist/cloudtrail/kept-members.js';
import { leavesOf } from './leaves.mjs';
import { lineOf } from './overrides.mjs';

const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));

/** Services that read requests by rules of their own: what is kept of them goes by name and shape. */
const byName = new Set([
  's3',
  's3express',
  's3-outposts',
  'dynamodb',
  'ec2',
  'iam',
  'sts',
  'kms',
  'apigateway',
  // One event source for two services: the request tells which.
  'autoscaling',
  'application-autoscaling',
]);

/** Members that a service's own rules read beside the table, by event source. */
const readBeside = new Map([
  ['lambda', ['functionname', 'qualifier']],
  [
    'logs',
    [
      'loggroupname',
      'loggroupidentifier',
      'loggroupnames',
      'loggroupidentifiers',
      'resourceidentifier',
      'resourcearn',
      'loggrouparn',
      'resource',
      'logstreamname',
    ],
  ],
  ['sqs', ['queueurl', 'queuename', 'queueownerawsaccountid']],
  ['sns', ['topicarn', 'targetarn', 'subscriptionarn', 'attributename', 'attributevalue']],
  ['events', ['rule', 'rulename', 'name', 'eventbusname']],
  ['secretsmanager', ['secretid', 'secretidlist', 'name']],
  ['bedrock', ['modelid']],
]);

/** Owners of what a request names: the account in the ARN. */
const owners = new Set(['registryid', 'catalogid', 'awsaccountid', 'domainowner', 'profileowner']);

/** The member paths that a row of the table of bindings reads. */
function pathsOf(row) {
  const paths = new Set();
  const add = (text) => {
    const path = text.replace(/[#~=].*$/, '');
    if (path !== '' && path !== '*') paths.add(path);
  };
  for (const [type, lines] of Object.entries(row)) {
    if (type === '<') continue;
    if (type === '@' || type === '$') lines.split(' ').forEach(add);
    else for (const { when = '', slots } of lines.split('; ').map(lineOf)) [when, ...slots].forEach(add);
  }
  return paths;
}

/** Members of these names, whatever they hold: that they are there is kept. */
function presentPaths(shape, names) {
  const found = new Set();
  const walk = (node, path) => {
    if (node.kind === 'list') return walk(node.of(), path);
    if (node.kind !== 'struct' || path.length > 3) return;
    for (const member of node.members) {
      const at = [...path, member.name.charAt(0).toLowerCase() + member.name.slice(1)];
      if (names.has(normalName(member.name))) found.add(at.join('.'));
      walk(member.shape(), at);
    }
  };
  walk(shape, []);
  return found;
}

/**
 * @param {Iterable<any>} models @param {Map<string, Map<string, Record<string, string>[]>>} tables bindings by prefix
 * @param {(stem: string, operation: string) => readonly string[]} prefixesOf @param {(model: any) => string[]} stemsOf @param {string} overrides folder
 */
export function membersOf(models, older, tables, actionsOf, stemsOf, overrides) {
  /** What other tables ask of a call's request, by `stem/operation`: paths, and names at any depth. */
  const asked = new Map();
  const ask = (key, kind, value) => {
    const known = asked.get(key) ?? { paths: new Set(), names: new Set() };
    known[kind].add(value);
    asked.set(key, known);
  };
  for (const group of readJson(join(overrides, 'implied.json')).groups)
    for (const row of group.rows)
      for (const stem of group.events)
        for (const operation of row.operations.split(' ')) {
          const key = `${stem}/${operation}`;
          for (const asking of [row.when, row.unless, row.region])
            if (asking !== undefined) ask(key, 'paths', asking.split('=')[0]);
          if (row.on?.[0] === '@') ask(key, 'paths', row.on.slice(1));
          if (typeof row.on === 'object') for (const path of pathsOf(row.on)) ask(key, 'paths', path);
        }
  for (const row of readJson(join(overrides, '../may-need.json')).rows)
    for (const call of row.calls ?? [])
      for (const condition of [...(row.when ?? []), ...(row.unless ?? [])]) {
        const [name, text] = condition.split('=');
        if (text === undefined) ask(call, 'names', normalName(name));
        else ask(call, 'paths', name);
      }

  const sources = {};
  const operations = {};
  for (const model of models) {
    const stems = stemsOf(model);
    if (stems.some((stem) => byName.has(stem))) continue;
    const table = stems[0];
    for (const stem of stems) sources[stem] ??= table;
    for (const operation of model.operations.values()) {
      const kept = new Set();
      for (const prefix of new Set(actionsOf(stems, operation.name).map((action) => action.split(':')[0])))
        for (const row of tables.get(prefix)?.get(operation.name) ?? [])
          for (const path of pathsOf(row)) kept.add(path);
      const present = new Set();
      const names = new Set(stems.flatMap((stem) => readBeside.get(stem) ?? []));
      for (const stem of stems) {
        const wanted = asked.get(`${stem}/${operation.name}`);
        for (const path of wanted?.paths ?? []) kept.add(path);
        for (const name of wanted?.names ?? []) present.add(name);
        if (stem === 'sns') present.add('phonenumber');
      }
      for (const leaf of leavesOf(
        operation.input(),
        older.get(model.id)?.operations.get(operation.name)?.input(),
      ))
        if (leaf.names.some((name) => names.has(name) || (leaf.depth === 0 && owners.has(name))))
          kept.add(leaf.path.join('.'));
      if (present.size > 0) for (const path of presentPaths(operation.input(), present)) kept.add(`${path}!`);
      const target = sources[stems[0]];
      operations[target] ??= {};
      const before = operations[target][operation.name];
      operations[target][operation.name] = [...new Set([...(before ? before.split(' ') : []), ...kept])]
        .sort()
        .join(' ');
    }
  }
  return { sources, operations };
}
