import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { clientOf, type Service } from '../../src/aws/access.ts';
import { configurationOf } from '../../src/aws/configuration/configuration.ts';

const folder = mkdtempSync(join(tmpdir(), 'aws-config-'));
const at = (name: string): string => join(folder, name);

writeFileSync(at('ca.pem'), 'certificates');
writeFileSync(
  at('config'),
  `[default]
region = eu-west-1
endpoint_url = http://default.example

[profile other] ; another account
region = eu-central-1
endpoint_url = http://other.example
ca_bundle = ${at('ca.pem')}

[profile 'data lake']
region=ap-south-1
aws_access_key_id = AKIDLAKE
aws_secret_access_key = lake

[profile split]
services = own
region = nonsense
[services own]
s3 =
  endpoint_url = http://s3.example
iam =
  endpoint_url = localhost:5000

[profile program]
credential_process = sh -c 'echo no vault here >&2; exit 1'

[profile sso]
sso_session = gone
sso_account_id = 111122223333
sso_role_name = reader

[profile token]
role_arn = arn:aws:iam::111122223333:role/ci
web_identity_token_file = ${at('none')}
`,
);
writeFileSync(at('credentials'), '[other]\naws_access_key_id = AKIDOTHER\naws_secret_access_key = other\n');

const variables =
  'AWS_PROFILE AWS_DEFAULT_PROFILE AWS_REGION AWS_DEFAULT_REGION AWS_CA_BUNDLE AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_ENDPOINT_URL AWS_ENDPOINT_URL_S3 AWS_ENDPOINT_URL_IAM AWS_IGNORE_CONFIGURED_ENDPOINT_URLS'.split(
    ' ',
  );

const made = (service: Service): Promise<string> => clientOf(({ region }) => region, {}, service);

beforeEach(() => {
  for (const name of variables) vi.stubEnv(name, undefined);
  vi.stubEnv('AWS_CONFIG_FILE', at('config'));
  vi.stubEnv('AWS_SHARED_CREDENTIALS_FILE', at('credentials'));
});
afterEach(() => vi.unstubAllEnvs());

const keysOf = async (profile: string): Promise<string | undefined> =>
  (await configurationOf({ profile }, 's3').credentials?.())?.accessKeyId;

describe('configured as the AWS CLI is', () => {
  test('a profile brings its Region, endpoint, certificates and credentials', async () => {
    expect(configurationOf({ profile: 'other' }, 's3')).toMatchObject({
      region: 'eu-central-1',
      endpoint: 'http://other.example',
      ca: 'certificates',
    });
    expect(await keysOf('other')).toBe('AKIDOTHER');
    expect(configurationOf({}, 's3')).toMatchObject({
      region: 'eu-west-1',
      endpoint: 'http://default.example',
    });
  });

  test('flags, then the environment, then the profile', () => {
    vi.stubEnv('AWS_DEFAULT_REGION', 'us-east-2');
    expect(configurationOf({}, 's3').region).toBe('us-east-2');
    vi.stubEnv('AWS_REGION', 'us-west-2');
    expect(configurationOf({}, 's3').region).toBe('us-west-2');
    expect(configurationOf({ region: 'us-gov-west-1' }, 's3').region).toBe('us-gov-west-1');
    vi.stubEnv('AWS_ENDPOINT_URL', 'http://all.example');
    vi.stubEnv('AWS_ENDPOINT_URL_S3', 'http://mine.example');
    expect(configurationOf({ profile: 'other' }, 's3').endpoint).toBe('http://mine.example');
    expect(configurationOf({ profile: 'other' }, 'iam').endpoint).toBe('http://all.example');
    vi.stubEnv('AWS_IGNORE_CONFIGURED_ENDPOINT_URLS', 'true');
    expect(configurationOf({}, 's3').endpoint).toBe(undefined);
  });

  test('an endpoint of a service, and a name in quotes', async () => {
    const split = { profile: 'split', region: 'eu-west-1' };
    expect(configurationOf(split, 's3').endpoint).toBe('http://s3.example');
    expect(configurationOf(split, 'athena').endpoint).toBe(undefined);
    expect(await keysOf('data lake')).toBe('AKIDLAKE');
  });

  test('a profile and keys: which are used is said', async () => {
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'AKIDENV');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'env');
    expect(await keysOf('other')).toBe('AKIDOTHER');
    expect(configurationOf({ profile: 'other' }, 's3').note).toContain('those of --profile other');
    vi.stubEnv('AWS_PROFILE', 'other');
    const both = configurationOf({}, 's3');
    expect((await both.credentials?.())?.accessKeyId).toBe('AKIDENV');
    expect(both).toMatchObject({ region: 'eu-central-1', endpoint: 'http://other.example' });
    expect(both.note).toContain('the keys in the environment, not those of profile other');
  });
});

test.each<[string, () => unknown, RegExp]>([
  [
    'a profile',
    () => configurationOf({ profile: 'nobody' }, 's3'),
    /^AWS: no profile nobody; configured are: default, other, data lake, split, /,
  ],
  ['a Region', () => configurationOf({ profile: 'split' }, 's3'), /^AWS: nonsense is no Region; /],
  [
    'an endpoint',
    () => configurationOf({ profile: 'split', region: 'eu-west-1' }, 'iam'),
    /^AWS: endpoint localhost:5000 of iam: write it with https:/,
  ],
  [
    'a session',
    () => configurationOf({ profile: 'sso' }, 's3'),
    /^AWS: sso_session gone of profile sso: there is no \[sso-session gone\]/,
  ],
])('%s that cannot be is a mistake', (_, configured, line) => {
  expect(configured).toThrow(line);
});

test('certificates that are not there', () => {
  vi.stubEnv('AWS_CA_BUNDLE', at('missing.pem'));
  expect(() => configurationOf({}, 's3')).toThrow(/missing\.pem: cannot be read \(AWS_CA_BUNDLE/);
});

test.each([
  ['program', /^AWS: no credentials of profile program: .*no vault here/],
  ['token', /^AWS: no credentials of profile token: .*none/],
])('credentials that profile %s cannot give: the reason is told', async (profile, line) => {
  await expect(keysOf(profile)).rejects.toThrow(line);
});

test('no Region: a mistake where the answer depends on it', async () => {
  vi.stubEnv('AWS_CONFIG_FILE', at('missing'));
  expect([await made('iam'), await made('s3')]).toEqual(['us-east-1', 'us-east-1']);
  await expect(made('cloudtrail')).rejects.toThrow(/^AWS: no Region for cloudtrail; give --region/);
  await expect(made('athena')).rejects.toThrow(/^AWS: no Region for athena/);
});
