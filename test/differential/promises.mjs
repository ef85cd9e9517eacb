// The promises themselves, on seeded random policies and logs, judged by an independent evaluator: nothing that the
// proposal allows is refused today, no observed use is lost, and "not broadened" is never said where a request refutes it.
// node test/differential/promises.mjs [--cases 1500] [--seed 1] [--jobs 2]; exit code 1: a promise is broken.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { diffPolicies } from '../../dist/iam/compare/diff.js';
import { parsePolicy } from '../../dist/iam/policy/policy.js';
import { toJson } from '../../dist/iam/policy/policy-json.js';
import { bitOfDay, monthOfDay } from '../../dist/iam/days.js';
import { propose } from '../../dist/synth/generate.js';
import { Deliveries } from '../../dist/synth/usage/deliveries.js';
import { randomContext, randomPolicies, randomSource, REQUEST_ACTIONS, REQUEST_RESOURCES } from './cases.mjs';
import { EXPLAINED } from './explained.mjs';
import { judged } from './judge.mjs';

const { values } = parseArgs({
  options: {
    cases: { type: 'string', default: '1500' },
    seed: { type: 'string', default: '1' },
    /** Processes that share the cases; 1 is one of them. */
    jobs: { type: 'string', default: '2' },
  },
});
const [SEED, JOBS] = [Number(values.seed), Number(values.jobs)];
const CASES = Math.ceil(Number(values.cases) / JOBS);
const REQUESTS = 30;
const REGION = 'eu-west-1';
const ACCOUNT = '111122223333';

const random = randomSource(SEED);
const { pick, chance } = random;
const count = (counts, key) => counts.set(key, (counts.get(key) ?? 0) + 1);
const parsed = (documents) => documents.map((json) => parsePolicy(JSON.stringify(json), 'case'));
const asJson = (documents) => documents.map((document) => JSON.parse(toJson(document)));

const identity = {
  kind: 'user',
  name: 'bob',
  arn: `arn:aws:iam::${ACCOUNT}:user/bob`,
  account: ACCOUNT,
  accounts: [ACCOUNT],
  uniqueIds: ['AIDAEXAMPLE'],
  arns: [`arn:aws:iam::${ACCOUNT}:user/bob`],
  ids: [1],
};

function useOf(action, resource) {
  const service = action.slice(0, action.indexOf(':'));
  return {
    action,
    resource: resource.replace(/[*?$]/g, (c) => `\${${c}}`),
    reason: 'operation',
    condition: [],
    context: new Map([['aws:requestedregion', [REGION]]]),
    star: undefined,
    oneOf: '',
    eventSource: `${service}.amazonaws.com`,
    eventName: action.slice(service.length + 1),
    errorCode: '',
    mayBeElsewhere: true,
    days: new Set([20_000]),
    calls: 1,
    sample: { time: 1_728_000_000, eventID: 'e', object: 1 },
    sources: new Set([`${service}.amazonaws.com`]),
  };
}

const WINDOW = { since: 20_000, until: 20_006 };
const DAYS = Array.from({ length: 9 }, (_, k) => WINDOW.since - 1 + k);

/** Management events of every day. */
const deliveries = new Deliveries(
  DAYS.flatMap((day) =>
    ['read', 'write'].flatMap((detail) =>
      ['us-east-1', REGION].map((region) => ({
        account: ACCOUNT,
        region,
        category: 'management',
        detail,
        source: 'sts.amazonaws.com',
        month: monthOfDay(day),
        days: bitOfDay(day),
      })),
    ),
  ),
  WINDOW,
);

function proposalOf(uses, today, form) {
  return propose({
    identity,
    observed: {
      uses,
      inconclusive: [],
      denied: [],
      unmapped: [],
      possible: [],
      refusals: { named: 0, agree: 0 },
      noPermission: 0,
      callsAsDelivered: uses.length,
      services: new Set(uses.map(({ action }) => action.split(':')[0])),
      excluded: 0,
      notes: [],
    },
    today,
    form,
    strategy: pick(['exact', 'balanced']),
    unobservable: chance(0.2) ? 'keep' : 'drop',
    trails: undefined,
    deliveries,
    window: WINDOW,
    gaps: [],
    covered: 7,
    minWindow: 0,
  });
}

const textsOf = (documents) =>
  documents.flatMap(({ Statement }) => Statement.flatMap((s) => [s.Resource ?? s.NotResource].flat()));
