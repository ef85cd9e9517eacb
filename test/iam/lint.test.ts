import { readFileSync } from 'node:fs';
import { assert, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isObject } from '../../src/iam/json.ts';
import { lintPolicy } from '../../src/iam/lint/lint.ts';
import { nearest } from '../../src/iam/nearest.ts';
import { parsePolicy } from '../../src/iam/policy/policy.ts';
import { arbDocument } from './arbitrary.ts';

describe('findings', () => {
  const cases: unknown = JSON.parse(readFileSync(new URL('cases/lint.json', import.meta.url), 'utf8'));
  if (!Array.isArray(cases)) throw new Error('a list of cases');
  test.each(cases.filter(isObject))('$name', (item) => {
    const json = { Version: item['version'] ?? '2012-10-17', Statement: item['statements'] };
    const found = lintPolicy(parsePolicy(JSON.stringify(json), 'case'));
    expect(found.map(({ code, path, fix }) => `${code} ${path} ${fix}`)).toEqual(item['findings']);
  });
});

test('size and messages', () => {
  const json = {
    Version: '2012-10-17',
    Statement: {
      Effect: 'Allow',
      Action: 's3:GetObject',
      Resource: Array.from({ length: 400 }, (_, k) => `arn:aws:s3:::a${k}/*`),
    },
  };
  expect(lintPolicy(parsePolicy(JSON.stringify(json), 'case'))).toEqual([
    {
      code: 'too-large',
      severity: 'warning',
      path: '',
      message:
        '8784 characters without white space: a managed policy holds 6144, the inline policies of a role 10240',
      fix: 'split the statements over several managed policies',
    },
  ]);
});

test('any policy is linted without failing, each finding on one line', () => {
  assert(
    property(arbDocument, (document) =>
      lintPolicy(document).every(({ message, fix, path }) => !`${message}${fix}${path}`.includes('\n')),
    ),
    { numRuns: 200 },
  );
});

test('nearest names', () => {
  expect(nearest('GetObjekt', ['GetObject', 'PutObject'])).toBe('GetObject');
  expect(nearest('Frobnicate', ['GetObject', 'PutObject'])).toBeUndefined();
});
