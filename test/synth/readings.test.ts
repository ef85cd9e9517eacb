import { expect, test } from 'vitest';
import { grantedBy, held, withoutOtherReadings } from '../../src/synth/held/current-grants.ts';
import { allow, policy } from '../iam/documents.ts';
import type { Use } from '../../src/synth/usage/use.ts';
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

const wanted = (part: Partial<Use>, ...statements: readonly object[]) =>
  grantedBy(
    useOf({ action: 's3:ListAllMyBuckets', resource: '*', ...part }),
    held([policy(...statements)], undefined),
  );
const allBut = (...NotResource: readonly string[]): object => ({
  Effect: 'Allow',
  Action: 's3:ListAllMyBuckets',
  NotResource,
});
const buckets = 'arn:aws:s3:::*';
const resourceless = { star: 'action-takes-no-resource' } as const;

test.each<[string, readonly object[], readonly object[]]>([
  ['all but some ARNs', [allBut(buckets)], [{ kind: 'except', patterns: [buckets] }]],
  ['all but everything', [allBut('*')], []],
  ['ARNs alone', [allow('s3:*', buckets)], [{ kind: 'only', patterns: [buckets] }]],
  ['ARNs of another service', [allow('s3:*', 'arn:aws:sqs:*:*:*')], []],
  ['everything, and ARNs', [allow('s3:*', buckets), allow('s3:List*')], [{ kind: 'only', patterns: ['*'] }]],
  [
    'all but some ARNs, and everything',
    [allBut(buckets), allow('s3:*')],
    [{ kind: 'only', patterns: ['*'] }],
  ],
])('an action without resources is held on %s, as today says it', (_, statements, expected) => {
  expect(wanted(resourceless, ...statements).map(({ resources }) => resources)).toEqual(expected);
});
