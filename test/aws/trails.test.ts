import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { liveTrails } from '../../src/aws/trails.ts';
import { readTrailConfig } from '../../src/app/current-policies.ts';
import { logsData, logsManagement } from '../../src/permissions/selectors.ts';
import { fakeEnvironment } from './iam-fake.ts';
import { fakeTrails, type FakeTrail, type FakeTrails } from './trails-fake.ts';

let fake: FakeTrails | undefined;
beforeEach(() => vi.stubEnv('AWS_REGION', undefined));
afterEach(async () => {
  vi.unstubAllEnvs();
  await fake?.close();
  fake = undefined;
});

async function serve(
  trails: readonly FakeTrail[],
  refused: Readonly<Record<string, string>> = {},
): Promise<void> {
  fake = await fakeTrails(trails, refused);
  for (const [name, value] of Object.entries(fakeEnvironment(''))) vi.stubEnv(name, value);
  vi.stubEnv('AWS_ENDPOINT_URL_CLOUDTRAIL', fake.url);
}

async function live(...given: Parameters<typeof serve>): ReturnType<typeof liveTrails> {
  await serve(...given);
  return liveTrails({ region: 'eu-west-1' });
}

const basic = {
  EventSelectors: [
    {
      ReadWriteType: 'All',
      IncludeManagementEvents: true,
      DataResources: [{ Type: 'AWS::S3::Object', Values: ['arn:aws:s3:::app-data/'] }],
      ExcludeManagementEventSources: ['kms.amazonaws.com'],
    },
  ],
};
const advanced = {
  AdvancedEventSelectors: [
    {
      Name: 'queues',
      FieldSelectors: [
        { Field: 'eventCategory', Equals: ['Data'] },
        { Field: 'resources.type', Equals: ['AWS::SQS::Queue'] },
      ],
    },
  ],
};

const reach = { IsOrganizationTrail: false, IsMultiRegionTrail: true };

test('every trail that logs, asked in its home Region', async () => {
  const found = await live([
    { name: 'main', selectors: basic },
    { name: 'data', home: 'eu-central-1', selectors: advanced },
  ]);
  expect(found.leftOut).toEqual([]);
  expect(found.selectors).toEqual([
    {
      TrailARN: 'arn:aws:cloudtrail:us-east-1:111122223333:trail/main',
      ...reach,
      HomeRegion: 'us-east-1',
      ...basic,
    },
    {
      TrailARN: 'arn:aws:cloudtrail:eu-central-1:111122223333:trail/data',
      ...reach,
      HomeRegion: 'eu-central-1',
      EventSelectors: [],
      ...advanced,
    },
  ]);
  expect(fake?.requests).toEqual([
    'DescribeTrails eu-west-1',
    'GetTrailStatus us-east-1',
    'GetEventSelectors us-east-1',
    'GetTrailStatus eu-central-1',
    'GetEventSelectors eu-central-1',
  ]);
});

test('a trail that is stopped, or of one Region, counts for nothing and is said', async () => {
  const { selectors, leftOut } = await live([
    { name: 'old', isLogging: false, selectors: basic },
    { name: 'dublin', home: 'eu-west-1', isMultiRegion: false, selectors: basic },
  ]);
  expect(selectors).toEqual([]);
  expect(leftOut).toEqual([
    'trail arn:aws:cloudtrail:us-east-1:111122223333:trail/old: left out, it does not log',
    'trail arn:aws:cloudtrail:eu-west-1:111122223333:trail/dublin: left out, it logs eu-west-1 alone; if that is all there is, give its get-event-selectors as a file',
  ]);
});

test('as --trail-config aws they say what the same file says', async () => {
  await serve([
    { name: 'main', selectors: basic },
    { name: 'data', selectors: advanced },
  ]);
  const warnings: string[] = [];
  const config = await readTrailConfig('aws', {}, (line) => warnings.push(line));
  if (!config) throw new Error('no configuration');
  expect(warnings).toEqual([]);
  expect(logsData(config, 'AWS::S3::Object', 'write', 'arn:aws:s3:::app-data/in')).toBe(true);
  expect(logsData(config, 'AWS::S3::Object', 'write', 'arn:aws:s3:::other/in')).toBe(false);
  expect(logsData(config, 'AWS::SQS::Queue', 'read', '*')).toBe(true);
  expect(logsManagement(config, 'iam.amazonaws.com', 'write')).toBe(true);
  expect(logsManagement(config, 'kms.amazonaws.com', 'read')).toBe(false);
});

test('an account without trails shows nothing, and that is said', async () => {
  await serve([]);
  const warnings: string[] = [];
  const config = await readTrailConfig('aws', {}, (line) => warnings.push(line));
  expect(config).toEqual({ selectors: [] });
  expect(warnings.join()).toMatch(/^no trail of the account logs all Regions/);
});

describe('what goes wrong is one line', () => {
  test.each([
    ['DescribeTrails', 'AccessDeniedException', /^AWS: no permission for cloudtrail:DescribeTrails; allow /],
    ['GetEventSelectors', 'AccessDeniedException', /^AWS: no permission for cloudtrail:GetEventSelectors; /],
    ['GetTrailStatus', 'ExpiredTokenException', /^AWS: the credentials have expired /],
    [
      'DescribeTrails',
      'OperationNotPermittedException',
      /^AWS: cloudtrail:DescribeTrails failed: .*no no \(HTTP 400\)$/,
    ],
  ])('%s: %s', async (operation, code, line) => {
    await expect(live([{ name: 'main', selectors: basic }], { [operation]: code })).rejects.toThrow(line);
  });

  test('a trail deleted meanwhile does not log', async () => {
    const { leftOut } = await live([{ name: 'main', selectors: basic }], {
      GetEventSelectors: 'TrailNotFoundException',
    });
    expect(leftOut).toHaveLength(1);
  });
});
