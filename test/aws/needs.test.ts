import { join } from 'node:path';
import { afterEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import {
  authorizationDetails,
  credentialReport,
  passwordPolicy,
  serviceLastAccessed,
} from '../../src/aws/iam.ts';
import { listPublicKeys } from '../../src/aws/cloudtrail.ts';
import { withAccessAnalyzer } from '../../src/aws/access-analyzer.ts';
import { liveTrails } from '../../src/aws/trails.ts';
import { evaluate } from '../../src/iam/decide/evaluate.ts';
import { lintPolicy } from '../../src/iam/lint/lint.ts';
import type { PolicyDocument } from '../../src/iam/policy/policy.ts';
import { project, temporaryFolder } from '../cli/cli.ts';
import { documentedPolicies as policies } from './documented-policies.ts';
import { ACCOUNT, allow, attached, details, managed, role } from '../current/details-fixture.ts';
import { bucketOf, listedKey, objectsOf, signingKey, trailOf } from '../ingest/digest-chain.ts';
import { event } from '../ingest/trail.ts';
import { duckdb } from '../athena/duckdb.ts';
import { fillTable, ownTable, recordsBelow } from '../athena/table.ts';
import { fakeAnalyzer } from './analyzer-fake.ts';
import { fakeAthena } from './athena-fake.ts';
import { fakeHistory } from './history-fake.ts';
import { fakeEnvironment, fakeIam } from './iam-fake.ts';
import { live } from './live.ts';
import { fakeS3, filesAsObjects, s3Environment, storedObjects, type FakeObjects } from './s3-fake.ts';
import { fakeTrails, type FakeTrail } from './trails-fake.ts';

/** A call as IAM judges it. */
interface Call {
  readonly action: string;
  readonly resource: string;
  /** Context keys, lower-cased. */
  readonly context?: Readonly<Record<string, string>>;
}

const folder = temporaryFolder();
let databases = 0;
afterEach(() => vi.unstubAllEnvs());

/** This process takes the fakes for AWS until the test ends. */
function serve(environment: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries({ ...fakeEnvironment(''), ...environment }))
    vi.stubEnv(name, value);
}

const trails: readonly FakeTrail[] = [
  { name: 'main', selectors: {} },
  { name: 'paris', home: 'eu-west-3', isMultiRegion: false, selectors: {} },
];

/** What an operation of CloudTrail is authorized as: its own name, on the trail that it names. */
const cloudTrailCalls = ({ requests, about }: Awaited<ReturnType<typeof fakeTrails>>): Call[] =>
  requests.map((request, i) => ({
    action: `cloudtrail:${request.split(' ')[0] ?? ''}`,
    resource: about[i] ?? '*',
  }));

async function withTrails(use: (url: string) => Promise<unknown>): Promise<Call[]> {
  const fake = await fakeTrails(trails, {}, { 'eu-west-1': [{ Fingerprint: 'f', Value: 'AAAA' }] });
  onTestFinished(fake.close);
  await use(fake.url);
  return cloudTrailCalls(fake);
}

const key = 'arn:aws:kms:us-east-1:111122223333:key/1b2c3d4e-0000-4000-8000-000000000000';

/** The calls of `ingest s3://example-trail/PREFIX` on the sample trail, delivered below a prefix. */
const s3Calls = (delivered: string, prefix: string): Promise<Call[]> =>
  bucketCalls(storedObjects(filesAsObjects(join(project, 'samples/trail/AWSLogs'), delivered)), prefix);

async function bucketCalls(
  objects: FakeObjects,
  prefix: string,
  args: readonly string[] = [],
  environment: Readonly<Record<string, string>> = {},
): Promise<Call[]> {
  const fake = await fakeS3({ 'example-trail': objects });
  onTestFinished(fake.close);
  const ran = await live(
    ['ingest', `s3://example-trail/${prefix}`, '--db', join(folder, `${databases++}.db`), ...args],
    { ...s3Environment(fake.url), ...environment },
  );
  expect(ran).toMatchObject({ code: 0 });
  return fake.requests.map((request) =>
    request.operation === 'list'
      ? {
          action: 's3:ListBucket',
          resource: 'arn:aws:s3:::example-trail',
          context: { 's3:prefix': request.key },
        }
      : { action: 's3:GetObject', resource: `arn:aws:s3:::example-trail/${request.key}` },
  );
}

const oneAccount = (): Promise<Call[]> => s3Calls('AWSLogs/', 'AWSLogs/111122223333/CloudTrail/');

