import { assert, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { among, covers, implied, none, uncovered, type Extent } from '../../src/iam/compare/containment.ts';
import { rulesOf } from '../../src/iam/compare/rule.ts';
import { conditionHolds, resourcesHold } from '../../src/iam/decide/condition.ts';
import { compileStatement, type CompiledStatement } from '../../src/iam/decide/compiled.ts';
import { Budget } from '../../src/iam/pattern/language.ts';
import type { Condition, Statement } from '../../src/iam/policy/policy.ts';
import { arbContext, arbStatement, REQUEST_ACTIONS, REQUEST_RESOURCES } from './arbitrary.ts';

const compiled = (source: Statement): CompiledStatement =>
  compileStatement(source, true, { policy: 0, statement: 0, sid: undefined });
const extentOf = ({ actions, resources, source }: CompiledStatement): Extent<Condition> => ({
  actions,
  resources,
  conditions: source.conditions,
});

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

describe('what covers a statement applies wherever it does', () => {
  const rules = { among, none };
  test.each(['among', 'none', 'implied'] as const)('%s', (name) => {
    let covered = 0;
    assert(
      property(arbStatement, arbStatement, arbContext, (a, b, values) => {
        const [outer, inner] = [compiled(a), compiled(b)];
        const claimed = rulesOf([{ version: '2012-10-17', statements: [a, b] }]);
        const [x, y] = claimed;
        const isCovered =
          name === 'implied'
            ? x !== undefined && y !== undefined && covers(x, y, implied)
            : covers(extentOf(outer), extentOf(inner), rules[name]);
        if (!isCovered) return true;
        covered++;
        return REQUEST_ACTIONS.every((action) =>
          REQUEST_RESOURCES.every(
            (resource) =>
              !applies(inner, action, resource, values) || applies(outer, action, resource, values),
          ),
        );
      }),
      { numRuns: 4000 },
    );
    expect(covered).toBeGreaterThan(50);
  });
});

const onlyOn = (...patterns: readonly string[]): Extent<Condition> =>
  extentOf(
    compiled({
      sid: undefined,
      effect: 'Allow',
      actions: { kind: 'only', patterns: ['s3:GetObject'] },
      resources: { kind: 'only', patterns },
      conditions: [],
    }),
  );

test('several cover together what none of them does, and only with a budget', () => {
  const [all, parts] = [onlyOn('arn:aws:s3:::?*'), [onlyOn('arn:aws:s3:::?'), onlyOn('arn:aws:s3:::??*')]];
  expect(uncovered(parts, all, among, new Budget())).toEqual([]);
  expect(uncovered(parts, all, among)).toHaveLength(1);
});
