import { assert, property } from 'fast-check';
import { expect, test } from 'vitest';
import { covers, uncovered } from '../../src/iam/compare/containment.ts';
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
