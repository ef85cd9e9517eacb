/** Policy language speed, as JSON on stdout: decisions a second, inclusion of two full-size policies, a hostile pattern. */
import { compile, decide } from '../src/iam/evaluate.ts';
import { diffPolicies } from '../src/iam/diff.ts';
import { actionInfo, expandActions } from '../src/iam/catalogue.ts';
import { includesPolicy } from '../src/iam/inclusion.ts';
import { matches, parsePattern } from '../src/iam/pattern.ts';
import { parsePolicy, type PolicyDocument } from '../src/iam/policy.ts';
import { policySize } from '../src/iam/quota.ts';

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

/** A policy of about 6,000 characters: statements of a few actions, resources and a condition each; the same for a seed. */
function fullPolicy(seed: number): PolicyDocument {
  let state = seed;
  const pick = <T>(list: readonly T[], fallback: T): T => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return list[(state >> 8) % list.length] ?? fallback;
  };
  const statements: object[] = [];
  for (let size = 0; size < 5900;) {
    const service = pick(SERVICES, 's3');
    const statement = {
      Effect: statements.length % 7 === 6 ? 'Deny' : 'Allow',
      Action: [1, 2, 3, 4].map(
        (n) => `${service}:${pick(VERBS, 'Get')}${n === 4 ? '*' : pick(NOUNS, 'Key')}`,
      ),
      Resource: [1, 2, 3].map(
        (n) => `arn:aws:${service}:eu-west-1:111122223333:${pick(NOUNS, 'Key')}/${pick(VERBS, 'x')}${n}/*`,
      ),
      ...(statements.length % 5 === 1
        ? { Condition: { StringEquals: { 'aws:PrincipalTag/team': [pick(NOUNS, 'a'), 'ops'] } } }
        : {}),
    };
    size += JSON.stringify(statement).length;
    statements.push(statement);
  }
  return parsePolicy(JSON.stringify({ Version: '2012-10-17', Statement: statements }), 'bench');
}

function median(times: number, run: () => void): number {
  const taken: number[] = [];
  for (let k = 0; k < times; k++) {
    const start = performance.now();
    run();
    taken.push(performance.now() - start);
  }
  return Math.round((taken.sort((a, b) => a - b)[Math.floor(times / 2)] ?? 0) * 100) / 100;
}

const documents = Array.from({ length: 20 }, (_, k) => fullPolicy(k + 1));
const administrator = parsePolicy(
  '{"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": "*", "Resource": "*"}}',
  'bench',
);

function decisionsPerSecond(identity: readonly PolicyDocument[]): number {
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

const [a = administrator, b = administrator] = documents;
const hostile = parsePattern(`${'a*'.repeat(5000)}b`, { variables: false });
const long = 'a'.repeat(10_000);
const options = { expandActions, accessLevelOf: (action: string) => actionInfo(action)?.accessLevel };
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
