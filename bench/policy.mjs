#!/usr/bin/env node
// Policy language speed, as JSON on stdout (run `npm run build` first): node bench/policy.mjs [EARLIER_DIST]
// Each question in a process of its own: seconds of processor time and peak memory; with an earlier build's `dist` its
// figures too, and how many times as fast this build is. `null`: not done in 90 s.
/* oxlint-disable typescript/no-unsafe-type-assertion -- the functions of another build are taken to have the types of this one */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';

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

/** A policy of about 6,000 characters, as its statements: statements of a few actions, resources and a condition each; the same for a seed. @param {number} seed */
function fullPolicy(seed) {
  let state = seed;
  /** @template T @param {readonly T[]} list */
  const pick = (list) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return list[(state >> 8) % list.length];
  };
  /** @type {object[]} */
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
  return statements;
}

/** @template T @param {number} length @param {(k: number) => T} make */
const many = (length, make) => Array.from({ length }, (_, k) => make(k));
/** @param {number} count @param {number} from */
const literals = (count, from) => [
  {
    Effect: 'Allow',
    Action: 's3:GetObject',
    Resource: many(count, (k) => `arn:aws:s3:::bucket/${k + from}`),
  },
];
/** @param {number} count */
const statements = (count) =>
  many(count, (k) => ({
    Effect: 'Allow',
    Action: ['s3:GetObject', 's3:PutObject', 'sqs:Send*'],
    Resource: [`arn:aws:s3:::b${k}/*`, `arn:aws:sqs:*:111122223333:q${k}`],
  }));
/** Wildcards that cross in every way, one statement each; 6,000 characters. */
const crossing = many(45, (k) => ({
  Effect: 'Allow',
  Action: ['dynamodb:Get*', 'dynamodb:*Item', 's3:*Object*'],
  Resource: [`arn:aws:dynamodb:*:111122223333:table/*t${k}*`, `arn:aws:s3:::b*${k}*/x*`],
}));
const models = [
  {
    Effect: 'Allow',
    Action: 'bedrock:InvokeModel',
    Resource: many(60, (k) => `arn:aws:bedrock:*::foundation-model/*m${k}*-v*:*`),
  },
];

/** @typedef {Awaited<ReturnType<typeof toolOf>>} Tool */
/** @type {Record<string, (tool: Tool) => unknown>} */
const QUESTIONS = {
  decisions: (tool) =>
    decisions(
      tool,
      many(20, (k) => fullPolicy(k + 1)),
    ),
  compile: (tool) => many(20, (k) => tool.compile({ identity: [tool.policy(fullPolicy(k + 1))] })).length,
  'a full policy and another': (tool) => difference(tool, fullPolicy(1), fullPolicy(2)),
  'a full policy of crossing wildcards and itself': (tool) => difference(tool, crossing, crossing),
  '20,000 literal ARNs and the same': (tool) => difference(tool, literals(20_000, 0), literals(20_000, 0)),
  '20,000 literal ARNs and half of them': (tool) =>
    difference(tool, literals(20_000, 0), literals(20_000, 10_000)),
  '2,000 statements and 500': (tool) => difference(tool, statements(2000), statements(500)),
  'a Bedrock call without Region and model': (tool) =>
    tool.decide(tool.compile({ identity: [tool.policy(models)] }), {
      action: 'bedrock:InvokeModel',
      resource: tool.resourcePattern('arn:aws:bedrock:*::foundation-model/*', true),
      context: new Map(),
      contextIsComplete: true,
    }).decision,
};

/** @param {Tool} tool @param {unknown[]} before @param {unknown[]} after */
const difference = (tool, before, after) =>
  tool.diffPolicies([tool.policy(before)], [tool.policy(after)]).broadened;

/** @param {Tool} tool @param {unknown[][]} policies */
function decisions(tool, policies) {
  const compiled = tool.compile({ identity: policies.map((list) => tool.policy(list)) });
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
  for (let k = 0; k < 300; k++) for (const request of requests) tool.decide(compiled, request);
  return 300 * requests.length;
}

/** The functions of a build, wherever its files stand. @param {string} dist */
async function toolOf(dist) {
  /** @param {string} room @param {string} name */
  const load = (room, name) => {
    const inRoom = `${dist}/iam/${room}/${name}.js`;
    return pathToFileURL(existsSync(inRoom) ? inRoom : `${dist}/iam/${name}.js`).href;
  };
  const evaluate = /** @type {typeof import('../dist/iam/decide/evaluate.js')} */ (
    await import(load('decide', 'evaluate'))
  );
  const diff = /** @type {typeof import('../dist/iam/compare/diff.js')} */ (
    await import(load('compare', 'diff'))
  );
  const { parsePolicy } = /** @type {typeof import('../dist/iam/policy/policy.js')} */ (
    await import(load('policy', 'policy'))
  );
  const pattern = /** @type {typeof import('../dist/iam/pattern/pattern.js')} */ (
    await import(load('pattern', 'pattern'))
  );
  return {
    ...evaluate,
    ...diff,
    ...pattern,
    /** @param {readonly unknown[]} list */
    policy: (list) => parsePolicy(JSON.stringify({ Version: '2012-10-17', Statement: list }), 'bench'),
  };
}

/** @param {string} dist @param {string} question @returns {{ seconds: number, peakMB: number, answer: unknown } | null} */
function measured(dist, question) {
  const { status, stdout } = spawnSync(process.execPath, [fileURLToPath(import.meta.url), dist, question], {
    encoding: 'utf8',
    timeout: 90_000,
  });
  if (status !== 0) return null;
  return /** @type {{ seconds: number, peakMB: number, answer: unknown }} */ (JSON.parse(stdout));
}

const own = fileURLToPath(new URL('../dist', import.meta.url));
const [earlier, asked] = process.argv.slice(2);
const question = asked === undefined ? undefined : QUESTIONS[asked];
if (earlier !== undefined && question !== undefined) {
  const tool = await toolOf(earlier);
  const { user } = process.cpuUsage();
  const answer = question(tool);
  const seconds = Math.round((process.cpuUsage().user - user) / 1000) / 1000;
  process.stdout.write(
    JSON.stringify({ seconds, peakMB: Math.round(process.resourceUsage().maxRSS / 1024), answer }),
  );
} else {
  const rows = Object.keys(QUESTIONS).map((name) => {
    const now = measured(own, name);
    if (earlier === undefined) return [name, { now }];
    const before = measured(earlier, name);
    return [
      name,
      { now, before, timesAsFast: now && before ? Number((before.seconds / now.seconds).toFixed(2)) : null },
    ];
  });
  process.stdout.write(`${JSON.stringify(Object.fromEntries(rows), null, 2)}\n`);
}
