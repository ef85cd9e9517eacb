// Decides 20,000 seeded random requests with the built product (dist/) and with an independent evaluator, and compares.
// Exit code 1: they disagree in a way that explained.mjs does not explain, or the cases do not cover what they should.
import { claimOf } from '../../dist/iam/decide/claim.js';
import { conditionHolds } from '../../dist/iam/decide/condition.js';
import { evaluate } from '../../dist/iam/decide/evaluate.js';
import { parsePolicy } from '../../dist/iam/policy/policy.js';
import { OPERATORS, randomCase, randomSource } from './cases.mjs';
import { EXPLAINED } from './explained.mjs';
import { judged } from './judge.mjs';

const CASES = Number(process.argv[2] ?? 20_000);
const lowered = (context) =>
  new Map(Object.entries(context).map(([key, value]) => [key.toLowerCase(), [value].flat()]));

function ours({ documents, action, resource, context }) {
  const identity = documents.map((json) => parsePolicy(JSON.stringify(json), 'case'));
  return evaluate({ action, resource, context: lowered(context), contextIsComplete: true }, { identity })
    .decision;
}

const count = (counts, key) => counts.set(key, (counts.get(key) ?? 0) + 1);

const random = randomSource(20261123);
const decisions = new Map();
const outcomes = new Map();
const explained = new Map();
const unexplained = [];
for (let k = 0; k < CASES; k++) {
  const item = randomCase(random);
  const [own, other] = [ours(item), judged(item)];
  count(decisions, own);
  for (const { base, operator, key, values } of item.conditions) {
    const context = lowered(item.context);
    const compiled = claimOf({ operator, key, values: [values].flat() }, true);
    const holds = conditionHolds(compiled, { values: context, isComplete: true });
    count(
      outcomes,
      `${base} ${context.has(key.toLowerCase()) ? (holds ? 'match' : 'mismatch') : 'missing-key'}`,
    );
  }
  if (own === other) continue;
  const reason = EXPLAINED.find(({ applies }) => applies(item));
  if (reason === undefined) unexplained.push({ own, other, ...item });
  else count(explained, reason.name);
}

const failures = [];
const expect = (holds, what) => {
  if (!holds) failures.push(what);
};
const share = (decision) => (decisions.get(decision) ?? 0) / CASES;
expect(share('allowed') >= 0.3, `allowed in ${share('allowed')} of the cases, not 0.3`);
expect(share('explicit-deny') >= 0.15, `denied in ${share('explicit-deny')} of the cases, not 0.15`);
for (const operator of OPERATORS) {
  for (const outcome of ['match', 'mismatch', 'missing-key']) {
    const times = outcomes.get(`${operator} ${outcome}`) ?? 0;
    expect(times >= 20, `${operator} ${outcome}: ${times} times, not 20`);
  }
}
expect(EXPLAINED.length <= 10, `${EXPLAINED.length} explained classes`);
for (const { name, example, expected } of EXPLAINED) {
  expect(
    ours(example) === expected,
    `${name}: the example gives ${ours(example)}, AWS documents ${expected}`,
  );
  expect(judged(example) !== expected, `${name}: no longer a difference; delete the class`);
}
expect(unexplained.length === 0, `${unexplained.length} unexplained disagreements`);

for (const item of unexplained.slice(0, 5)) console.log(JSON.stringify(item));
console.log(
  JSON.stringify(
    {
      cases: CASES,
      decisions: Object.fromEntries(decisions),
      explained: Object.fromEntries(explained),
      failures,
    },
    null,
    2,
  ),
);
process.exitCode = failures.length === 0 ? 0 : 1;
