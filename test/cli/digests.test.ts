import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { isObject } from '../../src/iam/json.ts';
import { live } from '../aws/live.ts';
import { fakeS3, s3Environment, storedObjects } from '../aws/s3-fake.ts';
import { fakeTrails, type FakeTrails } from '../aws/trails-fake.ts';
import {
  listedKey,
  listOfKeys,
  logOf,
  objectsOf,
  signingKey,
  trailOf,
  writeDelivered,
  type Delivered,
} from '../ingest/digest-chain.ts';
import { run, temporaryFolder, type Ran } from './cli.ts';

const key = signingKey();
const hours = trailOf([0, 1, 2, 3], key);
const folder = temporaryFolder();
const keys = join(folder, 'keys.json');
writeFileSync(keys, listOfKeys(key));
const offline = ['--verify-digests', '--digest-keys', keys];

/** A folder of this name with these objects. */
function trail(name: string, objects: readonly Delivered[]): string {
  writeDelivered(join(folder, name), objects);
  return join(folder, name);
}

const sound = trail('sound', objectsOf(hours));
const forged = trail('forged', [...objectsOf(hours), logOf(1, 'forged\u001b')]);

/** Reads with verification while this process answers for CloudTrail. */
const withKeysOf = (fake: FakeTrails | undefined, ...args: readonly string[]): Promise<Ran> =>
  live(['ingest', sound, '--verify-digests', ...args], { AWS_ENDPOINT_URL_CLOUDTRAIL: fake?.url ?? '' });

describe('ingest --verify-digests --digest-keys', () => {
  test('a sound chain: exit 0, and what could not be checked is said', () => {
    const ran = run(['ingest', sound, '--db', join(folder, 'a.db'), ...offline]);
    expect(ran).toMatchObject({ code: 0, out: '' });
    expect(ran.err).toMatch(/^note: .*T040131Z\.json\.gz: the last digest of its chain cannot be checked/m);
    expect(ran.err).toMatch(/^3 digest files proven, 1 not checked, 0 not valid, 0 missing$/m);
    expect(ran.err).toMatch(/^3 log files proven, 1 not yet, 0 altered, 0 missing, 0 that no valid digest/m);
  });

  test('a file that no digest names: exit 1, named on one line, not read', () => {
    const ran = run(['ingest', forged, '--db', join(folder, 'b.db'), '--json', ...offline]);
    expect(ran.code).toBe(1);
    expect(ran.err).toMatch(/^not proven: [^\n]*_forged\\u\{1b\}\.json\.gz: no digest names it\n$/);
    const report: unknown = JSON.parse(ran.out);
    expect(report).toMatchObject({ events: { used: 4 }, digests: { logs: { unnamed: 1, proven: 3 } } });
  });

  test('without the flag, digests are counted and are no fault', () => {
    const ran = run(['ingest', sound, '--db', join(folder, 'c.db'), '--json']);
    expect(ran).toMatchObject({ code: 0, err: '' });
    expect(JSON.parse(ran.out)).toMatchObject({ events: { used: 4, skipped: { digest: 4 } } });
  });

  test.each<[args: readonly string[], says: RegExp]>([
    [['samples/trail', ...offline], /--verify-digests: no digest file in these sources/],
    [['-', ...offline], /--verify-digests: standard input has no digest files/],
    [[sound, '--digest-keys', keys], /--digest-keys goes with --verify-digests/],
    [[sound, '--verify-digests', '--digest-keys', join(folder, 'no')], /--digest-keys .*no: no such file/],
    [
      [sound, '--verify-digests', '--digest-keys', 'samples/trail-config.json'],
      /no "PublicKeyList"; give the/,
    ],
    [[sound, '--verify-digests', '--digest-keys', 'README.md'], /README.md: not JSON; give the output/],
  ])('mistakes: %j', (args, says) => {
    const ran = run(['ingest', ...args, '--db', join(folder, 'mistake.db')]);
    expect(ran).toMatchObject({ code: 2, out: '' });
    expect(ran.err).toMatch(/^iam-minimize: [^\n]+\n$/);
    expect(ran.err).toMatch(says);
  });
});

describe('ingest --verify-digests with the keys of AWS', () => {
  const fakes: FakeTrails[] = [];
  beforeAll(async () => {
    const list = [listedKey(signingKey()), listedKey(key)];
    fakes.push(
      await fakeTrails([], {}, { 'eu-west-1': list, 'us-east-1': [listedKey(signingKey())] }),
      await fakeTrails([], { ListPublicKeys: 'AccessDeniedException' }),
    );
  });
  afterAll(() => Promise.all(fakes.map((fake) => fake.close())));

  test('each page of the Region that signed', async () => {
    const ran = await withKeysOf(fakes[0], '--db', join(folder, 'd.db'), '--json');
    expect(ran.code).toBe(0);
    const report: unknown = JSON.parse(ran.out);
    expect(isObject(report) && report['digests']).toMatchObject({ files: { proven: 3 }, problems: [] });
    expect(fakes[0]?.requests).toEqual(['ListPublicKeys eu-west-1', 'ListPublicKeys eu-west-1']);
  });

  test('a refusal is one line', async () => {
    const ran = await withKeysOf(fakes[1], '--db', join(folder, 'e.db'));
    expect(ran.code).toBe(2);
    expect(ran.err).toMatch(/^iam-minimize: AWS: no permission for cloudtrail:ListPublicKeys; [^\n]+\n$/);
  });

  test('a bucket: the signature of each digest is in its metadata', async () => {
    const objects = objectsOf(hours);
    const s3 = await fakeS3({
      'trail-bucket': storedObjects(
        Object.fromEntries(objects.map((object) => [object.key, object.content])),
        Object.fromEntries(hours.map(({ digest }) => [digest.key, { signature: digest.signature ?? '' }])),
      ),
    });
    const environment = { ...s3Environment(s3.url), AWS_ENDPOINT_URL_CLOUDTRAIL: fakes[0]?.url ?? '' };
    const args = ['ingest', 's3://trail-bucket', '--verify-digests', '--db', join(folder, 'f.db')];
    const ran = await live(args, environment);
    await s3.close();
    expect(ran).toMatchObject({ code: 0, out: '' });
    expect(ran.err).toMatch(/^4 digest files proven, 0 not checked, 0 not valid, 0 missing$/m);
    expect(ran.err).toMatch(/^4 log files proven, 0 not yet/m);
  });
});
