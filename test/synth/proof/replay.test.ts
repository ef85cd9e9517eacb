import { expect, test } from 'vitest';
import { isAllow, latest, parsePolicy } from '../../../src/iam/policy/policy.ts';
import { held } from '../../../src/synth/held/current-grants.ts';
import { judge, Replay } from '../../../src/synth/proof/replay.ts';
import { allow, policy } from '../../iam/documents.ts';
import { partsOf, useOf } from '../arbitrary.ts';
import { proposalOf } from '../case.ts';

test('what the documents refuse is counted as denied', async () => {
  const { verdicts } = await proposalOf({
    why: 'a read and a write',
    events: [
      { call: 's3.amazonaws.com GetBucketPolicy', request: { bucketName: 'a' } },
      { call: 's3.amazonaws.com PutBucketPolicy', request: { bucketName: 'a' } },
    ],
    expected: undefined,
  });
  const { uses } = verdicts;
  const observed = {
    uses,
    inconclusive: [],
    denied: [],
    unmapped: [],
    possible: [],
    noPermission: 2,
    callsAsDelivered: 4,
    services: new Set<string>(),
    excluded: 0,
    notes: [],
    refusals: { named: 0, agree: 0 },
  };
  const reads = parsePolicy(
    '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:Get*","Resource":"*"}]}',
    'reads',
  );
  const judged = judge(observed, uses, new Replay([reads]));
  expect(judged.proof).toMatchObject({ uses: 4, allowed: 1, denied: 1, noPermission: 2 });
  expect([...judged.verdicts].map(({ use, verdict }) => `${use.action} ${verdict.kind}`)).toEqual([
    's3:GetBucketPolicy allowed',
    's3:PutBucketPolicy denied',
  ]);
  expect(judge(observed, uses, new Replay([])).proof).toMatchObject({ allowed: 0, denied: 2 });
});

const get = useOf({ action: 's3:GetObject', resource: 'arn:aws:s3:::a/in/*' });
const secure = (value = 'true'): object => ({ Condition: { Bool: { 'aws:SecureTransport': value } } });
const own = (value = '${aws:username}/*'): object => ({ Condition: { StringLike: { 's3:prefix': value } } });
const deny = (Resource: unknown, Action: unknown = 's3:*', more: object = {}): object => ({
  Effect: 'Deny',
  Action,
  Resource,
  ...more,
});
const [wide, open] = [allow('s3:*'), allow('s3:*', '*', secure())];

test.each<[string, readonly object[], readonly object[], string]>([
  ['granted without conditions', [wide], [wide], 'allowed'],
  ['granted under the conditions of today', [open], [allow('s3:Get*', '*', secure())], 'allowed'],
  ['granted under a variable as today', [allow('s3:*', '*', own())], [allow('s3:*', '*', own())], 'allowed'],
  [
    'granted under another variable',
    [allow('s3:*', '*', own())],
    [allow('s3:*', '*', own('${aws:userid}/*'))],
    'undetermined',
  ],
  ['granted under other conditions', [wide], [open], 'undetermined'],
  [
    'granted in two parts',
    [open],
    [allow('s3:*', 'arn:aws:s3:::a/in/?*', secure()), allow('s3:*', 'arn:aws:s3:::a/in/', secure())],
    'allowed',
  ],
  ['granted in part', [open], [allow('s3:*', 'arn:aws:s3:::a/in/b', secure())], 'denied'],
  ['not granted', [wide], [allow('s3:Put*')], 'denied'],
  [
    'denied in part as today',
    [open, deny('arn:aws:s3:::a/in/b')],
    [open, deny('arn:aws:s3:::a/in/b')],
    'allowed',
  ],
  [
    'denied by a piece of what denies today',
    [open, deny(['arn:aws:s3:::a/in/b', 'arn:aws:s3:::c'])],
    [open, deny('arn:aws:s3:::a/in/b')],
    'allowed',
  ],
  [
    'denied more than today',
    [open, deny('arn:aws:s3:::a/in/b')],
    [open, deny('arn:aws:s3:::a/in/*')],
    'denied',
  ],
  [
    'denied more actions than today',
    [open, deny('*', 's3:GetObject', own())],
    [open, deny('*', ['s3:GetObject', 's3:Put*'], own())],
    'undetermined',
  ],
  [
    'denied under other conditions than today',
    [open, deny('*', 's3:*', own())],
    [open, deny('*', 's3:*', own('b/*'))],
    'undetermined',
  ],
  ['not held today, and granted now', [allow('s3:Put*')], [wide], 'granted-elsewhere'],
])('a use that is %s', (_, today, proposed, expected) => {
  const replay = new Replay([policy(...proposed)], held([policy(...today)], undefined));
  expect(replay.verdict(get).kind).toBe(expected);
});

test('keys that the log lacks are named', () => {
  const verdict = new Replay([
    policy(allow('s3:*', '*', secure()), allow('s3:Get*', '*', own('a/*'))),
  ]).verdict(get);
  expect(verdict).toEqual({ kind: 'undetermined', keys: ['aws:securetransport', 's3:prefix'] });
});

test('what today does not grant was granted before a change, elsewhere, or is a contradiction', () => {
  const verdictOf = (use: typeof get, changed?: number) =>
    new Replay([policy(wide)], held([policy(allow('sqs:*'))], undefined, changed)).verdict(use);
  expect(verdictOf(get)).toEqual({ kind: 'granted-elsewhere', changedSince: false });
  expect(verdictOf(get, 20_000)).toEqual({ kind: 'granted-elsewhere', changedSince: true });
  expect(verdictOf(get, 19_999)).toEqual({ kind: 'granted-elsewhere', changedSince: false });
  expect(verdictOf(useOf({ ...partsOf(get), mayBeElsewhere: false }))).toEqual({ kind: 'contradicted' });
  const denied = held([policy(wide, deny('*'))], undefined);
  expect(new Replay([policy(wide)], denied).verdict(get)).toEqual({ kind: 'contradicted' });
});

test.each<[string, object, string]>([
  ['leaves out', allow('s3:Put*'), 'denied'],
  ['allows', allow('s3:Get*'), 'granted-elsewhere'],
  ['allows a part of', allow('s3:Get*', 'arn:aws:s3:::a/in/b'), 'granted-elsewhere'],
  ['may allow', allow('s3:Get*', '*', secure()), 'granted-elsewhere'],
])('a boundary stops what something else granted where it %s it', (_, statement, expected) => {
  const boundary = policy(statement);
  const uncut = latest(boundary).statements.filter(isAllow);
  expect(new Replay([boundary], held([policy(allow('sqs:*'))], undefined), uncut).verdict(get).kind).toBe(
    expected,
  );
});

test('a name with a star of its own is allowed by it, and by no other name', () => {
  const starred = useOf({ action: 's3:GetObject', resource: 'arn:aws:s3:::a/${*}' });
  const under = (Resource: string) => new Replay([policy(allow('s3:*', Resource))]).verdict(starred).kind;
  expect(under('arn:aws:s3:::a/${*}')).toBe('allowed');
  expect(under('arn:aws:s3:::a/*')).toBe('allowed');
  expect(under('arn:aws:s3:::a/b')).toBe('denied');
});