const inAthena = 'arn:aws:athena:eu-west-1:111122223333:';
const resultsAt = 'arn:aws:s3:::example-results';
const catalog = ['catalog', 'database/logs', 'table/logs/cloudtrail'].map(
  (path) => `arn:aws:glue:eu-west-1:111122223333:${path}`,
);
const each = (actions: readonly string[], resources: readonly string[]): Call[] =>
  actions.flatMap((action) => resources.map((resource) => ({ action, resource })));

/**
 * What Athena asks of the catalog and of S3 in the name of who runs a query.
 * https://docs.aws.amazon.com/athena/latest/ug/fine-grained-access-to-glue-resources.html
 * https://docs.aws.amazon.com/athena/latest/ug/s3-permissions.html
 */
const byAthena: readonly Call[] = [
  ...each(['glue:GetDatabase', 'glue:GetTable', 'glue:GetPartitions'], catalog),
  ...each(['s3:GetBucketLocation'], ['arn:aws:s3:::example-trail', resultsAt]),
  ...each(
    ['s3:PutObject', 's3:ListMultipartUploadParts', 's3:AbortMultipartUpload'],
    [`${resultsAt}/athena/1b2c3d4e.csv`],
  ),
];

/** What the program asks of Athena, and of S3 for the rows: in a run that ends well, and in one that is cut short. */
async function ofAthena(): Promise<Call[]> {
  const database = await duckdb();
  await database.run('CREATE SCHEMA logs');
  await fillTable(database, 'logs.cloudtrail', recordsBelow(join(project, 'samples/trail')));
  const window = ['--since', '2026-03-02', '--until', '2026-03-02'];
  const calls: Call[] = [];
  for (const maxBytes of ['1TB', '1MB']) {
    const fake = await fakeAthena(database, { table: ownTable('logs', 'cloudtrail') });
    onTestFinished(fake.close);
    const db = join(folder, `${databases++}.db`);
    const ran = await live(
      ['ingest', 'athena://primary/logs/cloudtrail', ...window, '--max-bytes', maxBytes, '--db', db],
      fake.environment,
    );
    expect(ran).toMatchObject({ code: maxBytes === '1TB' ? 0 : 2 });
    calls.push(
      ...fake.requests.map(({ operation }) => ({
        action: `athena:${operation}`,
        resource: `${inAthena}${operation === 'GetTableMetadata' ? 'datacatalog/AwsDataCatalog' : 'workgroup/primary'}`,
      })),
      ...fake.s3Requests.map((request) => ({
        action: 's3:GetObject',
        resource: `${resultsAt}/${request.key}`,
      })),
    );
  }
  return calls;
}

