import { afterEach, expect, test, vi } from 'vitest';
import { serviceLastAccessed } from '../../src/aws/iam.ts';
import { dayText } from '../../src/iam/days.ts';
import { lastAccessedOf } from '../../src/permissions/last-accessed.ts';
import { details } from '../current/details-fixture.ts';
import { fakeEnvironment, fakeIam, type FakeIam, type FakeOptions } from './iam-fake.ts';

const arn = 'arn:aws:iam::111122223333:role/app';
const services = ['s3', 'kms', 'sqs'].map((name) => ({
  ServiceName: name,
  ServiceNamespace: name,
  ...(name === 'sqs'
    ? {}
    : { LastAuthenticated: '2026-03-07T10:00:00Z', LastAuthenticatedRegion: 'eu-west-1' }),
  ...(name === 's3'
    ? {
        TrackedActionsLastAccessed: [
          { ActionName: 'CreateBucket', LastAccessedTime: '2026-03-06T10:00:00Z' },
        ],
      }
    : {}),
}));

let fake: FakeIam | undefined;
afterEach(async () => {
  vi.unstubAllEnvs();
  await fake?.close();
});

async function serve(options: FakeOptions): Promise<void> {
  fake = await fakeIam(details({}), options);
  for (const [name, value] of Object.entries(fakeEnvironment(fake.url))) vi.stubEnv(name, value);
}

test('a report is asked for by action, waited for and read page by page', async () => {
  await serve({ lastAccessed: { services, unready: 2 } });
  const found = lastAccessedOf(arn, await serviceLastAccessed({}, arn, 1), 'aws');
  expect(
    [...found.services].map(([name, { lastDay }]) => [name, lastDay === undefined ? '' : dayText(lastDay)]),
  ).toEqual([
    ['s3', '2026-03-07'],
    ['kms', '2026-03-07'],
    ['sqs', ''],
  ]);
  expect(found.services.get('s3')?.actions.has('createbucket')).toBe(true);
  expect(fake?.requests[0]).toMatchObject({
    Action: 'GenerateServiceLastAccessedDetails',
    Arn: arn,
    Granularity: 'ACTION_LEVEL',
  });
});

test('a refusal is one line with the permission that is missing', async () => {
  await serve({
    mishap: () => ({
      kind: 'error',
      status: 403,
      code: 'AccessDenied',
      message: 'User: x is not authorized',
    }),
  });
  await expect(serviceLastAccessed({}, arn, 1)).rejects.toThrow('iam:GenerateServiceLastAccessedDetails');
});
