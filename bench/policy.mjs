#!/usr/bin/env node
// Policy language speed, as JSON on stdout (run `npm run build` first): decisions a second, inclusion of two
// full-size policies, a hostile pattern.
import { compile, decide } from '../dist/iam/decide/evaluate.js';
import { diffPolicies } from '../dist/iam/compare/diff.js';
import { actionInfo, expandActions } from '../dist/iam/catalogue.js';
import { includesPolicy } from '../dist/iam/compare/inclusion.js';
import { matches, parsePattern } from '../dist/iam/pattern/pattern.js';
import { parsePolicy } from '../dist/iam/policy/policy.js';
import { policySize } from '../dist/iam/policy/quota.js';

const SERVICES = ['s3', 'ec2', 'iam', 'sqs', 'sns', 'lambda', 'dynamodb', 'logs', 'kms', 'ssm', 'ecs', 'rds'];
const VERBS = ['Get', 'List', 'Describe', 'Put', 'Create', 'Delete', 'Update', 'Tag'];
const NOUNS = [
  'Object',
  'Item',
  'Queue',
  'Topic',
  'Function',
  'Key',
  'Role',
  'Parameter',
  'Cluster',
  'Alarm',
];

/** A policy of about 6,000 characters: statements of a few actions, resources and a condition each; the same for a seed. @param {number} seed */
function fullPolicy(seed) {
  let state = seed;
  /** @template T @param {readonly T[]} list */
  const pick = (list) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return list[(state >> 8) % list.length];
  };
  const statements = [];
  for (let size = 0; size < 5900;) {
    const service = pick(SERVICES);
    const statement = {
      Effect: statements.length % 7 === 6 ? 'Deny' : 'Allow',
      Action: [1, 2, 3, 4].map((n) => `${service}:${pick(VERBS)}${n === 4 ? '*' : pick(NOUNS)}`),
      Resource: [1, 2, 3].map(
        (n) => `arn:aws:${service}:eu-west-1:111122223333:${pick(NOUNS)}/${pick(VERBS)}${n}/*`,
      ),
      ...(statements.length % 5 === 1
        ? { Condition: { StringEquals: { 'aws:PrincipalTag/team': [pick(NOUNS), 'ops'] } } }
        : {}),
    };
    size += JSON.stringify(statement).length;
    statements.push(statement);
  }
  return parsePolicy(JSON.stringify({ Version: '2012-10-17', Statement: statements }), 'bench');
}

/** @param {number} times @param {() => unknown} run */
function median(times, run) {
  const taken = [];
  for (let k = 0; k < times; k++) {
    const start = performance.now();
    run();
    taken.push(performance.now() - start);
  }
  return Math.round(taken.sort((a, b) => a - b)[Math.floor(times / 2)] * 100) / 100;
}

const documents = Array.from({ length: 20 }, (_, k) => fullPolicy(k + 1));
const administrator = parsePolicy(
  '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}',
  'bench',
);

/** @param {readonly import('../dist/iam/policy/policy.js').PolicyDocument[]} identity */
function decisionsPerSecond(identity) {
  const policies = compile({ identity });
  const requests = SERVICES.flatMap((service) =>
    VERBS.flatMap((verb) =>
      NOUNS.map((noun) => ({
        action: `${service}:${verb}${noun}`,
        resource: `arn:aws:${service}:eu-west-1:111122223333:${noun}/Get2/name`,
        context: new Map([['aws:principaltag/team', ['ops']]]),
        contextIsComplete: true,
      })),
    ),
  );
  for (let k = 0; k < 20; k++) for (const request of requests) decide(policies, request);
  const start = performance.now();
  const rounds = 500;
  for (let k = 0; k < rounds; k++) for (const request of requests) decide(policies, request);
  return Math.round((rounds * requests.length * 1000) / (performance.now() - start));
}

const [a, b] = documents;
const hostile = parsePattern(`${'a*'.repeat(5000)}b`, { variables: false });
const long = 'a'.repeat(10_000);
const options = {
  expandActions,
  accessLevelOf: (/** @type {string} */ action) => actionInfo(action)?.accessLevel,
};
const tighter = {
  ...a,
  statements: a.statements.filter(({ effect }, k) => effect === 'Deny' || k % 2 === 0),
};

process.stdout.write(
  `${JSON.stringify(
    {
      policySizes: [policySize(a), policySize(b)],
      decisionsPerSecond: decisionsPerSecond([administrator, ...documents]),
      decisionsPerSecondWithoutAdministrator: decisionsPerSecond(documents),
      compileMs: median(9, () => compile({ identity: documents })),
      includesNoMs: median(15, () => includesPolicy([a], [b])),
      includesYesMs: median(15, () => includesPolicy([a], [tighter])),
      diffMs: median(9, () => diffPolicies([a], [b], options)),
      diffAdministratorMs: median(5, () => diffPolicies([administrator], [a], options)),
      hostileMatchMs: median(5, () => matches(hostile, long)),
      included: [includesPolicy([a], [b]).included, includesPolicy([a], [tighter]).included],
    },
    null,
    2,
  )}\n`,
);
