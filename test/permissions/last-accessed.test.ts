import { expect, test } from 'vitest';
import { dayText } from '../../src/iam/days.ts';
import { InputError } from '../../src/iam/input-error.ts';
import { parseLastAccessed, testimony } from '../../src/permissions/last-accessed.ts';

const report = {
  JobStatus: 'COMPLETED',
  JobType: 'ACTION_LEVEL',
  JobCreationDate: '2026-03-08T09:59:58.123000+00:00',
  JobCompletionDate: '2026-03-08T10:00:00.123000+00:00',
  ServicesLastAccessed: [
    {
      ServiceName: 'Amazon S3',
      ServiceNamespace: 's3',
      LastAuthenticated: '2026-03-07T23:00:00+00:00',
      LastAuthenticatedRegion: 'eu-west-1',
      TrackedActionsLastAccessed: [
        {
          ActionName: 'CreateBucket',
          LastAccessedTime: '2026-02-01T00:00:00+00:00',
          LastAccessedRegion: 'eu-west-1',
        },
        { ActionName: 'DeleteBucket' },
      ],
    },
    { ServiceName: 'AWS KMS', ServiceNamespace: 'kms', TotalAuthenticatedEntities: 0 },
  ],
  IsTruncated: false,
};

test('when a service was last used, by action where AWS tracks it', () => {
  const [found] = parseLastAccessed(JSON.stringify(report), 'report.json');
  const s3 = found?.services.get('s3');
  expect(found?.arn).toBe('');
  expect(dayText(found?.day ?? 0)).toBe('2026-03-08');
  expect(dayText(s3?.lastDay ?? 0)).toBe('2026-03-07');
  expect(
    [...(s3?.actions ?? [])].map(([name, day]) => [name, day === undefined ? '' : dayText(day)]),
  ).toEqual([
    ['createbucket', '2026-02-01'],
    ['deletebucket', ''],
  ]);
  expect(found?.services.get('kms')?.lastDay).toBeUndefined();
  expect(found?.services.has('sqs')).toBe(false);
});

test('reports of several principals', () => {
  const arn = 'arn:aws:iam::111122223333:role/team/app';
  const [found] = parseLastAccessed(JSON.stringify({ [arn]: report }), 'reports.json');
  expect(found?.arn).toBe(arn);
});

test.each([
  ['no JSON', '{', 'not JSON'],
  ['another answer', '{"Roles": []}', 'is not the ARN of a role or user'],
  ['nothing', '{}', 'empty'],
  [
    'a report that is not ready',
    '{"JobStatus": "IN_PROGRESS", "JobCreationDate": "2026-03-08T10:00:00Z"}',
    'IN_PROGRESS',
  ],
  ['a part of a report', JSON.stringify({ ...report, IsTruncated: true }), 'a part of a report'],
  ['a report without its date', JSON.stringify({ ServicesLastAccessed: [] }), 'no "JobCompletionDate"'],
])('%s is refused in one line', (_, text, said) => {
  const parse = (): unknown => parseLastAccessed(text, 'report.json');
  expect(parse).toThrow(InputError);
  expect(parse).toThrow(`report.json`);
  expect(parse).toThrow(said);
});

const day = (text: string): number => Date.parse(text) / 86_400_000;
const [data] = parseLastAccessed(JSON.stringify(report), 'report.json');

test.each([
  [
    'a service that was used and of which no call is seen',
    's3:PutObject',
    '2026-02-10',
    false,
    'used-before',
  ],
  ['a service of which calls are seen', 's3:PutObject', '2026-02-10', true, undefined],
  ['an action that was used before the coverage', 's3:CreateBucket', '2026-02-10', true, 'used-before'],
  ['an action that was never used', 's3:DeleteBucket', '2026-02-10', true, 'unused'],
  ['a service that was never used', 'kms:ListKeys', '2026-02-10', false, 'unused'],
  ['a key that other services use', 'kms:Decrypt', '2026-02-10', false, undefined],
  ['a service that is not listed', 'sqs:SendMessage', '2026-02-10', false, undefined],
  ['a report from before the coverage', 'kms:ListKeys', '2026-04-01', false, undefined],
  ['a permission that no call has', 'kms:AllowNothing', '2026-02-10', false, undefined],
  ['a role that is passed', 'iam:PassRole', '2026-02-10', false, undefined],
] as const)('testimony of %s', (_, action, since, isSeen, said) => {
  expect(data && testimony(data, action, { since: day(since), isSeen })).toBe(said);
});
