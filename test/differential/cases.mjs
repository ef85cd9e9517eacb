// Seeded random policies and requests that meet often enough: actions, resources and context values come from one small world.

/** mulberry32: the same seed gives the same cases on every machine. */
export function randomSource(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
  const pick = (list) => list[Math.floor(next() * list.length)];
  const chance = (share) => next() < share;
  const some = (list, most) => {
    const chosen = new Set();
    for (let k = 1 + Math.floor(next() * most); k > 0; k--) chosen.add(pick(list));
    return [...chosen];
  };
  return { pick, chance, some };
}

const ACTIONS = [
  '*',
  's3:*',
  's3:Get*',
  's3:GetObject',
  'S3:PUTOBJECT',
  's3:*Object',
  's3:?etObject',
  'sqs:*',
  'sqs:SendMessage',
  'iam:Pass*',
];
export const REQUEST_ACTIONS = [
  's3:GetObject',
  's3:PutObject',
  's3:ListBucket',
  'sqs:SendMessage',
  'iam:PassRole',
];
const RESOURCES = [
  '*',
  'arn:aws:s3:::*',
  'arn:aws:s3:::data',
  'arn:aws:s3:::data/*',
  'arn:aws:s3:::d?ta/in/*',
  'arn:aws:s3:::data/*/x',
  'arn:aws:s3:::data/${aws:username}/*',
  "arn:aws:s3:::data/${aws:PrincipalTag/team, 'in'}/*",
  'arn:aws:s3:::data/lit${*}ral',
  'arn:aws:sqs:eu-*-1:111122223333:orders*',
  'arn:aws:sqs:*:111122223333:*',
  'arn:aws:iam::111122223333:role/app*',
];
export const REQUEST_RESOURCES = [
  'arn:aws:s3:::data',
  'arn:aws:s3:::data/in/x',
  'arn:aws:s3:::data/bob/y',
  'arn:aws:s3:::data/lit*ral',
  'arn:aws:s3:::data/liberal',
  'arn:aws:s3:::other/in/x',
  'arn:aws:sqs:eu-west-1:111122223333:orders',
  'arn:aws:sqs:us-east-1:111122223333:orders:dead',
  'arn:aws:iam::111122223333:role/app/one',
];

/** For each kind of comparison: what policies list and what requests carry. */
const KINDS = {
  String: {
    operators: [
      'StringEquals',
      'StringNotEquals',
      'StringEqualsIgnoreCase',
      'StringNotEqualsIgnoreCase',
      'StringLike',
      'StringNotLike',
    ],
    key: 's3:prefix',
    listed: [
      'alpha',
      'Alpha',
      'al*',
      'beta',
      'b?ta',
      '${aws:username}',
      "${aws:PrincipalTag/team, 'beta'}",
      'al${*}',
    ],
    carried: ['alpha', 'ALPHA', 'beta', 'bob', 'al*', 'gamma', ''],
  },
  Numeric: {
    operators: [
      'NumericEquals',
      'NumericNotEquals',
      'NumericLessThan',
      'NumericLessThanEquals',
      'NumericGreaterThan',
      'NumericGreaterThanEquals',
    ],
    key: 's3:max-keys',
    listed: ['5', '10', '10.5', '-1'],
    carried: ['5', '9', '10', '10.50', '11', '-2'],
  },
  Date: {
    operators: [
      'DateEquals',
      'DateNotEquals',
      'DateLessThan',
      'DateLessThanEquals',
      'DateGreaterThan',
      'DateGreaterThanEquals',
    ],
    key: 'aws:CurrentTime',
    listed: ['2026-03-02T00:00:00Z', '2026-03-02', '2026-06-01T12:00:00Z'],
    carried: ['2026-03-02T00:00:00Z', '2026-03-01T23:59:59Z', '2026-06-01T12:00:00Z', '2027-01-01T00:00:00Z'],
  },
  Bool: {
    operators: ['Bool'],
    key: 'aws:SecureTransport',
    listed: ['true', 'false'],
    carried: ['true', 'false'],
  },
  Binary: {
    operators: ['BinaryEquals'],
    key: 'test:binary',
    listed: ['QmluYXJ5', 'QQ=='],
    carried: ['QmluYXJ5', 'QQ==', 'Qg=='],
  },
  Ip: {
    operators: ['IpAddress', 'NotIpAddress'],
    key: 'aws:SourceIp',
    listed: ['203.0.113.0/24', '10.0.0.1', '2001:db8::/32', '0.0.0.0/1'],
    carried: ['203.0.113.9', '203.0.114.1', '10.0.0.1', '2001:db8::1', '2001:db9::1'],
  },
  Arn: {
    operators: ['ArnEquals', 'ArnLike', 'ArnNotEquals', 'ArnNotLike'],
    key: 'aws:SourceArn',
    listed: [
      'arn:aws:sns:*:111122223333:*',
      'arn:aws:sns:eu-west-1:111122223333:t',
      'arn:aws:s3:::data*',
      'arn:aws:iam::*:role/${aws:username}',
    ],
    carried: [
      'arn:aws:sns:eu-west-1:111122223333:t',
      'arn:aws:sns:us-east-1:444455556666:t',
      'arn:aws:s3:::data',
      'arn:aws:iam::1:role/bob',
    ],
  },
  Null: { operators: ['Null'], key: 's3:prefix', listed: ['true', 'false'], carried: ['alpha', ''] },
};
export const OPERATORS = Object.values(KINDS).flatMap(({ operators }) => operators);
const MULTI = 'aws:TagKeys';

