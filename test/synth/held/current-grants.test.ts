import { expect, test } from 'vitest';
import { grantedBy, held, isDenied, withoutOtherReadings } from '../../../src/synth/held/current-grants.ts';
import { allow, policy } from '../../iam/documents.ts';
import type { Use } from '../../../src/synth/usage/use.ts';
import { partsOf, useOf } from '../arbitrary.ts';

const plain = 'arn:aws:iam::111122223333:role/web';
const readings = [plain.replace('role/', 'role/*/'), plain].map((resource) =>
  useOf({ action: 'iam:PassRole', resource, oneOf: plain }),
);

/** Resources of the uses that are judged where a policy allows passing this. */
const judged = (resource: string): readonly string[] => {
  const today = held([policy({ ...allow('iam:PassRole'), Resource: resource })], undefined);
  return withoutOtherReadings(readings, today).map((use) => use.resource);
};

test('the readings of one need are judged as one, granted or not', () => {
  expect(judged(plain)).toEqual([plain]);
  expect(judged('arn:aws:iam::111122223333:role/team/web')).toEqual([readings[0]?.resource]);
  expect(judged('arn:aws:iam::111122223333:role/other')).toEqual([plain]);
});

const wanted = (part: Partial<Use>, ...statements: readonly object[]) =>
  grantedBy(
    useOf({ action: 's3:ListAllMyBuckets', resource: '*', ...part }),
    held([policy(...statements)], undefined),
  );
const allBut = (...NotResource: readonly string[]): object => ({
  Effect: 'Allow',
  Action: 's3:ListAllMyBuckets',
  NotResource,
});
const buckets = 'arn:aws:s3:::*';
const resourceless = { star: 'action-takes-no-resource' } as const;

test.each<[string, readonly object[], readonly object[]]>([
  ['all but some ARNs', [allBut(buckets)], [{ kind: 'except', patterns: [buckets] }]],
  ['all but everything', [allBut('*')], []],
  ['ARNs alone', [allow('s3:*', buckets)], [{ kind: 'only', patterns: [buckets] }]],
  ['ARNs of another service', [allow('s3:*', 'arn:aws:sqs:*:*:*')], []],
  ['everything, and ARNs', [allow('s3:*', buckets), allow('s3:List*')], [{ kind: 'only', patterns: ['*'] }]],
  [
    'all but some ARNs, and everything',
    [allBut(buckets), allow('s3:*')],
    [{ kind: 'only', patterns: ['*'] }],
  ],
])('an action without resources is held on %s, as today says it', (_, statements, expected) => {
  expect(wanted(resourceless, ...statements).map(({ resources }) => resources)).toEqual(expected);
});

const deny = (part: object): object => ({ Effect: 'Deny', Action: 's3:GetObject', ...part });
const objects = useOf({ action: 's3:GetObject', resource: 'arn:aws:s3:::a/in/*' });

test.each([
  ['arn:aws:organizations::999900001111:*', ['arn:aws:organizations::999900001111:account/o-*/444455556666']],
  ['arn:aws:organizations::*:account/*', ['arn:aws:organizations::*:account/o-*/444455556666']],
  ['arn:aws:organizations::999900001111:ou/*', []],
])('what is of an account that is not known is granted in the one that is held: %s', (resource, granted) => {
  const use = {
    action: 'organizations:DescribeAccount',
    resource: 'arn:aws:organizations::*:account/o-*/444455556666',
  };
  expect(
    wanted(use, allow('organizations:*', resource)).flatMap(({ resources }) => resources.patterns),
  ).toEqual(granted);
});

test.each<[string, object, boolean]>([
  ['all of it', { Resource: 'arn:aws:s3:::a/*' }, true],
  ['all of it in two parts', { Resource: ['arn:aws:s3:::a/in/?*', 'arn:aws:s3:::a/in/'] }, true],
  ['a part of it', { Resource: 'arn:aws:s3:::a/in/b' }, false],
  ['all of it where a variable says so', { Resource: 'arn:aws:s3:::a/${aws:username}/*' }, false],
  ['all but other things', { NotResource: 'arn:aws:s3:::b/*' }, true],
  ['all but a part of it', { NotResource: 'arn:aws:s3:::a/in/b' }, false],
  ['all but what holds it', { NotResource: 'arn:aws:s3:::a/*' }, false],
  ['all but what a variable says', { NotResource: 'arn:aws:s3:::${aws:username}' }, false],
  ['another action', { Action: 's3:PutObject', Resource: '*' }, false],
  [
    'all of it in this Region',
    { Resource: '*', Condition: { StringEquals: { 'aws:RequestedRegion': 'eu-west-1' } } },
    true,
  ],
  [
    'all of it but for some',
    { Resource: '*', Condition: { StringNotEquals: { 'aws:username': 'bob' } } },
    false,
  ],
  ['all of it for some', { Resource: '*', Condition: { StringEquals: { 'aws:username': 'bob' } } }, false],
])('a Deny of %s refuses a use of a pattern only where it refuses the whole', (_, part, expected) => {
  const today = held([policy(allow('s3:*'), deny(part))], undefined);
  expect(isDenied(objects, today)).toBe(expected);
  expect(grantedBy(objects, today)).toHaveLength(expected ? 0 : 1);
});

const region = (...values: readonly string[]) => ({
  operator: 'StringEquals',
  key: 'aws:RequestedRegion',
  values,
});
const inRegions = (...values: readonly string[]): object =>
  allow('s3:*', '*', { Condition: { StringEquals: { 'aws:RequestedRegion': values } } });

