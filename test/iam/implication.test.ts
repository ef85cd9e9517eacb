import { assert, constantFrom, property } from 'fast-check';
import { expect, test } from 'vitest';
import { contradict, implies, negated, samples } from '../../src/iam/compare/implication.ts';
import { claimOf, type Claim } from '../../src/iam/decide/claim.ts';
import { conditionHolds } from '../../src/iam/decide/condition.ts';

const claim = (operator: string, ...values: string[]): Claim => claimOf({ operator, key: 'k', values }, true);

test.each<[string, Claim, Claim, boolean]>([
  ['a word among more', claim('StringEquals', 'a'), claim('StringEquals', 'a', 'b'), true],
  ['more than a word', claim('StringEquals', 'a', 'b'), claim('StringEquals', 'a'), false],
  [
    'a word, in whatever case',
    claim('StringEquals', 'Bob'),
    claim('StringEqualsIgnoreCase', 'bob', 'eve'),
    true,
  ],
  [
    'another word in whatever case',
    claim('StringEquals', 'Bob'),
    claim('StringEqualsIgnoreCase', 'eve'),
    false,
  ],
  [
    'a word in whatever case, in this one',
    claim('StringEqualsIgnoreCase', 'bob'),
    claim('StringEquals', 'bob'),
    false,
  ],
  ['a pattern, in whatever case', claim('StringLike', 'bo*'), claim('StringEqualsIgnoreCase', 'bo'), false],
  [
    'what a variable holds, among more',
    claim('StringEquals', '${aws:username}'),
    claim('StringEquals', '${aws:username}', 'b'),
    true,
  ],
  ['a word of a pattern', claim('StringEquals', 'bob'), claim('StringLike', 'b*'), true],
  ['not several, not one of them', claim('StringNotEquals', 'a', 'b'), claim('StringNotEquals', 'a'), true],
  ['not one, not several', claim('StringNotEquals', 'a'), claim('StringNotEquals', 'a', 'b'), false],
  ['a word, not another', claim('StringEquals', 'a'), claim('StringNotEquals', 'b'), true],
  ['addresses of a network', claim('IpAddress', '10.1.0.0/16'), claim('IpAddress', '10.0.0.0/8'), true],
  [
    'addresses beside a network',
    claim('IpAddress', '10.0.0.0/8'),
    claim('NotIpAddress', '192.168.0.0/16'),
    true,
  ],
  ['a larger number', claim('NumericGreaterThan', '5'), claim('NumericGreaterThanEquals', '5'), true],
  ['a number or larger', claim('NumericGreaterThanEquals', '5'), claim('NumericGreaterThan', '5'), false],
  ['numbers, of dates', claim('NumericEquals', '5'), claim('DateEquals', '5'), false],
  [
    'all of several, some',
    claim('ForAllValues:StringEquals', 'a'),
    claim('ForAnyValue:StringEquals', 'a'),
    false,
  ],
  [
    'all values among few',
    claim('ForAllValues:StringEquals', 'a'),
    claim('ForAllValues:StringEquals', 'a', 'b'),
    true,
  ],
  [
    'some value among few, all of them',
    claim('ForAnyValue:StringEquals', 'a'),
    claim('ForAllValues:StringEquals', 'a', 'b'),
    false,
  ],
  [
    'some value among few, among more',
    claim('ForAnyValue:StringEquals', 'a'),
    claim('ForAnyValue:StringLike', 'a', 'b*'),
    true,
  ],
  ['all values any', claim('StringEquals', 'a'), claim('ForAllValues:StringLike', '*'), true],
])('a claim implies another, and where it does not hold the other way round: %s', (_, a, b, expected) => {
  expect(implies(a, b)).toBe(expected);
  expect(implies(negated(b), negated(a))).toBe(expected);
});

