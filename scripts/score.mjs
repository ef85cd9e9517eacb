/* oxlint-disable typescript/no-unsafe-argument, typescript/no-unsafe-assignment, typescript/no-unsafe-call, typescript/no-unsafe-member-access, typescript/no-unsafe-return -- plain JavaScript, run by Node as it is */
// Grades the mapping against case files: `npm run score -- ../shared/mapping [--json] [--failures]`.
// Uses the built dist/. Rules as in the README beside the cases.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { keptMembers } from '../dist/cloudtrail/kept-members.js';
import { reduceRequest, reduceResources, reduceResponse } from '../dist/cloudtrail/reduce.js';
import { actionInfo, serviceInfo } from '../dist/iam/catalogue.js';
import { permissionsOf } from '../dist/permissions/permissions.js';
import { fullRequest, hasModels, kinds } from './score-evidence.mjs';

const args = process.argv.slice(2);
const folder = args.find((arg) => !arg.startsWith('--'));
if (folder === undefined || !existsSync(join(folder, 'actions.jsonl'))) {
  console.error(
    'usage: npm run score -- FOLDER [--json] [--failures]   (FOLDER holds actions.jsonl, resources.jsonl)',
  );
  process.exit(2);
}

/** @param {string} file */
const readLines = (file) =>
  readFileSync(join(folder, file), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));

/** A call as the index would remember it. Roles are known to have no path when `--roles-at-root`. */
const callOf = (record) => {
  const kept = keptMembers(record.eventSource.toLowerCase(), record.eventName);
  const request = reduceRequest(record.requestParameters, record.additionalEventData, kept);
  return {
    principal: { kind: 'role', account: '123456789012', name: 'app', arn: '', uniqueId: '' },
    operation: {
      eventSource: record.eventSource.toLowerCase(),
      eventName: record.eventName,
      eventType: 'AwsApiCall',
      category: 'management',
      readOnly: undefined,
    },
    context: {
      region: record.awsRegion ?? 'us-east-1',
      account: record.recipientAccountId ?? '123456789012',
      errorCode: record.errorCode ?? '',
      invokedBy: '',
      session: '',
      sourceIdentity: '',
    },
    target: {
      request,
      response: reduceResponse(record.responseElements, kept),
      resources: reduceResources(record.resources ?? [], request),
    },
  };
};
const known = { rolePath: () => (args.includes('--roles-at-root') ? '/' : undefined) };

/** @param {string[]} list */
const lower = (list) => [...new Set(list.map((item) => item.toLowerCase()))];

/** A role is passed only where the request carries one, and these cases have no request. */
const passed = (action) => action !== 'iam:passrole';

function gradeAction(row) {
  const mapping = permissionsOf(callOf({ ...row, requestParameters: null }), known);
  if (row.permissionless)
    return mapping.kind === 'no-permission' ? '' : `${mapping.kind}, expected no-permission`;
  if (row.unmapped) return mapping.kind === 'unmapped' ? '' : `${mapping.kind}, expected unmapped`;
  if (mapping.kind !== 'mapped' && row.expectedActions.length === 0 && !row.anyOf) return '';
  if (mapping.kind !== 'mapped') return `${mapping.kind}, expected ${row.expectedActions.join(' ')}`;
  const emitted = lower(mapping.permissions.map(({ action }) => action));
  const expected = lower(row.expectedActions).filter(passed);
  const allowed = [...expected, ...lower(row.conditionalActions), 'iam:passrole'];
  const alternatives = (row.alternatives ?? []).map((other) =>
    gradeAction({ ...row, ...other, alternatives: [] }),
  );
  if (alternatives.includes('')) return '';
  const missing = expected.filter((action) => !emitted.includes(action));
  const extra = emitted.filter((action) => !allowed.includes(action));
  if (row.anyOf && !emitted.some((action) => lower(row.conditionalActions).includes(action)))
    missing.push('any of conditional');
  return missing.length + extra.length === 0
    ? ''
    : `missing ${missing.join(' ') || '-'}; extra ${extra.join(' ') || '-'}`;
}

/** Whether an emitted resource is of a type that the action accepts. */
function isAccepted(action, resource) {
  if (resource === '*') return true;
  const info = actionInfo(action);
  const service = serviceInfo(action.slice(0, action.indexOf(':')));
  // The verbs of API Gateway serve both generations of its API; AWS lists their types on two pages.
  const types = action.startsWith('apigateway:') ? [...service.resourceTypes.values()] : info.resourceTypes;
  const formats = types.flatMap(({ name }) => service.resourceTypes.get(name)?.arns ?? []);
  const [, , ...fields] = resource.split(':');
  return formats.some((format) => {
    const source = format
      .split(/(\$\{[^}]*\})/)
      .map((part, index) => (index % 2 ? '.*' : part.replace(/[.*+?^()|[\]\\{}$]/g, '\\$&')))
      .join('');
    return fields.length >= 4 && new RegExp(`^${source}(:\\*)?$`, 's').test(resource);
  });
}

