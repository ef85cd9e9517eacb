/* oxlint-disable typescript/no-unsafe-argument, typescript/no-unsafe-assignment, typescript/no-unsafe-call, typescript/no-unsafe-member-access, typescript/no-unsafe-return -- plain JavaScript, run by Node as it is */
// data/unnamed.json: operations on a resource type that no required member of their request names, and why.
import { normalName } from '../../dist/cloudtrail/kept-members.js';
import { bindingFrom } from '../../dist/permissions/binding.js';

/** Whether every member on the way to a path is required. @param {import('./models.mjs').Shape} shape @param {import('../../dist/permissions/member-path.js').MemberPath} path */
function isRequired(shape, path) {
  const [part, ...rest] = path;
  if (part === undefined) return true;
  if (shape.kind === 'list') return isRequired(shape.of(), path);
  if (shape.kind !== 'struct' || part === '**') return false;
  return (
    shape.members.some(
      ({ name, wire, required, shape: inner }) =>
        required &&
        [name, wire].some((one) => part.names.includes(normalName(one))) &&
        isRequired(inner(), rest),
    ) ||
    (part.optional && isRequired(shape, rest))
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
      const rows = (tables.get(prefix)?.get(operation.name) ?? []).map(bindingFrom);
      const paths = rows.flatMap(({ keys }) => keys);
      const isNamed = paths.some((path) => isRequired(operation.input(), path));
      if (isNamed) counts.named += 1;
      else {
        const input = operation.input();
        const asks = input.kind === 'struct' && input.members.some(({ required }) => required);
        const isMade = rows.some(({ types }) =>
          [...types.values()].flat().some(({ key, made }) => key < 0 && made),
        );
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
