import { array, assert, constantFrom, property, string, tuple } from 'fast-check';
import { expect, test } from 'vitest';
import { intersect } from '../../src/iam/pattern/intersection.ts';
import { includes, overlaps, witness } from '../../src/iam/pattern/language.ts';
import {
  actionPattern,
  matches,
  parsePattern,
  resourcePattern,
  type Pattern,
} from '../../src/iam/pattern/pattern.ts';

/** A slow and plain matcher, straight from the definition. */
function oracle(text: string, literal: string): boolean {
  if (text === '') return literal === '';
  if (text[0] === '*') {
    return oracle(text.slice(1), literal) || (literal !== '' && oracle(text, literal.slice(1)));
  }
  return (
    literal !== '' && (text[0] === '?' || text[0] === literal[0]) && oracle(text.slice(1), literal.slice(1))
  );
}

const words = (letters: string, longest: number): string[] => {
  const all = [''];
  for (let from = 0, length = 1; length <= longest; length++) {
    const to = all.length;
    for (; from < to; from++) for (const letter of letters) all.push(`${all[from]}${letter}`);
  }
  return all;
};
const universe = words('abx', 6);
const arbText = string({ unit: constantFrom('a', 'b', '*', '?', '*'), maxLength: 5 });
const plain = (text: string): Pattern => parsePattern(text, { variables: false });

test('matches agrees with the definition', () => {
  assert(
    property(arbText, (text) => {
      const pattern = plain(text);
      expect(universe.filter((word) => matches(pattern, word) !== oracle(text, word))).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

test('includes, witness and overlaps agree with the definition', () => {
  assert(
    property(array(arbText, { maxLength: 3 }), arbText, (outers, inner) => {
      const parsed = outers.map(plain);
      const missing = universe.find(
        (word) => oracle(inner, word) && !outers.some((outer) => oracle(outer, word)),
      );
      const found = witness(plain(inner), parsed);
      const isProof =
        found === undefined || (oracle(inner, found) && !outers.some((outer) => oracle(outer, found)));
      const doOverlapsAgree = outers.every((outer) => {
        const common = universe.some((word) => oracle(inner, word) && oracle(outer, word));
        // Longer patterns may meet in words longer than the universe's.
        return (
          overlaps(plain(outer), plain(inner)) === common || (!common && inner.length + outer.length > 6)
        );
      });
      const isMissed = missing !== undefined && found === undefined;
      return (
        includes(parsed, plain(inner)) === (found === undefined) && isProof && !isMissed && doOverlapsAgree
      );
    }),
    { numRuns: 2000 },
  );
});

test('an intersection holds exactly what both hold', () => {
  assert(
    property(arbText, arbText, (a, b) => {
      const common = intersect(plain(a), plain(b), plain);
      if (common === 'inexpressible') return;
      const holds = (word: string): boolean => common.some((text) => oracle(text, word));
      expect(universe.filter((word) => holds(word) !== (oracle(a, word) && oracle(b, word)))).toEqual([]);
      expect(common.length === 0).toBe(!overlaps(plain(a), plain(b)));
    }),
    { numRuns: 1000 },
  );
});

const arbArn = tuple(
  constantFrom('s*', 's', '*'),
  constantFrom('', '*', 'a*', '*a', 'a*b', '?'),
  constantFrom('', '*', '1', '1*2', '?2', 'a*b*'),
  constantFrom('*', 'a*b', 'a:*', '*:b', 'a', '', 'a*:*b'),
).map(([service, region, account, rest]) => `arn:p:${service}:${region}:${account}:${rest}`);
const arbLiteralArn = tuple(
  constantFrom('s', 'sx'),
  constantFrom('', 'a', 'ab', 'axb', 'xa'),
  constantFrom('', '1', '12', 'ab', 'a1b'),
  constantFrom('a', 'ab', 'a:b', 'a:x:b', '', 'b'),
).map((fields) => `arn:p:${fields.join(':')}`);
const arn = (text: string): Pattern => resourcePattern(text, true);

test('ARN patterns: inclusion, overlap and intersection agree with matching', () => {
  assert(
    property(arbArn, arbArn, array(arbLiteralArn, { maxLength: 20 }), (a, b, literals) => {
      const [x, y] = [arn(a), arn(b)];
      const common = intersect(x, y, arn);
      const found = witness(x, [y]);
      const isProof = found === undefined || (matches(x, found) && !matches(y, found));
      const doLiteralsAgree = literals.every((literal) => {
        const both = matches(x, literal) && matches(y, literal);
        const isIncluded = both || !matches(x, literal) || !includes([y], x);
        const isCommon =
          common === 'inexpressible' ? both : common.some((text) => matches(arn(text), literal));
        return isIncluded && isCommon === both && (!both || overlaps(x, y));
      });
      return includes([y], x) === (found === undefined) && isProof && doLiteralsAgree;
    }),
    { numRuns: 3000 },
  );
});

test('a hostile pattern and subject of 10,000 characters are matched and refused', () => {
  const hostile = actionPattern(`${'a*'.repeat(5000)}b`);
  const field = resourcePattern(`arn:aws:s3:${'a*'.repeat(5000)}b:1:c`, true);
  expect(matches(hostile, 'a'.repeat(10_000))).toBe(false);
  expect(matches(hostile, `${'a'.repeat(9999)}b`)).toBe(true);
  expect(matches(field, `arn:aws:s3:${'a'.repeat(10_000)}:1:c`)).toBe(false);
});