test.each<[string, Claim, Claim, boolean]>([
  ['two words', claim('StringEquals', 'a'), claim('StringEquals', 'b'), true],
  ['a word and its pattern', claim('StringEquals', 'ab'), claim('StringLike', 'a*'), false],
  ['a word, and it in another case', claim('StringEquals', 'A'), claim('StringEqualsIgnoreCase', 'a'), false],
  ['two networks', claim('IpAddress', '10.0.0.0/8'), claim('IpAddress', '192.168.0.0/16'), true],
  ['numbers that meet', claim('NumericLessThanEquals', '5'), claim('NumericGreaterThanEquals', '5'), false],
  ['numbers that do not', claim('NumericLessThan', '5'), claim('NumericGreaterThanEquals', '5'), true],
])('never both: %s', (_, a, b, expected) => {
  expect(contradict(a, b)).toBe(expected);
  expect(contradict(b, a)).toBe(expected);
});

test.each<[Claim, readonly string[]]>([
  [claim('NumericEquals', '5'), ['5', '4', '6']],
  [claim('NumericLessThan', '7'), ['7', '6', '8']],
  [
    claim('DateEquals', '1970-01-02T00:00:00Z'),
    ['1970-01-02T00:00:00.000Z', '1970-01-01T23:59:59.000Z', '1970-01-02T00:00:01.000Z'],
  ],
  [claim('IpAddress', '10.0.0.0/31'), ['10.0.0.0', '10.0.0.1', '192.0.2.1']],
  [claim('StringEquals', 'a'), ['a', 'x-other']],
])('what is tried for a key lies at the ends of what is claimed, and beside', (of, expected) => {
  expect(samples(of)).toEqual(expected);
});

/** Claims of one key, of all kinds of values, and what a request may hold of it. */
const arbClaim = constantFrom(
  ...['', 'ForAllValues:', 'ForAnyValue:'].flatMap((quantifier) =>
    ['', 'IfExists'].flatMap((ending) => [
      ...['StringEquals', 'StringNotEquals', 'StringEqualsIgnoreCase', 'StringLike', 'StringNotLike'].flatMap(
        (operator) =>
          ['1', 'a', '*', '?', 'A', ''].map((value) => [`${quantifier}${operator}${ending}`, value]),
      ),
      ...['Equals', 'NotEquals', 'LessThan', 'LessThanEquals', 'GreaterThan', 'GreaterThanEquals'].flatMap(
        (order) => ['1', '2'].map((value) => [`${quantifier}Numeric${order}${ending}`, value]),
      ),
      ...['IpAddress', 'NotIpAddress'].flatMap((operator) =>
        ['10.0.0.0/8', '10.1.0.0/16'].map((value) => [`${quantifier}${operator}${ending}`, value]),
      ),
    ]),
  ),
  ['Null', 'true'],
  ['Null', 'false'],
).map(([operator = '', value = '']) => claim(operator, value));
const held = ['1', '2', '3', 'a', 'A', 'b', '', '10.1.0.1', '10.2.0.1', '192.0.2.1'];
const contexts = [[], ...held.map((one) => [one]), ...held.flatMap((one) => held.map((two) => [one, two]))];
const holds = (claimed: Claim, values: readonly string[]): boolean =>
  conditionHolds(claimed, { values: new Map([['k', values]]), isComplete: true }) === true;

test('what is implied holds, what is negated does not, and what contradicts never holds together', () => {
  let [implied, never] = [0, 0];
  assert(
    property(arbClaim, arbClaim, (a, b) => {
      if (implies(a, b)) implied++;
      if (contradict(a, b)) never++;
      return contexts.every((values) => {
        // Without a quantifier a key holds one value.
        if (values.length > 1 && (a.isSingle || b.isSingle)) return true;
        const [one, other] = [holds(a, values), holds(b, values)];
        return (
          holds(negated(a), values) !== one &&
          !(implies(a, b) && one && !other) &&
          !(contradict(a, b) && one && other)
        );
      });
    }),
    { numRuns: 3000 },
  );
  expect(Math.min(implied, never)).toBeGreaterThan(100);
});