function gradeResource(row) {
  const mapping = permissionsOf(callOf(row), known);
  if (row.permissionless)
    return mapping.kind === 'no-permission' ? '' : `${mapping.kind}, expected no-permission`;
  if (mapping.kind !== 'mapped') return mapping.kind;
  const emitted = new Map();
  for (const { action, resources } of mapping.permissions) {
    emitted.set(action.toLowerCase(), [...(emitted.get(action.toLowerCase()) ?? []), ...resources]);
  }
  const accounts = row.accountFieldMayBe ?? [];
  const plain = (resource) => {
    const fields = resource.replace(/:\*$/, row.colonStarAlsoAccepted ? '' : ':*').split(':');
    if (accounts.includes(fields[4])) fields[4] = 'ANY';
    return fields.join(':');
  };
  const faults = [];
  const optional = new Set(
    (row.optional === true ? [] : [row.optional ?? []].flat()).map((item) =>
      (item.action ?? item).toLowerCase(),
    ),
  );
  for (const { action, resources } of row.expected) {
    const names = [action, ...(row.alt ?? [])].map((name) => name.toLowerCase());
    const name = names.find((candidate) => emitted.has(candidate));
    if (name === undefined) {
      if (!optional.has(action.toLowerCase())) faults.push(`missing ${action}`);
      continue;
    }
    const got = new Set(emitted.get(name).map(plain));
    const want = new Set(resources.map(plain));
    const missing = [...want].filter((resource) => !got.has(resource));
    const extra = [...got].filter((resource) => !want.has(resource));
    const suffixOk =
      row.suffixPatternsAccepted &&
      extra.every((resource) =>
        [...want].some((wanted) => wanted.replace(/-?[?*]+$/, '') === resource.replace(/-?[?*]+$/, '')),
      );
    if (row.starAlsoAccepted && got.size === 1 && got.has('*')) continue;
    if (suffixOk && extra.length > 0) continue;
    if (missing.length > 0 || (extra.length > 0 && !row.supersetAccepted))
      faults.push(`${action}: got ${[...got].join(' ')} want ${[...want].join(' ')}`);
  }
  const wanted = new Set(
    row.expected.flatMap(({ action }) => [action, ...(row.alt ?? [])]).map((name) => name.toLowerCase()),
  );
  for (const action of emitted.keys())
    if (!wanted.has(action) && !optional.has(action)) faults.push(`extra ${action} ${emitted.get(action)}`);
  for (const bad of row.mustNotContain ?? [])
    if ([...emitted.values()].flat().includes(bad)) faults.push(`names what it made: ${bad}`);
  for (const { action, resources } of mapping.permissions) {
    for (const resource of resources)
      if (!isAccepted(action, resource)) faults.push(`NOT ACCEPTED ${action} ${resource}`);
  }
  return faults.join('; ');
}

/** @type {Record<string, { agree: number, missing: number, extra: number, noMember: number }>} */
const evidence = {};
/** Permissions that only a request can show, given for none. */
let baseless = 0;
const faultsOfEvidence = [];
const conditional = new Set(['pass-role', 'tag-on-create', 'acl', 'version', 'object-lock', 'kms']);

/** Compares what is needed on evidence only: `wanted` by the case, `emitted` by the mapping of a request with evidence. */
function countEvidence(name, own, wanted, emitted, request) {
  const json = JSON.stringify(request);
  for (const [kind, { is, shows }] of Object.entries(kinds)) {
    const row = (evidence[kind] ??= { agree: 0, missing: 0, extra: 0, noMember: 0 });
    const ofKind = (/** @type {string[]} */ list) =>
      list.filter((action) => !own.includes(action) && is(action, actionInfo(action)?.accessLevel));
    const got = ofKind(emitted);
    const want = ofKind(wanted);
    for (const action of want) {
      if (got.includes(action)) row.agree += 1;
      else if (!shows(json)) row.noMember += 1;
      else {
        row.missing += 1;
        faultsOfEvidence.push(`${kind}: missing ${action} ${name}`);
      }
    }
    for (const action of got) {
      if (want.includes(action)) continue;
      row.extra += 1;
      faultsOfEvidence.push(`${kind}: extra ${action} ${name}`);
    }
  }
}

