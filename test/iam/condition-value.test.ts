import { expect, test } from 'vitest';
import {
  addressRange,
  addressText,
  contains,
  dateOf,
  type ValueRange,
} from '../../src/iam/decide/condition-value.ts';

const range = (text: string): ValueRange => {
  const found = addressRange(text);
  if (found === undefined) throw new Error(`${text} is no address`);
  return found;
};

test.each([
  ['203.0.113.7', '203.0.113.7', '203.0.113.7'],
  ['203.0.113.7/24', '203.0.113.0', '203.0.113.255'],
  ['0.0.0.0/0', '0.0.0.0', '255.255.255.255'],
  ['::1', '0:0:0:0:0:0:0:1', '0:0:0:0:0:0:0:1'],
  ['2001:db8::17:1', '2001:db8:0:0:0:0:17:1', '2001:db8:0:0:0:0:17:1'],
  ['2001:db8::', '2001:db8:0:0:0:0:0:0', '2001:db8:0:0:0:0:0:0'],
  ['2001:db8:1::5/33', '2001:db8:0:0:0:0:0:0', '2001:db8:7fff:ffff:ffff:ffff:ffff:ffff'],
])('%s is %s to %s', (text, first, last) => {
  const { first: low, last: high } = range(text);
  expect([low, high].map(([value]) => addressText(BigInt(value)))).toEqual([first, last]);
  expect([low[1], high[1]]).toEqual([0, 0]);
});

test.each([
  ['203.0.113.0/24', '203.0.113.128/25', true],
  ['203.0.113.0/25', '203.0.113.128/25', false],
  ['203.0.113.0/24', '203.0.113.0/24', true],
  ['203.0.113.0/24', '203.0.113.0/23', false],
  ['::/0', '203.0.113.7', false],
  ['0.0.0.0/0', '::1', false],
])('%s has all of %s: %s', (outer, inner, expected) => {
  expect(contains(range(outer), range(inner))).toBe(expected);
});

test.each(['203.0.113.0/33', '::/129', '203.0.113', 'a', ''])('%j is no address', (text) => {
  expect(addressRange(text)).toBeUndefined();
});

test.each([
  ['1772445600', [2026, 2, 2, 10]],
  ['2026', [2026, 0]],
  ['2026-03-02T10:00:00Z', [2026, 2, 2, 10]],
  ['2026-03-02T10:00Z', [2026, 2, 2, 10]],
  ['2026-03-02T10:00:00.25Z', [2026, 2, 2, 10, 0, 0, 250]],
  ['2026-03-02T10:00:00+05:30', [2026, 2, 2, 4, 30]],
  ['2026-03-02T10:00:00+10:00', [2026, 2, 2]],
  ['2026-03-02T10:00:00-05:30', [2026, 2, 2, 15, 30]],
] as const)('%s is so many milliseconds after 1970 began in UTC', (text, [year, month, ...rest]) => {
  expect(dateOf(text)).toBe(Date.UTC(year, month, ...rest));
});

test.each(['2026-13-01', 'yesterday', '1234567890123', ''])('%j is no date', (text) => {
  expect(dateOf(text)).toBeUndefined();
});
