import { readFileSync } from 'node:fs';
import { assert, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isObject } from '../../src/iam/json.ts';
import { CHECKS, PAGES, type Finding } from '../../src/iam/lint/finding.ts';
import { lintPolicy } from '../../src/iam/lint/lint.ts';
import { nearest } from '../../src/iam/nearest.ts';
import { parsePolicy } from '../../src/iam/policy/policy.ts';
import { arbDocument } from './arbitrary.ts';

const cases: unknown = JSON.parse(readFileSync(new URL('cases/lint.json', import.meta.url), 'utf8'));
const rows = Array.isArray(cases) ? cases.filter(isObject) : [];

const found = (statements: unknown, version: unknown): readonly Finding[] =>
  lintPolicy(
    parsePolicy(JSON.stringify({ Version: version ?? '2012-10-17', Statement: statements }), 'case'),
  );
const lines = (findings: readonly Finding[]): string[] =>
  findings.map(({ severity, code, path, fix }) => `${severity} ${code} ${path} ${fix}`);

describe('findings', () => {
  test.each(rows)('$name', ({ statements, version, findings }) => {
    expect(lines(found(statements, version))).toEqual(findings);
  });

  test.each(rows.filter(({ fixed }) => fixed !== undefined))('$name: mended, nothing is found', (row) => {
    const codes = new Set(found(row['statements'], row['version']).map(({ code }) => code));
    const left = found(row['fixed'], row['fixedVersion']).filter(({ code }) => codes.has(code));
    expect(lines(left)).toEqual([]);
  });

  test('every check has a case in which it fires, and one in which it does not', () => {
    const fired = rows
      .filter(({ fixed }) => fixed !== undefined)
      .flatMap(({ statements, version }) => found(statements, version).map(({ code }) => code));
    // A policy that is too large stands below.
    expect(
      Object.keys(CHECKS).filter((code) => code !== 'too-large' && !fired.some((own) => own === code)),
    ).toEqual([]);
  });
});

test('docs/lint.md has a line for every check, as the table says', () => {
  const page = readFileSync(new URL('../../docs/lint.md', import.meta.url), 'utf8').replaceAll(/ +/g, ' ');
  const lines = Object.entries(CHECKS).map(
    ([code, [severity, of, fires]]) => `| \`${code}\` | ${severity} | ${fires} | [${of}][${of}] |`,
  );
  expect(lines.filter((line) => !page.includes(line))).toEqual([]);
  for (const [name, target] of Object.entries(PAGES))
    expect(page).toContain(`[${name}]: https://docs.aws.amazon.com/IAM/latest/UserGuide/${target}.html`);
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
        '8784 characters without white space: a customer managed policy holds 6144, the inline policies of a role 10240',
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
