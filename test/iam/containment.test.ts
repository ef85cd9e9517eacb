import { array, assert, property } from 'fast-check';
import { expect, test } from 'vitest';
import { covers, ExtentIndex, uncovered } from '../../src/iam/compare/containment.ts';
import { conditionHolds, resourcesHold } from '../../src/iam/decide/condition.ts';
import { compileStatement, type CompiledStatement } from '../../src/iam/decide/compiled.ts';
import { Budget } from '../../src/iam/pattern/language.ts';
import type { Statement } from '../../src/iam/policy/policy.ts';
import { arbContext, arbStatement, REQUEST_ACTIONS, REQUEST_RESOURCES } from './arbitrary.ts';

const compiled = (source: Statement): CompiledStatement =>
  compileStatement(source, true, { policy: 0, statement: 0, sid: undefined });
/** Whether a statement applies to a request. */
const applies = (
  { actions, resources, conditions }: CompiledStatement,
  action: string,
  resource: string,
  values: ReadonlyMap<string, readonly string[]>,
): boolean => {
  const context = { values, isComplete: true };
  return (
    actions.has(action.toLowerCase()) &&
    resourcesHold(resources, resource, context) === true &&
    conditions.every((condition) => conditionHolds(condition, context) === true)
  );
};

test('what covers a statement applies wherever it does', () => {
  let covered = 0;
  assert(
    property(arbStatement, arbStatement, arbContext, (a, b, values) => {
      const [outer, inner] = [compiled(a), compiled(b)];
      if (!covers(outer, inner)) return true;
      covered++;
      return REQUEST_ACTIONS.every((action) =>
        REQUEST_RESOURCES.every(
          (resource) => !applies(inner, action, resource, values) || applies(outer, action, resource, values),
        ),
      );
    }),
    { numRuns: 12_000 },
  );
  expect(covered).toBeGreaterThan(150);
});

const onlyOn = (...patterns: readonly string[]): CompiledStatement =>
  compiled({
    sid: undefined,
    effect: 'Allow',
    actions: { kind: 'only', patterns: ['s3:GetObject'] },
    resources: { kind: 'only', patterns },
    conditions: [],
  });

test('several cover together what none of them does, and only with a budget', () => {
  const [all, parts] = [onlyOn('arn:aws:s3:::?*'), [onlyOn('arn:aws:s3:::?'), onlyOn('arn:aws:s3:::??*')]];
  expect(uncovered(parts, all, new Budget())).toEqual([]);
  expect(uncovered(parts, all)).toHaveLength(1);
});

const allBut = (...patterns: readonly string[]): CompiledStatement =>
  compiled({ ...onlyOn().source, resources: { kind: 'except', patterns } });

test.each([
  [onlyOn('*'), allBut('arn:aws:s3:::a'), true],
  [onlyOn('?'), allBut('arn:aws:s3:::a'), false],
  [onlyOn('arn:aws:s3:::b'), allBut('arn:aws:s3:::a'), false],
  [allBut('arn:aws:s3:::a'), allBut('arn:aws:s3:::*'), true],
  [allBut('arn:aws:s3:::*'), allBut('arn:aws:s3:::a'), false],
  [allBut('arn:aws:s3:::a'), onlyOn('arn:aws:s3:::b'), true],
  [allBut('arn:aws:s3:::a'), onlyOn('arn:aws:s3:::?'), false],
])('of what is said by exception too', (outer, inner, expected) => {
  expect(covers(outer, inner)).toBe(expected);
});

test('law: an index finds what a search of all does, in the same order', () => {
  assert(
    property(array(arbStatement, { minLength: 2, maxLength: 12 }), arbStatement, (statements, one) => {
      const extents = statements.map(compiled);
      const inner = compiled(one);
      const index = new ExtentIndex(extents);
      expect(index.covering(inner)).toEqual(extents.filter((outer) => covers(outer, inner)));
      expect(index.left(inner, new Budget())).toEqual(uncovered(extents, inner, new Budget()));
      const meeting = new Set(index.meeting(inner));
      const apart = extents.filter((outer) => !meeting.has(outer));
      expect(apart.filter((outer) => covers(outer, inner) || covers(inner, outer))).toEqual([]);
    }),
    { numRuns: 300 },
  );
});
