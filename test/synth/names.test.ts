import { assert, asyncProperty, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { evaluate } from '../../src/iam/decide/evaluate.ts';
import { parsePolicy } from '../../src/iam/policy/policy.ts';
import { toJson } from '../../src/iam/policy/policy-json.ts';
import { refusedCharacter } from '../../src/iam/policy/quota.ts';
import { proposalOf, type Case } from './case.ts';

const bucket = 'arn:aws:s3:::app-data/';

const readingOf = (...keys: readonly string[]): Case => ({
  why: '',
  events: keys.map((key) => ({
    call: 's3.amazonaws.com GetObject',
    request: { bucketName: 'app-data', key },
  })),
  expected: undefined,
});

/** The policy texts for reading these keys, and whether they allow reading another. */
async function policyFor(
  ...keys: readonly string[]
): Promise<{ texts: readonly string[]; allows: (key: string) => boolean }> {
  const { documents, proof } = await proposalOf(readingOf(...keys));
  expect(proof).toMatchObject({ uses: keys.length, allowed: keys.length });
  const texts = documents.map(toJson);
  const identity = texts.map((text) => parsePolicy(text, 'policy.json'));
  const request = { action: 's3:GetObject', context: new Map(), contextIsComplete: true };
  return {
    texts,
    allows: (key) => evaluate({ ...request, resource: bucket + key }, { identity }).decision === 'allowed',
  };
}

const exact: readonly (readonly [string, string])[] = [
  ['in/*', 'in/a'],
  ['*', 'a'],
  ['*u*', '*'],
  ['*log*', 'a log b'],
  ['a?c', 'abc'],
  ['$', 'a'],
  ['${aws:username}', 'app'],
  ['home/${aws:username}/*', 'home/app/x'],
  ['${*}', '*'],
  ['${$}{x}', '${x}'],
  ['a"b\'c\\d', 'a"b'],
  ['tab\tand\nline', 'tab and line'],
  ['__proto__', 'constructor'],
  ['constructor/__proto__', '__proto__'],
  ['café', 'cafe'],
  ['a b', 'a%20b'],
  ['arn:aws:s3:::x', 'x'],
  ['k'.repeat(1000), 'k'.repeat(999)],
];

describe('a key with special characters is granted, and no other', () => {
  test.each(exact.map(([key, other]) => [key, other]))('%j', async (key, other) => {
    const { texts, allows } = await policyFor(key);
    expect(texts.map(refusedCharacter)).toEqual([undefined]);
    expect(allows(key)).toBe(true);
    expect(allows(other)).toBe(false);
    expect(allows(`${key}x`)).toBe(false);
  });

  test('all of them together', async () => {
    const { texts, allows } = await policyFor(...exact.map(([key]) => key));
    expect(texts.map(refusedCharacter)).toEqual(texts.map(() => undefined));
    const keys = new Set(exact.map(([key]) => key));
    for (const [key, other] of exact)
      expect([key, allows(key), allows(other)]).toEqual([key, true, keys.has(other)]);
  });
});

test.each(['日本語/レポート.csv', 'emoji-😀', 'a\u0000b', 'a\u0007b', '\u202ereversed'].map((key) => [key]))(
  'IAM cannot spell %j: it is granted with a wildcard in place of what cannot be said, in the same folder',
  async (key) => {
    const { texts, allows } = await policyFor(key);
    expect(texts.map(refusedCharacter)).toEqual([undefined]);
    expect(allows(key)).toBe(true);
    expect(allows('other')).toBe(false);
  },
);

test('any key of Latin letters and signs is granted exactly', async () => {
  const latin = string({ unit: 'binary', minLength: 1, maxLength: 60 }).map((text) =>
    text.replace(/[^\u0020-\u00ff]/gu, (c) => '*?${}aws:username'.charAt((c.codePointAt(0) ?? 0) % 16)),
  );
  await assert(
    asyncProperty(latin, latin, async (key, other) => {
      const { allows } = await policyFor(key);
      expect([allows(key), allows(other)]).toEqual([true, key === other]);
    }),
    { numRuns: 40 },
  );
});
