// What a principal holds today: several ways to what its calls need, under conditions of which one may hold and another not,
// and requests aimed at them.
import { randomContext, randomPolicies } from './cases.mjs';
import { CALLED, REGION } from './calls.mjs';

/** Values that variables take, among them those that other statements name. */
export const NAMES = ['bob', 'bob', 'alpha', 'in', 'x', 'data', 'orders'];
const TEAM = 'aws:PrincipalTag/team';

/** Conditions that part the ways to one permission. */
const LIMITS = [
  { StringEquals: { [TEAM]: 'in' } },
  { StringEquals: { [TEAM]: ['bob', 'x'] } },
  { StringNotEquals: { [TEAM]: 'in' } },
  { StringEquals: { [TEAM]: '${aws:username}' } },
  { StringLike: { 's3:prefix': '${aws:username}*' } },
  { StringLikeIfExists: { 's3:prefix': ['al*', 'b?ta'] } },
  { StringNotLike: { 's3:prefix': 'al*' } },
  { StringEquals: { 'aws:username': 'bob' } },
  { StringNotEquals: { 'aws:username': ['bob', 'alpha'] } },
  { Null: { [TEAM]: 'true' } },
  { Null: { [TEAM]: 'false' } },
  { Null: { 's3:prefix': 'true' } },
  { Bool: { 'aws:SecureTransport': 'true' } },
  { Bool: { 'aws:SecureTransport': 'false' } },
  { BoolIfExists: { 'aws:SecureTransport': 'true' } },
  { IpAddress: { 'aws:SourceIp': '203.0.113.0/24' } },
  { NotIpAddress: { 'aws:SourceIp': ['203.0.113.0/24', '10.0.0.1'] } },
  { 'ForAnyValue:StringEquals': { 'aws:TagKeys': ['alpha', 'beta'] } },
  { 'ForAllValues:StringLike': { 'aws:TagKeys': 'al*' } },
  { NumericLessThanEquals: { 's3:max-keys': '10' } },
  { NumericGreaterThan: { 's3:max-keys': '9' } },
  { DateGreaterThan: { 'aws:CurrentTime': '2026-03-02T00:00:00Z' } },
  { DateLessThanEquals: { 'aws:CurrentTime': '2026-03-02T00:00:00Z' } },
  { ArnLike: { 'aws:SourceArn': 'arn:aws:sns:*:111122223333:*' } },
  { ArnNotEquals: { 'aws:SourceArn': 'arn:aws:s3:::data' } },
  { StringEquals: { 'aws:RequestedRegion': REGION } },
  { StringNotEquals: { 'aws:RequestedRegion': ['us-east-1', 'eu-west-2'] } },
  { StringEquals: { 'aws:RequestedRegion': 'us-east-1' } },
  { StringEquals: { 'iam:PassedToService': 'lambda.amazonaws.com' } },
  { StringLike: { 'iam:PassedToService': '*.amazonaws.com' } },
];

/** All conditions of some limits; one operator and key stands once. */
function conditionOf({ pick, chance }, most) {
  const joined = {};
  for (let n = 0; n < most && chance(n === 0 ? 0.75 : 0.35); n++)
    for (const [operator, keys] of Object.entries(pick(LIMITS)))
      joined[operator] = { ...keys, ...joined[operator] };
  return Object.keys(joined).length === 0 ? {} : { Condition: joined };
}

/** An action as people grant it. */
const actionFor = (action, { pick }) => {
  const [service, name] = action.split(':');
  return pick([
    action,
    action,
    action,
    `${service}:*`,
    `${service}:${name.slice(0, 3)}*`,
    action.toUpperCase(),
  ]);
};

const VARIABLES = ['${aws:username}', `\${${TEAM}}`, `\${${TEAM}, 'in'}`];

/** A resource as people grant it: itself, a pattern around it, one with a variable in the place of a part. */
function resourceFor(resource, { pick, chance }) {
  const [, start, last] = /^(.*[/:])([^/:]*)$/.exec(resource);
  if (chance(0.25)) return resource;
  if (chance(0.15)) return '*';
  if (chance(0.2)) return `${start}*`;
  if (chance(0.15)) return `${start}${last.slice(0, 1)}*`;
  // "You cannot use a wildcard in the portion of the ARN that specifies the resource type."
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
  const places = [...resource.matchAll(/(?<=[/:])(?!function:|role\/)[^/:]+/g)].filter(
    ({ index }) => index > 12,
  );
  const place = places.length > 0 && pick(places.slice(-2));
  if (!place) return resource;
  const rest = resource.slice(place.index + place[0].length);
  return `${resource.slice(0, place.index)}${pick([...VARIABLES, '*', '?'.repeat(place[0].length)])}${rest}`;
}

