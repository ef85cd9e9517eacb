import { describe, expect, test } from 'vitest';
import type { Principal } from '../../src/cloudtrail/principal.ts';
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

const session = (arn: string): Principal => ({
  kind: 'role',
  account,
  name: arn.split('/').at(-1) ?? '',
  arn,
  uniqueId: '',
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
    expect(
      knownEntities([session(role('/', 'app'))], [], undefined).rolePath(account, 'app'),
    ).toBeUndefined();
    expect(knownEntities([session(role('/team/', 'app'))], [], undefined).rolePath(account, 'app')).toBe(
      '/team/',
    );
  });

  test('a role seen in two places is not known', () => {
    const calls = [made(role('/', 'app')), made(role('/new/', 'app'))];
    expect(knownEntities([], calls, undefined).rolePath(account, 'app')).toBeUndefined();
  });

  test('an instance profile holds the role that was put into it, if that is known', () => {
    const calls = [added('servers', 'app'), made(role('/', 'app')), added('others', 'stranger')];
    const known = knownEntities([], calls, undefined);
    expect(known.rolesOfInstanceProfile?.(account, 'servers')).toEqual([role('/', 'app')]);
    expect(known.rolesOfInstanceProfile?.(account, 'others')).toBeUndefined();
    expect(known.rolesOfInstanceProfile?.(account, 'unseen')).toBeUndefined();
  });

  test('current policies come first', () => {
    const today = { rolePath: () => '/today/', rolesOfInstanceProfile: () => [role('/today/', 'app')] };
    const known = knownEntities([], [made(role('/', 'app')), added('servers', 'other')], today);
    expect(known.rolePath(account, 'app')).toBe('/today/');
    expect(known.rolesOfInstanceProfile?.(account, 'servers')).toEqual([role('/today/', 'app')]);
  });
});
