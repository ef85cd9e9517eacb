import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { isObject } from '../../src/iam/json.ts';
import { project, run, sampleIndex, temporaryFolder, today, type Ran } from '../cli/cli.ts';
import { fakeIam, type FakeIam } from './iam-fake.ts';
import { live as liveRun } from './live.ts';
import { fakeTrails } from './trails-fake.ts';

const folder = temporaryFolder();
const db = sampleIndex(folder);
const details: unknown = JSON.parse(
  readFileSync(join(project, 'samples/current/authorization-details.json'), 'utf8'),
);

let fake: FakeIam | undefined;
beforeAll(async () => {
  fake = await fakeIam(isObject(details) ? details : {}, { pageSize: 3 });
});
afterAll(() => fake?.close());

/** Runs the program while this process answers for IAM. */
const live = (args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<Ran> =>
  liveRun(args, { AWS_ENDPOINT_URL_IAM: fake?.url ?? '', ...more });

const generated = [
  'generate',
  '--all',
  '--db',
  db,
  '--min-window',
  '5d',
  '--trail-config',
  'samples/trail-config.json',
];

test('generate --current aws says what the same details as a file say', async () => {
  const fromFile = run(['generate', '--all', '--db', db, ...today]);
  expect(await live([...generated, '--current', 'aws'])).toEqual(fromFile);
  expect(fromFile.out).toContain('role/app');
});

test('generate --trail-config aws says what the selectors as a file say', async () => {
  const selectors: unknown = JSON.parse(readFileSync(join(project, 'samples/trail-config.json'), 'utf8'));
  const trails = await fakeTrails([{ name: 'main', selectors: isObject(selectors) ? selectors : {} }]);
  const args = ['generate', '--all', '--db', db, '--min-window', '5d', '--current', 'samples/current'];
  const ran = await live([...args, '--trail-config', 'aws'], { AWS_ENDPOINT_URL_CLOUDTRAIL: trails.url });
  await trails.close();
  expect(ran).toEqual(run([...args, '--trail-config', 'samples/trail-config.json']));
});

test('verify --current aws', async () => {
  const policy = join(folder, 'out/111122223333/role/app/policy.json');
  run(['generate', '--principal', 'app', '--db', db, ...today, '--out', join(folder, 'out')]);
  const args = ['verify', '--policy', policy, '--principal', 'app', '--db', db, '--current'];
  expect(await live([...args, 'aws'])).toEqual(run([...args, 'samples/current']));
});

test('diff aws', async () => {
  expect(await live(['diff', 'aws', 'samples/current'])).toMatchObject({ code: 0, err: '' });
});

test('a refusal is one line and exit 2', async () => {
  const refusing = await fakeIam(
    {},
    { mishap: () => ({ kind: 'error', status: 403, code: 'ExpiredToken', message: 'old' }) },
  );
  const ran = await live([...generated, '--current', 'aws'], { AWS_ENDPOINT_URL_IAM: refusing.url });
  await refusing.close();
  expect(ran).toEqual({
    code: 2,
    out: '',
    err: 'iam-minimize: AWS: the credentials have expired (ExpiredToken); sign in again\n',
  });
});

test('a profile that nobody configured', async () => {
  const ran = await live(['diff', 'aws', 'samples/current', '--profile', 'nobody']);
  expect(ran).toMatchObject({ code: 2, out: '' });
  expect(ran.err).toMatch(/^iam-minimize: AWS: no profile nobody; configured are: none\n$/);
});
