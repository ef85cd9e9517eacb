import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { dataRows, readData, stringsOf } from '../../src/iam/catalogue.ts';
import { InputError } from '../../src/iam/input-error.ts';
import { isObject } from '../../src/iam/json.ts';
import { lintPolicy } from '../../src/iam/lint/lint.ts';
import { parsePolicy } from '../../src/iam/policy/policy.ts';

/** IAM Access Analyzer's published checks: those that lint has, and why it has not the others. */
const rows = dataRows('overrides/access-analyzer.json').map(({ type, name, ours, why }) => ({
  check: `${String(type)}: ${String(name)}`,
  ours: stringsOf(ours),
  why: String(why),
}));

/** Members of a statement over that of all examples (null takes one away), several of them, or the text of a policy. */
type Example = object | readonly object[] | string;
const allowed = { Effect: 'Allow', Action: 's3:GetObject', Resource: 'arn:aws:s3:::bucket/*' };
const textOf = (example: Example): string =>
  typeof example === 'string'
    ? example
    : JSON.stringify(
        { Version: '2012-10-17', Statement: [example].flat().map((each) => ({ ...allowed, ...each })) },
        (_, value: unknown) => (value === null ? undefined : value),
      );

/** What lint says: checks by name, or that it reads no policy. */
function said(example: Example): readonly string[] {
  try {
    return lintPolicy(parsePolicy(textOf(example), 'example.json')).map(({ code }) => code);
  } catch (error) {
    const isPlaced = error instanceof InputError && /example\.json:1:\d+: /.test(error.message);
    return isPlaced ? ['refused'] : [String(error)];
  }
}

const cases: unknown = JSON.parse(
  readFileSync(new URL('cases/access-analyzer.json', import.meta.url), 'utf8'),
);
const isExample = (value: unknown): value is Example =>
  typeof value === 'string' || isObject(value) || Array.isArray(value);
const examples = (Array.isArray(cases) ? cases.filter(isObject) : []).map(({ check, bad, good }) => {
  if (!isExample(bad) || !isExample(good)) throw new Error(`${String(check)}: needs bad and good`);
  return { check: String(check), bad, good };
});

describe('checks of IAM Access Analyzer that lint has', () => {
  test.each(examples)('$check', ({ check, bad, good }) => {
    const { ours = [], why } = rows.find((row) => row.check === check) ?? {};
    expect(said(bad).some((code) => ours.includes(code) || code === why)).toBe(true);
    expect(said(good)).toEqual([]);
  });

  test('each has an example, and each of the others a reason', () => {
    const reasons = Object.keys(readData('overrides/access-analyzer.json')['why'] ?? {});
    const shown = rows.filter(({ ours, why }) => ours.length > 0 || why === 'refused');
    expect(shown.map(({ check }) => check)).toEqual(examples.map(({ check }) => check));
    expect(rows.filter(({ ours, why }) => ours.length === 0 && !reasons.includes(why))).toEqual([]);
    expect(rows.length).toBeGreaterThan(150);
  });
});
