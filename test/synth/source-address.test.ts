import { expect, test } from 'vitest';
import { parsePolicy } from '../../src/iam/policy/policy.ts';
import { held } from '../../src/synth/held/current-grants.ts';
import { Replay } from '../../src/synth/proof/replay.ts';
import { withSourceAddresses } from '../../src/synth/usage/narrowing.ts';
import { observedOf, useOf, type UseParts } from './arbitrary.ts';

const endpoint = 'vpce-0a1b2c3d4e5f60718';

/** `IpAddress 10.0.0.0/8 192.0.2.0/24`, on the source address. */
function under(condition: string, resource = '*') {
  const [operator = '', ...values] = condition.split(' ');
  const Condition = { [operator]: { 'aws:SourceIp': values } };
  const Statement = { Effect: 'Allow', Action: 's3:GetObject', Resource: resource, Condition };
  return [parsePolicy(JSON.stringify({ Version: '2012-10-17', Statement }), 'test')];
}

/** What becomes of a use whose service was called from these ranges and endpoints: by the policy alone, and where it is today's. */
function verdicts(arrivals: string, condition: string, part: Partial<UseParts> = {}): string {
  const facets = arrivals.split(' ').map((value) => ({
    source: 's3.amazonaws.com',
    kind: value === 'none' || value.startsWith('vpce-') ? ('vpce' as const) : ('ip' as const),
    value: value === 'service' ? 'none' : value,
    on: [],
  }));
  const policy = under(condition);
  const observed = observedOf([useOf({ action: 's3:GetObject', resource: 'arn:aws:s3:::data/a', ...part })]);
  const [use] = withSourceAddresses(observed, facets).uses;
  if (!use) throw new Error('no use');
  const today = held(policy, undefined);
  return `${new Replay(policy).verdict(use).kind}, ${new Replay(policy, today).verdict(use).kind}`;
}

const outside = 'denied, granted-elsewhere';
const inside = 'allowed, allowed';
const open = 'undetermined, allowed';

test.each([
  ['192.0.2.0/24 none', 'IpAddress 10.0.0.0/8', outside],
  ['192.0.2.0/24 none', 'NotIpAddress 192.0.2.0/24', outside],
  ['192.0.2.0/24 none', 'IpAddress 192.0.2.0/23', inside],
  ['192.0.2.0/24 none', 'IpAddressIfExists 10.0.0.0/8 192.0.2.0/24', inside],
  ['192.0.2.0/24 none', 'NotIpAddress 10.0.0.0/8', inside],
  ['2001:db8:1::/48 none', 'IpAddress 2001:db8::/32', inside],
  // Only the range is known, not the address.
  ['192.0.2.0/24 none', 'IpAddress 192.0.2.0/25', open],
  ['192.0.2.0/24 none', 'NotIpAddress 192.0.2.1', open],
  ['192.0.2.0/24 none', 'StringLike 192.0.2.*', open],
  ['192.0.2.0/24 none', 'StringNotEquals 192.0.2.0/24', open],
  // One of them: sure is what holds for all, or for none.
  ['192.0.2.0/24 198.51.100.0/24 none', 'IpAddress 192.0.2.0/24', open],
  ['192.0.2.0/24 198.51.100.0/24 none', 'NotIpAddress 192.0.2.0/24', open],
  ['192.0.2.0/24 198.51.100.0/24 none', 'IpAddress 192.0.2.0/24 198.51.100.0/24', inside],
  ['192.0.2.0/24 198.51.100.0/24 none', 'IpAddress 10.0.0.0/8', outside],
  ['192.0.2.0/24 198.51.100.0/24 none', 'NotIpAddress 192.0.2.0/24 198.51.100.0/24', outside],
  // Through an endpoint the key is absent.
  [`10.1.2.0/24 ${endpoint}`, 'IpAddress 10.0.0.0/8', outside],
  [`10.1.2.0/24 ${endpoint}`, 'NotIpAddress 10.0.0.0/8', inside],
  [`192.0.2.0/24 none ${endpoint}`, 'IpAddress 10.0.0.0/8', open],
  // What the service saw is another address, or none is logged.
  ['10.1.2.0/24 none', 'IpAddress 192.0.2.0/24', open],
  ['100.64.2.0/24 none', 'IpAddress 192.0.2.0/24', open],
  ['192.0.2.0/24 service none', 'IpAddress 10.0.0.0/8', open],
])('calls from %s under %s: %s', (arrivals, condition, expected) => {
  expect(verdicts(arrivals, condition)).toBe(expected);
});

test.each<[string, Partial<UseParts>]>([
  ['what a service did', { sources: new Set(['s3.amazonaws.com', '']) }],
  ['what another service was asked for', { reason: 'kms' }],
  ['another service', { sources: new Set(['sqs.amazonaws.com']) }],
  ['what failed', { errorCode: 'NoSuchKey' }],
])('nothing is known of the address of %s', (_, part) => {
  expect(verdicts('192.0.2.0/24 none', 'IpAddress 10.0.0.0/8', part)).toBe(open);
});

test('a range is no text for a variable', () => {
  const [use] = withSourceAddresses(
    observedOf([useOf({ action: 's3:GetObject', resource: 'arn:aws:s3:::data/192.0.2.0/24' })]),
    [
      { source: 's3.amazonaws.com', kind: 'ip', value: '192.0.2.0/24', on: [] },
      { source: 's3.amazonaws.com', kind: 'vpce', value: 'none', on: [] },
    ],
  ).uses;
  const policy = under('IpAddress 192.0.2.0/24', 'arn:aws:s3:::data/${aws:SourceIp}');
  expect(use && new Replay(policy).verdict(use).kind).toBe('undetermined');
});