test.each<[string, object, readonly object[]]>([
  ['with its own condition where today has none', allow('s3:*'), [region('eu-west-1')]],
  ['with its own where today allows more', inRegions('eu-west-1', 'us-east-1'), [region('eu-west-1')]],
  [
    'with both where they are of two keys',
    allow('s3:*', '*', { Condition: { Bool: { 'aws:SecureTransport': 'true' } } }),
    [{ operator: 'Bool', key: 'aws:SecureTransport', values: ['true'] }, region('eu-west-1')],
  ],
  [
    "with today's where it is of what the use does not say",
    allow('s3:*', '*', { Condition: { StringEquals: { 'aws:RequestedRegion': '${aws:username}' } } }),
    [region('${aws:username}')],
  ],
])('a use under a condition is granted %s', (_, statement, expected) => {
  const use = useOf({ ...partsOf(objects), condition: [region('eu-west-1')] });
  expect(grantedBy(use, held([policy(statement)], undefined)).map(({ conditions }) => conditions)).toEqual([
    expected,
  ]);
});

test('a statement that does not hold grants nothing; what needs conditions gives way to what needs none', () => {
  const inTwo = [
    inRegions('us-east-1'),
    allow('s3:Get*', 'arn:aws:s3:::a/*', { Sid: 'Plain' }),
    inRegions('eu-west-1'),
  ];
  const all = grantedBy(objects, held([policy(...inTwo)], undefined));
  expect(all).toMatchObject([{ conditions: [], resources: { patterns: [objects.resource] } }]);
  expect(grantedBy(objects, held([policy(inRegions('us-east-1'))], undefined))).toEqual([]);
});

test.each([
  ['arn:aws:s3:::a/*', 'arn:aws:s3:::a/in/*', ['arn:aws:s3:::a/in/*']],
  ['arn:aws:s3:::a/*', 'arn:aws:s3:::a/x${*}*', ['arn:aws:s3:::a/x${*}*']],
  ['arn:aws:s3:::a/*y', 'arn:aws:s3:::a/x${*}*', ['arn:aws:s3:::a/x${*}*y']],
  ['arn:aws:s3:::a/*', 'arn:aws:s3:::a/${aws:username}/*', ['arn:aws:s3:::a/${aws:username}/*']],
  ['arn:aws:s3:::a/in/*', 'arn:aws:s3:::a/${aws:username}/*', ['arn:aws:s3:::a/${aws:username}/*']],
])('of a use of %s a statement on %s grants %j', (resource, on, expected) => {
  const [grant] = grantedBy(
    useOf({ ...partsOf(objects), resource }),
    held([policy(allow('s3:*', on))], undefined),
  );
  expect(grant?.resources.patterns).toEqual(expected);
});

const objectsBut = (NotResource: string): object => ({
  Effect: 'Allow',
  Action: 's3:GetObject',
  NotResource,
});

test.each<[string, readonly object[], number]>([
  [
    'all but a part, and that part',
    [objectsBut('arn:aws:s3:::a/in/b'), allow('s3:*', 'arn:aws:s3:::a/in/b')],
    2,
  ],
  ['all but a part, and all', [objectsBut('arn:aws:s3:::a/in/b'), allow('s3:*')], 1],
  ['all but other things, and all', [objectsBut('arn:aws:s3:::b/*'), allow('s3:*')], 1],
  [
    'all but what a variable says, and a part',
    [objectsBut('${aws:username}'), allow('s3:*', 'arn:aws:s3:::a/in/b')],
    2,
  ],
  [
    'all but what holds it, and a part',
    [objectsBut('arn:aws:s3:::a/*'), allow('s3:*', 'arn:aws:s3:::a/in/b')],
    1,
  ],
  ['two parts', [allow('s3:*', 'arn:aws:s3:::a/in/b*'), allow('s3:*', 'arn:aws:s3:::a/in/c*')], 2],
])('%s: each statement grants its share, and what gives all of it alone', (_, statements, count) => {
  expect(grantedBy(objects, held([policy(...statements)], undefined))).toHaveLength(count);
});

test('a statement on all but other things grants what was used, no more, and makes parts of it needless', () => {
  const today = held(
    [policy(objectsBut('arn:aws:s3:::b/*'), allow('s3:*', 'arn:aws:s3:::a/in/c'))],
    undefined,
  );
  expect(grantedBy(objects, today).map(({ resources }) => resources)).toEqual([
    { kind: 'only', patterns: [objects.resource] },
  ]);
});

const limits = (Resource: string) => policy(allow('*'), deny({ Resource }));

test('a Deny of the boundary refuses one thing too', () => {
  const use = useOf({ ...partsOf(objects), resource: 'arn:aws:s3:::a/in/b' });
  expect(isDenied(use, held([policy(allow('s3:*'))], limits('arn:aws:s3:::a/in/b')))).toBe(true);
  expect(isDenied(use, held([policy(allow('s3:*'))], limits('arn:aws:s3:::a/in/c')))).toBe(false);
});

test('of an action without resources each statement on ARNs may be the one that allowed it', () => {
  const logs = ['a', 'b'].map((group) =>
    allow('logs:DescribeLogGroups', `arn:aws:logs:*:*:log-group:${group}`),
  );
  expect(wanted({ action: 'logs:DescribeLogGroups', ...resourceless }, ...logs)).toHaveLength(2);
});
