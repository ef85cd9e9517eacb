// The cases of promises.mjs: random calls, policies that grant them in several ways, the proposal, and requests that try its promises.
import { diffPolicies } from '../../dist/iam/compare/diff.js';
import { parsePolicy } from '../../dist/iam/policy/policy.js';
import { toJson } from '../../dist/iam/policy/policy-json.js';
import { bitOfDay, monthOfDay } from '../../dist/iam/days.js';
import { nothingKnown } from '../../dist/permissions/mapping.js';
import { propose } from '../../dist/synth/generate.js';
import { Deliveries } from '../../dist/synth/usage/deliveries.js';
import { observe } from '../../dist/synth/usage/observe.js';
import { ACCOUNT, CALLED, factOf, FIRST_DAY, randomCall, REGION } from './calls.mjs';
import { randomPolicies, randomSource } from './cases.mjs';
import { EXPLAINED } from './explained.mjs';
import { aimedContext, heldPolicies, NAMES } from './held.mjs';
import { judged } from './judge.mjs';

/** Requests that try each promise of a case. */
const REQUESTS = 30;
/** Contexts that each need of a call is tried in. */
const CONTEXTS = 8;

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

const WINDOW = { since: FIRST_DAY, until: FIRST_DAY + 6 };
const DAYS = Array.from({ length: 9 }, (_, k) => WINDOW.since - 1 + k);

/** Management events of every day: of actions that these show, what is unused goes. */
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
const statementsOf = (documents) => documents.flatMap(({ Statement }) => Statement);
const shareOf = (documents) => {
  const text = JSON.stringify(documents);
  return (
    `${/\$\{[^*?$]/.test(text) ? 'variables' : ''}${/"Condition"/.test(text) ? ' conditions' : ''}`.trim() ||
    'plain'
  );
};

/** Only whether it is broadened is looked at: no actions are listed. */
const options = { expandActions: () => [], accessLevelOf: () => undefined };

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

const ON_NAMES = [
  { StringEquals: { 'aws:username': 'bob' } },
  { StringNotEquals: { 'aws:username': 'bob' } },
  { StringLike: { 's3:prefix': '${aws:username}*' } },
  { Null: { 'aws:username': 'true' } },
  { Null: { 'aws:PrincipalTag/team': 'false' } },
];

/**
 * Some cases and what came of them. A `wider` request is allowed by the proposal and not today; a `lost` one is a call that was seen,
 * allowed today and refused by the proposal; a `falselyNotBroadened` one refutes what was said of two policies.
 * @param isEnough whether after these failures no more cases are tried
 */
