/* oxlint-disable typescript/no-unsafe-argument, typescript/no-unsafe-assignment, typescript/no-unsafe-call, typescript/no-unsafe-member-access, typescript/no-unsafe-return -- plain JavaScript, run by Node as it is */
// Generates data/observability.json: which operations yield an action, and which events show them. Reads the API models,
// the mapping of this project (built before), and data/overrides/observability.json with a page in each row.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));
const apis = join(root, 'node_modules/aws-sdk/apis');
/** @param {string} path */
const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));
/** @param {string} a @param {string} b */
const byCodeUnit = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

/** The weakest of what the operations of an action show in: silence must hold for all of them. */
const strength = ['no-known-event', 'never', 'network', 'data', 'implied', 'management'];

/**
 * @param {string} out folder of `observability.json`
 * @param {readonly (readonly [stem: string, operation: string])[]} operations of the API models
 */
export async function buildObservability(out, operations = modelOperations()) {
  const { actionsOf } = await import('../../dist/permissions/operation.js');
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

  /** What is said of the operations of an event source. @type {Map<string, { source: number, except: Set<string> }>} */
  const pages = new Map();
  for (const { source, basis, events, except = '' } of rows.services)
    for (const stem of events)
      pages.set(stem, { source: sourceNumber(basis, source), except: new Set(except.split(' ')) });
  const seen = new Map(
    rows.seen.flatMap(({ source, operations: names }) =>
      names.split(' ').map((name) => [name, sourceNumber('seen', source)]),
    ),
  );

  /** @type {Map<string, { operations: Set<string>, shown: [string, number] }>} */
  const found = new Map();
  /** @param {string} action @param {string} stem @param {string} operation */
  const add = (action, stem, operation) => {
    const name = `${stem}/${operation}`;
    const page = pages.get(stem);
    const logged = page !== undefined && !page.except.has(operation) ? page.source : seen.get(name);
    const shown = logged === undefined ? ['no-known-event', -1] : ['management', logged];
    const entry = found.get(action) ?? { operations: new Set(), shown };
    if (strength.indexOf(shown[0]) < strength.indexOf(entry.shown[0])) entry.shown = shown;
    entry.operations.add(name);
    found.set(action, entry);
  };
  for (const [stem, operation] of operations) {
    const answer = actionsOf(`${stem}.amazonaws.com`, operation);
    if (answer.kind === 'actions') for (const { name } of answer.actions) add(name, stem, operation);
  }
  for (const [key, path] of Object.entries(gateway))
    add(`apigateway:${path.split(' ')[0]}`, 'apigateway', key.split('/')[0]);

  /** @type {Record<string, unknown>} */
  const actions = {};
  for (const action of expandActions('*')) {
    const entry = found.get(action);
    const shown = said.get(action) ?? entry?.shown;
    if (shown === undefined) continue;
    const [service = ''] = action.split(':');
    // The operation of the action's own name is left out where the event source has the service's.
    const names = [...(entry?.operations ?? [])]
      .sort(byCodeUnit)
      .map((name) => (name === action.replace(':', '/') ? '=' : name));
    actions[action] = [...shown, names.join(' ')];
    if (service === '') throw new Error(action);
  }
  const lines = Object.entries(actions).map(
    ([name, row]) => `    ${JSON.stringify(name)}: ${JSON.stringify(row)}`,
  );
  writeFileSync(
    join(out, 'observability.json'),
    `{\n  "sources": ${JSON.stringify(sources, null, 2).replaceAll('\n', '\n  ')},\n  "actions": {\n${lines.join(',\n')}\n  }\n}\n`,
  );
}

/** Event source and name of each operation that an API model has. */
function modelOperations() {
  return readdirSync(apis)
    .filter((file) => file.endsWith('.min.json'))
    .sort(byCodeUnit)
    .flatMap((file) => {
      const model = readJson(join(apis, file));
      return Object.keys(model.operations).map((name) => [model.metadata.endpointPrefix.toLowerCase(), name]);
    });
}
