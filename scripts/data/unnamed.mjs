/* oxlint-disable typescript/no-unsafe-argument, typescript/no-unsafe-assignment, typescript/no-unsafe-call, typescript/no-unsafe-member-access, typescript/no-unsafe-return -- plain JavaScript, run by Node as it is */
// data/unnamed.json: operations on a resource type that no required member of their request names, and why.
import { normalName } from './leaves.mjs';

/** The members that name a thing in a row of the table of bindings: paths, and whether AWS gives the id of what the call makes. */
function namesIn(row) {
  const paths = [];
  let isMade = false;
  for (const [type, lines] of Object.entries(row)) {
    if (type === '<' || type === '$') continue;
    for (const line of type === '@' ? lines.split(' ') : lines.split('; ')) {
      const [head] = type === '@' ? [''] : /^(?:\[[^\]]*\])?[+~@-]*(?:%\d)?/.exec(line);
      if (head.includes('~')) {
        isMade ||= head.includes('+');
        continue;
      }
      const key = line
        .slice(head.length)
        .split(' ')
        .findLast((slot) => slot !== '*' && slot !== '' && !slot.startsWith('='));
      if (key !== undefined) paths.push(key.replace(/[#~=].*$/, ''));
    }
  }
  return { paths, isMade };
}

/** Whether every member on the way to a path is required. @param {import('./models.mjs').Shape} shape @param {string[]} path */
function isRequired(shape, path) {
  const [part, ...rest] = path;
  if (part === undefined) return true;
  if (shape.kind === 'list') return isRequired(shape.of(), path);
  if (shape.kind !== 'struct' || part === '**') return false;
  const names = part.replace(/\?$/, '').split('|').map(normalName);
  return (
    shape.members.some(
      ({ name, wire, required, shape: inner }) =>
        required && [name, wire].some((one) => names.includes(normalName(one))) && isRequired(inner(), rest),
    ) ||
    (part.endsWith('?') && isRequired(shape, rest))
  );
}

/**
 * @param {Iterable<import('./models.mjs').Model>} models @param {Map<string, Map<string, Record<string, string>[]>>} tables bindings by prefix
 * @param {(id: string, operation: string) => readonly string[]} actionsOf the own action, by each event source @param {(prefix: string) => any} serviceInfo
 * @param {ReadonlySet<string>} byRules prefixes of services that read requests by rules of their own
 */
export function unnamedOf(models, tables, actionsOf, serviceInfo, byRules) {
  /** @type {Map<string, Map<string, Set<string>>>} */
  const found = new Map();
  const counts = { named: 0, all: 0 };
  for (const { id, operations } of models)
    for (const [operation, full] of [...operations.values()].flatMap((one) =>
      actionsOf(id, one.name).map((name) => [one, name]),
    )) {
      const [prefix = '', name = ''] = full.split(':');
      const action = serviceInfo(prefix)?.actions.get(name.toLowerCase());
      if (action === undefined || action.resourceTypes.length === 0 || byRules.has(prefix)) continue;
      counts.all += 1;
      const rows = (tables.get(prefix)?.get(operation.name) ?? []).map(namesIn);
      const paths = rows.flatMap((row) => row.paths);
      const isNamed = paths.some((path) => isRequired(operation.input(), path.split('.')));
      if (isNamed) counts.named += 1;
      else {
        const input = operation.input();
        const asks = input.kind === 'struct' && input.members.some(({ required }) => required);
        const isMade = rows.some((row) => row.isMade);
        const why = paths.length > 0 ? 'optional' : isMade ? 'made' : asks ? 'id' : 'none';
        const service = found.get(prefix) ?? new Map();
        found.set(prefix, service);
        service.set(why, (service.get(why) ?? new Set()).add(operation.name));
      }
    }
  const table = Object.fromEntries(
    [...found]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([prefix, whys]) => [
        prefix,
        Object.fromEntries(
          [...whys]
            .sort(([a], [b]) => (a < b ? -1 : 1))
            .map(([why, names]) => [why, [...names].sort().join(' ')]),
        ),
      ]),
  );
  return { table, counts };
}