/** What each of the page's policies is for, done; the calls that it took. */
const uses: Readonly<Record<string, () => Promise<readonly Call[]>>> = {
  trails: () =>
    withTrails((url) => live(['trails'], { AWS_ENDPOINT_URL_CLOUDTRAIL: url, AWS_REGION: 'eu-west-1' })),
  'trail-config': () =>
    withTrails((url) => {
      serve({ AWS_ENDPOINT_URL_CLOUDTRAIL: url });
      return liveTrails({ region: 'eu-west-1' });
    }),
  async digests() {
    const signer = signingKey();
    const fake = await fakeTrails([], {}, { 'eu-west-1': [listedKey(signer)] });
    onTestFinished(fake.close);
    const ofBucket = await bucketCalls(
      bucketOf(objectsOf(trailOf([0, 1, 2], signer))),
      'AWSLogs/111122223333/CloudTrail/',
      ['--verify-digests'],
      { AWS_ENDPOINT_URL_CLOUDTRAIL: fake.url },
    );
    return [...ofBucket, ...cloudTrailCalls(fake)];
  },
  'digest-keys': () =>
    withTrails((url) => {
      serve({ AWS_ENDPOINT_URL_CLOUDTRAIL: url });
      return listPublicKeys({}, 'eu-west-1', new Date('2026-03-01'));
    }),
  s3: oneAccount,
  async 's3-kms'() {
    // S3 asks KMS with the reader's permissions whenever it gives an object that is encrypted so.
    const decrypt = {
      action: 'kms:Decrypt',
      resource: key,
      context: { 'kms:viaservice': 's3.eu-west-1.amazonaws.com' },
    };
    return [...(await oneAccount()), decrypt];
  },
  organization: () => s3Calls('AWSLogs/o-exampleorgid/', 'AWSLogs/o-exampleorgid/'),
  // Athena reads the log files as the program does.
  athena: async () => [...(await ofAthena()), ...byAthena, ...(await oneAccount())],
  'athena-create': () => Promise.resolve(each(['glue:CreateTable'], catalog)),
  async 'event-history'() {
    const day = new Date(Date.now() - 3 * 86_400_000).toISOString().slice(0, 10);
    const fake = await fakeHistory([event('app', 'GetBucketAcl', `${day}T10:00:00Z`)]);
    onTestFinished(fake.close);
    const args = ['--since', day, '--until', day, '--regions', 'eu-west-1', '--event-name', 'GetBucketAcl'];
    const ran = await live(['ingest', 'event-history', ...args, '--db', join(folder, 'history.db')], {
      AWS_ENDPOINT_URL_CLOUDTRAIL: fake.url,
    });
    expect(ran).toMatchObject({ code: 0 });
    return fake.requests.map(() => ({ action: 'cloudtrail:LookupEvents', resource: '*' }));
  },
  async 'last-accessed'() {
    const arn = `arn:aws:iam::${ACCOUNT}:role/app`;
    const fake = await fakeIam(details({}));
    onTestFinished(fake.close);
    serve(fakeEnvironment(fake.url));
    await serviceLastAccessed({}, arn, 1);
    return fake.requests.map(({ Action: name = '', Arn: resource = '*' }) => ({
      action: `iam:${name}`,
      resource,
    }));
  },
  async audit() {
    const fake = await fakeIam(details({}));
    onTestFinished(fake.close);
    serve(fakeEnvironment(fake.url));
    await credentialReport({}, 1);
    await passwordPolicy({});
    return fake.requests.map(({ Action: name = '' }) => ({ action: `iam:${name}`, resource: '*' }));
  },
  async 'access-analyzer'() {
    const fake = await fakeAnalyzer();
    onTestFinished(fake.close);
    serve(fake.environment);
    const policy = JSON.stringify({
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Action: 's3:GetObject', Resource: '*' }],
    });
    await withAccessAnalyzer({}, async (analyzer) => {
      await analyzer.validate(policy);
      await analyzer.noNewAccess(policy, policy);
      await analyzer.notGranted(policy, ['iam:CreateUser']);
    });
    const names: Readonly<Record<string, string>> = {
      '/policy/validation': 'ValidatePolicy',
      '/policy/check-no-new-access': 'CheckNoNewAccess',
      '/policy/check-access-not-granted': 'CheckAccessNotGranted',
    };
    return fake.requests.map((path) => ({ action: `access-analyzer:${names[path] ?? path}`, resource: '*' }));
  },
  async current() {
    const [own, aws] = [`arn:aws:iam::${ACCOUNT}:policy/own`, 'arn:aws:iam::aws:policy/ReadOnlyAccess'];
    const account = details({
      roles: [role('app', attached(own, aws))],
      policies: [managed(own, allow('s3:GetObject')), managed(aws, allow('s3:Get*'))],
    });
    const fake = await fakeIam(account, { withheld: [own, aws] });
    onTestFinished(fake.close);
    serve(fakeEnvironment(fake.url));
    await authorizationDetails({});
    return fake.requests.map(({ Action: name = '', PolicyArn: resource = '*' }) => ({
      action: `iam:${name}`,
      resource,
    }));
  },
};

const isAllowed = ({ action, resource, context = {} }: Call, policy: PolicyDocument): boolean =>
  evaluate(
    {
      action,
      resource,
      context: new Map(Object.entries(context).map(([key, value]) => [key, [value]])),
      contextIsComplete: true,
    },
    { identity: [policy] },
  ).decision === 'allowed';

/** A policy for each action and each resource of each statement. */
const single = ({ version, statements }: PolicyDocument): PolicyDocument[] =>
  statements.flatMap((statement) =>
    statement.actions.patterns.flatMap((action) =>
      statement.resources.patterns.map((resource) => ({
        version,
        statements: [
          {
            ...statement,
            actions: { kind: 'only' as const, patterns: [action] },
            resources: { kind: 'only' as const, patterns: [resource] },
          },
        ],
      })),
    ),
  );

test('every policy of the page is put to use here', () => {
  expect([...policies.keys()].sort()).toEqual(Object.keys(uses).sort());
});

describe.each([...policies])('%s', (name, policy) => {
  test('has no finding', () => expect(lintPolicy(policy)).toEqual([]));

  test('allows the calls that are made, and grants nothing else', async () => {
    const calls = (await uses[name]?.()) ?? [];
    expect(calls.length).toBeGreaterThan(0);
    expect(calls.filter((call) => !isAllowed(call, policy))).toEqual([]);
    const unused = single(policy).filter((grant) => !calls.some((call) => isAllowed(call, grant)));
    expect(unused.flatMap(({ statements }) => statements)).toEqual([]);
  });
});