function condition({ pick, chance, some }) {
  const kind = pick(Object.values(KINDS));
  const base = pick(kind.operators);
  const isNull = base === 'Null';
  const isMulti = !isNull && kind.operators[0] === 'StringEquals' && chance(0.3);
  const qualifier = isMulti ? pick(['ForAllValues:', 'ForAnyValue:']) : '';
  const operator = `${qualifier}${base}${!isNull && chance(0.25) ? 'IfExists' : ''}`;
  const key = isMulti ? MULTI : kind.key;
  const values = isNull ? [pick(kind.listed)] : some(kind.listed, 2);
  return { base, operator, key, values: values.length === 1 && chance(0.5) ? values[0] : values };
}

function statement(random) {
  const { pick, chance, some } = random;
  const conditions = chance(0.6) ? [condition(random)] : [];
  if (conditions.length > 0 && chance(0.3)) conditions.push(condition(random));
  const json = { Effect: chance(0.47) ? 'Deny' : 'Allow' };
  json[chance(0.1) ? 'NotAction' : 'Action'] = some(ACTIONS, 3);
  json[chance(0.1) ? 'NotResource' : 'Resource'] = some(RESOURCES, 3);
  for (const { operator, key, values } of conditions) {
    json.Condition ??= {};
    json.Condition[operator] ??= {};
    json.Condition[operator][key] ??= values;
  }
  return { json, conditions };
}

/** Policies of a few statements, more often than not with one that allows much. */
export function randomPolicies(random) {
  const { pick, chance } = random;
  const statements = Array.from({ length: pick([1, 2, 3, 4]) }, () => statement(random));
  if (chance(0.6))
    statements.push({
      json: { Effect: 'Allow', Action: pick(['*', 's3:*']), Resource: '*' },
      conditions: [],
    });
  const version = chance(0.9) ? '2012-10-17' : '2008-10-17';
  const half = Math.ceil(statements.length / 2);
  const documents = [statements.slice(0, half), statements.slice(half)]
    .filter((list) => list.length > 0)
    .map((list) => ({ Version: version, Statement: list.map(({ json }) => json) }));
  return { documents, conditions: statements.flatMap((s) => s.conditions) };
}

/** What a request carries; each key may be absent. */
export function randomContext({ pick, chance, some }) {
  const context = {};
  for (const { key, carried } of Object.values(KINDS)) if (chance(0.65)) context[key] = pick(carried);
  if (chance(0.65)) context[MULTI] = some(KINDS.String.carried, 2);
  if (chance(0.6)) context['aws:username'] = pick(['bob', 'alpha', '*']);
  if (chance(0.4)) context['aws:PrincipalTag/team'] = pick(['in', 'bob']);
  return context;
}

/** One policy set and one request. */
export function randomCase(random) {
  const { documents, conditions } = randomPolicies(random);
  const context = randomContext(random);
  const { pick } = random;
  return { documents, conditions, action: pick(REQUEST_ACTIONS), resource: pick(REQUEST_RESOURCES), context };
}
