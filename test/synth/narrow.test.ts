import { describe, expect, test } from 'vitest';
import { InputError } from '../../src/iam/input-error.ts';
import { parsePolicy } from '../../src/iam/policy/policy.ts';
import { held } from '../../src/synth/held/current-grants.ts';
import { contextsOf, narrowed, parseNarrowings, type Narrowing } from '../../src/synth/usage/narrowing.ts';
import { Replay } from '../../src/synth/proof/replay.ts';
import { synthesize } from '../../src/synth/shape/synthesis.ts';
import type { Use } from '../../src/synth/usage/use.ts';
import type { FacetRow } from '../../src/store/reader.ts';
import { observedOf, useOf } from './arbitrary.ts';

const endpoint = 'vpce-0a1b2c3d4e5f60718';
const other = 'vpce-1111111111111111a';
const object = { action: 's3:GetObject', resource: 'arn:aws:s3:::data/a' };

/** So many days from 2026-03-02 on, as of 1970. */
const days = (count: number): string => Array.from({ length: count }, (_, at) => 20_514 + at).join(' ');

/** `s3 vpce none`, with days at its end where they matter: `s3 mfa true 1 2 3` */
const facets = (...lines: readonly string[]): FacetRow[] =>
  lines.map((line) => {
    const [service = '', kind = '', value = '', ...days] = line.split(' ');
    if (kind !== 'vpce' && kind !== 'ip' && kind !== 'mfa' && kind !== 'tls') throw new Error(line);
    return { source: `${service}.amazonaws.com`, kind, value, on: days.map(Number) };
  });

/** `operator key value value`, of the only use. */
function conditions(
  use: Partial<Use> & Pick<Use, 'action' | 'resource'>,
  chosen: readonly Narrowing[],
  seen: readonly FacetRow[],
): string[] {
  const [first] = narrowed(observedOf([useOf(use)]), chosen, seen).uses;
  return (first?.condition ?? []).map(({ operator, key, values }) => [operator, key, ...values].join(' '));
}

describe('a use is narrowed', () => {
  test.each<[Narrowing, readonly string[], string[]]>([
    ['region', [], ['StringEquals aws:RequestedRegion eu-west-1']],
    [
      'vpce',
      [`s3 vpce ${endpoint}`, `s3 vpce ${other}`],
      [`StringEquals aws:SourceVpce ${endpoint} ${other}`],
    ],
    ['vpce', [`s3 vpce ${endpoint}`, 's3 vpce none'], []],
    ['vpce', ['s3 vpce nonsense'], []],
    ['vpce', [`sqs vpce ${endpoint}`], []],
    ['source-ip', ['s3 ip 192.0.2.0/24', 's3 vpce none'], ['IpAddress aws:SourceIp 192.0.2.0/24']],
    ['source-ip', ['s3 ip 2001:db8:1::/48', 's3 vpce none'], ['IpAddress aws:SourceIp 2001:db8:1::/48']],
    ['source-ip', ['s3 ip 192.0.2.0/24', `s3 vpce ${endpoint}`], []],
    ['source-ip', ['s3 ip 192.0.2.0/24', 's3 ip none', 's3 vpce none'], []],
    ['source-ip', ['s3 ip 10.1.2.0/24', 's3 vpce none'], []],
    ['source-ip', ['s3 ip 999.1.2.0/24', 's3 vpce none'], []],
    ['source-ip', Array.from({ length: 41 }, (_, i) => `s3 ip 192.0.${i}.0/24`), []],
    ['mfa', ['s3 mfa true'], ['Bool aws:MultiFactorAuthPresent true']],
    ['mfa', ['s3 mfa true', 's3 mfa false'], []],
    ['mfa', ['s3 mfa true', 's3 mfa none'], []],
    ['mfa', [], []],
    ['tls', ['s3 tls TLSv1.2', 's3 tls TLSv1.3'], ['Bool aws:SecureTransport true']],
    ['tls', ['s3 tls TLSv1.3', 's3 tls none'], []],
    ['tls', ['sqs tls TLSv1.3'], []],
  ])('by %s of %j', (narrowing, seen, expected) => {
    expect(conditions(object, [narrowing], facets(...seen))).toEqual(expected);
  });

  test('not by a Region that its ARN names, nor one that is not known', () => {
    const queue = { action: 'sqs:SendMessage', resource: 'arn:aws:sqs:eu-west-1:111122223333:q' };
    expect(conditions(queue, ['region'], [])).toEqual([]);
    expect(conditions({ ...object, context: new Map() }, ['region'], [])).toEqual([]);
  });

  test('by all Regions of its service', () => {
    const there = new Map([['aws:requestedregion', ['us-east-1']]]);
    const uses = [
      useOf(object),
      useOf({ action: 's3:ListBucket', resource: 'arn:aws:s3:::data', context: there }),
    ];
    const values = narrowed(observedOf(uses), ['region'], []).uses.map((use) => use.condition[0]?.values);
    expect(values).toEqual([
      ['eu-west-1', 'us-east-1'],
      ['eu-west-1', 'us-east-1'],
    ]);
  });

  test('never when a service made one of its calls, or another service is asked', () => {
    const seen = facets('s3 mfa true');
    expect(conditions({ ...object, sources: new Set(['s3.amazonaws.com', '']) }, ['mfa'], seen)).toEqual([]);
    const key = { action: 'kms:Decrypt', resource: '*', reason: 'kms' as const };
    expect(conditions({ ...key, sources: new Set(['s3.amazonaws.com']) }, ['mfa'], seen)).toEqual([]);
    const role = {
      action: 'iam:PassRole',
      resource: 'arn:aws:iam::111122223333:role/r',
      reason: 'pass-role' as const,
    };
    const { notes } = narrowed(observedOf([useOf(role)]), ['mfa'], seen);
    expect(notes).toEqual([expect.stringMatching(/none on what a service does/)]);
  });

  test('and a note says what was not', () => {
    const uses = [useOf(object), useOf({ action: 'sqs:ListQueues', resource: '*' })];
    expect(narrowed(observedOf(uses), ['mfa'], facets('sqs mfa false')).notes).toEqual([
      'conditions: not by mfa (not all calls were made with MFA): s3, sqs',
    ]);
  });
});

