import { expect, test } from 'vitest';
import { namesOf } from '../../../src/app/settings/chosen-principals.ts';
import { identity } from '../../synth/arbitrary.ts';

const roles = (count: number, accountOf: (i: number) => string) =>
  Array.from({ length: count }, (_, i) => ({ ...identity, name: `r${i}`, accounts: [accountOf(i)] }));

test('of many that --current does not know three are named, and their number', () => {
  expect(namesOf(roles(2, () => '1'))).toMatch(
    /^role\/r0, role\/r1 of 1; give the policies of this account /,
  );
  expect(namesOf(roles(200, String))).toBe(
    'role/r0 of 0, role/r1 of 1, role/r2 of 2 and 197 more; give the policies of these 200 accounts (a file, or aws with the --profile of each)',
  );
});
