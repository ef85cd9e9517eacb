import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { actionInfo } from '../../src/iam/catalogue.ts';
import { isObject } from '../../src/iam/json.ts';
import { nothingKnown } from '../../src/permissions/mapping.ts';
import { mayNeedOf } from '../../src/permissions/may-need.ts';
import { permissionsOf } from '../../src/permissions/permissions.ts';
import { observed } from '../permissions/call.ts';
import { available } from './engine.ts';
import { statedActions } from './managed-policies.ts';

const operations = await available(() => Promise.resolve(statedActions()));

/** Why the actions that an operation's reference names are not those of its caller. */
const reasons: unknown = JSON.parse(readFileSync(new URL('stated-actions.json', import.meta.url), 'utf8'));
const known = (Array.isArray(reasons) ? reasons.filter(isObject) : []).flatMap(({ operations: list }) =>
  Array.isArray(list) ? list.map(String) : [],
);

test.skipIf(operations === undefined)(
  'an action that the reference of an operation names is one that the mapping gives or keeps, or there is a reason',
  () => {
    const left = (operations ?? []).flatMap(({ source, operation, words }) => {
      const stated = words.flatMap((word) => actionInfo(word)?.name ?? []);
      const mapping = permissionsOf(observed(`${source}:${operation}`), nothingKnown);
      const given = mapping.kind === 'mapped' ? mapping.permissions.map(({ action }) => action) : [];
      const hidden = observed(`${source}:${operation}`, { request: { omitted: true } });
      const kept = mayNeedOf(hidden).map(({ action }) => action);
      const isSaid = stated.length === 0 || stated.some((action) => [...given, ...kept].includes(action));
      return isSaid ? [] : [`${source}/${operation}`];
    });
    expect(new Set(left)).toEqual(new Set(known));
  },
);
