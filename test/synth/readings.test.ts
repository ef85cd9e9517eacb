import { expect, test } from 'vitest';
import { held, withoutOtherReadings } from '../../src/synth/held/current-grants.ts';
import { allow, policy } from '../iam/documents.ts';
import { useOf } from './arbitrary.ts';

const plain = 'arn:aws:iam::111122223333:role/web';
const readings = [plain.replace('role/', 'role/*/'), plain].map((resource) =>
  useOf({ action: 'iam:PassRole', resource, oneOf: plain }),
);

/** Resources of the uses that are judged where a policy allows passing this. */
const judged = (resource: string): readonly string[] => {
  const today = held([policy({ ...allow('iam:PassRole'), Resource: resource })], undefined);
  return withoutOtherReadings(readings, today).map((use) => use.resource);
};

test('the readings of one need are judged as one, granted or not', () => {
  expect(judged(plain)).toEqual([plain]);
  expect(judged('arn:aws:iam::111122223333:role/team/web')).toEqual([readings[0]?.resource]);
  expect(judged('arn:aws:iam::111122223333:role/other')).toEqual([plain]);
});