/** Policies about some needs, for each of which some statements allow it, most under conditions, and some refuse. */
export function heldPolicies(random, needs) {
  const { pick, chance } = random;
  const statements = [];
  for (const { action, resource } of needs)
    for (let n = pick([0, 1, 2, 2, 3]); n > 0; n--) {
      const others = chance(0.3) ? [pick(needs)] : [];
      const statement = { Effect: 'Allow' };
      if (chance(0.02)) statement.NotAction = pick(['sqs:*', 'ec2:*', 's3:DeleteBucket']);
      else
        statement.Action = [actionFor(action, random), ...others.map((one) => actionFor(one.action, random))];
      if (chance(0.08))
        statement.NotResource = [pick(needs).resource, resourceFor(pick(needs).resource, random)];
      else
        statement.Resource = [
          resourceFor(resource, random),
          ...others.map((one) => resourceFor(one.resource, random)),
        ];
      statements.push({ ...statement, ...conditionOf(random, 2) });
    }
  for (let n = pick([0, 0, 1, 1, 2]); n > 0; n--) {
    const { action, resource } =
      needs.length > 0 ? pick(needs) : { action: 's3:GetObject', resource: 'arn:aws:s3:::data/x' };
    statements.push({
      Effect: 'Deny',
      [chance(0.1) ? 'NotAction' : 'Action']: actionFor(chance(0.7) ? action : pick(CALLED), random),
      [chance(0.15) ? 'NotResource' : 'Resource']: resourceFor(resource, random),
      ...conditionOf(random, 2),
    });
  }
  if (chance(0.1))
    statements.push({
      Effect: 'Allow',
      Action: pick(['s3:*', 'sqs:*', 's3:*', 'sns:*', '*']),
      Resource: '*',
    });
  const documents = [];
  const version = chance(0.92) ? '2012-10-17' : '2008-10-17';
  const half = Math.ceil(statements.length / pick([1, 2]));
  for (const list of [statements.slice(0, half), statements.slice(half)])
    if (list.length > 0) documents.push({ Version: version, Statement: list });
  if (documents.length === 0 || chance(0.08)) documents.push(...randomPolicies(random).documents);
  return documents;
}

const listOf = (value) => (value === undefined ? [] : [value].flat());

/** A value that a listed one asks for. */
const wordOf = (listed, context, { pick }) =>
  listed
    .replace(/\$\{([*?$])\}/g, '$1')
    .replace(/\$\{([^},]+)(?:, '([^']*)')?\}/g, (_, key, fallback) => context[key] ?? fallback ?? pick(NAMES))
    .replace(/\*/g, () => pick(['', 'x', 'sqs']))
    .replace(/\?/g, 'e')
    .replace(/\/(1|24|32)$/, '');

/**
 * A context that is likely to meet the conditions of one of the statements; of the others it is as it happens to be.
 * Of the call itself it holds what the call says.
 */
export function aimedContext(random, statements, said) {
  const { pick, chance } = random;
  const context = randomContext(random);
  if (chance(0.8)) context['aws:username'] = pick(NAMES);
  else delete context['aws:username'];
  if (chance(0.6)) context[TEAM] = pick(NAMES);
  const aim = chance(0.85) && statements.length > 0 ? pick(statements) : {};
  for (const [operator, keys] of Object.entries(aim.Condition ?? {}))
    for (const [key, listed] of Object.entries(keys)) {
      const value = wordOf(pick(listOf(listed)), context, random);
      if (operator === 'Null' && value === 'true') delete context[key];
      else if (operator === 'Null') context[key] ??= pick(NAMES);
      else if (operator.startsWith('For')) context[key] = [value];
      else if (/Not/.test(operator)) context[key] = pick([context[key], 'y', undefined]);
      else if (/^Numeric/.test(operator)) context[key] = String(Number(value) + pick([-1, 0, 1]));
      else if (/^Date/.test(operator)) context[key] = pick([value, context[key]]);
      else context[key] = value;
      if (context[key] === undefined) delete context[key];
    }
  return { ...context, ...said };
}
