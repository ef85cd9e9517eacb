import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Target } from '../../src/cloudtrail/call.ts';
import { Folded } from '../../src/cloudtrail/members.ts';
import { fill, foldNames, leafText, leavesOf, punch, type Leaf } from '../../src/cloudtrail/fold.ts';

const segment = fc.oneof(
  fc.constantFrom('', 'a', 'b', 'year=2026', '*', '?', '$', '${*}', '[', '"', '\\', '__proto__'),
  fc.string({ maxLength: 4 }),
);
const name = fc.array(segment, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/'));
const fold = fc
  .tuple(fc.array(segment, { maxLength: 3 }), fc.constant(''))
  .map(([parts]) => new Folded(parts.map((part) => `${part.replaceAll('/', '')}/`).join(''), parts.length));
const leaf: fc.Arbitrary<Leaf> = fc.oneof({ weight: 5, arbitrary: name }, fold);

/** What the names of a set became. */
const folded = (names: Iterable<string>, max?: number): string[] =>
  [...new Set(foldNames([...new Set(names)], max).values())].sort();

const literal = (...names: string[]): string => leafText(names);
const numbered = (count: number, prefix = ''): string[] =>
  Array.from({ length: count }, (_, i) => literal(`${prefix}${i}`));

describe('foldNames', () => {
  test('100 names stay, 101 fold to what they share', () => {
    expect(folded(numbered(100, 'a/'))).toEqual(numbered(100, 'a/').sort());
    expect(folded(numbered(101, 'a/'))).toEqual([leafText([new Folded('a/', 1)])]);
  });

  test('the deepest level that is small enough', () => {
    const names = ['a/b/', 'a/c/', 'd/e/'].flatMap((prefix) => numbered(50, prefix));
    expect(folded(names)).toEqual(['a/b/', 'a/c/', 'd/e/'].map((p) => leafText([new Folded(p, 2)])));
  });

  test('names with fewer levels stay literal', () => {
    expect(folded([...numbered(101, 'a/'), literal('top')])).toEqual(
      [leafText([new Folded('a/', 1)]), literal('top')].sort(),
    );
  });

  test('without common levels: any name', () => {
    expect(folded(numbered(101))).toEqual([leafText([new Folded('', 0)])]);
  });

  test('a name with stars is a name, not a fold', () => {
    for (const odd of ['*', 'a/*', '[1,"a/"]', '?']) {
      expect(folded([literal(odd), literal('b')])).toEqual([literal(odd), literal('b')].sort());
      expect(leavesOf(literal(odd))).toEqual([odd]);
    }
  });

  test('two names of one call fold together', () => {
    const names = Array.from({ length: 101 }, (_, i) => literal(`in/${i}`, `out/x/${i}`));
    expect(folded(names)).toEqual([leafText([new Folded('in/', 1), new Folded('out/', 1)])]);
  });

  const sets = fc.array(
    name.map((n) => literal(n)),
    { maxLength: 40, size: 'max' },
  );

  test('fold(A ∪ B) = fold(fold(A) ∪ fold(B)), whatever the order', () => {
    fc.assert(
      fc.property(
        fc.array(sets, { minLength: 1, maxLength: 4 }),
        fc.integer({ min: 1, max: 12 }),
        (parts, max) => {
          const whole = folded(parts.flat(), max);
          expect(
            folded(
              parts.flatMap((part) => folded(part, max)),
              max,
            ),
          ).toEqual(whole);
          expect(parts.reduce<string[]>((before, part) => folded([...part, ...before], max), [])).toEqual(
            whole,
          );
          expect(
            parts.reduceRight<string[]>((before, part) => folded([...before, ...part], max), []),
          ).toEqual(whole);
        },
      ),
      { numRuns: 1000 },
    );
  });

  test('at most that many remain, and each covers its name', () => {
    fc.assert(
      fc.property(sets, fc.integer({ min: 1, max: 12 }), (names, max) => {
        const result = foldNames(names, max);
        expect(new Set(result.values()).size).toBeLessThanOrEqual(max);
        for (const [before, after] of result) {
          const [was, is] = [leavesOf(before)[0], leavesOf(after)[0]];
          const kept = is instanceof Folded ? is.prefix : (is ?? '');
          expect(typeof was === 'string' && was.slice(0, kept.length)).toBe(kept);
        }
      }),
    );
  });
});

test('names survive being written', () => {
  fc.assert(
    fc.property(fc.array(leaf, { maxLength: 3 }), (leaves) => {
      expect(leavesOf(leafText(leaves))).toEqual(leaves);
    }),
  );
});

describe('punch and fill', () => {
  const value = fc.oneof(fc.string(), fc.constant(true as const), fc.array(fc.string(), { maxLength: 3 }));
  const memberName = fc.string({ minLength: 1 }).filter((n) => n !== '__proto__');
  const members = fc.dictionary(memberName, fc.oneof(value, fc.dictionary(memberName, value)), {
    noNullPrototype: true,
  });
  const arn = fc.oneof(
    fc.constantFrom('arn:aws:s3:::bucket', 'arn:aws:iam::1:role/r', 'arn:aws-cn:s3:::b/', ''),
    name.map((n) => `arn:aws:s3:::bucket/${n}`),
    fc.string(),
  );
  const target: fc.Arbitrary<Target> = fc.record({
    request: fc
      .tuple(members, fc.option(name), fc.option(name), fc.option(name))
      .map(([rest, key, stream, from]) => ({
        ...rest,
        ...(key === null ? {} : { key }),
        ...(stream === null ? {} : { logStreamName: stream }),
        ...(from === null ? {} : { 'x-amz-copy-source': { bucket: 'b', key: from } }),
      })),
    response: members,
    resources: fc.array(fc.record({ arn, type: fc.string(), account: fc.string(), isPrefix: fc.boolean() }), {
      maxLength: 3,
    }),
  });

  test('give the target back', () => {
    fc.assert(
      fc.property(target, (t) => {
        expect(fill(punch(t))).toEqual(t);
      }),
      { numRuns: 500 },
    );
  });

  test('names of unbounded variety are not in the body', () => {
    const { body, leaves } = punch({
      request: { bucketName: 'b', key: 'secret/1', 'x-amz-copy-source': { bucket: 'c', key: 'secret/2' } },
      response: {},
      resources: [{ arn: 'arn:aws:s3:::b/secret/3', type: '', account: '', isPrefix: false }],
    });
    expect(leaves).toEqual(['secret/1', 'secret/2', 'secret/3']);
    expect(body).not.toContain('secret');
  });

  test('a folded name of a resource is a pattern below its bucket', () => {
    const holed = punch({
      request: { key: 'a/1' },
      response: {},
      resources: [{ arn: 'arn:aws:s3:::b/a/1', type: 'T', account: '1', isPrefix: false }],
    });
    const leaves = [new Folded('a/', 1), new Folded('a/', 1)];
    expect(fill({ ...holed, leaves })).toEqual({
      request: { key: new Folded('a/', 1) },
      response: {},
      resources: [{ arn: new Folded('arn:aws:s3:::b/a/', 1), type: 'T', account: '1', isPrefix: false }],
    });
  });
});