const SEGMENTS = ['', 'x', 'in/x', 'bob', 'bob/y', 'alpha', 'data'];

/**
 * A resource that some pattern of the policies may match: variables become what a request, or another statement, names.
 * The judge takes a star in a request for a pattern, so there is none.
 */
function near(documents, context) {
  const text = pick([...textsOf(documents), ...REQUEST_RESOURCES])
    .replace(/\$\{([*?$])\}/g, '$1')
    .replace(/\$\{([^},]+)[^}]*\}/g, (_, key) => (chance(0.6) && context[key]) || pick(SEGMENTS))
    .replace(/\*/g, () => pick(SEGMENTS))
    .replace(/[*?]/g, 'a');
  return /^arn:([^:]*:){4}/.test(text) ? text : pick(REQUEST_RESOURCES).replace('*', 'x');
}

const conditionsOf = (documents) =>
  documents.flatMap(({ Statement }) =>
    Statement.flatMap(({ Condition = {} }) =>
      Object.entries(Condition).flatMap(([operator, keys]) =>
        Object.entries(keys).map(([key, list]) => ({
          base: operator.replace(/^For\w+:/, '').replace(/IfExists$/, ''),
          operator,
          key,
          values: list,
        })),
      ),
    ),
  );

const tally = {
  wider: 0,
  lost: 0,
  falselyNotBroadened: 0,
  requests: 0,
  uses: 0,
  explained: new Map(),
  told: new Map(),
};
const failures = [];

/** Whether one side allows a request that another refuses, by the judge; what only the judge's known differences explain does not count. */
function contradicts(inner, outer, request, kind) {
  tally.requests++;
  if (judged({ ...inner, ...request }) !== 'allowed' || judged({ ...outer, ...request }) === 'allowed')
    return false;
  const documents = [inner, outer].flatMap((side) => [...side.documents, ...(side.boundary ?? [])]);
  const item = { ...request, documents, conditions: conditionsOf(documents) };
  const reason = EXPLAINED.find(({ applies }) => applies(item));
  if (reason !== undefined) {
    count(tally.explained, reason.name);
    return false;
  }
  tally[kind]++;
  failures.push({ kind, inner, outer, request });
  return true;
}

function sampled(documents) {
  const context = randomContext(random);
  return { action: pick(REQUEST_ACTIONS), resource: near(documents, context), context };
}

const shareOf = (documents) => {
  const text = JSON.stringify(documents);
  return (
    `${/\$\{[^*?$]/.test(text) ? 'variables' : ''}${/"Condition"/.test(text) ? ' conditions' : ''}`.trim() ||
    'plain'
  );
};

function compare(before, after) {
  const { broadened } = diffPolicies(parsed(before), parsed(after), options);
  count(tally.told, `${shareOf([...before, ...after])}: ${broadened === null ? 'cannot tell' : 'told'}`);
  if (broadened !== false) return;
  for (let k = 0; k < REQUESTS; k++)
    if (
      contradicts(
        { documents: after },
        { documents: before },
        sampled([...before, ...after]),
        'falselyNotBroadened',
      )
    )
      return;
}

/** Only whether it is broadened is looked at: no actions are listed. */
const options = { expandActions: () => [], accessLevelOf: () => undefined };

/** What a reviewer does to a policy: a statement taken out, or changed in one place. */
function edited(documents) {
  const copy = structuredClone(documents);
  const { Statement } = pick(copy);
  const changed = pick(Statement);
  const other = pick((chance(0.5) ? crossing(1) : randomPolicies(random).documents)[0].Statement);
  if (chance(0.4) && Statement.length > 1) Statement.splice(Statement.indexOf(changed), 1);
  else if (chance(0.3)) delete changed.Condition;
  else if (chance(0.5)) {
    delete changed.Resource;
    delete changed.NotResource;
    changed[other.Resource ? 'Resource' : 'NotResource'] = other.Resource ?? other.NotResource;
  } else Statement.push(other);
  return copy;
}

/** Resources where variables and what other statements name meet. */
const CROSSING = [
  'data/${aws:username}/*',
  'data/${aws:username}',
  "data/${aws:PrincipalTag/team, 'in'}/*",
  'data/${aws:PrincipalTag/team}/*',
  'data/${aws:PrincipalTag/team}/${aws:username}/*',
  'data/bob/*',
  'data/in/*',
  'data/in/bob/*',
  'data/*',
  'data/*/x',
];

