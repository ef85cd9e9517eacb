import { readFileSync } from 'node:fs';
import { array, assert, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { dataRows, readData, stringsOf } from '../../src/iam/catalogue.ts';
import { isObject } from '../../src/iam/json.ts';
import { checks, type Finding } from '../../src/iam/lint/finding.ts';
import { includesPolicy } from '../../src/iam/compare/inclusion.ts';
import { redundantStatements } from '../../src/iam/lint/redundancy.ts';
import type { PolicyDocument } from '../../src/iam/policy/policy.ts';
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

const codesOfKey = (key: string): string[] =>
  found(
    { Effect: 'Allow', Action: 's3:GetObject', Resource: '*', Condition: { StringEquals: { [key]: 'a' } } },
    undefined,
  ).map(({ code }) => code);

describe('findings', () => {
  test.each(rows)('$name', ({ statements, version, findings }) => {
    expect(lines(found(statements, version))).toEqual(findings);
  });

  test.each(rows.filter(({ fixed }) => fixed !== undefined))('$name: mended, nothing is found', (row) => {
    const codes = new Set(found(row['statements'], row['version']).map(({ code }) => code));
    const left = found(row['fixed'], row['fixedVersion']).filter(({ code }) => codes.has(code));
    expect(lines(left)).toEqual([]);
  });

  test.each(['__proto__', 'constructor', 'toString'])('%s is a key that AWS has none of', (name) => {
    expect(codesOfKey(name)).toEqual(codesOfKey('zzqqxx'));
  });

  test('every check has a case in which it fires, and one in which it does not', () => {
    const fired = new Set(
      rows
        .filter(({ fixed }) => fixed !== undefined)
        .flatMap(({ statements, version }) => found(statements, version).map(({ code }) => code)),
    );
    // Those that IAM Access Analyzer has too have an example of it.
    for (const { ours } of dataRows('overrides/access-analyzer.json'))
      for (const code of stringsOf(ours)) fired.add(code);
    const left = [...checks().keys()]
      .map((name) => name.replace(/\..*/, ''))
      .filter((code) => !fired.has(code));
    expect(left).toEqual([]);
  });
});

const read = (file: string): string => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');

test('docs/lint.md has a line for every check, as the table says, and docs/schema every code', () => {
  const page = read('docs/lint.md').replaceAll(/ +/g, ' ');
  const { source, pages } = readData('overrides/lint.json');
  const named = Object.entries(pages ?? {}).map(
    ([name, file]) => `[${name}]: ${String(source)}${String(file)}.html`,
  );
  const lines = [...checks()].map(
    ([name, check]) =>
      `| \`${name}\` | ${check.severity} | ${check.fires} | [${check.page}][${check.page}] |`,
  );
  expect([...named, ...lines].filter((line) => !page.includes(line))).toEqual([]);
  const codes = [...checks().keys()].map((name) => name.replace(/\..*/, ''));
  expect(codes.filter((code) => !read('docs/schema/lint.json').includes(`"${code}"`))).toEqual([]);
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

/** The statements that another one includes, each pair searched by itself; of equal ones the later. */
function searched({ version, statements }: PolicyDocument): number[] {
  const alone = (index: number): PolicyDocument[] => [
    { version, statements: statements.slice(index, index + 1).map((each) => ({ ...each, effect: 'Allow' })) },
  ];
  const holds = (outer: number, inner: number): boolean =>
    includesPolicy(alone(outer), alone(inner)).included === 'yes';
  const gone = new Set<number>();
  for (const inner of statements.keys())
    for (const outer of statements.keys()) {
      const isSame =
        outer === inner || gone.has(outer) || statements[outer]?.effect !== statements[inner]?.effect;
      if (!isSame && holds(outer, inner) && (outer < inner || !holds(inner, outer))) gone.add(inner);
    }
  return [...gone];
}

test('statements in others: what a search of every pair finds is found, and nothing more', () => {
  const statements = array(arbDocument, { minLength: 2, maxLength: 3 }).map((list) => ({
    version: '2012-10-17' as const,
    statements: list.flatMap((each) => each.statements),
  }));
  assert(
    property(statements, (document) => {
      const found = redundantStatements(document).map(({ path }) => Number(path.slice(10, -1)));
      expect(found).toEqual(searched(document));
    }),
    { numRuns: 300 },
  );
});

test('nearest names', () => {
  expect(nearest('GetObjekt', ['GetObject', 'PutObject'])).toBe('GetObject');
  expect(nearest('Frobnicate', ['GetObject', 'PutObject'])).toBeUndefined();
});