const nearly = (chosen: Narrowing, ...seen: readonly string[]) =>
  narrowed(observedOf([useOf(object)]), [chosen], facets(...seen)).notes.filter((note) =>
    note.includes('nearly'),
  );

describe('what would nearly hold', () => {
  test('is said with its share of the days, and with the days on which it did not', () => {
    expect(nearly('mfa', 's3 mfa true 20514 20515 20516 20517', 's3 mfa false 20515')).toEqual([
      'conditions: mfa would nearly hold for s3: on 3 of 4 days (75%); not on 2026-03-03 (false)',
    ]);
    const many = nearly(
      'source-ip',
      `s3 ip 192.0.2.0/24 ${days(10)}`,
      `s3 ip 10.1.2.0/24 ${days(4)}`,
      's3 vpce none',
    );
    expect(many).toEqual([
      'conditions: source-ip would nearly hold for s3: on 6 of 10 days (60%); not on 2026-03-02, 2026-03-03, 2026-03-04, ... (10.1.2.0/24)',
    ]);
  });

  test('is not said where it holds, on half of the days, or where something else is against it', () => {
    expect(nearly('mfa', 's3 mfa true 20514 20515')).toEqual([]);
    expect(nearly('mfa', 's3 mfa true 20514 20515', 's3 mfa false 20515')).toEqual([]);
    expect(
      nearly('source-ip', `s3 ip 192.0.2.0/24 ${days(9)}`, 's3 ip none 20514', `s3 vpce ${endpoint} 20514`),
    ).toEqual([]);
  });
});

test('an organization is refused, and the line says why and what to do', () => {
  expect(() => parseNarrowings('tls,org')).toThrow(
    /--conditions org: no log shows .*aws:ResourceOrgID in an SCP$/,
  );
});

const policy = (text: object) => parsePolicy(JSON.stringify(text), 'test');

const allowing = (...values: readonly string[]) =>
  policy({
    Version: '2012-10-17',
    Statement: {
      Effect: 'Allow',
      Action: 's3:GetObject',
      Resource: '*',
      Condition: { StringEquals: { 'aws:SourceVpce': values } },
    },
  });

describe('the proof', () => {
  const seen = facets(`s3 vpce ${endpoint}`, `s3 vpce ${other}`);
  const { uses } = narrowed(observedOf([useOf(object)]), ['vpce', 'region'], seen);
  const [use] = uses;
  if (!use) throw new Error('no use');
  test('holds for what is proposed', () => {
    const { documents } = synthesize({
      kind: 'role',
      uses,
      doubtful: [],
      unseen: [],
      held: undefined,
      strategy: 'balanced',
    });
    expect(JSON.stringify(documents)).toContain(endpoint);
    expect(new Replay(documents).verdict(use)).toEqual({ kind: 'allowed' });
  });

  test('is about every value that was seen', () => {
    expect(contextsOf(use).map((context) => context.get('aws:sourcevpce'))).toEqual([[endpoint], [other]]);
    expect(new Replay([allowing(endpoint, other)]).verdict(use)).toEqual({ kind: 'allowed' });
    expect(new Replay([allowing(endpoint)]).verdict(use)).toEqual({ kind: 'denied' });
  });

  test('holds with today’s own condition on the same key, which stays', () => {
    const today = held([allowing(endpoint)], undefined);
    const { documents } = synthesize({
      kind: 'role',
      uses,
      doubtful: [],
      unseen: [],
      held: today,
      strategy: 'balanced',
    });
    expect(JSON.stringify(documents)).not.toContain(other);
    expect(new Replay(documents, today).verdict(use)).toEqual({ kind: 'allowed' });
  });
});

test('--conditions takes words that are known', () => {
  expect(parseNarrowings('region, mfa')).toEqual(['region', 'mfa']);
  expect(() => parseNarrowings('region,ip')).toThrow(InputError);
  expect(() => parseNarrowings('')).toThrow(/region, vpce, source-ip, mfa, tls/);
});