function evidenceOfAction(row) {
  const bare = permissionsOf(callOf({ ...row, requestParameters: null }), known);
  if (bare.kind !== 'mapped' || row.permissionless || row.unmapped) return;
  baseless += bare.permissions.filter(({ reason }) => conditional.has(reason)).length;
  const request = fullRequest(row.eventSource.replace(/\.amazonaws\.com$/, ''), row.eventName);
  const mapping = request && permissionsOf(callOf({ ...row, requestParameters: request }), known);
  if (mapping?.kind !== 'mapped') return;
  const own = lower(row.expectedActions).filter(passed);
  const wanted = lower([...row.expectedActions, ...row.conditionalActions]);
  const emitted = lower(mapping.permissions.map(({ action }) => action));
  countEvidence(`${row.eventSource} ${row.eventName}`, own, wanted, emitted, request);
}

function evidenceOfResource(row) {
  const mapping = permissionsOf(callOf(row), known);
  if (mapping.kind !== 'mapped' || row.permissionless) return;
  const wanted = lower(row.expected.map(({ action }) => action));
  const operation = mapping.permissions.filter(({ reason }) => reason === 'operation');
  const emitted = lower(mapping.permissions.map(({ action }) => action));
  const optional =
    row.optional === true ? emitted : lower([row.optional ?? []].flat().map((o) => o.action ?? o));
  const own = [
    ...lower(operation.map(({ action }) => action)),
    ...optional.filter((o) => !wanted.includes(o)),
  ];
  countEvidence(`${row.id} ${row.eventName}`, own, wanted, emitted, row.requestParameters ?? {});
}

/** @type {Record<string, { right: number, of: number }>} */
const tally = {};
const failures = [];
const count = (name, fault) => {
  const row = (tally[name] ??= { right: 0, of: 0 });
  row.of += 1;
  if (fault === '') row.right += 1;
};
for (const row of readLines('actions.jsonl')) {
  const fault = gradeAction(row);
  evidenceOfAction(row);
  count('actions, all', fault);
  count(`actions, ${row.confidence}`, fault);
  count(`actions, ${row.kind}`, fault);
  if (row.seenInRealLogs) count('actions, seen in real logs', fault);
  if (row.permissionless) count('actions, permissionless', fault);
  if (row.unmapped) count('actions, unmapped', fault);
  if (fault !== '')
    failures.push(`${row.kind}/${row.confidence} ${row.eventSource} ${row.eventName}: ${fault}`);
}
let stars = 0;
let taking = 0;
let unaccepted = 0;
for (const row of readLines('resources.jsonl')) {
  const fault = gradeResource(row);
  evidenceOfResource(row);
  count('resources, exact', fault);
  if (fault !== '') failures.push(`${row.id} ${row.eventSource} ${row.eventName}: ${fault}`);
  const mapping = permissionsOf(callOf(row), known);
  for (const { action, resources } of mapping.kind === 'mapped' ? mapping.permissions : []) {
    unaccepted += resources.filter((resource) => !isAccepted(action, resource)).length;
    if (actionInfo(action).resourceTypes.length === 0) continue;
    taking += 1;
    if (resources.includes('*')) stars += 1;
  }
}
const result = {
  tally,
  evidence,
  baseless,
  faultsOfEvidence,
  stars,
  resourceTaking: taking,
  unaccepted,
  failures,
};
if (args.includes('--json')) {
  console.log(JSON.stringify(result, null, 2));
} else {
  for (const [name, { right, of }] of Object.entries(tally)) {
    console.log(
      `${name.padEnd(28)} ${String(right).padStart(5)} of ${String(of).padStart(5)}  ${((100 * right) / of).toFixed(2)}%`,
    );
  }
  console.log(
    `"*" on resource-taking actions: ${stars} of ${taking}; not accepted by the action: ${unaccepted}`,
  );
  console.log(
    hasModels
      ? 'needed on evidence only, with requests that carry everything:'
      : 'needed on evidence only: not graded, the models are fetched with node scripts/data/fetch.mjs',
  );
  for (const [kind, { agree, missing, extra, noMember }] of Object.entries(evidence)) {
    const share = (/** @type {number} */ others) =>
      agree + others === 0 ? '   none ' : `${((100 * agree) / (agree + others)).toFixed(2).padStart(6)}%`;
    console.log(
      `  ${kind.padEnd(14)} recall ${share(missing)}  precision ${share(extra)}  (${agree} agree, ${missing} missing, ${extra} extra; ${noMember} where no member can show it)`,
    );
  }
  console.log(`  given without any evidence: ${baseless}`);
  if (args.includes('--failures')) console.log([...failures, ...faultsOfEvidence].join('\n'));
}
