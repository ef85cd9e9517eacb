import { expect, test } from 'vitest';
import type { Today } from '../../src/synth/held/today.ts';
import { planOf } from '../../src/synth/proposal.ts';

type Holding = NonNullable<Today['holdings']>[number];
const held = (part: Partial<Holding> & Pick<Holding, 'source' | 'name'>): Holding => ({
  sharedWith: [],
  ...part,
});
const files = ['policy.json', 'policy-unseen.json'];

test('what is proposed is attached before anything that it replaces is taken off, groups last', () => {
  const holdings = [
    held({ source: 'group-inline', name: 'x', group: 'ops', sharedWith: ['user/b'] }),
    held({
      source: 'managed',
      name: 'wide',
      arn: 'arn:aws:iam::111122223333:policy/wide',
      sharedWith: ['role/x'],
    }),
    held({ source: 'inline', name: 'own' }),
    held({ source: 'file', name: 'today.json' }),
    held({ source: 'group-managed', name: 'y', group: 'ops', sharedWith: ['user/a', 'user/b'] }),
  ];
  expect(planOf(files, { holdings }, 'policies', true)).toEqual([
    { step: 'attach', what: 'policy.json', sharedWith: [] },
    { step: 'attach', what: 'policy-unseen.json', sharedWith: [] },
    { step: 'detach', what: 'arn:aws:iam::111122223333:policy/wide', sharedWith: ['role/x'] },
    { step: 'delete-inline', what: 'own', sharedWith: [] },
    { step: 'replace-file', what: 'today.json', sharedWith: [] },
    { step: 'leave-group', what: 'ops', sharedWith: ['user/a', 'user/b'] },
  ]);
});

test('a boundary takes the place of a boundary alone', () => {
  const put = { step: 'put-boundary', what: 'boundary.json', sharedWith: [] };
  const boundaryArn = 'arn:aws:iam::111122223333:policy/b';
  expect(planOf(files, {}, 'boundary', true)).toEqual([put]);
  expect(planOf(files, { boundaryArn }, 'boundary', true)).toEqual([
    put,
    { step: 'replace-boundary', what: boundaryArn, sharedWith: [] },
  ]);
});

test('where nothing changes there is nothing to do', () => {
  expect(planOf(files, { holdings: [held({ source: 'inline', name: 'own' })] }, 'policies', false)).toEqual(
    [],
  );
});
