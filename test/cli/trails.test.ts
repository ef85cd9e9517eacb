import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { isObject, type JsonObject } from '../../src/iam/json.ts';
import { lintPolicy } from '../../src/iam/lint/lint.ts';
import { parsePolicy } from '../../src/iam/policy/policy.ts';
import { fakeTrails, type FakeTrail, type FakeTrails } from '../aws/trails-fake.ts';
import { live } from '../aws/live.ts';
import { fakeS3, storedObjects } from '../aws/s3-fake.ts';
import { project, type Ran } from './cli.ts';
import { schemaErrors } from './schema.ts';

const management = { Field: 'eventCategory', Equals: ['Management'] };
const data = { Field: 'eventCategory', Equals: ['Data'] };
const account: readonly FakeTrail[] = [
  {
    name: 'main',
    settings: {
      S3KeyPrefix: "trails/it's here",
      KmsKeyId: 'arn:aws:kms:us-east-1:111122223333:key/1b2c3d4e-0000-4000-8000-000000000000',
      LogFileValidationEnabled: true,
    },
    selectors: {
      EventSelectors: [
        {
          ReadWriteType: 'All',
          IncludeManagementEvents: true,
          ExcludeManagementEventSources: ['kms.amazonaws.com'],
          DataResources: [
            { Type: 'AWS::S3::Object', Values: ['arn:aws:s3:::app-data/', 'arn:aws:s3:::app-logs/'] },
            { Type: 'AWS::Lambda::Function', Values: ['arn:aws:lambda'] },
          ],
        },
      ],
    },
  },
  {
    name: 'everyone',
    account: '999988887777',
    settings: { S3BucketName: 'org-trail', IsOrganizationTrail: true },
    selectors: {
      AdvancedEventSelectors: [
        { FieldSelectors: [management, { Field: 'readOnly', Equals: ['false'] }] },
        { FieldSelectors: [data, { Field: 'eventName', Equals: ['DeleteObject'] }] },
      ],
    },
  },
  {
    name: 'paris\u001b[31m',
    home: 'eu-west-3',
    isMultiRegion: false,
    isLogging: false,
    selectors: { EventSelectors: [{ ReadWriteType: 'ReadOnly', IncludeManagementEvents: true }] },
  },
];

/** Runs `trails` where the organization's bucket holds folders of these names. */
async function trails(
  given: readonly FakeTrail[],
  args: readonly string[] = [],
  refused: Readonly<Record<string, string>> = {},
  folders: readonly string[] = ['o-exampleorgid', '111122223333', 'other'],
): Promise<{ ran: Ran; fake: FakeTrails }> {
  const fake = await fakeTrails(given, refused);
  onTestFinished(fake.close);
  const keys = folders.map((folder) => [`AWSLogs/${folder}/a/b`, ''] as const);
  const s3 = await fakeS3(
    { 'org-trail': storedObjects(Object.fromEntries(keys)) },
    {
      mishap: () =>
        refused['ListObjectsV2'] === undefined
          ? undefined
          : { kind: 'error', status: 403, code: refused['ListObjectsV2'] },
    },
  );
  onTestFinished(s3.close);
  const environment = {
    AWS_ENDPOINT_URL_S3: s3.url,
    AWS_ENDPOINT_URL_CLOUDTRAIL: fake.url,
    AWS_REGION: 'eu-west-1',
  };
  return { ran: await live(['trails', ...args], environment), fake };
}

const linesOf = ({ out }: Ran): JsonObject[] =>
  out
    .split('\n')
    .filter(Boolean)
    .map((line): unknown => JSON.parse(line))
    .filter(isObject);

const refusedElsewhere = { 'GetEventSelectors everyone': 'AccessDeniedException' };

test('each trail once, with its command and policy', async () => {
  const { ran, fake } = await trails(account, [], refusedElsewhere);
  expect(ran).toMatchObject({ code: 0, err: 'asked in eu-west-1\n' });
  await expect(ran.out).toMatchFileSnapshot(join(project, 'test/golden/trails.txt'));
  expect(fake.requests.slice(0, 4)).toEqual([
    'DescribeTrails eu-west-1',
    'ListTrails eu-west-1',
    'ListTrails eu-west-1',
    'DescribeTrails eu-west-3',
  ]);
});

test('the same for programs, by the schema', async () => {
  const { ran } = await trails(account, ['--json'], refusedElsewhere);
  const found = linesOf(ran);
  for (const trail of found) expect(schemaErrors('trails', trail)).toBeNull();
  expect(found.map(({ source, logging, dataEvents }) => [source, logging, dataEvents === null])).toEqual([
    ['s3://example-trail/AWSLogs/111122223333/CloudTrail/', false, false],
    ["s3://example-trail/trails/it's here/AWSLogs/111122223333/CloudTrail/", true, false],
    ['s3://org-trail/AWSLogs/o-exampleorgid/', true, true],
  ]);
  for (const { policy } of found)
    expect(lintPolicy(parsePolicy(JSON.stringify(policy), 'policy'))).toEqual([]);
});

test('what limits a rule in another way is counted, not taken for all', async () => {
  const { ran } = await trails(account, ['--json']);
  expect(linesOf(ran).at(-1)).toMatchObject({
    managementEvents: [{ reads: false, writes: true, excludedSources: [] }],
    dataEvents: [],
    otherRules: 1,
    unknown: [],
  });
});

test.each([
  ['the bucket may not be listed', { ListObjectsV2: 'AccessDenied' }, ['o-exampleorgid'], 1],
  ['no folder is named by it', {}, ['111122223333', 'o-x'], 0],
  ['two organizations deliver there', {}, ['o-exampleorgid', 'o-anotherorgid'], 0],
])('the organization is not known: %s', async (_, refused, folders, unknown) => {
  const { ran } = await trails(account, ['--json'], refused, folders);
  const found = linesOf(ran).at(-1);
  expect(found).toMatchObject({ source: 's3://org-trail/AWSLogs/' });
  expect(found?.['unknown']).toHaveLength(unknown);
});

test('no trail is no error, and there is the event history', async () => {
  const { ran } = await trails([]);
  expect(ran).toMatchObject({ code: 0, out: '' });
  expect(ran.err).toMatch(
    /^asked in eu-west-1\nthe account has no trail; .*: iam-minimize ingest event-history\n$/,
  );
});

test.each([
  ['DescribeTrails', /^iam-minimize: AWS: no permission for cloudtrail:DescribeTrails; allow .*\n$/],
  ['ListTrails', /^iam-minimize: AWS: no permission for cloudtrail:ListTrails; allow .*\n$/],
])('without %s it is a line', async (operation, line) => {
  const { ran } = await trails(account, [], { [operation]: 'AccessDeniedException' });
  expect(ran).toMatchObject({ code: 2, out: '' });
  expect(ran.err).toMatch(line);
});
