import { expect, test } from 'vitest';
import { blocksOf, type MissingAccount } from '../../../src/synth/keep/blocks.ts';

const absent: MissingAccount = { account: '444455556666', days: 0 };
const thin: MissingAccount = { account: '777788889999', days: 1 };

test.each<[string, Parameters<typeof blocksOf>[0], [string, string][]]>([
  ['enough days, and no account is missing', { covered: 7, minWindow: 7 }, []],
  ['a day too few', { covered: 6, minWindow: 7 }, [['window-short', '6 whole days are covered']]],
  ['one day', { covered: 1, minWindow: 2 }, [['window-short', '1 whole day is covered']]],
  ['no whole day', { covered: 0, minWindow: 1 }, [['window-short', 'no whole day of the window is covered']]],
  [
    'one account that is missing',
    { covered: 7, minWindow: 7, missing: [absent] },
    [['account-missing', 'in use in 444455556666, of which']],
  ],
  [
    'both',
    { covered: 0, minWindow: 7, missing: [absent, thin] },
    [
      ['window-short', 'no whole day'],
      ['account-missing', 'in use in 444455556666, 777788889999 (1 covered day), of which'],
    ],
  ],
])('what forbids that anything goes: %s', (_, coverage, expected) => {
  const found = blocksOf(coverage);
  expect(found.map(({ reason }) => reason)).toEqual(expected.map(([reason]) => reason));
  for (const [i, [, note]] of expected.entries()) expect(found[i]?.note).toContain(note);
});

test.each([
  [[absent], /; ingest the logs of this account$/],
  [[absent, thin], /; ingest the logs of these accounts$/],
])('and whose logs are to be ingested', (missing, said) => {
  expect(blocksOf({ covered: 7, minWindow: 7, missing })[0]?.note).toMatch(said);
});