export function run(seed, cases, isEnough) {
  const random = randomSource(seed);
  const { pick, chance } = random;
  const tally = {
    cases: 0,
    wider: 0,
    lost: 0,
    falselyNotBroadened: 0,
    requests: 0,
    needs: 0,
    /** Requests of needs that today allows: those that can be lost. */
    allowedToday: 0,
    explained: new Map(),
    told: new Map(),
  };
  const failures = [];
  const undecided = [];

  /** Whether one side allows a request that another refuses, by the judge; what only the judge's known differences explain does not count. */
  function contradicts(inner, outer, request, kind) {
    tally.requests++;
    if (judged({ ...inner, ...request }) !== 'allowed') return false;
    if (kind === 'lost') tally.allowedToday++;
    if (judged({ ...outer, ...request }) === 'allowed') return false;
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

  const patternsOf = (documents) =>
    statementsOf(documents).flatMap((s) => [s.Resource ?? s.NotResource].flat());

  /**
   * A resource that some pattern of the policies may match: variables become what a request, or another statement, names.
   * The judge takes a star in a request for a pattern, so there is none.
   */
  function near(documents, context, needs) {
    const text = pick([...patternsOf(documents), ...needs.map(({ resource }) => resource)])
      .replace(/\$\{([*?$])\}/g, '$1')
      .replace(
        /\$\{([^},]+)[^}]*\}/g,
        (_, key) => (chance(0.6) && context[key]) || pick([...NAMES, '', 'bob/y']),
      )
      .replace(/\*/g, () => pick([...NAMES, '', 'in/x', 'bob/y']))
      .replace(/[*?]/g, 'a');
    if (/^arn:([^:]*:){4}/.test(text)) return text;
    return needs.length > 0 ? pick(needs).resource : 'arn:aws:s3:::data/in/x';
  }

  function sampled(documents, needs) {
    const context = aimedContext(random, statementsOf(documents), {
      ...(chance(0.7) ? { 'aws:RequestedRegion': pick([REGION, REGION, 'us-east-1']) } : {}),
      ...(chance(0.3) ? { 'iam:PassedToService': pick(['lambda.amazonaws.com', 'ec2.amazonaws.com']) } : {}),
    });
    const action = needs.length > 0 && chance(0.5) ? pick(needs).action : pick(CALLED);
    return { action, resource: near(documents, context, needs), context };
  }

  function compare(before, after, needs) {
    const { broadened, undecided: which } = diffPolicies(parsed(before), parsed(after), options);
    const both = [...before, ...after];
    count(tally.told, `${shareOf(both)}: ${broadened === null ? 'cannot tell' : 'told'}`);
    if (broadened === null) undecided.push({ before, after, which });
    if (broadened !== false) return;
    for (let k = 0; k < REQUESTS; k++)
      if (
        contradicts({ documents: after }, { documents: before }, sampled(both, needs), 'falselyNotBroadened')
      )
        return;
  }

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

  function proposalOf(calls, today, form) {
    return propose({
      identity,
      observed: observe(calls.map(factOf), nothingKnown, []),
      today,
      form,
      strategy: pick(['exact', 'balanced']),
      unobservable: chance(0.5) ? 'keep' : 'drop',
      trails: undefined,
      deliveries,
      window: WINDOW,
      gaps: [],
      covered: 7,
      minWindow: 0,
    });
  }

  for (; tally.cases < cases && !isEnough(failures); tally.cases++) {
    const calls = Array.from({ length: pick([1, 2, 3, 5]) }, () => randomCall(random));
    const needs = calls.flatMap((call) => call.needs);
    const held = heldPolicies(random, [...needs, ...randomCall(random).needs]);
    const boundary = chance(0.2) ? heldPolicies(random, needs).slice(0, 1) : undefined;
    const today = { documents: held, ...(boundary ? { boundary } : {}) };
    const form = chance(0.25) ? 'boundary' : 'policies';
    const proposal = proposalOf(
      calls,
      { identity: parsed(held), boundary: boundary && parsed(boundary)[0] },
      form,
    );
    if (proposal.overflow.length === 0) {
      const made = asJson(proposal.documents);
      const proposed =
        form === 'boundary' ? { documents: held, boundary: made } : { ...today, documents: made };
      for (let n = 0; n < REQUESTS; n++)
        if (contradicts(proposed, today, sampled([...held, ...made], needs), 'wider')) break;
      for (const { action, resource, context: said } of needs) {
        tally.needs++;
        const ways = [...statementsOf(held), ...statementsOf(boundary ?? [])];
        for (let n = 0; n < CONTEXTS; n++) {
          const context = aimedContext(random, ways, { 'aws:RequestedRegion': REGION, ...said });
          if (contradicts(today, proposed, { action, resource, context }, 'lost')) break;
        }
      }
      if (form === 'policies') compare(held, made, needs);
    }
    for (let n = 0; n < 3; n++) {
      const before = crossing(4);
      compare(before, chance(0.7) ? edited(before) : crossing(3), []);
    }
    compare(held, chance(0.5) ? edited(held) : heldPolicies(random, needs), needs);
  }
  return {
    ...tally,
    failures,
    undecided,
    explained: Object.fromEntries(tally.explained),
    told: Object.fromEntries(tally.told),
  };
}
