import { describe, expect, test } from 'vitest';
import { knownEntities, type RoleCall } from '../../src/synth/usage/entities.ts';

const account = '111122223333';
const role = (path: string, name: string): string => `arn:aws:iam::${account}:role${path}${name}`;

const made = (arn: string): RoleCall => ({
  eventName: 'CreateRole',
  account,
  target: { request: {}, response: { role: { arn } }, resources: [] },
});

const added = (instanceProfileName: string, roleName: string): RoleCall => ({
  eventName: 'AddRoleToInstanceProfile',
  account,
  target: { request: { instanceProfileName, roleName }, response: {}, resources: [] },
});

const silent = { rolePath: () => undefined, rolesOfInstanceProfile: () => [] };

const definition = (n: number): string => `arn:aws:ecs:us-east-1:${account}:task-definition/api:${n}`;
const registered = (n: number, request: RoleCall['target']['request']): RoleCall => ({
  eventName: 'RegisterTaskDefinition',
  account,
  target: { request, response: { taskDefinition: { taskDefinitionArn: definition(n) } }, resources: [] },
});

describe('what the index says of roles', () => {
  test('a role that was made lies where the answer says', () => {
    const known = knownEntities([], [made(role('/', 'app')), made(role('/team/', 'job'))], undefined);
    expect(known.rolePath(account, 'app')).toBe('/');
    expect(known.rolePath(account, 'job')).toBe('/team/');
    expect(known.rolePath(account, 'other')).toBeUndefined();
    expect(known.rolePath('444455556666', 'app')).toBeUndefined();
  });

  test('a session without the path proves none', () => {
    expect(knownEntities([role('/', 'app')], [], undefined).rolePath(account, 'app')).toBeUndefined();
    expect(knownEntities([role('/team/', 'app')], [], undefined).rolePath(account, 'app')).toBe('/team/');
  });

  test('a role seen in two places is not known', () => {
    const calls = [made(role('/', 'app')), made(role('/new/', 'app'))];
    expect(knownEntities([], calls, undefined).rolePath(account, 'app')).toBeUndefined();
  });

  test('an instance profile holds the role that anybody put into it, whether its path is known or not', () => {
    const calls = [added('servers', 'app'), made(role('/', 'app')), added('others', 'stranger')];
    for (const today of [undefined, silent]) {
      const known = knownEntities([], calls, today);
      expect(known.rolesOfInstanceProfile?.(account, 'servers')).toEqual([role('/', 'app')]);
      expect(known.rolesOfInstanceProfile?.(account, 'others')).toEqual(['stranger']);
      expect(known.rolesOfInstanceProfile?.(account, 'unseen')).toBeUndefined();
      expect(known.rolesOfInstanceProfile?.('444455556666', 'servers')).toBeUndefined();
    }
  });

  test("a role that was swapped in is given to nobody, unless today's policies hold it", () => {
    const out = { ...added('servers', 'app'), eventName: 'RemoveRoleFromInstanceProfile' };
    const calls = [out, added('servers', 'admin')];
    expect(knownEntities([], calls, undefined).rolesOfInstanceProfile?.(account, 'servers')).toBeUndefined();
    expect(knownEntities([], calls, silent).rolesOfInstanceProfile?.(account, 'servers')).toEqual([
      'admin',
      'app',
    ]);
  });

  test('a revision of a task definition has the roles it was registered with, if these are named by their ARNs', () => {
    const known = knownEntities(
      [],
      [
        registered(1, { taskRoleArn: role('/', 'task'), executionRoleArn: role('/', 'exec') }),
        registered(2, { taskRoleArn: role('/', 'task'), executionRoleArn: 'exec' }),
        registered(3, {}),
        registered(4, { omitted: true }),
      ],
      undefined,
    );
    expect([1, 2, 3, 4, 5].map((n) => known.rolesOfTaskDefinition?.(definition(n)))).toEqual([
      [role('/', 'task'), role('/', 'exec')],
      undefined,
      [],
      undefined,
      undefined,
    ]);
  });

  test('current policies come first', () => {
    const today = { rolePath: () => '/today/', rolesOfInstanceProfile: () => [role('/today/', 'app')] };
    const known = knownEntities([], [made(role('/', 'app')), added('servers', 'other')], today);
    expect(known.rolePath(account, 'app')).toBe('/today/');
    expect(known.rolesOfInstanceProfile?.(account, 'servers')).toEqual([role('/today/', 'app')]);
  });
});
