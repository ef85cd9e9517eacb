/* oxlint-disable typescript/no-unsafe-argument, typescript/no-unsafe-assignment, typescript/no-unsafe-call, typescript/no-unsafe-member-access, typescript/no-unsafe-return -- plain JavaScript, run by Node as it is */
// Generates data/observability.json: which operations yield an action, and which events show them. Reads the API models,
// the mapping of this project (built before), and data/overrides/observability.json with a page in each row.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { byCodeUnit } from '../../dist/iam/order.js';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** @param {string} path */
const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));

/** The weakest of what the operations of an action show in: silence must hold for all of them. */
const strength = ['no-known-event', 'never', 'network', 'data', 'implied', 'management'];

/**
 * Clients of a service's data: nothing is said of what they call because the service's other calls are logged.
 * A row that names such an event source itself says so.
 */
const dataPlane =
  /(^|[.-])(runtime|data|dataplane|streams?|messaging|edge|media|signaling|session|query|ingest|write|participant)([.-]|$)|runtime|iotdata$|eventsdata$|streaming$|messageflow$|^personalize-events$/;

/**
 * @typedef {{ readonly source: string, readonly operation: string, readonly actions: readonly string[] }} Pair what
 *   CloudTrail logs as `source.amazonaws.com` and `operation`, and what it is authorised as
 * @param {string} out folder of `observability.json`
 * @param {readonly Pair[]} pairs of the API models; one operation may stand under several names of its source
 */
export async function buildObservability(out, pairs) {
  const { expandActions } = await import('../../dist/iam/catalogue.js');
  const rows = readJson(join(root, 'data/overrides/observability.json'));
  const gateway = readJson(join(root, 'data/api-gateway.json')).operations;

  /** @type {string[]} */
  const sources = [];
  /** @param {string} basis @param {string} page */
  const sourceNumber = (basis, page) => {
    const text = `${basis} ${page}`;
    return sources.includes(text) ? sources.indexOf(text) : sources.push(text) - 1;
  };

  /** What is said of single actions. @type {Map<string, [category: string, source: number]>} */
  const said = new Map();
  for (const { source, category, resourceType, actions } of rows.actions) {
    const shown = [category, ...(resourceType === undefined ? [] : [resourceType])].join(' ');
    for (const pattern of actions.split(' '))
      for (const action of expandActions(pattern)) {
        if (!pattern.endsWith(':*') || !said.has(action))
          said.set(action, [shown, sourceNumber('page', source)]);
      }
  }

  /** What is said of the operations of an event source. @type {Map<string, { source: number, logs: (operation: string) => boolean }>} */
  const pages = new Map();
  for (const { source, basis, events, except = '', only } of rows.services) {
    const left = new Set(except.split(' '));
    const listed = only === undefined ? undefined : new Set(only.split(' '));
    for (const stem of events)
      pages.set(stem, {
        source: sourceNumber(basis, source),
        logs: (operation) => !left.has(operation) && (listed?.has(operation) ?? true),
      });
  }
  const seen = new Map(
    rows.seen.flatMap(({ source, operations }) =>
      operations.split(' ').map((name) => [name, sourceNumber('seen', source)]),
    ),
  );

  /** Names of the source of each operation that yields an action. @type {Map<string, Map<string, string[]>>} */
  const yields = new Map();
  /** @param {string} action @param {string} source @param {string} operation */
  const add = (action, source, operation) => {
    const operations = yields.get(action) ?? new Map();
    yields.set(action, operations.set(operation, [...(operations.get(operation) ?? []), source]));
  };
  for (const { source, operation, actions: needed } of pairs)
    for (const name of needed) add(name, source, operation);
  for (const [key, path] of Object.entries(gateway))
    add(`apigateway:${path.split(' ')[0]}`, 'apigateway', key.split('/')[0]);

  /** @type {Map<string, { operations: Set<string>, shown: [string, number] }>} */
  const found = new Map();
  for (const [action, operations] of yields) {
    const entry = { operations: new Set(), shown: ['management', -1] };
    found.set(action, entry);
    for (const [operation, names] of operations) {
      const planes = names.filter((name) => dataPlane.test(name));
      const paged = (planes.length > 0 ? planes : names).filter((name) => pages.has(name));
      // A page may be of the client's name, and another of the event source that it shares with others.
      const page = paged.map((name) => pages.get(name)).find((one) => one?.logs(operation));
      const known = names.find((name) => seen.has(`${name}/${operation}`));
      const logged = page?.source ?? (known === undefined ? undefined : seen.get(`${known}/${operation}`));
      const shown = logged === undefined ? ['no-known-event', -1] : ['management', logged];
      if (entry.operations.size === 0 || strength.indexOf(shown[0]) < strength.indexOf(entry.shown[0]))
        entry.shown = shown;
      const service = action.slice(0, action.indexOf(':'));
      const own = known ?? paged[0] ?? names.find((name) => name === service) ?? names[0];
      entry.operations.add(`${own}/${operation}`);
    }
  }

  /** @type {Record<string, unknown>} */
  const actions = {};
  for (const action of expandActions('*')) {
    const entry = found.get(action);
    const shown = said.get(action) ?? entry?.shown;
    if (shown === undefined) continue;
    // The operation of the action's own name is left out where the event source has the service's.
    // A page that says it of an action without a model means the operation of its name.
    const operations = entry?.operations ?? (shown[0] === 'management' ? [action.replace(':', '/')] : []);
    const names = [...operations]
      .sort(byCodeUnit)
      .map((name) => (name === action.replace(':', '/') ? '=' : name));
    actions[action] = [...shown, names.join(' ')];
  }
  const lines = Object.entries(actions).map(
    ([name, row]) => `${JSON.stringify(name)}: ${JSON.stringify(row)}`,
  );
  writeFileSync(
    join(out, 'observability.json'),
    `{\n  "sources": ${JSON.stringify(sources, null, 2).replaceAll('\n', '\n  ')},\n  "actions": {\n${lines.join(',\n')}\n  }\n}\n`,
  );
}
