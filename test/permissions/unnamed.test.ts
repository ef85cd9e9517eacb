import { describe, expect, test } from 'vitest';
import { knownOperations } from '../../src/cloudtrail/kept-members.ts';
import { actionInfo, dataRows, readData, serviceOf, stringsOf } from '../../src/iam/catalogue.ts';
import { isObject } from '../../src/iam/json.ts';
import { bindingsOf } from '../../src/permissions/binding.ts';
import { actionsOf } from '../../src/permissions/operation.ts';
import { finders } from '../../src/permissions/services/finders.ts';

const { services } = readData('unnamed.json');
const unnamed = Object.entries(isObject(services) ? services : {}).flatMap(([prefix, whys]) =>
  Object.entries(isObject(whys) ? whys : {}).flatMap(([why, names]) =>
    String(names)
      .split(' ')
      .map((operation) => ({ prefix, why, operation })),
  ),
);
const byRules = new Set([
  ...finders.keys(),
  'apigateway',
  ...dataRows('overrides/names.json').flatMap(({ members, types }) =>
    members === undefined ? [] : stringsOf(types).map(serviceOf),
  ),
]);

describe('operations on a resource type that no required member names', () => {
  test('stand in a table with the reason, each that no member names at all', () => {
    const listed = new Set(unnamed.map(({ prefix, operation }) => `${prefix}:${operation}`));
    const left: string[] = [];
    let seen = 0;
    for (const [source, operations] of knownOperations())
      for (const operation of operations) {
        const answer = actionsOf(source, operation);
        const [action] = answer.kind === 'actions' ? answer.actions : [];
        const prefix = action === undefined ? '' : serviceOf(action.name);
        if (action === undefined || action.resourceTypes.length === 0 || byRules.has(prefix)) continue;
        seen += 1;
        if (bindingsOf(prefix, operation).some(({ keys }) => keys.length > 0)) continue;
        if (!listed.has(`${prefix}:${operation}`)) left.push(`${source}/${operation}`);
      }
    expect(seen).toBeGreaterThan(9000);
    expect(left).toEqual([]);
  });

  test('have one of four reasons, and no member where the reason says so', () => {
    const named = unnamed.filter(
      ({ prefix, why, operation }) =>
        why !== 'optional' && bindingsOf(prefix, operation).some(({ keys }) => keys.length > 0),
    );
    expect(new Set(unnamed.map(({ why }) => why))).toEqual(new Set(['made', 'id', 'optional', 'none']));
    expect(named).toEqual([]);
  });

  test('are in services of the catalogue', () => {
    expect(unnamed.filter(({ prefix }) => actionInfo(`${prefix}:*`) !== undefined)).toEqual([]);
    expect(unnamed.length).toBeLessThan(2000);
  });
});