/** A few statements on such resources. */
const crossing = (most) => [
  {
    Version: '2012-10-17',
    Statement: Array.from({ length: 1 + Math.floor(pick([0, 1, 2, 3]) % most) }, (_, k) => ({
      Effect: k === 0 || chance(0.3) ? 'Allow' : 'Deny',
      Action: pick(['s3:*', 's3:*', 's3:Get*']),
      [chance(0.15) ? 'NotResource' : 'Resource']: random
        .some(CROSSING, 2)
        .map((text) => `arn:aws:s3:::${text}`),
      ...(chance(0.2) ? { Condition: pick(ON_NAMES) } : {}),
    })),
  },
];
const ON_NAMES = [
  { StringEquals: { 'aws:username': 'bob' } },
  { StringNotEquals: { 'aws:username': 'bob' } },
  { StringLike: { 's3:prefix': '${aws:username}*' } },
  { Null: { 'aws:username': 'true' } },
  { Null: { 'aws:PrincipalTag/team': 'false' } },
];

function run() {
  for (let k = 0; k < CASES && failures.length < 5; k++) {
    const { documents } = randomPolicies(random);
    const group = chance(0.3) ? randomPolicies(random).documents : [];
    const limit = chance(0.25) ? [randomPolicies(random).documents[0]] : undefined;
    const identityDocuments = [...documents, ...group];
    const today = { documents: identityDocuments, ...(limit ? { boundary: limit } : {}) };
    const uses = Array.from({ length: pick([0, 1, 2, 4, 7]) }, () => {
      const context = randomContext(random);
      return useOf(pick(REQUEST_ACTIONS), near(identityDocuments, context));
    });
    const form = chance(0.3) ? 'boundary' : 'policies';
    const proposal = proposalOf(
      uses,
      { identity: parsed(identityDocuments), boundary: limit && parsed(limit)[0] },
      form,
    );
    if (proposal.overflow.length === 0) {
      const made = asJson(proposal.documents);
      const proposed =
        form === 'boundary'
          ? { documents: identityDocuments, boundary: made }
          : { ...today, documents: made };
      for (let n = 0; n < REQUESTS; n++)
        if (contradicts(proposed, today, sampled([...identityDocuments, ...made]), 'wider')) break;
      for (const { action, resource } of uses) {
        tally.uses++;
        const literal = resource.replace(/\$\{([*?$])\}/g, '$1');
        for (let n = 0; n < 3; n++) {
          const context = { ...randomContext(random), 'aws:RequestedRegion': REGION };
          if (contradicts(today, proposed, { action, resource: literal, context }, 'lost')) break;
        }
      }
      if (form === 'policies') compare(identityDocuments, made);
    }
    for (let n = 0; n < 3; n++) {
      const before = crossing(4);
      compare(before, chance(0.7) ? edited(before) : crossing(3));
    }
    compare(documents, chance(0.5) ? edited(documents) : randomPolicies(random).documents);
  }

  return {
    ...tally,
    cases: CASES,
    failures,
    explained: Object.fromEntries(tally.explained),
    told: Object.fromEntries(tally.told),
  };
}

/** The same in a process of its own, with other cases. */
async function ranBeside(job) {
  const args = ['--cases', String(CASES), '--seed', String(SEED * 1000 + job), '--jobs', '1'];
  const child = spawn(process.execPath, [fileURLToPath(import.meta.url), ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  for await (const part of child.stdout) text += part;
  return JSON.parse(text);
}

/** Counts of several runs together. */
function sum(results) {
  const total = {};
  for (const result of results)
    for (const [key, value] of Object.entries(result))
      if (typeof value === 'number') total[key] = (total[key] ?? 0) + value;
      else if (Array.isArray(value)) total[key] = [...(total[key] ?? []), ...value];
      else total[key] = sum([total[key] ?? {}, value]);
  return total;
}

if (JOBS === 1) process.stdout.write(JSON.stringify(run()));
else {
  const { failures: broken, ...counts } = sum(
    await Promise.all(Array.from({ length: JOBS }, (_, job) => ranBeside(job))),
  );
  for (const failure of broken) console.log(JSON.stringify(failure));
  console.log(JSON.stringify({ seed: SEED, ...counts }, null, 2));
  process.exitCode = broken.length === 0 ? 0 : 1;
}
